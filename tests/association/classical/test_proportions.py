"""Truth: R 4.2.2 prop.test, a second library, and refusals."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from faceage_stats.association.classical.proportions import binom_test, prop_test
from faceage_stats.errors import DesignError, InputError


def test_proportions_with_yates():
    # R 4.2.2: prop.test(c(17, 30), c(50, 60)), prop.test(17, 50, p = 0.4)
    two, one = prop_test([17, 30], [50, 60]), prop_test(17, 50, p=0.4)
    assert two.p_value == pytest.approx(0.134766916175108)
    assert (one.p_value, one.conf_low, one.conf_high) == pytest.approx(
        (0.47048642205879, 0.215946410641832, 0.48855406437893)
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: binom_test(5, 3), InputError, "x is 5; it must lie between 0 and n = 3"),
        (lambda: prop_test([1, 2, 3], [4, 4]), InputError, "3 x and 2 n; give as many"),
        (
            lambda: prop_test([1, 2, 3], [4, 4, 4], alternative="less"),
            InputError,
            "only two.sided",
        ),
        (lambda: prop_test([1, 2], [4, 4], p=[0.5]), InputError, "2 probabilities between 0 and 1"),
        (lambda: prop_test([0, 0, 0], [4, 4, 4]), DesignError, "same outcome"),
        (lambda: prop_test(5, 4), InputError, "between 0 and the number"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("x", "n", "limits"),
    [
        (0, 420, (0.0, 0.01129850756)),
        (420, 420, (0.9887014924, 1.0)),
        (0, 10, (0.0, 0.3445372183)),
        (1, 1, (0.05462075553, 1.0)),
    ],
)
def test_limits_of_none_and_of_all(x, n, limits):
    """R's prop.test(x, n): a corrected proportion outside 0 to 1 has its limit there."""
    test = prop_test(x, n)
    np.testing.assert_allclose((test.conf_low, test.conf_high), limits, rtol=1e-8, atol=0)


def test_wilson_without_correction_as_statsmodels():
    test = prop_test(17, 50, correct=False)
    expected = proportion_confint(17, 50, method="wilson")
    assert (test.conf_low, test.conf_high) == pytest.approx(expected)
