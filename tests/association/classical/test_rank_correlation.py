"""Truth: counting every order, and R 4.2.2."""

import numpy as np
import pytest

from faceage_stats.association.classical.correlation import cor_test
from faceage_stats.association.classical.rank_correlation import spearman_counts


def test_the_exact_spearman_distribution_by_counting():
    from itertools import permutations

    sums = [sum((i - j) ** 2 for i, j in enumerate(order)) for order in permutations(range(5))]
    np.testing.assert_array_equal(spearman_counts(5), np.bincount(sums, minlength=41))


X = [3, 1, 4, 15, 9, 2, 6, 5, 35, 8, 97, 93]
Y = [2, 7, 1, 8, 28, 18, 3, 45, 90, 46, 23, 53]


# cor.test(x, y, method = "spearman", alternative = ...)
@pytest.mark.parametrize(
    ("alternative", "p"),
    [
        ("two.sided", 0.0428068689875762),
        ("greater", 0.0214034344937881),
        ("less", 0.979998975605677),
    ],
)
def test_ten_untied_pairs_and_more_have_the_p_value_of_r(alternative, p):
    test = cor_test(X, Y, method="spearman", alternative=alternative)
    assert test.p_value == pytest.approx(p, rel=1e-9)


def test_without_exact_it_is_the_t_approximation():
    test = cor_test(X, Y, method="spearman", exact=False)
    assert test.p_value == pytest.approx(0.0385884529220194, rel=1e-9)
