"""Truth: the contract of one row per test; limits by their definitions."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats._glossary import GLOSSARY
from faceage_stats.association.classical.aov import aov
from faceage_stats.association.classical.cliff_delta import cliff_delta
from faceage_stats.association.classical.correlation import cor_test
from faceage_stats.association.classical.counts import chisq_test, fisher_test
from faceage_stats.association.classical.effect_size import smd
from faceage_stats.association.classical.means import t_test
from faceage_stats.association.classical.normality import shapiro_test
from faceage_stats.association.classical.proportions import binom_test, prop_test
from faceage_stats.association.classical.ranks import wilcox_test
from faceage_stats.association.classical.spread import levene_test, var_test
from faceage_stats.association.classical.stratified import mantelhaen_test
from faceage_stats.errors import DesignError

X = [4.1, 5.0, 6.2, 5.5, 4.8]
Y = [3.0, 3.9, 4.4, 4.1, 3.3]


@pytest.fixture
def frame():
    return pd.DataFrame({"value": X + Y, "group": ["b"] * 5 + ["a"] * 5, "z": range(10)})


def test_columns_are_in_the_glossary_and_the_row_prints(frame):
    tests = [
        t_test(X, Y),
        var_test(X, Y),
        cor_test(X, Y),
        smd(X, Y),
        chisq_test([[5, 6], [7, 8]]),
        fisher_test([[5, 6], [7, 8]]),
        levene_test("value ~ group", frame),
    ]
    for test in tests:
        assert set(test.tidy()) <= set(GLOSSARY)
        assert repr(test).startswith(test.method)
        pd.testing.assert_frame_equal(test.tidy(), test.glance())
    for table in (
        aov("value ~ group", frame).tidy(),
        aov("value ~ group", frame).tukey(),
    ):
        assert set(table) <= set(GLOSSARY)


def test_missing_values_are_dropped_and_counted(frame):
    frame.loc[0, "value"] = np.nan
    frame.loc[9, "group"] = None
    assert t_test("value ~ group", frame).n_missing == 2
    assert t_test([1.0, np.nan, 2.0]).n_missing == 1
    assert cor_test("~ value + z", frame).n_missing == 1
    assert shapiro_test(frame["value"]).n_missing == 1
    assert chisq_test(frame["group"], frame["group"], correct=False).n_missing == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: shapiro_test([1.0, 2.0]), DesignError, "3 to 5,000"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    "test",
    [
        t_test(X, Y),
        t_test(X, Y, alternative="less"),
        var_test(X, Y),
        cor_test(X, Y),
        cor_test(X, Y, method="kendall"),
        fisher_test([[5, 6], [7, 8]]),
        smd(X, Y),
        mantelhaen_test([[[10, 5], [4, 11]], [[8, 7], [5, 9]]]),
        binom_test(17, 50),
        prop_test(17, 50),
        prop_test([17, 30], [50, 60]),
        wilcox_test(X, Y),
        wilcox_test(X, Y, exact=False),
        cliff_delta(X, [3.0, 3.9, 4.4, 5.1, 3.3]),
    ],
    ids=lambda test: test.method,
)
def test_the_level_of_tidy_is_the_level_of_its_limits(test):
    wide, narrow = test.tidy().iloc[0], test.tidy(conf_level=0.5).iloc[0]
    assert (wide["conf_level"], narrow["conf_level"]) == (0.95, 0.5)
    assert (wide["conf_low"], wide["conf_high"]) == (test.conf_low, test.conf_high)
    assert wide["conf_low"] <= narrow["conf_low"]
    assert narrow["conf_high"] <= wide["conf_high"]
    assert wide["p_value"] == narrow["p_value"]


def test_limits_of_t_at_another_level_by_their_definition():
    test = t_test(X, Y)
    row = test.tidy(conf_level=0.8).iloc[0]
    half = stats.t.ppf(0.9, test.df) * test.std_error
    assert row["conf_high"] - row["estimate"] == pytest.approx(half)
