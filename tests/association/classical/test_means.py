"""Truth: identities between tests, and refusals; R's numbers are in the conformance cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats._result import GLOSSARY
from faceage_stats.association.classical.aov import aov
from faceage_stats.association.classical.correlation import cor_diff_test, cor_test, partial_cor
from faceage_stats.association.classical.counts import (
    binom_test,
    chisq_test,
    fisher_test,
    mantelhaen_test,
    mcnemar_test,
    prop_test,
)
from faceage_stats.association.classical.effect_size import hedges_g, smd, smd_categorical
from faceage_stats.association.classical.means import (
    kruskal_test,
    levene_test,
    oneway_test,
    shapiro_test,
    t_test,
    var_test,
)
from faceage_stats.errors import DesignError, FormulaError, InputError

X = [4.1, 5.0, 6.2, 5.5, 4.8]
Y = [3.0, 3.9, 4.4, 4.1, 3.3]


@pytest.fixture
def frame():
    return pd.DataFrame({"value": X + Y, "group": ["b"] * 5 + ["a"] * 5, "z": range(10)})


def test_formula_and_arrays_agree_and_the_first_level_comes_first(frame):
    by_formula = t_test("value ~ group", data=frame)
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
    assert t_test("value", data=frame).n == 10


def test_pooled_t_is_the_anova_of_two_groups(frame):
    pooled = t_test("value ~ group", data=frame, var_equal=True)
    fit = aov("value ~ group", data=frame)
    assert fit.glance()["p_value"].iloc[0] == pytest.approx(pooled.p_value)
    assert fit.tukey()["p_adjusted"].iloc[0] == pytest.approx(pooled.p_value, rel=1e-6)
    equal = oneway_test("value ~ group", data=frame, var_equal=True)
    assert equal.p_value == pytest.approx(pooled.p_value)
    welch = oneway_test("value ~ group", data=frame)
    assert welch.p_value == pytest.approx(t_test("value ~ group", data=frame).p_value)


def test_columns_are_in_the_glossary_and_the_row_prints(frame):
    tests = [
        t_test(X, Y),
        var_test(X, Y),
        cor_test(X, Y),
        smd(X, Y),
        chisq_test([[5, 6], [7, 8]]),
        fisher_test([[5, 6], [7, 8]]),
        levene_test("value ~ group", data=frame),
    ]
    for test in tests:
        assert set(test.tidy()) <= set(GLOSSARY)
        assert repr(test).startswith(test.method)
        pd.testing.assert_frame_equal(test.tidy(), test.glance())
    for table in (
        aov("value ~ group", data=frame).tidy(),
        aov("value ~ group", data=frame).tukey(),
    ):
        assert set(table) <= set(GLOSSARY)


def test_missing_values_are_dropped_and_counted(frame):
    frame.loc[0, "value"] = np.nan
    frame.loc[9, "group"] = None
    assert t_test("value ~ group", data=frame).n_missing == 2
    assert t_test([1.0, np.nan, 2.0]).n_missing == 1
    assert cor_test("value", "z", data=frame).n_missing == 1
    assert shapiro_test(frame["value"]).n_missing == 1
    assert chisq_test("group", "group", data=frame, correct=False).n_missing == 1


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=6, max_size=25))
def test_correlations_have_their_invariants(pairs):
    x, y = (np.array(v, dtype=float) for v in zip(*pairs, strict=True))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    for method in ("pearson", "spearman", "kendall"):
        test = cor_test(x, y, method=method)
        mirrored = cor_test(x, -y, method=method)
        assert mirrored.estimate == pytest.approx(-test.estimate, abs=1e-9)
        assert mirrored.p_value == pytest.approx(test.p_value, abs=1e-7)
        assert test.conf_low <= test.estimate + 1e-12
        assert test.estimate <= test.conf_high + 1e-12


def test_a_perfect_correlation_has_no_width():
    test = cor_test([1, 2, 3, 4], [2, 4, 6, 8])
    assert (test.estimate, test.conf_low, test.conf_high) == pytest.approx((1, 1, 1))


def test_spearman_small_samples_are_exact():
    # R 4.2.2: cor.test(c(1,2,3,4,5,6), c(2,1,4,3,6,5), method = "spearman")$p.value
    test = cor_test([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], method="spearman")
    assert test.p_value == pytest.approx(0.0583333333333333)


def test_the_exact_spearman_distribution_by_counting():
    from itertools import permutations

    from faceage_stats.association.classical.correlation import _spearman_counts

    sums = [sum((i - j) ** 2 for i, j in enumerate(order)) for order in permutations(range(5))]
    np.testing.assert_array_equal(_spearman_counts(5), np.bincount(sums, minlength=41))


def test_kendall_continuity():
    # R 4.2.2: cor.test(x, y, method = "kendall", exact = FALSE, continuity = TRUE)
    x, y = [1, 2, 2, 4, 5, 6], [2, 1, 4, 4, 6, 5]
    test = cor_test(x, y, method="kendall", exact=False, continuity=True)
    assert test.p_value == pytest.approx(0.119470986771701)


def test_partial_correlation_without_others_left_is_refused():
    frame = pd.DataFrame({"x": X, "y": Y, "same": X})
    with pytest.raises(DesignError, match="explain x or y completely"):
        partial_cor("x", "y", "same", data=frame)
    with pytest.raises(DesignError, match="5 complete rows; 6 are needed"):
        partial_cor("x", "y", ["same", "same"], data=frame)
    with pytest.raises(InputError, match="choose 'pearson' or 'spearman'"):
        partial_cor("x", "y", "same", data=frame, method="kendall")


def test_the_exact_test_of_a_2x2_table_as_an_enumeration():
    from faceage_stats.association.classical.counts import _exact_p

    table = np.array([[12, 7], [6, 7]])
    assert _exact_p(table) == pytest.approx(fisher_test(table).p_value, rel=1e-12)


def test_larger_tables_and_their_transposes():
    table = [[3, 1, 4], [1, 5, 9], [2, 6, 5], [3, 5, 8]]
    assert fisher_test(table).p_value == pytest.approx(0.552687672617164, rel=1e-9)
    assert fisher_test(np.transpose(table)).p_value == pytest.approx(0.552687672617164, rel=1e-9)


def test_a_doubtful_chi_squared_says_so():
    assert "smallest expected count 2.5" in chisq_test([[3, 2], [2, 3]]).method


def test_mcnemar_of_a_balanced_table_is_null():
    test = mcnemar_test([[10, 4], [4, 10]])
    assert (test.statistic, test.p_value) == (0.0, 1.0)


def test_proportions_with_yates():
    # R 4.2.2: prop.test(c(17, 30), c(50, 60)), prop.test(17, 50, p = 0.4)
    two, one = prop_test([17, 30], [50, 60]), prop_test(17, 50, p=0.4)
    assert two.p_value == pytest.approx(0.134766916175108)
    assert (one.p_value, one.conf_low, one.conf_high) == pytest.approx(
        (0.47048642205879, 0.215946410641832, 0.48855406437893)
    )


def test_standardised_differences():
    assert smd(X, Y).estimate == -smd(Y, X).estimate
    assert abs(hedges_g(X, Y).estimate) < abs(hedges_g(X, Y, correct=False).estimate)
    two = smd_categorical([30, 70], [45, 55])
    assert smd_categorical([30, 70, 0], [45, 55, 0]).estimate == pytest.approx(two.estimate)
    # Mahalanobis distance does not depend on the level that is left out
    a, b = [10, 20, 30, 40], [25, 25, 25, 25]
    assert smd_categorical(a, b).estimate == pytest.approx(
        smd_categorical(a[::-1], b[::-1]).estimate
    )
    assert smd_categorical([5, 0], [9, 0]).estimate == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: t_test([1.0], Y), DesignError, r"samples of \[1, 5\] values"),
        (lambda: t_test([1.0, 1.0]), DesignError, "essentially constant"),
        (lambda: t_test([0.0, 0.0]), DesignError, "essentially constant"),
        (lambda: t_test(X, Y, conf_level=95), InputError, "between 0 and 1"),
        (lambda: t_test(X, Y, alternative="not"), InputError, "choose one of"),
        (lambda: t_test("a ~ b"), InputError, "Give a formula"),
        (lambda: t_test(X, Y[:3], paired=True), InputError, "5 values and y 3"),
        (lambda: var_test([1.0], Y), DesignError, "needs 2 values"),
        (lambda: shapiro_test([1.0, 2.0]), DesignError, "3 to 5,000"),
        (lambda: cor_test(X, [1.0] * 5), DesignError, "both columns must vary"),
        (lambda: cor_test(X, Y, method="phi"), InputError, "pearson, spearman, kendall"),
        (lambda: cor_test(X, Y, conf_level=0), InputError, "between 0 and 1"),
        (lambda: cor_diff_test(1.0, 10, 0.5, 10), InputError, "inside"),
        (lambda: smd([1.0, 1.0], [1.0, 1.0]), DesignError, "must vary"),
        (lambda: smd_categorical([1, 2], [1, 2, 3]), InputError, "as many counts"),
        (lambda: smd_categorical([0, 0], [1, 2]), InputError, "a group is empty"),
        (lambda: smd_categorical([5, 0], [0, 5]), DesignError, "share no level"),
        (lambda: chisq_test([[1, 0], [2, 0]]), DesignError, "empty row or column"),
        (lambda: chisq_test([1, 2, 3]), InputError, "two dimensions"),
        (lambda: chisq_test(X, Y[:2]), InputError, "must match"),
        (lambda: fisher_test([[1, 2, 3], [4, 5, 6]], alternative="less"), InputError, "only two"),
        (lambda: fisher_test(np.full((6, 6), 20)), DesignError, "tables share these margins"),
        (lambda: mantelhaen_test([[1, 2], [3, 4]]), InputError, "is needed"),
        (lambda: mcnemar_test([[5, 0], [0, 5]]), DesignError, "discordant"),
        (lambda: binom_test(5, 3), InputError, "5 successes of 3"),
        (lambda: prop_test([1, 2, 3], [4, 4, 4]), InputError, "one or two proportions"),
        (lambda: prop_test(5, 4), InputError, "between 0 and the number"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_refusals_of_formulas(frame):
    with pytest.raises(InputError, match="compares exactly 2"):
        t_test("value ~ z", data=frame)
    with pytest.raises(FormulaError, match="did you mean value"):
        t_test("valu ~ group", data=frame)
    with pytest.raises(InputError, match="has 1 groups with data"):
        kruskal_test("value ~ group", data=frame.head(5))
    with pytest.raises(DesignError, match="all values are equal"):
        kruskal_test("value ~ group", data=frame.assign(value=1.0))
    with pytest.raises(DesignError, match="fewer than 2 values: 0"):
        oneway_test("value ~ z", data=frame)
    with pytest.raises(DesignError, match="no residual variance"):
        aov("value ~ z", data=frame)
    with pytest.raises(InputError, match="holds text"):
        t_test("group ~ value", data=frame)
    with pytest.raises(InputError, match="pass a pandas or polars"):
        t_test("value ~ group", data=[1, 2])
