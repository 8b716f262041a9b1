"""tt(): against a model on rows split by hand. R's numbers are conformance cases."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import FormulaError, InputError

RNG = np.random.default_rng(12)
DATA = pd.DataFrame(
    {
        "entry": RNG.uniform(0, 4, 90),
        "time": 5 + np.ceil(RNG.exponential(20, 90)),
        "death": RNG.integers(0, 2, 90),
        "x": RNG.normal(size=90),
        "z": RNG.normal(size=90),
        "s": RNG.integers(0, 2, 90),
    }
)


def split(right, tt):
    cuts = DATA.loc[DATA["death"] == 1, "time"].unique()
    rows = fs.surv_split("Surv(time, death) ~ .", DATA, cut=cuts, id="who")
    rows["xt"] = tt(rows["x"], rows["time"])
    return fs.coxph(f"Surv(tstart, time, death) ~ {right}", rows, cluster="who")


@pytest.mark.parametrize("strata", ["", " + strata(s)"])
def test_equals_a_model_on_split_rows(strata):
    fit = fs.coxph(f"Surv(time, death) ~ x + tt(x){strata}", DATA, tt="x * log(t)", robust=True)
    other = split(f"x + xt{strata}", lambda x, t: x * np.log(t))
    assert fit.coef.index.tolist() == ["x", "tt(x)"]
    np.testing.assert_allclose(fit.coef, other.coef, rtol=1e-8)
    np.testing.assert_allclose(fit.vcov(), other.vcov(), rtol=1e-7)  # a patient's rows together
    assert fit.n == len(DATA)
    assert fit.tidy()["n"].tolist() == [len(DATA)] * 2
    assert fit.glance()["n"].item() == len(DATA)


def test_a_function_that_leaves_time_out_changes_nothing():
    plain = fs.coxph("Surv(entry, time, death) ~ x + z", DATA)
    fit = fs.coxph("Surv(entry, time, death) ~ z + tt(x)", DATA, tt="x")
    np.testing.assert_allclose(fit.coef, plain.coef[["z", "x"]], rtol=1e-9)


def test_several_terms_take_a_text_each_or_share_one():
    one = fs.coxph("Surv(time, death) ~ tt(x) + tt(z)", DATA, tt="x * t")
    each = fs.coxph("Surv(time, death) ~ tt(x) + tt(z)", DATA, tt=["x * t", "x * t"])
    np.testing.assert_array_equal(one.coef, each.coef)


def test_what_has_no_answer_is_refused():
    formula = "Surv(time, death) ~ tt(x)"
    fit = fs.coxph(formula, DATA, tt="x * t")
    refused = [
        (lambda: fs.coxph(formula, DATA), "needs tt="),
        (lambda: fs.coxph(formula, DATA, tt=["x", "t"]), "one for each of 1"),
        (lambda: fs.coxph(formula, DATA, tt=lambda x, t: x), "needs tt="),
        (lambda: fs.coxph("Surv(time, death) ~ x", DATA, tt="x"), r"has no tt\(\)"),
        (lambda: fs.coxph(formula, DATA, tt="log(t - 500)"), "infinite"),
        (lambda: fs.coxph(formula, DATA, tt="x * years"), "no column 'years'"),
        (lambda: fit.predict(DATA), "changes with time"),
        (lambda: fit.survfit(), "no curve"),
        (lambda: fs.resample(fit, DATA, n_resamples=2), "cannot be repeated"),
    ]
    for call, told in refused:
        with pytest.raises((InputError, FormulaError), match=told):
            call()
