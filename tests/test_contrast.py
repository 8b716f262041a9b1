"""Pairwise differences: the paired t test, the contrast matrix, what cannot be compared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from faceage_stats._contrast import contrast_table, pairwise
from faceage_stats.errors import DesignError, InputError

COLUMNS = (
    "marker1 marker2 estimate1 estimate2 estimate std_error conf_low conf_high statistic p_value"
)


def test_means_of_one_sample_give_the_paired_t_test():
    x = np.random.default_rng(3).normal([0.3, 0.0], 1.0, size=(40, 2))
    table = pairwise(["a", "b"], x.mean(axis=0), np.cov(x.T) / 40, df=39)
    test = stats.ttest_rel(x[:, 1], x[:, 0])  # new minus old
    assert table["statistic"][0] == pytest.approx(test.statistic, rel=1e-12)
    assert table["p_value"][0] == pytest.approx(test.pvalue, rel=1e-11)
    interval = test.confidence_interval(0.95)
    assert table[["conf_low", "conf_high"]].iloc[0].tolist() == pytest.approx(list(interval))
    assert table["df"].tolist() == [39]


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_differences_are_those_of_the_contrast_matrix(seed, k):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(k, k))
    estimate, vcov = rng.normal(size=k), root @ root.T
    names = [f"m{i}" for i in range(k)]
    table = pairwise(names, estimate, vcov)
    assert list(table) == COLUMNS.split()
    assert len(table) == k * (k - 1) // 2
    for row in table.itertuples():
        contrast = np.zeros(k)
        contrast[names.index(row.marker1)], contrast[names.index(row.marker2)] = 1, -1
        assert row.estimate == pytest.approx(contrast @ estimate)
        assert row.std_error == pytest.approx(np.sqrt(contrast @ vcov @ contrast), rel=1e-6)


def test_chosen_pairs_keep_their_order_and_sign():
    table = pairwise(
        ["a", "b", "c"], [1.0, 2.0, 4.0], np.eye(3), 0.9, "group", pairs=[("c", "a"), ("b", "a")]
    )
    assert table["group1"].tolist() == ["c", "b"]
    assert table["estimate"].tolist() == [3, 1]
    assert table["conf_high"][0] == pytest.approx(3 + stats.norm.ppf(0.95) * np.sqrt(2))


def test_the_same_marker_twice_has_p_1():
    table = pairwise(["a", "a again"], [0.71, 0.71], np.full((2, 2), 0.003))
    assert table[["estimate", "std_error", "statistic", "p_value"]].iloc[0].tolist() == [0, 0, 0, 1]


def test_a_missing_estimate_stays_missing():
    table = contrast_table(["a", "b"], [np.nan, 1.0], [0.1])
    assert table[["estimate", "statistic", "p_value"]].isna().all(axis=None)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DesignError, match="only 'a' to compare"):
        pairwise(["a"], [1.0], [[1.0]])
    with pytest.raises(InputError, match=r"no estimate 'fce'\. Did you mean 'face'\?"):
        pairwise(["face", "age"], [1, 2], np.eye(2), pairs=[("fce", "age")])
