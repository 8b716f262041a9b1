"""Truth: R 4.2.2, enumeration, and refusals."""

import numpy as np
import pytest
from scipy import stats

from faceage_stats.association.classical.counts import (
    chisq_test,
    fisher_test,
    mcnemar_test,
)
from faceage_stats.association.classical.exact_table import exact_p
from faceage_stats.errors import DesignError, EstimationWarning, InputError

X = [4.1, 5.0, 6.2, 5.5, 4.8]
Y = [3.0, 3.9, 4.4, 4.1, 3.3]


def test_the_exact_test_of_a_2x2_table_as_an_enumeration():
    table = np.array([[12, 7], [6, 7]])
    assert exact_p(table) == pytest.approx(fisher_test(table).p_value, rel=1e-12)


def test_larger_tables_and_their_transposes():
    table = [[3, 1, 4], [1, 5, 9], [2, 6, 5], [3, 5, 8]]
    assert fisher_test(table).p_value == pytest.approx(0.552687672617164, rel=1e-9)
    assert fisher_test(np.transpose(table)).p_value == pytest.approx(0.552687672617164, rel=1e-9)


def test_a_doubtful_chi_squared_says_so():
    assert "smallest expected count 2.5" in chisq_test([[3, 2], [2, 3]]).method


def test_mcnemar_of_a_balanced_table_is_null():
    test = mcnemar_test([[10, 4], [4, 10]])
    assert (test.statistic, test.p_value) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: chisq_test([[1, 0], [2, 0]]), DesignError, "empty row or column"),
        (lambda: chisq_test([[[1, 2, 3]]]), InputError, "two dimensions"),
        (lambda: chisq_test(X, Y[:2]), InputError, "pairs need as many"),
        (lambda: fisher_test([[1, 2, 3], [4, 5, 6]], alternative="less"), InputError, "only two"),
        (lambda: fisher_test(np.full((6, 6), 20)), DesignError, "tables have these margins"),
        (lambda: mcnemar_test([[5, 0], [0, 5]]), DesignError, "discordant"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_mcnemar_by_hand():
    test = mcnemar_test([[30, 12], [5, 40]])
    assert test.statistic == pytest.approx((12 - 5 - 1) ** 2 / 17)
    assert mcnemar_test([[30, 12], [5, 40]], correct=False).statistic == pytest.approx(49 / 17)


def test_more_than_two_levels_are_bowkers_test_of_statsmodels():
    from statsmodels.stats.contingency_tables import SquareTable

    counts = [[20, 10, 5], [3, 30, 15], [1, 5, 40]]
    truth = SquareTable(np.array(counts), shift_zeros=False).symmetry()
    test = mcnemar_test(counts)
    assert (test.statistic, test.df) == pytest.approx((truth.statistic, truth.df))


def test_levels_that_are_never_exchanged_leave_no_statistic_and_a_warning():
    with pytest.warns(EstimationWarning, match="1 pairs of levels are never exchanged"):
        test = mcnemar_test([[12, 0, 3], [0, 9, 4], [6, 1, 15]])
    assert np.isnan(test.p_value)


def test_given_proportions_are_those_of_scipy():
    truth = stats.chisquare([315, 101, 108, 32], [312.75, 104.25, 104.25, 34.75])
    test = chisq_test([315, 101, 108, 32], p=np.array([9, 3, 3, 1]) / 16)
    assert (test.statistic, test.p_value) == pytest.approx((truth.statistic, truth.pvalue))
    with pytest.raises(InputError, match=r"p sums to 0\.9"):
        chisq_test([3, 4], p=[0.4, 0.5])
    with pytest.raises(InputError, match="have cells"):
        mcnemar_test([[30, 12], [5, 40]]).cells()


def test_tables_that_end_alike_are_counted_together():
    # R: fisher.test(Job, workspace = 2e7), 4 x 4 and 104 patients
    job = [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]
    assert fisher_test(job).p_value == pytest.approx(0.782684938966546, rel=1e-10)


def test_the_likeliest_table_of_all_has_a_p_of_one():
    assert fisher_test([[1, 1], [1, 1], [1, 1]]).p_value == pytest.approx(1, rel=1e-12)
