"""Truth: identities between tests, and refusals; R's numbers are in the conformance cases."""

import numpy as np
import pandas as pd
import pytest

from faceage_stats.association.classical.aov import aov
from faceage_stats.association.classical.means import oneway_test, t_test
from faceage_stats.association.classical.ranks import kruskal_test
from faceage_stats.errors import DesignError, FormulaError, InputError

X = [4.1, 5.0, 6.2, 5.5, 4.8]
Y = [3.0, 3.9, 4.4, 4.1, 3.3]


@pytest.fixture
def frame():
    return pd.DataFrame({"value": X + Y, "group": ["b"] * 5 + ["a"] * 5, "z": range(10)})


def test_formula_and_arrays_agree_and_the_first_level_comes_first(frame):
    by_formula = t_test("value ~ group", frame)
    by_arrays = t_test(Y, X)
    pd.testing.assert_frame_equal(by_formula.tidy(), by_arrays.tidy())
    assert by_formula.estimate < 0


def test_mu_moves_the_null_not_the_interval():
    plain, moved = t_test(X, Y), t_test(X, Y, mu=0.5)
    assert (moved.estimate, moved.conf_low) == pytest.approx((plain.estimate, plain.conf_low))
    assert moved.statistic == pytest.approx((plain.estimate - 0.5) / plain.std_error)


def test_paired_equals_one_sample_of_differences(frame):
    paired = t_test(X, Y, paired=True)
    single = t_test(np.subtract(X, Y))
    assert paired.p_value == single.p_value
    assert t_test("value ~ 1", frame).n == 10


def test_pooled_t_is_the_anova_of_two_groups(frame):
    pooled = t_test("value ~ group", frame, var_equal=True)
    fit = aov("value ~ group", frame)
    assert fit.glance()["p_value"].iloc[0] == pytest.approx(pooled.p_value)
    assert fit.tukey()["p_adjusted"].iloc[0] == pytest.approx(pooled.p_value, rel=1e-6)
    equal = oneway_test("value ~ group", frame, var_equal=True)
    assert equal.p_value == pytest.approx(pooled.p_value)
    welch = oneway_test("value ~ group", frame)
    assert welch.p_value == pytest.approx(t_test("value ~ group", frame).p_value)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: t_test([1.0], Y), DesignError, r"samples of \[1, 5\] values"),
        (lambda: t_test([1.0, 1.0]), DesignError, "essentially constant"),
        (lambda: t_test([0.0, 0.0]), DesignError, "essentially constant"),
        (lambda: t_test(X, Y, conf_level=95), InputError, "between 0 and 1"),
        (lambda: t_test(X, Y, alternative="not"), InputError, "choose one of"),
        (lambda: t_test("a ~ b"), InputError, "give a formula"),
        (lambda: t_test(X, Y[:3], paired=True), InputError, "5 values and y 3"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_refusals_of_formulas(frame):
    with pytest.raises(InputError, match="compares exactly 2"):
        t_test("value ~ z", frame)
    with pytest.raises(FormulaError, match="Did you mean 'value'"):
        t_test("valu ~ group", frame)
    with pytest.raises(InputError, match="has 1 groups with data"):
        kruskal_test("value ~ group", frame.head(5))
    with pytest.raises(DesignError, match="all values are equal"):
        kruskal_test("value ~ group", frame.assign(value=1.0))
    with pytest.raises(DesignError, match="fewer than 2 values: 10 different values"):
        oneway_test("value ~ z", frame)
    with pytest.raises(DesignError, match="no residual variance"):
        aov("value ~ z", frame)
    with pytest.raises(InputError, match="holds text"):
        t_test("group ~ value", frame)
    with pytest.raises(InputError, match="pass a pandas or polars"):
        t_test("value ~ group", data=[1, 2])
