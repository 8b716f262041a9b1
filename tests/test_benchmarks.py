"""Every benchmark still calls what it times: each at toy size, once, without R."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py"))
# what needs models, photographs or a second checkout is imported, and no more
IMPORTED_ONLY = {"scoring", "scoring_limit", "scoring_manifests", "scoring_versions"}
N = 150  # patients


@pytest.fixture
def script(monkeypatch, request) -> ModuleType:
    """One benchmark, that finds no R, and times a task by calling it once."""
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in SCRIPTS:  # the benchmark `survival`, not the package of that name
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    module = importlib.import_module(request.param)
    yield module
    for name in SCRIPTS:
        sys.modules.pop(name, None)


def once(task, repeats=1):
    task()
    return 1.0


@pytest.mark.parametrize("script", SCRIPTS, indirect=True)
def test_is_there_and_has_a_command(script):
    assert callable(script.main)


@pytest.mark.parametrize("script", ["association"], indirect=True)
def test_association(script):
    table = script.measure(30, 12, 1)
    assert (table["seconds"] > 0).all()


@pytest.mark.parametrize("script", ["breadth"], indirect=True)
def test_breadth(script):
    table = script.measure(1000, 1)
    assert set(table["task"]) == set(script.TASKS)
    assert np.isfinite(table["ours"]).all()
    assert table["r_s"].isna().all()  # no R


@pytest.mark.parametrize("script", ["flchain"], indirect=True)
def test_flchain(script, monkeypatch):
    monkeypatch.setattr(script, "seconds", once)
    table = script.ours(script.people().head(400))
    assert table["ours"].notna().all()


@pytest.mark.parametrize("script", ["growth"], indirect=True)
def test_growth(script):
    assert script.ours(script.simulate(N, 2), 2) > 0


@pytest.mark.parametrize("script", ["prediction"], indirect=True)
def test_prediction(script, monkeypatch):
    simulate = script.simulate
    monkeypatch.setattr(script, "simulate", lambda n: simulate(N))
    monkeypatch.setattr(script, "best_of", once)
    monkeypatch.setattr(script, "r_seconds", lambda *given: None)
    table = script.judged(script.rows())
    assert set(table["ours_s"]) == {1.0}
    aimed_at = table[table["target"] != ""].set_index(["task", "n"])["reached"]
    assert len(aimed_at) == len(script.TARGETS)
    assert not aimed_at.any()  # a second is too long, and there is no ratio


@pytest.mark.parametrize("script", ["row_groups"], indirect=True)
def test_row_groups(script, tmp_path):
    found = script.measure(N, tmp_path)
    assert found["passes"] >= 3
    assert found["ours_s"] > 0


@pytest.mark.parametrize("script", ["survival"], indirect=True)
def test_survival(script, monkeypatch):
    simulate = script.simulate
    monkeypatch.setattr(script, "simulate", lambda n, p=10: simulate(N, p))
    monkeypatch.setattr(script, "best", once)
    monkeypatch.setattr(script, "machine_rates", lambda: (1e10, 1e10))
    monkeypatch.setattr(script, "N_GENES", 3)
    monkeypatch.setattr(script, "N_REFITS", 4)
    monkeypatch.setattr(script, "N_WIDE", 3)
    table = script.table([1000, 100_000])
    tasks = {"coxph", "zph", "concordance", "screen", "bootstrap", "survfit", "wide"}
    assert tasks <= set(table["task"])
    assert script.peak_over_design(N) >= 0


def test_every_benchmark_is_run_or_said_not_to_be():
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert set(SCRIPTS) == IMPORTED_ONLY | (tested & set(SCRIPTS))


def test_the_page_of_the_scorer_says_what_was_measured():
    """Numbers in its prose are those of the committed tables, rounded."""
    tables = {path.stem: pd.read_csv(path) for path in (FOLDER / "results").glob("scoring*.csv")}
    took = tables["scoring"].set_index("quantity")["value"].astype(float)
    allowed = took["twelve megapixels with min face 80 with nothing else running"]
    counted = took["twelve megapixels per second with min face 80"]
    reached = {True: "reached", False: "missed"}
    ratio = tables["scoring_versions"].set_index("model")
    lists = tables["scoring_manifests"]
    lists = lists[lists["photographs"] == "absent"].sort_values("rows")
    million, memory = lists.iloc[-1], lists["peak_gigabytes"]
    page = (FOLDER.parent / "book" / "scorer.md").read_text(encoding="utf-8")
    prose = " ".join(page.split())
    for said in (
        f"{ratio['target'].iloc[0]} times the older speed was aimed at",
        f"{ratio.loc[ratio.index[0], 'ratio']} times with FaceAge's architecture",
        f"and {ratio.loc['dlib-age', 'ratio']} times with `dlib-age`",
        f"age network alone takes {took['stage: age network']:.0f} ms",
        f"allows two processors {allowed:.1f} ({reached[allowed >= 4]})",
        f"the clock counted {counted:.1f} ({reached[counted >= 4]})",
        f"costs {million['microseconds_a_row']:.0f} microseconds beside its photograph "
        f"({million['aim']:.0f} were aimed at)",
        f"finished in {million['seconds_to_resume_at_nine_tenths']:.0f} s",
        f"again takes {million['seconds_of_the_same_command_again']:.0f} s",
        f"joined in {million['seconds_to_merge']:.0f} s",
        f"stays between {memory.min():.1f} and {memory.max():.1f} GB",
    ):
        assert said in prose, said
