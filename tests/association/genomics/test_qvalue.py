"""Truth: R 4.2.2 smooth.spline (df = 3, tol = 1e-12) on the shares, BH, hand calculation."""

import numpy as np
import pytest

from faceage_stats import p_adjust, qvalue
from faceage_stats.errors import DesignError, InputError

P = (np.arange(1, 201) / 201) ** 1.6


def test_share_of_true_nulls_equals_r():
    # l <- seq(.05,.95,.05); y <- sapply(l, function(x) mean(p >= x)/(1 - x));
    # predict(smooth.spline(l, y, df = 3, control.spar = list(tol = 1e-12)), l)$y[19]
    assert qvalue(P).pi0 == pytest.approx(0.601868848737648, rel=1e-6)
    assert qvalue(P, pi0="bootstrap").pi0 == pytest.approx(0.675, rel=1e-12)


def test_a_share_of_one_is_benjamini_hochberg():
    p = np.array([0.2, 0.01, 0.01, np.nan, 0.7, 0.03])
    np.testing.assert_allclose(qvalue(p, pi0=1).q, p_adjust(p, "BH"))


def test_q_values_are_scaled_by_the_share():
    result = qvalue(P)
    np.testing.assert_allclose(result.q, result.pi0 * p_adjust(P, "BH"))
    assert result.tidy().columns.tolist() == ["p_value", "q_value"]
    assert result.glance()["n_test"].iloc[0] == 200


def test_refusals():
    with pytest.raises(InputError, match="1 values outside 0 to 1"):
        qvalue([0.1, -0.2])
    with pytest.raises(InputError, match="choose one of smoother, bootstrap"):
        qvalue([0.1, 0.2], pi0="lowess")
    with pytest.raises(InputError, match="a proportion lies above 0"):
        qvalue([0.1, 0.2], pi0=0)
    with pytest.raises(DesignError, match="pass pi0=1"):
        qvalue([0.001, 0.002, 0.003])
