"""The items of the scorer: they run, and their tables say what they should."""

import importlib
import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
import workflow
from items import _demonstration
from settings import settings_of

from .conftest import ROOT

NAMES = ("scorer_agreement", "scorer_cards", "scorer_failures", "robustness", "saliency")


def script(name):
    return importlib.import_module(f"items.{name}")


@pytest.fixture(scope="module")
def made():
    """Every item, made once."""
    config = workflow.load_config()
    return {name: script(name).make({}, settings_of(name, config)) for name in NAMES}


@pytest.mark.parametrize("name", ["robustness", "saliency"])
def test_whose_score_it_is(made, name):
    item = made[name]
    assert "not FaceAge" in re.sub(r"\s+", " ", item.caption)
    for figure in (each.draw for each in item.figures().values()):
        assert [t.get_text() for t in figure.texts if t.get_gid()] == [_demonstration.LABEL]
        assert figure.alt_text.startswith(_demonstration.LABEL)
        assert fs.figures.text_overlaps(figure) == []


def test_random_weights_serve_conversion_alone(made):
    """They say so where they are used; every other item has real faces and a real model."""
    assert "random weights" in made["scorer_agreement"].caption
    for name in ("robustness", "saliency", "scorer_failures"):
        assert "random weights" not in made[name].caption
        assert "dlib" in made[name].caption


# Truth: mtcnn 0.1.1, Pillow 9.5.0 and Keras 2.15 themselves, stored beside the scorer's tests.
class TestAgreement:
    def test_every_reference_detection_is_there_and_equal(self, made):
        faces, shown = (
            made["scorer_agreement"].tables["detections"],
            script("scorer_agreement").shown,
        )
        for kind in ("published", "independent"):
            path = ROOT / "tests" / "scoring" / "reference" / f"mtcnn_{kind}.json"
            cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
            rows = faces[faces["set"] == kind]
            found = rows[rows["face"] > 0].groupby("photograph")["published_box"].apply(list)
            boxes = {
                shown(name): [",".join(map(str, face["box"])) for face in case["detections"]]
                for name, case in cases.items()
            }
            assert found.to_dict() == {name: b for name, b in boxes.items() if b}
            assert set(rows["photograph"]) == set(map(shown, cases))
        assert faces["equal"].all()
        assert (faces["box"] == faces["published_box"]).all()
        astronaut = faces.set_index("photograph").loc["astronaut"]
        assert astronaut["box"] == "179,60,89,113"

    def test_summary_counts_what_the_tables_hold(self, made):
        item = made["scorer_agreement"]
        summary = item.tables["summary"].set_index("check")
        assert (summary["n"] == summary["n_equal"]).all()
        assert summary.loc["bytes of a crop", "n"] == len(item.tables["crops"]) == 5
        assert (item.tables["crops"]["sha256"] == item.tables["crops"]["published_sha256"]).all()
        off = item.tables["conversion"].eval("onnx - keras").abs().max()
        assert summary.loc["years of the converted model", "largest_difference"] == off < 5e-4
        assert (item.values["estimate"] == 1).all()

    def test_a_difference_would_show(self):
        keypoints = {"nose": [3, 4]}
        face = {"box": [1, 2, 3, 4], "keypoints": keypoints, "confidence": 0.9}
        moved = {"box": [1, 2, 3, 5], "keypoints": {"nose": [3, 5]}, "confidence": 0.8}
        (row,) = script("scorer_agreement").compared([face], [moved])
        assert (row["equal"], row["landmarks_equal"]) == (False, False)
        assert row["confidence_difference"] == pytest.approx(-0.1)
        first, second = script("scorer_agreement").compared([face], [face, moved])
        assert (first["equal"], second["equal"]) == (True, False)
        assert second["published_box"] == "no face"
        assert [row["equal"] for row in script("scorer_agreement").compared([], [])] == [True]


class TestFailures:
    # Truth: the statuses that the scorer's own tests expect of these files.
    def test_every_file_has_the_status_that_it_should(self, made):
        from tests.scoring.bad_photos import KINDS

        module = script("scorer_failures")
        rows = made["scorer_failures"].tables["photographs"].set_index("kind")["status"]
        expected = {text: KINDS[kind][1] for kind, text in module.KINDS.items()}
        expected["line of a manifest without a file"] = "missing"
        expected["line of a manifest that leaves the folder"] = "outside_root"
        assert rows.to_dict() == expected
        assert set(KINDS) - set(module.KINDS) == {"link"}  # Windows users may not make links

    def test_scored_or_with_a_reason(self, made):
        rows = made["scorer_failures"].tables["photographs"]
        assert rows["scored"].tolist() == rows["status"].isin(["ok", "several_faces"]).tolist()
        assert rows.loc[rows["status"] != "ok", "reason"].notna().all()
        assert not rows["reason"].dropna().str.contains("/").any()  # no path of this machine

    def test_every_status_of_the_schema_is_explained(self, made):
        schema = json.loads((ROOT / "data_schemas" / "biomarkers.json").read_text(encoding="utf-8"))
        (field,) = (f for f in schema["fields"] if f["name"] == "status")
        statuses = made["scorer_failures"].tables["statuses"]
        assert statuses["status"].tolist() == field["constraints"]["enum"]
        assert statuses["n"].sum() == len(made["scorer_failures"].tables["photographs"])


class TestRobustness:
    def test_every_perturbation_at_every_strength(self, made):
        from faceage_stats.scoring.perturbations import SUITE

        item = made["robustness"]
        strengths = item.tables["strengths"]
        expected = [(p.name, level) for p in SUITE for level in p.levels]
        assert list(zip(strengths["perturbation"], strengths["level"], strict=True)) == expected
        assert (strengths["n"] + strengths["n_failed"] == 6).all()
        assert set(script("robustness").TITLES) == {p.name for p in SUITE}

    # Truth: the definitions, from the changes that the figure draws.
    def test_tables_follow_from_the_changes(self, made):
        item = made["robustness"]
        changes = item.source_data.groupby(["perturbation", "level"])["difference"]
        strengths = item.tables["strengths"].set_index(["perturbation", "level"])
        pd.testing.assert_series_equal(
            changes.mean().loc[strengths.index], strengths["mean"], check_names=False
        )
        assert strengths["largest"].max() == item.source_data["difference"].abs().max()
        limits = item.tables["limits_of_agreement"].query("quantity == 'bias'")
        bias = item.source_data.groupby("perturbation")["difference"].mean()
        np.testing.assert_allclose(limits["estimate"], bias[limits["perturbation"]])
        changed = item.tables["repeatability"].query("quantity == 'proportion changed'")
        assert (changed["estimate"] == 0).all() == (strengths["largest"].max() <= 5)

    def test_every_estimate_has_its_interval(self, made):
        for name in ("repeatability", "limits_of_agreement"):
            table = made["robustness"].tables[name]
            assert len(table) == 3 * len(script("robustness").TITLES)
            assert (table["conf_low"] <= table["estimate"]).all()
            assert (table["estimate"] <= table["conf_high"]).all()


class TestSaliency:
    def test_regions_cover_the_crop_and_proportions_add_up(self, made):
        regions = made["saliency"].tables["regions"]
        groups = regions.groupby(["person", "method"])
        assert len(groups) == 4
        assert (groups["n_pixels"].sum() == 64 * 64).all()
        np.testing.assert_allclose(groups["proportion"].sum(), 1)

    # Truth: the blocks that are written beside the figure average to the regions' mean.
    def test_blocks_and_regions_have_one_mean(self, made):
        item = made["saliency"]
        regions = item.tables["regions"]
        regions = regions.assign(total=regions["n_pixels"] * regions["mean_effect"] / 4096)
        whole = regions.groupby(["person", "method"])["total"].sum()
        blocks = item.source_data.groupby(["person", "method"])["effect"].mean()
        np.testing.assert_allclose(whole, blocks, rtol=1e-9)

    def test_two_people_are_compared_region_by_region(self, made):
        item = made["saliency"]
        regions = item.tables["regions"].set_index(["person", "method", "region"])["proportion"]
        people = ("astronaut", "Grace Hopper")
        for row in item.tables["comparison"].itertuples():
            a, b = (regions[person, row.method, row.region] for person in people)
            assert (row.proportion_a, row.proportion_b, row.difference) == (a, b, b - a)
        maps = item.tables["maps"]
        assert maps["n_runs"].tolist() == [170, 401] * 2
        assert maps.groupby("method")["r_with_other"].nunique().le(2).all()

    # Truth: how old the two people were.
    def test_the_unchanged_faces_have_their_age(self, made):
        from tests.scoring.portraits import AGES

        maps = made["saliency"].tables["maps"].set_index("person")["score"]
        for person, scores in maps.groupby(level=0):
            low, high = AGES[person.lower().replace(" ", "_")]
            assert scores.between(low - 8, high + 8).all()


def test_cards_state_the_released_file_and_hide_nothing(made):
    from faceage_stats.scoring.convert import FACEAGE_KERAS_SHA256
    from faceage_stats.scoring.model import shipped_names

    cards = made["scorer_cards"].tables["cards"].set_index("entry")
    assert cards.columns.tolist() == shipped_names()
    assert cards.loc["SHA-256 of the source", "faceage"] == f"{FACEAGE_KERAS_SHA256[:16]}…"
    assert cards.loc["weights"].to_dict() == {
        "demo": "random, by “faceage models demo”",
        "dlib-age": "there after the set-up",
        "faceage": "by “faceage models fetch”",
        "fahr-faceage": "by “faceage convert fahr_faceage.pth”",
        "fahr-facesurvival": "not public",
    }
    assert cards.loc["mean", ["dlib-age", "fahr-faceage"]].tolist() == [
        "0.481, 0.459, 0.409", "unknown",
    ]  # fmt: skip
    assert "commercial" in cards.loc["licence", "faceage"]
    words = made["scorer_cards"].tables["words"].set_index(["model", "entry"])["text"]
    assert "decisions about one person" in words["faceage", "note"]
    assert {card for card, entry in words.index if entry == "note"} == set(shipped_names())


def test_every_target_of_a_benchmark_is_said_to_be_reached_or_missed():
    """Tables write yes and no, or true and false; a missed target is not left blank."""
    tables = [pd.read_csv(path) for path in ROOT.glob("benchmarks/results/*.csv")]
    tables = [table for table in tables if "reached" in table]
    assert len(tables) >= 3
    for table in tables:
        said = table["reached"].dropna().map(script("benchmarks").verdict)
        assert set(said) <= {"reached", "missed"}


def test_drawing_names_every_status():
    drawing = ElementTree.parse(ROOT / "book" / "_static" / "scorer.svg").getroot()
    words = set(re.findall(r"\w+", " ".join(drawing.itertext())))
    assert set(script("scorer_failures").STATUSES) - words == {"ok"}
