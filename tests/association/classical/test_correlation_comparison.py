"""Truth: R's psych::r.test through the conformance case; here symmetry and simulation."""

import numpy as np
import pandas as pd
import pytest

from faceage_stats.association.classical.correlation_comparison import (
    cor_dependent_test,
    cor_diff_test,
)
from faceage_stats.errors import DesignError, InputError


def frame(n=120, seed=4, extra=0.0):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=n)
    return pd.DataFrame(
        {
            "faceage": common + rng.normal(size=n),
            "age": common + rng.normal(size=n),
            "y": (1 + extra) * common + rng.normal(size=n),
        }
    )


def test_changing_places_turns_the_sign():
    one = cor_dependent_test("y ~ faceage + age", frame())
    two = cor_dependent_test("y ~ age + faceage", frame())
    assert one.estimate == pytest.approx(-two.estimate)
    assert one.statistic == pytest.approx(-two.statistic)
    assert (one.conf_low, one.conf_high) == pytest.approx((-two.conf_high, -two.conf_low))
    assert one.p_value == pytest.approx(two.p_value)
    assert one.estimate == pytest.approx(one.statistic * one.std_error)


def test_level_and_coverage_hold_when_both_correlate_alike():
    tests = [cor_dependent_test("y ~ faceage + age", frame(seed=s)) for s in range(500)]
    assert np.mean([t.p_value < 0.05 for t in tests]) == pytest.approx(0.05, abs=0.025)
    assert np.mean([t.conf_low <= 0 <= t.conf_high for t in tests]) == pytest.approx(
        0.95, abs=0.025
    )
    spread = np.std([t.estimate for t in tests])
    assert np.mean([t.std_error for t in tests]) == pytest.approx(spread, rel=0.1)


def test_refusals_and_missing():
    data = frame(8)
    data.loc[0, "y"] = np.nan
    assert cor_dependent_test("y ~ faceage + age", data).n_missing == 1
    with pytest.raises(InputError, match="name three different columns"):
        cor_dependent_test("y ~ age + age", data)
    with pytest.raises(DesignError, match="4 complete rows; 5 are needed"):
        cor_dependent_test("y ~ faceage + age", data.head(5))
    with pytest.raises(DesignError, match="every column must vary"):
        cor_dependent_test("y ~ faceage + age", data.assign(age=60.0))
    with pytest.raises(DesignError, match="linear function of another"):
        cor_dependent_test("y ~ faceage + twice", data.assign(twice=2 * data["faceage"]))


def test_a_perfect_correlation_is_not_compared():
    with pytest.raises(InputError, match="inside"):
        cor_diff_test(1.0, 10, 0.5, 10)
