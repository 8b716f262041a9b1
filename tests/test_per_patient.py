"""One score per patient, by hand-made tables."""

from __future__ import annotations

import pandas as pd
import pytest

from faceage_stats._per_patient import per_patient
from faceage_stats.errors import InputError


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "photo": ["a", "b", "c", "d", "e", "f"],
            "patient_id": ["p1", "p1", "p1", "p2", "p1", "p3"],
            "taken_on": ["2020-03-01", "2020-01-01", "2020-02-01", "2021-01-01", "2019-01-01", ""],
            "model": "m",
            "status": ["ok", "several_faces", "ok", "ok", "no_face", "unreadable"],
            "score": [70.0, 60.0, 62.0, 50.0, None, None],
        }
    )


def test_mean_and_median(table):
    mean = per_patient(table, "mean").set_index("patient_id")
    assert mean["score"].tolist()[:2] == [64.0, 50.0]
    assert pd.isna(mean.loc["p3", "score"])
    assert mean["n_photos"].tolist() == [4, 1, 1]
    assert mean["n_scored"].tolist() == [3, 1, 0]
    assert per_patient(table, "median")["score"][0] == 62.0


def test_first_and_nearest(table):
    first = per_patient(table, "first").set_index("patient_id")
    assert first.loc["p1", ["score", "photo"]].tolist() == [60.0, "b"]
    dates = pd.Series({"p1": "2020-02-16", "p2": "2020-12-31"})
    nearest = per_patient(table, "nearest", dates=dates).set_index("patient_id")
    assert nearest.loc["p1", ["photo", "days_apart"]].tolist() == ["a", 14]
    assert nearest.loc["p2", "days_apart"] == 1
    draw = pd.to_datetime(pd.Series({"p1": "2020-01-16T12", "p2": "2021-01-01T00"}))
    assert per_patient(table, "nearest", dates=draw)["photo"][0] == "b"  # the earlier one


@pytest.mark.parametrize("rule", ["mean", "first"])
def test_a_category_without_photographs_is_not_a_patient(table, rule):
    known = pd.Categorical(table["patient_id"], ["p9", "p1", "p2", "p3"])
    found = per_patient(table.assign(patient_id=known), rule)
    assert found["patient_id"].tolist() == ["p1", "p2", "p3"]
    assert found["score"].equals(per_patient(table, rule)["score"])


@pytest.mark.parametrize(
    ("change", "rule", "message"),
    [
        ({}, "last", "rule is 'last'; choose one of"),
        ({"patient_id": None}, "mean", "6 rows have no `patient_id`"),
        ({"model": list("mmmmmn")}, "mean", "several models"),
        ({"taken_on": ""}, "first", "4 scored photographs have no `taken_on`"),
        ({}, "nearest", "needs `dates`"),
    ],
)
def test_refused(table, change, rule, message):
    with pytest.raises(InputError, match=message):
        per_patient(table.assign(**change), rule)


def test_missing_columns_and_dates(table):
    with pytest.raises(InputError, match="needs the columns taken_on"):
        per_patient(table.drop(columns="taken_on"), "first")
    with pytest.raises(InputError, match="1 patients have scored photographs but no entry"):
        per_patient(table, "nearest", dates=pd.Series({"p1": "2020-01-01"}))
