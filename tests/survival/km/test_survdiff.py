"""Log-rank family. Truths: lifelines, statsmodels, closed forms, properties; R in conformance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError
from faceage_stats.survival.km.pairwise_survdiff import pairwise_survdiff
from faceage_stats.survival.km.survdiff import survdiff

RNG = np.random.default_rng(8)
ROWS = pd.DataFrame(
    {
        "time": np.ceil(RNG.exponential(10, 90)),
        "event": RNG.integers(0, 2, 90),
        "g": np.tile(["a", "b", "c"], 30),
        "site": np.repeat(["x", "y"], 45),
    }
)


def test_agrees_with_lifelines() -> None:
    from lifelines.statistics import multivariate_logrank_test

    other = multivariate_logrank_test(ROWS["time"], ROWS["g"], ROWS["event"])
    ours = survdiff("Surv(time, event) ~ g", ROWS)
    assert ours.statistic == pytest.approx(other.test_statistic, rel=1e-10)
    assert ours.p_value == pytest.approx(other.p_value, rel=1e-9)
    assert ours.df == 2


def test_strata_agree_with_statsmodels() -> None:
    from statsmodels.duration.survfunc import survdiff as other

    statistic, p_value = other(ROWS["time"], ROWS["event"], ROWS["g"], strata=ROWS["site"])
    ours = survdiff("Surv(time, event) ~ g + strata(site)", ROWS)
    assert ours.statistic == pytest.approx(statistic, rel=1e-10)
    assert ours.glance()["p_value"].item() == pytest.approx(p_value, rel=1e-9)


def test_two_patients_by_hand() -> None:
    # one informative event: (1 - 1/2)^2 / (1/4)
    data = pd.DataFrame({"time": [1, 2], "event": [1, 1], "g": ["a", "b"]})
    assert survdiff("Surv(time, event) ~ g", data).statistic == pytest.approx(1.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.sampled_from("ab")), min_size=2))
def test_expected_equals_observed_in_total(rows: list[tuple[int, bool, str]]) -> None:
    data = pd.DataFrame(rows, columns=["time", "event", "g"])
    if data["g"].nunique() < 2 or not data["event"].any():
        return
    data = pd.concat([data, data.assign(time=10, event=False)])  # both groups stay at risk
    test = survdiff("Surv(time, event) ~ g", data)
    assert test.observed.sum() == pytest.approx(test.expected.sum())
    assert test.vcov().to_numpy().sum(axis=0) == pytest.approx(0, abs=1e-12)
    later = survdiff("Surv(time, event) ~ g", data.assign(time=data["time"] ** 2))
    assert later.statistic == pytest.approx(test.statistic, rel=1e-12)


def test_nothing_to_test_is_said() -> None:
    data = pd.DataFrame({"time": [1, 2, 3], "event": [0, 1, 1], "g": list("abb")})
    with pytest.warns(EstimationWarning, match="nothing to test"):
        test = survdiff("Surv(time, event) ~ g", data)
    assert (test.statistic, test.df, test.p_value) == (0.0, 0, 1.0)


def test_groups_that_never_meet_have_no_difference_to_test() -> None:
    # truth: the test of the groups that do meet, without the strata of the others
    data = pd.DataFrame(
        {"time": [3, 1, 4, 2, 5, 6, 9, 7], "event": 1, "g": list("ababcccc"), "s": list("uuuuvvvv")}
    )
    nested = survdiff("Surv(time, event) ~ g + strata(s)", data)
    alone = survdiff("Surv(time, event) ~ g", data.head(4))
    assert nested.df == 1
    assert nested.statistic == pytest.approx(alone.statistic, rel=1e-12)
    with pytest.warns(EstimationWarning, match="nothing to test"):
        assert survdiff("Surv(time, event) ~ g + strata(g)", data).df == 0


def test_a_pair_that_dies_at_once_has_no_difference_to_test() -> None:
    data = pd.DataFrame({"time": [3, 3, 4, 5], "event": 1, "g": list("abcc")})
    with pytest.warns(EstimationWarning, match="nothing to test"):
        table = pairwise_survdiff("Surv(time, event) ~ g", data).tidy()
    assert table["df"].tolist() == [0, 1, 1]


def test_results_print() -> None:
    assert "Log-rank test: chi-squared" in repr(survdiff("Surv(time, event) ~ g", ROWS))
    assert "rho = 1" in repr(survdiff("Surv(time, event) ~ g", ROWS, rho=1))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: survdiff("Surv(time, event) ~ 1", ROWS), DesignError, "only one group"),
        (
            lambda: survdiff("Surv(start, time, event) ~ g", ROWS.assign(start=0)),
            FormulaError,
            "delayed entry",
        ),
        (lambda: survdiff("time ~ g", ROWS), FormulaError, "must be Surv"),
        (lambda: survdiff("Surv(time, event) ~ g", ROWS, rho=np.nan), InputError, "rho is nan"),
    ],
)
def test_bad_requests_are_refused(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
