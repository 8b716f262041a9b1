"""Truth: the contract of a results folder (all or nothing, strict JSON, same bytes)."""

import dataclasses
import json
import math
import os
from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.figure import Figure as MatplotlibFigure

from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.errors import DisclosureError, InputError
from faceage_stats.reporting.store.figure import Figure
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.read_item import read_item
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item, write_unavailable

PROVENANCE = {"item": "demo", "synthetic": True}


def figure():
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(2, 2))
    drawn.subplots().plot([0, 1], [1, 0])
    return drawn


def item(**changes):
    content = {
        "caption": "Hazard ratio (n = 573).",
        "figure": figure(),
        "alt": "A falling line.",
        "tables": {"hr": pd.DataFrame({"term": ["faceage10"], "estimate": [1 / 3], "n": [573.0]})},
        "values": pd.DataFrame(
            {
                "id": ["a", "b"],
                "estimate": [1.15, math.nan],
                "conf_high": [math.inf, 2.0],
                "n": [573.0, math.nan],
            }
        ),
        "source_data": pd.DataFrame({"time": [0.0, 1.0], "estimate": [1.0, 0.5]}),
        "flow": SimpleNamespace(tidy=lambda: pd.DataFrame({"group": ["all"], "n": [573]})),
        "methods": "Cox model.",
        "notes": "None.",
    }
    return Item(**(content | changes))


def read_bytes(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_everything_is_written_and_read_back(tmp_path):
    folder = write_item(release(item()), tmp_path / "demo", provenance=PROVENANCE)
    assert sorted(p.name for p in folder.iterdir()) == [
        *("figure.pdf", "figure.png", "figure.svg", "flow.csv", "item.json", "provenance.json"),
        *("source_data.csv", "table_hr.csv", "values.json"),
    ]
    stored = read_item(folder)
    assert (stored.name, stored.caption) == ("demo", "Hazard ratio (n = 573).")
    shown = stored.figures["figure"]
    assert (shown.caption, shown.label, shown.alt) == (
        "Hazard ratio (n = 573).", "", "A falling line."
    )  # fmt: skip
    assert (stored.methods, stored.notes, stored.unavailable) == ("Cox model.", "None.", "")
    assert list(stored.figures) == ["figure"]
    assert stored.tables["hr"]["estimate"].iloc[0] == 1 / 3  # full precision survives
    assert stored.values["estimate"].tolist()[0] == 1.15
    assert math.isnan(stored.values["estimate"].iloc[1])
    assert math.isinf(stored.values["conf_high"].iloc[0])
    assert stored.values["variant"].tolist() == ["default", "default"]
    assert stored.source_data is not None
    assert stored.flow["n"].tolist() == [573]
    assert stored.columns["n"] == "number of observations used"
    assert set(stored.provenance["outputs"]) == {
        p.name for p in folder.iterdir() if p.name != "provenance.json"
    }


def test_same_item_same_bytes(tmp_path):
    first = write_item(release(item()), tmp_path / "one" / "demo", provenance=PROVENANCE)
    second = write_item(release(item()), tmp_path / "two" / "demo", provenance=PROVENANCE)
    assert read_bytes(first) == read_bytes(second)


def test_json_is_strict_and_counts_are_whole(tmp_path):
    folder = write_item(release(item()), tmp_path / "demo", provenance=PROVENANCE)

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    values = json.loads((folder / "values.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert values[1]["estimate"] is None
    assert values[0]["conf_high"] == "inf"
    assert values[0]["n"] == 573
    assert isinstance(values[0]["n"], int)
    assert (folder / "table_hr.csv").read_text(encoding="utf-8").splitlines()[1].endswith(",573")


def test_several_figures_get_their_names(tmp_path):
    several = {
        name: Figure(figure(), caption=f"{name} of {{n}} patients.", label=f"Figure 1, {name}")
        for name in ("km", "forest")  # the order of the page, not of the alphabet
    }
    made = release(item(figure=several, numbers={"n": 1573}))
    stored = read_item(write_item(made, tmp_path / "demo", provenance=PROVENANCE)).figures
    assert list(stored) == ["figure_km", "figure_forest"]
    assert stored["figure_km"].caption == "km of 1,573 patients."
    assert stored["figure_forest"].label == "Figure 1, forest"
    assert stored["figure_forest"].alt == "A falling line."


def test_each_of_several_figures_needs_its_caption():
    with pytest.raises(InputError, match=r"'km' have no caption; write each .* fs\.Figure"):
        item(figure={"km": figure(), "forest": Figure(figure(), caption="HR.")})
    with pytest.raises(InputError, match=r"caption is empty \(figure km\)"):
        item(figure={"km": Figure(figure())})
    with pytest.raises(InputError, match="the caption is empty"):
        item(figure=None, caption=" ")


def test_the_answer_quotes_released_values_and_lets_them_decide():
    values = pd.DataFrame(
        {"id": ["hr", "flat"], "estimate": [1.2504, 1.02], "conf_low": [1.1436, 0.9],
         "conf_high": [1.3671, 1.2], "p_value": [9e-7, 0.4], "n": [4906, 573]}
    )  # fmt: skip
    words = "vs 1|raises|lowers|neither raises nor lowers"
    answer = f"In {{hr:n}} it {{hr:{words}}} ({{hr}}, {{hr:p}}); in {{n}} it {{flat:{words}}}."
    made = release(item(values=values, numbers={"n": 573}, answer=answer, checks="{gone}"))
    assert made.answer == (
        "In 4,906 it raises (1.25 (1.14–1.37), p < 0.0001); in 573 it neither raises nor lowers."
    )
    assert made.checks == "not estimated"


def test_a_failed_write_leaves_the_old_folder_whole(tmp_path):
    folder = write_item(release(item()), tmp_path / "demo", provenance=PROVENANCE)
    before = read_bytes(folder)

    class Broken(MatplotlibFigure):
        def savefig(self, *args, **kwargs):
            raise OSError("disk full")

    with pytest.raises(InputError, match="disk full"):
        write_item(release(item(figure=Broken())), folder, provenance=PROVENANCE)
    assert read_bytes(folder) == before
    assert os.listdir(tmp_path) == ["demo"]


def test_a_new_write_removes_what_is_no_longer_made(tmp_path):
    folder = write_item(release(item()), tmp_path / "demo", provenance=PROVENANCE)
    write_item(release(item(figure=None)), folder, provenance=PROVENANCE)
    assert not (folder / "figure.svg").exists()
    assert os.listdir(tmp_path) == ["demo"]


def test_figures_hold_no_date(tmp_path):
    folder = write_item(release(item()), tmp_path / "demo", provenance=PROVENANCE)
    svg = (folder / "figure.svg").read_text(encoding="utf-8")
    assert "A falling line." in svg
    assert "dc:date" not in svg


def test_an_item_is_not_written_before_its_release(tmp_path):
    with pytest.raises(InputError, match=r"give release\(item, rules\)"):
        write_item(item(), tmp_path / "demo", provenance=PROVENANCE)


def test_what_the_attacker_recovers_is_not_written(tmp_path):
    """Rules that round nothing leave 3 = 100 - 97 to be solved."""
    table = pd.DataFrame({"group": ["Overall", "a", "b", "c"], "n": [100, 57, 40, 3]})
    leaky = dataclasses.replace(RULE_SETS["eu_small_cell"], base=1)
    released = release(Item(caption="x", tables={"sites": table}), leaky)
    shown = released.frames["table_sites"].assign(n=[100, 57, 40, None])
    frames = {**released.frames, "table_sites": shown}
    with pytest.raises(DisclosureError, match="demo is not written: 1 numbers of few patients"):
        write_item(
            dataclasses.replace(released, frames=frames), tmp_path / "demo", provenance=PROVENANCE
        )
    assert os.listdir(tmp_path) == []


def test_an_item_without_data_says_how_to_get_them(tmp_path):
    folder = write_item(release(item()), tmp_path / "demo", provenance=PROVENANCE)
    write_unavailable(folder, reason="Set FACEAGE_DATA_DIR.", provenance=PROVENANCE)
    stored = read_item(folder)
    assert stored.unavailable == "Set FACEAGE_DATA_DIR."
    assert stored.figures == {}
    assert stored.values.empty
    assert stored.tables == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"caption": " "}, "caption is empty"),
        ({"tables": {"Table 1": pd.DataFrame()}}, "'Table 1' cannot be part of a file name"),
        ({"values": pd.DataFrame({"id": ["a"]})}, "missing: estimate"),
        ({"values": pd.DataFrame({"id": ["a"], "estimate": [1], "hr": [1]})}, "unknown: 'hr'"),
        ({"values": pd.DataFrame({"id": ["a", "a"], "estimate": [1, 2]})}, "1 repeated"),
    ],
)
def test_an_item_that_cannot_be_published_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        item(**changes)


def test_refusals_of_paths(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="file is a file"):
        write_item(release(item()), tmp_path / "file", provenance=PROVENANCE)
    with pytest.raises(InputError, match="holds no item"):
        read_item(tmp_path)
    with pytest.raises(InputError, match="say what is missing"):
        write_unavailable(tmp_path / "x", reason=" ", provenance=PROVENANCE)
