"""The public tables as R prepared them, and the numbers that it computed from them."""

import json
from pathlib import Path

import numpy as np

import faceage_stats as fs

HERE = Path(__file__).parent
PUBLIC = Path(__file__).parents[2] / "analysis" / "public"
FILES = {
    "nhanes": "nhanes_phenoage.csv",
    "rotterdam": "rotterdam_node_positive.csv",
    "gbsg": "gbsg_validation.csv",
}
CLOSED, ITERATIVE = 1e-9, 1e-6  # relative: closed forms, and fits


def reference(name):
    return json.loads((HERE / f"{name}_reference.json").read_text(encoding="utf-8"))


def table(name):
    schema = "nhanes" if name == "nhanes" else "node_positive"
    return fs.curate(fs.read_table(PUBLIC / FILES[name], schema=schema), schema).rows


def cut(rows, years):
    """Follow-up cut: time and event together."""
    late = rows["years"] > years
    return rows.assign(years=rows["years"].clip(upper=years), death=rows["death"].mask(late, 0))


def close(got, expected, rel=CLOSED, atol=1e-12):
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(expected, float), rel, atol)


def column(records, name):
    """One number of every record; what R has not is NaN."""
    values = [record[name] for record in records]
    return [np.nan if value in (None, "NA") else value for value in values]


def same_columns(table, records, rel=CLOSED, **names):
    """Columns of ours (the keyword) and R's (its value) agree, row by row."""
    assert len(table) == len(records)
    for ours, theirs in names.items():
        close(table[ours], column(records, theirs), rel)


def same_p(got, expected, rel=ITERATIVE):
    """P values agree on the log scale; R prints 0 below 1e-308."""
    floor = 1e-300
    close(np.log(np.maximum(got, floor)), np.log(np.maximum(expected, floor)), rel, atol=1e-9)
