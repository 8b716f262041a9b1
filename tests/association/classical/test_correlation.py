"""Truth: R 4.2.2 cor.test, invariants, counting by hand, and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats.association.classical.correlation import cor_test
from faceage_stats.errors import DesignError, InputError

X = [4.1, 5.0, 6.2, 5.5, 4.8]
Y = [3.0, 3.9, 4.4, 4.1, 3.3]


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=6, max_size=25))
def test_correlations_have_their_invariants(pairs):
    x, y = (np.array(v, dtype=float) for v in zip(*pairs, strict=True))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    for method in ("pearson", "spearman", "kendall"):
        test = cor_test(x, y, method=method)
        mirrored = cor_test(x, -y, method=method)
        assert mirrored.estimate == pytest.approx(-test.estimate, abs=1e-9)
        assert mirrored.p_value == pytest.approx(test.p_value, abs=1e-7)
        assert test.conf_low <= test.estimate + 1e-12
        assert test.estimate <= test.conf_high + 1e-12


def test_a_perfect_correlation_has_no_width():
    test = cor_test([1, 2, 3, 4], [2, 4, 6, 8])
    assert (test.estimate, test.conf_low, test.conf_high) == pytest.approx((1, 1, 1))


def test_spearman_small_samples_are_exact():
    # R 4.2.2: cor.test(c(1,2,3,4,5,6), c(2,1,4,3,6,5), method = "spearman")$p.value
    test = cor_test([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], method="spearman")
    assert test.p_value == pytest.approx(0.0583333333333333)


def test_kendall_continuity():
    # R 4.2.2: cor.test(x, y, method = "kendall", exact = FALSE, continuity = TRUE)
    x, y = [1, 2, 2, 4, 5, 6], [2, 1, 4, 4, 6, 5]
    test = cor_test(x, y, method="kendall", exact=False, continuity=True)
    assert test.p_value == pytest.approx(0.119470986771701)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cor_test(X, [1.0] * 5), DesignError, "both columns must vary"),
        (lambda: cor_test(X, Y, method="phi"), InputError, "pearson, spearman, kendall"),
        (lambda: cor_test(X, Y, conf_level=0), InputError, "between 0 and 1"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
