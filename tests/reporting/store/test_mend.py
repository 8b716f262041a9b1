"""Leaks that the rules alone leave are withheld. Truth: planted counts, and a real attack."""

from functools import partial

import pandas as pd
import pytest
from matplotlib.figure import Figure

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.errors import DisclosureError
from faceage_stats.reporting.store.mend import release_until_safe, to_withhold
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

EXACT = Rules("exact", minimum=8, base=1)  # small counts withheld, the others exact
RECORD = {"item": "x", "parameters": {"sources": {"maastro": "private"}}}
# of 100 patients three died and twenty were lost before the landmark
LANDMARK = pd.DataFrame(
    {"model": ["6 months"], "n_before": [100], "n_event": [3], "n_censor": [20], "n": [77]}
)


def written(folder, item):
    return release_until_safe(item, EXACT, partial(write_item, folder=folder, provenance=RECORD))


def says_three(table):
    figure = Figure()
    figure.text(0.5, 0.5, "n = 3")
    figure.alt_text = "A number."
    return figure


def test_a_count_that_follows_from_the_others_is_withheld_with_them(tmp_path):
    item = fs.Item(caption="{n} patients.", numbers={"n": 77}, tables={"landmark": LANDMARK})
    with pytest.raises(DisclosureError, match="solved: n_event of 6 months"):
        write_item(release(item, EXACT), tmp_path / "x", provenance=RECORD)
    released = written(tmp_path / "x", item)
    assert released.frames["table_landmark"].columns.tolist() == ["note"]
    assert "table_landmark, which with other numbers" in " ".join(released.withheld)
    assert attack(tmp_path).empty


def test_a_figure_that_shows_few_is_left_out_and_the_numbers_stay(tmp_path):
    sizes = pd.DataFrame({"group": ["a", "b"], "n": [40, 60]})
    figure = fs.Figure(partial(says_three, sizes), caption="A number.")
    released = written(tmp_path / "x", fs.Item(figure={"few": figure}, tables={"sizes": sizes}))
    assert released.figures == {}
    assert released.frames["table_sizes"]["n"].tolist() == [40, 60]
    assert released.withheld == (
        "figure few (with the other numbers it would give a few patients away)",
    )


def test_what_no_file_holds_stops_the_item(tmp_path):
    item = fs.Item(caption="Three of them, n = 3.", tables={"landmark": LANDMARK.drop(columns="n")})
    with pytest.raises(DisclosureError, match="not written"):
        written(tmp_path / "x", item)
    assert not (tmp_path / "x").exists()


def test_a_withheld_count_is_blank_in_the_whole_item():
    table = pd.DataFrame({"group": ["a", "b"], "n": [40, 60], "n_event": [20, 30]})
    values = pd.DataFrame({"id": ["x"], "estimate": [1.2], "n": [100], "n_event": [50]})
    item = fs.Item(caption="{n} patients, {n_event} deaths.", values=values,
                   numbers={"n": 100, "n_event": 50}, tables={"t": table})  # fmt: skip
    released = release(item, EXACT, withheld={"n_event"})
    assert released.caption == "100 patients, (number withheld) deaths."
    assert released.frames["table_t"]["n_event"].isna().all()
    assert released.frames["table_t"]["n"].tolist() == [40, 60]
    assert released.values["n_event"].isna().all()
    nothing = release(item, EXACT, withheld={"values"}).values
    assert nothing[["estimate", "n", "n_event"]].isna().all(axis=None)
    assert nothing["id"].tolist() == ["x"]


def test_a_column_goes_before_its_file_and_every_file_is_named():
    found = pd.DataFrame(
        {"files": ["b/flow.csv, a/table_x.csv", "item.json, text of figure_roc", "page.html"],
         "column": ["n_event", "", ""]}
    )  # fmt: skip
    assert to_withhold(found) == {"n_event", "figure_roc"}
    assert to_withhold(found, {"n_event", "figure_roc"}) == {"flow", "table_x"}
    assert to_withhold(found.tail(1)) == set()
