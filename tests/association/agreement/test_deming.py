"""Deming regression against closed forms."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError, InputError

RNG = np.random.default_rng(3)
TRUE = RNG.normal(60, 10, 80)
PHOTOS = pd.DataFrame(
    {"x": TRUE + RNG.normal(0, 3, 80), "y": 2 + 1.1 * TRUE + RNG.normal(0, 3, 80)}
)


# Truth: with equal errors the line is the first principal axis.
def test_equal_errors_give_the_principal_axis():
    axis = np.linalg.eigh(PHOTOS.cov())[1][:, -1]
    assert fs.deming("y ~ x", PHOTOS).estimate[1] == pytest.approx(axis[1] / axis[0], rel=1e-12)


# Truth: the line of the two measurements exchanged is the same line.
def test_symmetric():
    one = fs.deming("y ~ x", PHOTOS, error_ratio=4)
    other = fs.deming("x ~ y", PHOTOS, error_ratio=0.25)
    assert one.estimate[1] == pytest.approx(1 / other.estimate[1], rel=1e-10)


# Truth: the jackknife by its definition, one row left out at a time.
def test_standard_errors_are_the_jackknife():
    fit = fs.deming("y ~ x", PHOTOS)
    n = len(PHOTOS)
    pseudo = [
        n * fit.estimate - (n - 1) * fs.deming("y ~ x", PHOTOS.drop(index=i)).estimate
        for i in range(n)
    ]
    np.testing.assert_allclose(fit.std_error, np.std(pseudo, axis=0, ddof=1) / np.sqrt(n))


# Truth: least squares is its limit when only the outcome has error.
def test_large_ratio_is_least_squares():
    slope = fs.deming("y ~ x", PHOTOS, error_ratio=1e9).estimate[1]
    assert slope == pytest.approx(np.polyfit(PHOTOS["x"], PHOTOS["y"], 1)[0], rel=1e-6)


def test_a_shift_moves_the_intercept_only():
    here, far = (fs.deming("y ~ x", PHOTOS.assign(x=PHOTOS["x"] + s)) for s in (0, 1e6))
    assert far.estimate[1] == pytest.approx(here.estimate[1], rel=1e-8)
    assert far.std_error[1] == pytest.approx(here.std_error[1], rel=1e-6)


def test_refusals():
    with pytest.raises(FormulaError, match="two measurements"):
        fs.deming("y ~ x + z", PHOTOS.assign(z=1.0 * np.arange(80)))
    with pytest.raises(InputError, match="error_ratio is 0"):
        fs.deming("y ~ x", PHOTOS, error_ratio=0)
    with pytest.raises(DesignError, match="3 complete pairs"):
        fs.deming("y ~ x", PHOTOS.head(3))
    with pytest.raises(DesignError, match="no covariance"):
        fs.deming("y ~ x", PHOTOS.assign(x=1.0))
