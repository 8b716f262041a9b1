"""Truth: R 4.2.2, enumeration, and refusals."""

import numpy as np
import pytest

from faceage_stats.association.classical.counts import (
    chisq_test,
    fisher_test,
    mcnemar_test,
)
from faceage_stats.association.classical.exact_table import exact_p
from faceage_stats.errors import DesignError, InputError

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
        (lambda: chisq_test([1, 2, 3]), InputError, "two dimensions"),
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
