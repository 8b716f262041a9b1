"""surv_split: what splitting leaves unchanged, and refusals. R's rows are conformance cases."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import FormulaError, InputError

RNG = np.random.default_rng(8)
DATA = pd.DataFrame(
    {
        "time": np.ceil(RNG.exponential(30, 80)),
        "death": RNG.integers(0, 2, 80),
        "x": RNG.normal(size=80),
        "g": ["a", "b"] * 40,
    }
)


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
def test_a_cox_model_does_not_notice_that_follow_up_is_split(ties):
    rows = fs.surv_split("Surv(time, death) ~ .", DATA, cut=[3, 10, 17.5])
    whole = fs.coxph("Surv(time, death) ~ x + g", DATA, ties=ties)
    split = fs.coxph("Surv(tstart, time, death) ~ x + g", rows, ties=ties)
    assert len(rows) > len(DATA)
    np.testing.assert_allclose(split.coef, whole.coef, rtol=1e-9)
    np.testing.assert_allclose(split.vcov(), whole.vcov(), rtol=1e-8)


def test_splitting_twice_is_splitting_at_both():
    once = fs.surv_split("Surv(time, death) ~ .", DATA, cut=[20, 5])
    twice = fs.surv_split("Surv(time, death) ~ .", DATA, cut=5)
    twice = fs.surv_split("Surv(tstart, time, death) ~ .", twice, cut=20)
    pd.testing.assert_frame_equal(once[twice.columns], twice)


def test_columns_labels_and_kinds():
    data = DATA.assign(state=pd.Categorical(DATA["g"], ["b", "a"])).set_axis(DATA.index + 100)
    rows = fs.surv_split("Surv(time, state) ~ x", data, cut=10, id="who", episode="part")
    assert rows.columns.tolist() == ["x", "who", "tstart", "time", "state", "part"]
    first = rows[rows["part"] == 1]
    assert (first.index == data.index).all()
    assert (first.loc[data["time"] > 10, "state"] == "b").all()  # the first level is censoring
    assert rows["state"].dtype == data["state"].dtype
    assert fs.surv_split("Surv(time, death > 0) ~ 1", data, cut=10)["event"].sum() == (
        data["death"].sum()
    )


def test_what_cannot_be_split_is_refused():
    with pytest.raises(InputError, match="not after zero = 3 in"):
        fs.surv_split("Surv(time, death) ~ .", DATA.assign(time=1), cut=5, zero=3)
    with pytest.raises(InputError, match="'x' is a column already"):
        fs.surv_split("Surv(time, death) ~ .", DATA, cut=5, id="x")
    with pytest.raises(FormulaError, match=r"must be Surv"):
        fs.surv_split("time ~ .", DATA, cut=5)
    with pytest.raises(FormulaError, match="strata"):
        fs.surv_split("Surv(time, death) ~ strata(g)", DATA, cut=5)


def test_a_column_that_is_absent_is_refused_by_name():
    data = pd.DataFrame({"time": [5, 12], "death": [1, 1]})
    with pytest.raises(FormulaError, match="age"):
        fs.surv_split("Surv(time, death) ~ age", data, cut=10)
