"""Scores joined to patients. Truth: small tables by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import ArgumentError, InputError, ReadingWarning

CLINICAL = pd.DataFrame(
    {"patient_id": list("abcde"), "start": pd.to_datetime(["2020-01-10"] * 4 + [None])}
)
PHOTOS = pd.DataFrame(
    {
        "patient_id": ["a", "a", "b", "c", "e"],
        "photo": ["1", "2", "3", "4", "5"],
        "taken_on": ["2020-01-20", "2020-01-05", "2020-01-10", "2021-01-01", "2020-01-01"],
        "model": "faceage",
        "model_version": "1.0",
        "status": ["ok", "ok", "no_face", "several_faces", "ok"],
        "score": [60.0, 62.0, None, 70.0, 50.0],
        "score_unit": "years",
    }
)


def test_each_patient_without_a_score_is_counted_once():
    joined = fs.add_scores(CLINICAL, PHOTOS, rule="nearest", date="start", within_days=30)
    assert joined.rows["faceage"].fillna(0).tolist() == [62, 0, 0, 0, 0]
    counts = joined.flow.tidy().set_index("step")["n_changed"].to_dict()
    assert counts == {
        "Clinical table": 0,
        "No photograph": 1,  # d
        "No photograph with a score": 1,  # b
        "No photograph in time": 2,  # c is a year late, e has no date
    }
    known = joined.rows.attrs["scores"]
    assert (known["n_photographs"], known["n_scored"], known["n_used"]) == (5, 4, 1)
    assert (known["model"], known["model_version"], known["rule"]) == ("faceage", "1.0", "nearest")


def test_rules_without_a_date():
    for rule, value in (("first", 62), ("mean", 61), ("median", 61)):
        rows = fs.add_scores(CLINICAL, PHOTOS, rule=rule).rows
        assert rows["faceage"].fillna(0).tolist() == [value, 0, 70, 0, 50]


def test_the_tables_given_are_not_changed():
    before = CLINICAL.copy(), PHOTOS.copy()
    fs.add_scores(CLINICAL, PHOTOS, rule="mean")
    pd.testing.assert_frame_equal(CLINICAL, before[0])
    pd.testing.assert_frame_equal(PHOTOS, before[1])


def test_identifiers_join_whatever_their_storage():
    numbered = CLINICAL.assign(patient_id=[1.0, 2, 3, 4, 5])
    photos = PHOTOS.assign(patient_id=["1", "1", "2", "3", "5"])
    assert fs.add_scores(numbered, photos, rule="mean").rows["faceage"].notna().sum() == 3


def test_scores_without_a_patient_are_told():
    with pytest.warns(ReadingWarning, match="not in clinical: 2, with 2 photographs"):
        joined = fs.add_scores(CLINICAL.head(2), PHOTOS, rule="mean")
    assert joined.rows.attrs["scores"]["n_without_patient"] == 2


@pytest.mark.parametrize(
    ("clinical", "photos", "options", "message"),
    [
        ({}, {"model": "demo"}, {"rule": "mean"}, "weights are random"),
        ({}, {"model": list("mmmmn")}, {"rule": "mean"}, "2 values in 'model'"),
        ({}, {"patient_id": list("vwxyz")}, {"rule": "mean"}, "leading zeros"),
        ({}, {"score_unit": "log-risk"}, {"rule": "mean"}, "not in years"),
        ({"faceage": 60}, {}, {"rule": "mean"}, "a column 'faceage' already"),
        ({"patient_id": list("aabcd")}, {}, {"rule": "mean"}, "2 rows of clinical share"),
        ({"start": "2020-01-10"}, {}, {"date": "start"}, "holds no dates"),
        ({}, {}, {}, "rule 'nearest' needs `date`"),
        ({}, {}, {"rule": "mean", "within_days": 30}, "within_days needs `date`"),
        ({}, {}, {"date": "strat"}, "Did you mean 'start'"),
        ({}, {}, {"rule": "neares"}, "Did you mean 'nearest'"),
        ({}, {}, {"date": "start", "within_days": -1}, "0 or more"),
    ],
)
def test_what_cannot_be_joined(clinical, photos, options, message):
    with pytest.raises(InputError, match=message):
        fs.add_scores(CLINICAL.assign(**clinical), PHOTOS.assign(**photos), **options)


def test_demonstration_scores_are_taken_when_asked_for():
    demo = PHOTOS.assign(model="demo")
    assert "faceage" in fs.add_scores(CLINICAL, demo, rule="mean", demonstration=True).rows


def test_an_unknown_argument_is_named():
    with pytest.raises(ArgumentError, match="Did you mean 'within_days'"):
        fs.add_scores(CLINICAL, PHOTOS, whithin_days=3)
