"""Truth: the contract of a results folder (all or nothing, strict JSON, same bytes)."""

import json
import math
import os
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import DisclosureWarning, InputError
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.read_item import read_item
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
    folder = write_item(item(), tmp_path / "demo", provenance=PROVENANCE, threshold=0)
    assert sorted(p.name for p in folder.iterdir()) == [
        *("figure.png", "figure.svg", "flow.csv", "item.json", "provenance.json"),
        *("source_data.csv", "table_hr.csv", "values.json"),
    ]
    stored = read_item(folder)
    assert (stored.name, stored.caption, stored.alt) == (
        "demo",
        "Hazard ratio (n = 573).",
        {"figure": "A falling line."},
    )
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
    first = write_item(item(), tmp_path / "one" / "demo", provenance=PROVENANCE, threshold=0)
    second = write_item(item(), tmp_path / "two" / "demo", provenance=PROVENANCE, threshold=0)
    assert read_bytes(first) == read_bytes(second)


def test_json_is_strict_and_counts_are_whole(tmp_path):
    folder = write_item(item(), tmp_path / "demo", provenance=PROVENANCE, threshold=0)

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    values = json.loads((folder / "values.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert values[1]["estimate"] is None
    assert values[0]["conf_high"] == "inf"
    assert values[0]["n"] == 573
    assert isinstance(values[0]["n"], int)
    assert (folder / "table_hr.csv").read_text(encoding="utf-8").splitlines()[1].endswith(",573")


def test_several_figures_get_their_names(tmp_path):
    several = item(figure={"km": figure(), "forest": figure()})
    folder = write_item(several, tmp_path / "demo", provenance=PROVENANCE, threshold=0)
    assert list(read_item(folder).figures) == ["figure_forest", "figure_km"]


def test_a_failed_write_leaves_the_old_folder_whole(tmp_path):
    folder = write_item(item(), tmp_path / "demo", provenance=PROVENANCE, threshold=0)
    before = read_bytes(folder)

    class Broken:
        def savefig(self, *args, **kwargs):
            raise OSError("disk full")

    with pytest.raises(InputError, match="disk full"):
        write_item(item(figure=Broken()), folder, provenance=PROVENANCE, threshold=0)
    assert read_bytes(folder) == before
    assert os.listdir(tmp_path) == ["demo"]


def test_a_new_write_removes_what_is_no_longer_made(tmp_path):
    folder = write_item(item(), tmp_path / "demo", provenance=PROVENANCE, threshold=0)
    write_item(item(figure=None), folder, provenance=PROVENANCE, threshold=0)
    assert not (folder / "figure.svg").exists()
    assert os.listdir(tmp_path) == ["demo"]


def test_figures_hold_no_date(tmp_path):
    folder = write_item(item(), tmp_path / "demo", provenance=PROVENANCE, threshold=0)
    svg = (folder / "figure.svg").read_text(encoding="utf-8")
    assert "A falling line." in svg
    assert "dc:date" not in svg


def test_small_counts_are_suppressed_on_the_way_out(tmp_path):
    table = pd.DataFrame({"group": ["a", "b", "c"], "n": [3, 40, 60], "estimate": [1.0, 2.0, 3.0]})
    with pytest.warns(DisclosureWarning, match="below the threshold of 5"):
        folder = write_item(
            item(tables={"gap": table}), tmp_path / "demo", provenance=PROVENANCE, threshold=5
        )
    written = read_item(folder).tables["gap"]
    assert np.isnan(written["n"].iloc[0])
    assert bool(written["suppressed"].iloc[0])
    assert "suppressed" in read_item(folder).columns


def test_an_item_without_data_says_how_to_get_them(tmp_path):
    folder = write_item(item(), tmp_path / "demo", provenance=PROVENANCE, threshold=0)
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
        ({"alt": ""}, "needs alt="),
        ({"tables": {"Table 1": pd.DataFrame()}}, "'Table 1' cannot be part of a file name"),
        ({"values": pd.DataFrame({"id": ["a"]})}, "missing: estimate"),
        ({"values": pd.DataFrame({"id": ["a"], "estimate": [1], "hr": [1]})}, "unknown: 'hr'"),
        ({"values": pd.DataFrame({"id": ["a", "a"], "estimate": [1, 2]})}, "1 repeated"),
        ({"tables": {"x": pd.DataFrame({"hue": [1]})}}, "'hue' are not in the glossary"),
    ],
)
def test_an_item_that_cannot_be_published_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        item(**changes)


def test_own_columns_need_a_description():
    table = pd.DataFrame({"hue": [1]})
    described = item(tables={"x": table}, columns={"hue": "colour"}).column_descriptions()
    assert described["hue"] == "colour"


def test_refusals_of_paths(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="file is a file"):
        write_item(item(), tmp_path / "file", provenance=PROVENANCE, threshold=0)
    with pytest.raises(InputError, match="holds no item"):
        read_item(tmp_path)
    with pytest.raises(InputError, match="say what is missing"):
        write_unavailable(tmp_path / "x", reason=" ", provenance=PROVENANCE)


def test_totals_and_earlier_suppression_are_respected(tmp_path):
    table = pd.DataFrame(
        {
            "group": ["a", "a", "a", "b", "b", "b"],
            "level": list("xyzxyz"),
            "n": [3, 40, 60, 30, 40, 50],
            "suppressed": [False] * 5 + [True],
        }
    )
    grouped = item(tables={"sites": table}, totals={"sites": ["group"]})
    with pytest.warns(DisclosureWarning):
        folder = write_item(grouped, tmp_path / "demo", provenance=PROVENANCE, threshold=5)
    written = read_item(folder).tables["sites"]
    assert written["suppressed"].tolist() == [True, True, False, False, False, True]
    assert written["n"].isna().tolist() == [True, True, False, False, False, False]


def test_levels_of_each_variable_add_up_by_default(tmp_path):
    table = pd.DataFrame(
        {"variable": ["sex", "sex", "age"], "level": ["F", "M", None], "n": [3, 97, 100]}
    )
    with pytest.warns(DisclosureWarning):
        folder = write_item(
            item(tables={"hr": table}), tmp_path / "demo", provenance=PROVENANCE, threshold=5
        )
    assert read_item(folder).tables["hr"]["n"].isna().tolist() == [True, True, False]
