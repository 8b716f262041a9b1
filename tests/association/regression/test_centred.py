"""Covariates far from zero. Truth: exact fractions, and the same covariate near zero."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.association.regression.design_matrix import independent_columns
from faceage_stats.errors import SingularColumnWarning

RNG = np.random.default_rng(7)
N = 60
DATA = pd.DataFrame({"x": np.round(RNG.normal(size=N) * 64) / 64})  # x + 2^27 has no rounding
DATA["y"] = np.round(1 + 2 * DATA["x"] + RNG.normal(size=N), 3)
DATA["d"] = (DATA["y"] + RNG.normal(size=N) > 1).astype(int)
DATA["g"] = np.tile(["a", "b", "c"], N // 3)
FAR = DATA.assign(x=DATA["x"] + 2.0**27)
FITS = {
    "lm": lambda data: fs.lm("y ~ x + g", data),
    "lm HC3": lambda data: fs.lm("y ~ x + g", data, robust="HC3"),
    "logistic": lambda data: fs.logistic("d ~ x + g", data),
}


@pytest.mark.parametrize("name", FITS)
def test_slopes_and_predictions_do_not_know_where_zero_is(name):
    near, far = FITS[name](DATA), FITS[name](FAR)
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    slopes = near.tidy()["term"] != "(Intercept)"
    for one, other in (
        (near.tidy().loc[slopes, columns], far.tidy().loc[slopes, columns]),
        (near.predict(), far.predict()),
        (near.predict(DATA.head(3)), far.predict(FAR.head(3))),
        (near.glance().select_dtypes("number"), far.glance().select_dtypes("number")),
    ):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e3, 1e8, 1e12])
def test_a_line_is_that_of_exact_arithmetic(shift):
    far = DATA.assign(x=DATA["x"] + shift)
    x, y = ([Fraction(float(v)) for v in far[name]] for name in ("x", "y"))
    mean_x, mean_y = sum(x) / N, sum(y) / N
    sxx = sum((v - mean_x) ** 2 for v in x)
    slope = sum((v - mean_x) * (w - mean_y) for v, w in zip(x, y, strict=True)) / sxx
    intercept = mean_y - slope * mean_x
    rest = sum((w - intercept - slope * v) ** 2 for v, w in zip(x, y, strict=True)) / (N - 2)
    fit = fs.lm("y ~ x", far)
    np.testing.assert_allclose(fit.coef["x"], float(slope), rtol=1e-9)
    np.testing.assert_allclose(fit.coef["(Intercept)"], float(intercept), rtol=1e-9)
    np.testing.assert_allclose(fit.tidy()["std_error"][1], float(rest / sxx) ** 0.5, rtol=1e-9)


@pytest.mark.parametrize("shift", [0.1, 1e8])
def test_a_copy_of_a_column_is_found_wherever_zero_is(shift):
    both = DATA.assign(z=DATA["x"] + shift, k=shift)
    with pytest.warns(SingularColumnWarning, match="'z', 'k'"):
        fit = fs.lm("y ~ x + z + k", both)
    assert fit.coef.isna().tolist() == [False, False, True, True]
    np.testing.assert_allclose(fit.coef["x"], fs.lm("y ~ x", DATA).coef["x"], rtol=1e-12)
    assert fit.vcov().isna().sum().tolist() == [2, 2, 4, 4]


def test_what_is_left_of_a_column_must_be_more_than_its_rounding():
    given = np.array([[1.0, 0.3 + 1e8], [1, 0.3 + 1e8], [1, 0.3 + 1e8]])
    noise = np.array([[1.0, 1e-8], [1, -1e-8], [1, 0]])
    assert independent_columns(noise).tolist() == [True, True]
    assert independent_columns(noise, given).tolist() == [True, False]
