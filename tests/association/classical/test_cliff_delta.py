"""Truth: all pairs compared one by one, the jackknife, simulation, the exact rank sum test."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from faceage_stats.association.classical.cliff_delta import cliff_delta
from faceage_stats.errors import DesignError

VALUES = st.lists(st.integers(0, 8), min_size=2, max_size=15)


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES)
def test_every_pair_compared(first, second):
    signs = np.sign(np.subtract.outer(first, second))
    test = cliff_delta(first, second)
    delta = signs.mean()
    assert test.estimate == pytest.approx(delta)
    n1, n2 = signs.shape
    rows = ((signs.mean(axis=1) - delta) ** 2).sum()
    columns = ((signs.mean(axis=0) - delta) ** 2).sum()
    pairs = ((signs - delta) ** 2).sum()
    variance = (n2**2 * rows + n1**2 * columns - pairs) / (n1 * n2 * (n1 - 1) * (n2 - 1))
    floor = (1 - delta**2) / (n1 * n2 - 1)
    assert test.std_error == pytest.approx(np.sqrt(max(variance, floor)), abs=1e-9)
    assert -1 <= test.conf_low <= test.estimate <= test.conf_high <= 1
    turned = cliff_delta(second, first)
    assert (turned.estimate, turned.conf_low) == pytest.approx((-test.estimate, -test.conf_high))


def test_the_interval_holds_the_truth():
    truth = 2 * stats.norm.cdf(0.8 / np.sqrt(2)) - 1
    rng = np.random.default_rng(4)
    tests = [cliff_delta(rng.normal(0.8, 1, 30), rng.normal(0, 1, 25)) for _ in range(600)]
    held = np.mean([t.conf_low <= truth <= t.conf_high for t in tests])
    assert held == pytest.approx(0.95, abs=0.03)
    spread = np.std([t.estimate for t in tests])
    assert np.mean([t.std_error for t in tests]) == pytest.approx(spread, rel=0.06)


def test_groups_without_overlap():
    test = cliff_delta([5, 6, 7, 8], [1, 2, 3])
    assert (test.estimate, test.conf_high, test.statistic) == (1, 1, None)
    assert test.p_value == pytest.approx(stats.mannwhitneyu([5, 6, 7, 8], [1, 2, 3]).pvalue)
    other = cliff_delta([1, 2, 3], [5, 6, 7, 8])
    assert (other.conf_low, other.conf_high) == (-1, -test.conf_low)


def test_formula_missing_and_refusal():
    frame = pd.DataFrame({"gap": [1.0, 3, None, 2, 4, 5], "sex": list("ffmmmf")})
    test = cliff_delta("gap ~ sex", data=frame)
    assert (test.n, test.n_missing) == (5, 1)
    assert test.estimate == pytest.approx(np.sign(np.subtract.outer([1, 3, 5], [2, 4])).mean())
    with pytest.raises(DesignError, match="groups of 1 and 3 values; each needs 2"):
        cliff_delta([1], [1, 2, 3])
