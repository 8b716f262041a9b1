"""What a figure counts is what its caption, its alternative text and the tables beside it count."""

import os
import re

import numpy as np
import pandas as pd
import pytest

import workflow
from faceage_stats.reporting.store.read_item import read_item

NAMES = [path.parent.name for path in sorted(workflow.RESULTS.glob("*/item.json"))]
IN_CAPTION = re.compile(
    r"(?<![\d.,-])(\d[\d,]*) (?:[A-Za-z]+ ){0,2}"
    r"(patients|people|photographs|women|men|deaths|genes|variants|cohorts)\b"
)
GROUPS = re.compile(r": n ([\d,]+), mean|([\d,]+) at risk at the start")
WHOLE = re.compile(r"\bn\s=\s(\d[\d,]*)")
IN_TEXT = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\d.,]*\d)")
# they draw numbers of papers, or two faces
WITHOUT_PATIENTS = {"comparison", "saliency"}


def number(text):
    return int(text.replace(",", ""))


def counted(frame):
    """Every whole number of a table, and every sum over its rows, all or alike in one column."""
    text = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    found = {len(frame), *(frame[name].nunique() for name in text)}
    found |= {number(n) for name in frame for n in IN_TEXT.findall(str(name))}
    found |= {number(n) for name in text for cell in frame[name].dropna().astype(str)
              for n in IN_TEXT.findall(cell)}  # fmt: skip
    counts = frame.select_dtypes("number").filter(regex="^n(_|$)")
    if {"n_case", "n_control"} <= set(counts):
        counts = counts.assign(n_both=counts["n_case"] + counts["n_control"])
    sums = [counts.sum(), *(counts.groupby(frame[name]).sum() for name in text)]
    values = {v for each in [frame.select_dtypes("number"), *sums] for v in each.to_numpy().ravel()}
    return found | {int(value) for value in values if np.isfinite(value) and value % 1 == 0}


@pytest.fixture(scope="module", params=NAMES)
def item(request):
    return read_item(workflow.RESULTS / request.param)


def test_there_are_results_to_look_at():
    if not NAMES and "CI" not in os.environ:
        pytest.skip("no results yet: run `make reproduce`")
    assert len(NAMES) >= 45


def test_every_count_of_a_figure_stands_in_the_tables(item):
    frames = [*item.tables.values(), item.values, item.flow, item.source_data]
    tabled = set().union(*(counted(frame) for frame in frames if frame is not None))
    for stem, figure in item.figures.items():
        said = [n for n, _ in IN_CAPTION.findall(figure.caption)]
        said += [a or b for a, b in GROUPS.findall(figure.alt)] + WHOLE.findall(figure.alt)
        assert {number(n) for n in said} <= tabled | {0}, stem


def test_the_caption_counts_the_groups_that_are_drawn(item):
    """As one of them, as a flow diagram does, or as their sum."""
    for stem, figure in item.figures.items():
        groups = [number(a or b) for a, b in GROUPS.findall(figure.alt)]
        drawn = {*groups, sum(groups), *map(number, WHOLE.findall(figure.alt))}
        said = {number(n) for n, what in IN_CAPTION.findall(figure.caption) if what != "deaths"}
        assert not groups or said <= drawn, stem


def test_the_number_on_an_axis_is_that_of_the_caption(item):
    for stem, figure in item.figures.items():
        words = " ".join(re.findall(r"<text[^>]*>([^<]*)", figure.path.read_text(encoding="utf-8")))
        on_axes = {number(n) for n in re.findall(r", n = ([\d,]+)", words)}
        assert on_axes <= {number(n) for n in IN_TEXT.findall(figure.caption)}, stem


def test_every_figure_says_how_many_it_shows(item):
    for stem, figure in item.figures.items():
        is_counted = IN_CAPTION.search(figure.caption) or WHOLE.search(figure.caption)
        assert is_counted or item.name in WITHOUT_PATIENTS, stem


def test_the_comparison_counts_every_value_once():
    """A value that the public code gets otherwise has two rows and is one value."""
    if "comparison" not in NAMES:
        pytest.skip("no results yet: run `make reproduce`")
    tables = read_item(workflow.RESULTS / "comparison").tables
    assert tables["status"]["values"].sum() == tables["every_value_numbers"]["id"].nunique()
