"""Truth: scipy and McNemar, which two or more columns must agree with."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.association.classical.counts import mcnemar_test
from faceage_stats.association.classical.repeated import cochran_q_test, friedman_test
from faceage_stats.errors import DesignError, InputError

RNG = np.random.default_rng(5)
SCORES = pd.DataFrame(RNG.integers(0, 5, (30, 4)), columns=list("abcd")).astype(float)
SCORES.loc[3, "b"] = np.nan


def test_friedman_is_that_of_scipy_with_ties_and_counts_what_it_drops():
    test, complete = friedman_test(SCORES, list("abcd")), SCORES.dropna()
    truth = stats.friedmanchisquare(*complete.T.to_numpy())
    assert (test.statistic, test.p_value) == pytest.approx((truth.statistic, truth.pvalue))
    assert (test.n, test.n_missing) == (29, 1)
    assert friedman_test(SCORES.assign(b=SCORES["a"] + 1), ["a", "b"]).estimate == 1.0


def test_cochran_of_two_columns_is_mcnemar_without_correction():
    calls = (SCORES[["a", "c"]] > 2).astype(int)
    truth = mcnemar_test(calls["a"], calls["c"], correct=False)
    assert cochran_q_test(calls, ["a", "c"]).statistic == pytest.approx(truth.statistic)


def test_refusals():
    with pytest.raises(InputError, match="values are neither 0 nor 1"):
        cochran_q_test(SCORES, list("ab"))
    with pytest.raises(InputError, match="2 columns or more"):
        friedman_test(SCORES, "a")
    with pytest.raises(DesignError, match="same value in all columns"):
        cochran_q_test(pd.DataFrame({"a": [1, 0], "b": [1, 0]}), ["a", "b"])
