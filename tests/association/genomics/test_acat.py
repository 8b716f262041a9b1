"""Truth: R package ACAT 0.91, ACAT(p, weights); the Cauchy distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats import acat
from faceage_stats.errors import EstimationWarning, InputError


@pytest.mark.parametrize(
    ("p", "weights", "expected"),
    [
        ([0.02, 0.4, 0.9, 0.03, 0.5], None, 0.06612742260797813),
        ([0.02, 0.4, 0.9, 0.03, 0.5], [1, 2, 3, 1, 0.5], 0.12635869298118488),
        ([1e-20, 0.3, 0.7], None, 3e-20),
        ([0.999999, 0.2, 0.01], None, 0.999996999687094),
    ],
)
def test_equals_r(p, weights, expected):
    assert acat(p, weights).p_value == pytest.approx(expected, rel=1e-11)


@given(st.floats(1e-300, 1 - 1e-12), st.integers(1, 5))
def test_equal_p_values_stay(p, k):
    assert acat([p] * k).p_value == pytest.approx(p, rel=1e-6)


def test_missing_p_values_are_counted():
    test = acat([0.01, np.nan, 0.2])
    assert (test.n, test.n_missing) == (2, 1)
    assert test.p_value == acat([0.01, 0.2]).p_value


@pytest.mark.parametrize(("edge", "expected"), [(0.0, 0.0), (1.0, 1.0)])
def test_warns_of_p_values_at_the_edge(edge, expected):
    with pytest.warns(EstimationWarning, match="1 p values are exactly 0 or 1"):
        assert acat([edge, 0.3]).p_value == expected


def test_refusals():
    with pytest.raises(InputError, match="1 values outside 0 to 1"):
        acat([0.2, 1.2])
    with pytest.raises(InputError, match="2 p values but 1 weights"):
        acat([0.2, 0.1], [1])
    for weights in ([-1, 2], [0, 0]):
        with pytest.raises(InputError, match="not negative nor all zero"):
            acat([0.2, 0.1], weights)
    with pytest.warns(EstimationWarning), pytest.raises(InputError, match="cannot be combined"):
        acat([0.0, 1.0])
