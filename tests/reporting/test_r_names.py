"""The page from R to Python: its rows come from docstrings, and name what exists."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

import faceage_stats as fs
from faceage_stats.prediction.roc.result import ROC
from faceage_stats.reporting.pages.write_fragments import write_fragments
from faceage_stats.reporting.r_names import R_ROOMS, r_names, r_table
from faceage_stats.survival.cox.result import CoxPH
from faceage_stats.survival.km.survfit import SurvFit
from tests.package_walk import ROOT, short

PAGE = (ROOT / "book" / "r_to_python.md").read_text(encoding="utf-8")
NAMES = r_names()
SHOWN_AS = {"fit": CoxPH, "km": SurvFit, "r": ROC, "fs": fs}
# Functions of R that a statistician looks for first.
LOOKED_FOR = (
    "anova cox_zph coxph concordance crr cuminc pairwise_survdiff rmst survdiff survfit "
    "brier calibration decision_curve idi mrmc nri roc roc_test time_roc "
    "acat aov binom_test chisq_test cor_test fisher_test gene_screen icc kappa kruskal_test lm "
    "logistic mcnemar_test p_adjust partial_cor pool_rubin prop_test set_test shapiro_test t_test "
    "wilcox_test resample table_one tbl_regression"
)


@pytest.mark.parametrize(
    "name", LOOKED_FOR.split(), ids=lambda name: short(getattr(fs, name)) if name else ""
)
def test_a_reader_of_r_finds_the_function(name):
    assert name in set(NAMES["name"]), (
        f"{name}(): write the call of R under Notes, In R: ``package::{name}(...)``"
    )


def test_rows_name_what_exists():
    for row in NAMES.itertuples():
        assert row.python.startswith(f"fs.{row.name}("), row
        assert all("(" in call for call in row.r), f"{row.name}(): {row.r} is a call, with brackets"


# Options that change the number, called the same in R and here.
OPTIONS = {"reverse", "correct", "method", "tau", "direction", "rho", "transform"}
OTHER_WORDS = {"adjusted_curves": {"method"}, "adjusted_rmst": {"method", "tau"}}  # "direct", to


@pytest.mark.parametrize("row", list(NAMES.itertuples()), ids=lambda row: row.name)
def test_both_calls_of_a_row_ask_for_the_same(row):
    parameters = inspect.signature(getattr(fs, row.name)).parameters
    call = ast.parse(row.python, mode="eval").body
    ours = {word.arg: ast.unparse(word.value) for word in getattr(call, "keywords", [])}
    theirs = dict(re.findall(r"([\w.]+) = (\"[^\"]*\"|[\w.]+)", " ".join(row.r)))
    same_words = OPTIONS - OTHER_WORDS.get(row.name, set())
    for name in same_words & set(parameters) & {*ours, *theirs}:
        default = repr(parameters[name].default)
        said = [
            str(side.get(name, default)).strip("'\"").removesuffix(".0").upper()
            for side in (ours, theirs)
        ]
        assert said[0] == said[1], (name, row.r, row.python)


def test_a_call_within_a_call_has_its_prefix_too():
    python = NAMES.set_index("name")["python"]
    assert python["emmeans"].startswith("fs.emmeans(fs.lm(")
    for call in python:
        bare = [n for n in re.findall(r"(?<![\w.])(\w+)\(", call) if n in fs.__all__]
        assert not bare, call


def test_every_row_has_its_table():
    assert set(NAMES["room"]) <= set(R_ROOMS)
    for room in R_ROOMS:
        assert f"_generated/r_{room}.md" in PAGE
        assert r_table(room).count("\n") == 2 + (NAMES["room"] == room).sum()


@pytest.mark.parametrize("span", re.findall(r"`(?:fs|fit|km|r)\.\w+", PAGE))
def test_rows_written_by_hand_name_what_exists(span):
    owner, name = span.strip("`").split(".")
    assert hasattr(SHOWN_AS[owner], name), f"{span} in book/r_to_python.md"


def test_the_page_is_written_with_the_others(tmp_path):
    write_fragments(tmp_path, tmp_path / "out", items={}, scripts=tmp_path)
    assert "`fs.resample(" in (tmp_path / "out" / "r_results.md").read_text(encoding="utf-8")
