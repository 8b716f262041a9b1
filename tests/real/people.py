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
    return [record[name] for record in records]
