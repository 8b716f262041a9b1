"""Truth: Pearson's chi-squared of the table, regression on the scores, and R."""

import numpy as np
import pytest
from scipy import stats

from faceage_stats.association.classical.proportions import prop_test
from faceage_stats.association.classical.several_proportions import prop_trend_test
from faceage_stats.errors import DesignError, InputError

X, N = np.array([83, 90, 129, 70]), np.array([86, 93, 136, 82])


def test_equal_proportions_are_the_chi_squared_of_the_table():
    truth = stats.chi2_contingency([X, N - X], correction=False)
    test = prop_test(X, N)
    assert (test.statistic, test.p_value) == pytest.approx((truth.statistic, truth.pvalue))
    assert test.cells()["estimate"].tolist() == pytest.approx(list(X / N))


def test_two_given_proportions_are_corrected_as_in_r():
    # prop.test(c(12, 15), c(50, 40), p = c(.3, .3))
    assert prop_test([12, 15], [50, 40], p=[0.3, 0.3]).df == 2
    yates = (abs(12 - 15) - 0.5) ** 2 / (50 * 0.21) + (abs(15 - 12) - 0.5) ** 2 / (40 * 0.21)
    assert prop_test([12, 15], [50, 40], p=[0.3, 0.3]).statistic == pytest.approx(yates)


def test_a_trend_is_n_r_squared_of_outcome_and_score():
    score = np.repeat([1, 2, 3, 4, 1, 2, 3, 4], [*X, *(N - X)])
    died = np.repeat([1, 0], [X.sum(), (N - X).sum()])
    truth = N.sum() * np.corrcoef(score, died)[0, 1] ** 2
    assert prop_trend_test(X, N).statistic == pytest.approx(truth)
    twice = prop_trend_test(X, N, scores=[10, 20, 30, 40])  # the unit of a score does not matter
    assert twice.statistic == pytest.approx(truth)


def test_what_has_no_trend_is_refused():
    with pytest.raises(InputError, match="scores must be 4 numbers"):
        prop_trend_test(X, N, scores=[1, 1, 1, 1])
    with pytest.raises(DesignError, match="no trend"):
        prop_trend_test([0, 0], [5, 5])
