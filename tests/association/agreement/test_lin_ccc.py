"""Truth: R through the conformance cases; here the definition, a simulation, and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceage_stats.association.agreement.lin_ccc import lin_ccc
from faceage_stats.errors import DesignError, InputError


def pairs(n=200, seed=3, noise=4.0):
    rng = np.random.default_rng(seed)
    true = rng.normal(65, 10, n)
    return true + rng.normal(0, noise, n), true + rng.normal(0, noise, n)


def test_the_coefficient_is_one_less_the_scaled_squared_distance():
    x, y = pairs()
    expected = 1 - np.mean((x - y) ** 2) / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    fit = lin_ccc(x, y)
    assert fit.estimate == pytest.approx(expected, rel=1e-12)
    assert fit.estimate == pytest.approx(fit.pearson * fit.accuracy, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e4, 1e4), st.floats(0.01, 100))
def test_a_common_unit_does_not_matter_but_a_shift_of_one_does(shift, scale):
    x, y = pairs()
    one, two = lin_ccc(x, y), lin_ccc(x * scale + shift, y * scale + shift)
    assert two.estimate == pytest.approx(one.estimate, rel=1e-8)
    assert lin_ccc(x + 5, y).estimate < one.estimate
    assert lin_ccc(x + 5, y).pearson == pytest.approx(one.pearson)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(400):
        row = lin_ccc(*pairs(60, seed)).tidy().iloc[0]
        held += row["conf_low"] <= 100 / 116 <= row["conf_high"]
    assert held / 400 == pytest.approx(0.95, abs=0.03)


def test_missing_pairs_are_counted():
    x, y = pairs(10)
    frame = pd.DataFrame({"x": x, "y": y})
    frame.loc[0, "x"] = np.nan
    fit = lin_ccc("~ x + y", frame)
    assert fit.glance().iloc[0].tolist() == [9, 1]
    assert "Lin's concordance" in repr(fit)


def test_refusals():
    with pytest.raises(DesignError, match="lin_ccc: 3 complete pairs; 4 are needed"):
        lin_ccc([1, 2, 3], [1, 2, 4])
    with pytest.raises(DesignError, match="both must vary"):
        lin_ccc([1, 2, 3, 4], [1, 1, 1, 1])
    with pytest.raises(DesignError, match="exactly on a line"):
        lin_ccc([1, 2, 3, 4], [2, 4, 6, 8])
    for far in (1e160, 1e300):
        with pytest.raises(InputError, match="products of such numbers are no numbers"):
            lin_ccc([far, 2 * far, 3 * far, 5 * far], [1, 2, 4, 3])
