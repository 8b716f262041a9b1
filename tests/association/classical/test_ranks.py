"""Truth: R 4.2.2 wilcox.test(conf.int = TRUE, tol.root = 1e-12), and counting by hand."""

from itertools import combinations, product

import numpy as np
import pytest

from faceage_stats.association.classical.ranks import wilcox_test
from faceage_stats.association.classical.wilcoxon import rank_sum_counts, signed_rank_counts
from faceage_stats.errors import DesignError, InputError

INF = np.inf
TIED = ([2, 5, 5, 7, 9, 9, 12, 15, 4, 6], [1, 3, 5, 5, 6, 7, 2, 4, 8])
ZERO = [1.5, -0.5, 2, 2, -1, 3, 0, 4, 1, 0.5, -2, 2.5]
UNTIED = ([1.1, 2.2, 3.3, 4.4, 6.1], [0.5, 0.9, 1.7, 2.0, 2.6, 3.9])
SIGNED = [1.5, -0.6, 2, 2.2, -1, 3, 4.5, 0.4, -2.1]


def check(test, expected):
    got = [test.statistic, test.p_value, test.estimate, test.conf_low, test.conf_high]
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("alternative", "correct", "expected"),
    [
        ("two.sided", True, [65, 0.108990380826884, 2, -1, 6]),
        ("two.sided", False, [65, 0.100208484963245, 2, 0, 6]),
        ("less", True, [65, 0.953999909273616, 2, -INF, 5]),
        ("less", False, [65, 0.949895757518377, 2, -INF, 5]),
        ("greater", True, [65, 0.0544951904134422, 2, 0, INF]),
        ("greater", False, [65, 0.0501042424816226, 2, 0, INF]),
    ],
)
def test_rank_sum_with_ties(alternative, correct, expected):
    test = wilcox_test(*TIED, exact=False, correct=correct, alternative=alternative)
    check(test, expected)
    assert ("continuity" in test.method) is correct


@pytest.mark.parametrize(
    ("alternative", "correct", "expected"),
    [
        ("two.sided", True, [54, 0.0675345983135519, 1.25, 0, 2.5]),
        ("two.sided", False, [54, 0.0611115586753628, 1.25, 0, 2.5]),
        ("less", True, [54, 0.972398512915665, 1.25, -INF, 2.25]),
        ("less", False, [54, 0.969444220662319, 1.25, -INF, 2.25]),
        ("greater", True, [54, 0.033767299156776, 1.25, 0.25, INF]),
        ("greater", False, [54, 0.0305557793376814, 1.25, 0.25, INF]),
    ],
)
def test_signed_rank_with_ties_and_a_zero(alternative, correct, expected):
    check(wilcox_test(ZERO, exact=False, correct=correct, alternative=alternative), expected)


@pytest.mark.parametrize(
    ("alternative", "expected"),
    [
        ("less", [23, 0.937229437229437, 1.45, -INF, 2.8]),
        ("greater", [23, 0.0887445887445887, 1.45, 0.2, INF]),
    ],
)
def test_exact_rank_sum(alternative, expected):
    check(wilcox_test(*UNTIED, alternative=alternative, conf_level=0.9), expected)


@pytest.mark.parametrize(
    ("alternative", "expected"),
    [
        ("two.sided", [34, 0.203125, 1.2, -0.3, 2.45]),
        ("less", [34, 0.91796875, 1.2, -INF, 2.2]),
        ("greater", [34, 0.1015625, 1.2, -0.05, INF]),
    ],
)
def test_exact_signed_rank(alternative, expected):
    check(wilcox_test(SIGNED, alternative=alternative, conf_level=0.9), expected)


def test_exact_distributions_by_counting():
    ranks = range(1, 8)
    sums = [sum(chosen) - 6 for chosen in combinations(ranks, 3)]
    np.testing.assert_array_equal(rank_sum_counts(3, 4), np.bincount(sums))
    signs = [np.dot(pattern, range(1, 6)) for pattern in product([0, 1], repeat=5)]
    np.testing.assert_array_equal(signed_rank_counts(5), np.bincount(signs))


def test_swapping_the_samples_mirrors_the_answer():
    one, two = wilcox_test(*TIED), wilcox_test(*reversed(TIED))
    assert one.p_value == pytest.approx(two.p_value)
    assert one.estimate == pytest.approx(-two.estimate)
    assert one.conf_low == pytest.approx(-two.conf_high)


def test_extreme_samples_end_at_the_outermost_shift():
    # so few values that the normal interval reaches beyond every pairwise difference
    test = wilcox_test([1.0, 1.5], [2.0, 2.0], exact=False)
    assert (test.conf_low, test.conf_high) == (-1.0, -0.5)
    tied = wilcox_test([1.0, 1.0], [2.0, 2.0], exact=False)
    assert tied.estimate == -1
    assert np.isnan(tied.conf_low)
    assert np.isnan(tied.conf_high)
    assert wilcox_test([5.0, 6, 7], [1.0, 2, 3]).p_value == pytest.approx(0.1)
    assert wilcox_test([1.0, 2, 3], [5.0, 6, 7]).statistic == 0


def test_missing_values_are_counted():
    assert wilcox_test([1.0, np.nan, 2], [3.0, 4.5, np.nan]).n_missing == 2
    assert wilcox_test([1.0, np.nan, 2.5]).n_missing == 1
    assert wilcox_test([1.0, 2, 4], [3.0, 1, np.nan], paired=True).n_missing == 1


def test_refusals():
    with pytest.raises(InputError, match="no exact distribution"):
        wilcox_test(*TIED, exact=True)
    with pytest.raises(DesignError, match="samples of 0 and 2 values"):
        wilcox_test([np.nan], [1.0, 2.0])
    with pytest.raises(DesignError, match="only zero ones"):
        wilcox_test([0.0, 0.0])
    with pytest.raises(InputError, match=r"choose one of two\.sided"):
        wilcox_test([1.0, 2.0], alternative="both")
