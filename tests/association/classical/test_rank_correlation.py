"""Truth: counting every order."""

import numpy as np

from faceage_stats.association.classical.rank_correlation import spearman_counts


def test_the_exact_spearman_distribution_by_counting():
    from itertools import permutations

    sums = [sum((i - j) ** 2 for i, j in enumerate(order)) for order in permutations(range(5))]
    np.testing.assert_array_equal(spearman_counts(5), np.bincount(sums, minlength=41))
