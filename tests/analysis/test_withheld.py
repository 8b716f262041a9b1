"""A whole build: what one page gives away with another is withheld, and the page made again."""

import argparse
from functools import partial

import pandas as pd
import pytest

import faceage_stats as fs
import recipe
import releases
import reproduce
import withheld
import workflow
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.reporting.store.mend import release_until_safe
from faceage_stats.reporting.store.write_item import write_item

EXACT = Rules("exact", minimum=8, base=1)  # small counts withheld, the others exact
RECORD = {"item": "x", "parameters": {"sources": {"maastro": "private"}}}
ALL = pd.DataFrame({"cohort": ["All patients"], "n": [439], "n_event": [114]})
# two of the three groups, for the third has no model; follow-up is cut, and two deaths with it
PARTS = pd.DataFrame({"group": ["breast", "lung"], "n": [415, 21], "n_event": [60, 22]})
CAPPED = pd.DataFrame({"cohort": ["All patients"], "n": [439], "n_event": [112]})
PAGES = {"a": ALL, "b": PARTS, "c": CAPPED}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(workflow, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(workflow, "RELEASE_KEY", tmp_path / "release.key")
    return tmp_path / "results"


def make(*_):
    for name, table in PAGES.items():
        item = fs.Item(caption="Patients.", tables={"t": table})
        write = partial(write_item, folder=workflow.RESULTS / name, provenance=RECORD)
        release_until_safe(item, EXACT, write, withheld.withheld_of(name))
    return 0


def test_pages_that_give_few_away_together_are_made_again(folder, monkeypatch, capsys):
    make()
    found = attack(folder)
    assert set(zip(found["item"], found["column"], strict=True)) == {("b", "n"), ("c", "n_event")}
    monkeypatch.setattr(reproduce, "plan", lambda *_, **__: None)
    monkeypatch.setattr(reproduce, "_make", make)
    arguments = argparse.Namespace(items=["a"], cores=1)
    monkeypatch.setattr(workflow, "tables", lambda config: {})
    assert reproduce._make_safe(["a"], {}, arguments) == 0
    assert attack(folder).empty
    assert "b, c and others give few patients away; more is withheld" in capsys.readouterr().out
    shown = {name: pd.read_csv(folder / name / "table_t.csv") for name in PAGES}
    assert shown["a"][["n", "n_event"]].values.tolist() == [[439, 114]]
    assert shown["b"]["n"].isna().all()
    assert shown["b"]["n_event"].tolist() == [60, 22]
    assert shown["c"]["n"].tolist() == [439]
    assert shown["c"]["n_event"].isna().all()


def test_a_build_that_cannot_be_mended_is_not_to_be_shown(folder, monkeypatch, capsys):
    found = pd.DataFrame({"item": ["a"], "files": ["page.html"], "column": [""]})
    monkeypatch.setattr(reproduce, "_attack", lambda named: found)
    monkeypatch.setattr(workflow, "tables", lambda config: {})
    assert reproduce._make_safe(["a"], {}, argparse.Namespace(items=["a"], cores=1)) == 1
    assert "Do not show these results" in capsys.readouterr().err


def test_an_item_that_withholds_more_is_out_of_date_until_the_tables_change(folder):
    path = workflow.RELEASE_KEY.with_name("mine.csv")
    rows = fs.simulate("maastro", seed=3, n=60).tables["maastro"]
    config = workflow.load_config()
    config["cohorts"]["maastro"] = str(path)
    rules = workflow.private_rules(config)

    def release(n):
        rows[:n].to_csv(path, index=False)
        releases.refuse_few_new_patients([workflow.tables(config)["maastro"]], rules)
        return withheld.withheld_of("fig3a")

    release(40)
    found = pd.DataFrame({"item": ["fig3a"], "files": ["flow.csv"], "column": ["n_event"]})
    assert withheld.withhold_more(found) == ["fig3a"]
    assert release(40) == ["n_event"]  # the same tables once more
    assert recipe.item_recipe("fig3a", config)["config"]["withheld"] == ["n_event"]
    assert "withheld" not in recipe.item_recipe("fig3c", config)["config"]
    assert release(50) == []
