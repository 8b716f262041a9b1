"""Sample sizes: worked examples, inversions, simulation, refusals (R's numbers: conformance)."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import faceage_stats as fs
from faceage_stats._scalar import round_up
from faceage_stats.errors import DesignError, EstimationWarning, InputError

# ---- Cox


@settings(max_examples=40, deadline=None)
@given(
    ratio=st.floats(1.05, 3), sd=st.floats(0.3, 3), power=st.floats(0.6, 0.99),
    r2=st.floats(0, 0.8), fraction=st.floats(0.1, 1),
)  # fmt: skip
def test_size_and_power_invert_each_other(ratio, sd, power, r2, fraction):
    size = fs.cox_sample_size(ratio, sd=sd, power=power, r2_other=r2, event_fraction=fraction)
    assert size.power_at(size.n_exact) == pytest.approx(power, rel=1e-9)
    inverse = fs.cox_sample_size(1 / ratio, sd=sd, power=power, r2_other=r2)
    assert inverse.n_event_exact == pytest.approx(size.n_event_exact, rel=1e-9)


def test_events_of_the_log_rank_test():
    # Schoenfeld's formula for equal groups: 4 (z + z)^2 / log(HR)^2
    expected = 4 * (stats.norm.ppf(0.975) + stats.norm.ppf(0.9)) ** 2 / np.log(1.5) ** 2
    size = fs.cox_sample_size(1.5, exposed=0.5, power=0.9)
    assert size.n_event_exact == pytest.approx(expected, rel=1e-12)
    assert size.n is None
    assert "power 0.9" in repr(size)
    assert size.glance()["n_event"][0] == np.ceil(expected)


def test_power_is_the_rejection_rate_of_a_cox_model():
    # simulation: exponential times, one standard normal covariate, everybody dies; a small effect,
    # for which the formula holds (at a hazard ratio of 1.5 it promises 8 points too much)
    n, ratio, rng = 300, 1.18, np.random.default_rng(7)
    rejected = 0
    for _ in range(400):
        x = rng.normal(size=n)
        t = rng.exponential(size=n) / ratio**x
        fit = fs.coxph("Surv(t, d) ~ x", pd.DataFrame({"t": t, "d": 1, "x": x}))
        rejected += fit.tidy()["p_value"][0] < 0.05
    assert rejected / 400 == pytest.approx(fs.cox_power(n, ratio, event_fraction=1), abs=0.06)


def test_a_whole_number_of_events_is_not_rounded_up():
    exact = fs.cox_sample_size(1.4).n_event_exact
    sd = np.sqrt(exact / 70)
    assert fs.cox_sample_size(1.4, sd=sd).n_event == 70


def test_pilot_quantities_are_the_pilots():
    rng = np.random.default_rng(2)
    pilot = pd.DataFrame({"x": rng.normal(size=80), "g": rng.choice(["a", "b", "c"], 80)})
    pilot["d"] = (rng.random(80) < 0.4).astype(int)
    pilot.loc[:4, "g"] = None
    size = fs.cox_sample_size_pilot("x ~ g", pilot, failure="d", hazard_ratio=1.3)
    complete = pilot.dropna()
    between = complete.groupby("g")["x"].transform("mean")
    r2 = ((between - complete["x"].mean()) ** 2).sum() / (
        (complete["x"] - complete["x"].mean()) ** 2
    ).sum()
    assert size.r2_other == pytest.approx(r2, rel=1e-12)
    assert size.variance == pytest.approx(pilot["x"].var(), rel=1e-12)
    assert size.event_fraction == pytest.approx(pilot["d"].mean(), rel=1e-12)
    assert size.tidy()["estimate"].notna().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hazard_ratio": 1}, "hazard_ratio is 1; it must be positive and not 1"),
        ({"hazard_ratio": -2}, "hazard_ratio is -2"),
        ({"sig_level": 5}, "sig_level is 5"),
        ({"power": 80}, "power is 80"),
        ({"r2_other": 1}, "r2_other is 1"),
        ({"event_fraction": 0}, "event_fraction is 0"),
        ({"sd": 0}, "sd is 0"),
        ({"exposed": 1.5}, "exposed is 1.5"),
    ],
)
def test_impossible_designs_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        fs.cox_sample_size(**{"hazard_ratio": 1.3, **options})


def test_power_needs_patients_and_an_event_fraction():
    with pytest.raises(InputError, match="n is 0"):
        fs.cox_power(0, 1.3, event_fraction=0.5)
    with pytest.raises(InputError, match="needs event_fraction"):
        fs.cox_sample_size(1.3).power_at(100)
    flat = pd.DataFrame({"x": 1.0, "z": [1, 2, 3], "d": [1, 0, 1]})
    with pytest.raises(DesignError, match="`x` does not vary"):
        fs.cox_sample_size_pilot("x ~ z", flat, failure="d", hazard_ratio=1.3)
    with pytest.raises(DesignError, match="'d' has no event"):
        fs.cox_sample_size_pilot("z ~ x", flat.assign(d=0), failure="d", hazard_ratio=1.3)


# ---- prediction models


def test_published_example_of_a_survival_model():
    # Riley and others (2020), BMJ 368, m441: 30 parameters, R2 0.051, rate 0.065, 2 years: 5143
    size = fs.pmsampsize_survival(30, rate=0.065, times=2, mean_follow_up=2.07, r2_cox_snell=0.051)
    assert (size.n, round(size.events_per_parameter, 2)) == (5143, 23.07)
    assert size.margin < 0.05
    assert size.tidy()["n"].tolist() == [5143, 1039, 5143]
    assert size.glance()["n"][0] == 5143
    assert "survival outcome" in repr(size)


def test_shrinkage_is_reached_by_the_first_criterion():
    # closed form: expected shrinkage 1 + p / (n log(1 - R2 / S)) solves to S
    size = fs.pmsampsize_binary(10, prevalence=0.3, r2_cox_snell=0.2, shrinkage=0.93)
    n = size.n_by_criterion[0]
    reached = 1 + 10 / (n * np.log(1 - 0.2 / 0.93))
    assert reached >= 0.93
    assert 1 + 10 / ((n - 1) * np.log(1 - 0.2 / 0.93)) < 0.93


def test_c_statistic_gives_the_r2_of_a_large_simulated_model():
    # simulation with the normal predictors that the conversion assumes
    rng = np.random.default_rng(4)
    n, prevalence, c = 400_000, 0.2, 0.8
    y = (np.arange(n) < prevalence * n).astype(float)
    gap = np.sqrt(2) * stats.norm.ppf(c)
    x = rng.normal(size=n) + gap * y
    lp = gap * x - gap**2 / 2 + np.log(prevalence / (1 - prevalence))
    log_lik = np.mean(y * lp - np.logaddexp(0, lp))
    null = prevalence * np.log(prevalence) + (1 - prevalence) * np.log(1 - prevalence)
    size = fs.pmsampsize_binary(5, prevalence=prevalence, c_statistic=c)
    assert size.r2_cox_snell == pytest.approx(1 - np.exp(2 * (null - log_lik)), abs=2e-3)


def test_nagelkerke_is_turned_into_cox_snell_with_three_digits():
    size = fs.pmsampsize_binary(5, prevalence=0.5, r2_nagelkerke=0.2)
    assert size.r2_cox_snell == round(0.2 * 0.75, 3)
    assert size.r2_nagelkerke == pytest.approx(0.2)


def test_an_imprecise_overall_risk_is_said():
    with pytest.warns(EstimationWarning, match="overall risk at 5 is known within 0"):
        fs.pmsampsize_survival(1, rate=0.05, times=5, mean_follow_up=0.5, r2_cox_snell=0.04)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "0 measures of performance"),
        ({"r2_cox_snell": 0.1, "c_statistic": 0.7}, "2 measures of performance"),
        ({"r2_cox_snell": 0.9}, "a Cox-Snell R2 of 0.9 is not possible"),
        ({"r2_nagelkerke": 1.2}, "r2_nagelkerke is 1.2"),
        ({"c_statistic": 0.4}, "c_statistic is 0.4"),
        ({"r2_cox_snell": 0.1, "shrinkage": 1}, "shrinkage is 1"),
        ({"r2_cox_snell": 0.1, "prevalence": 0}, "prevalence is 0"),
        ({"r2_cox_snell": 0.1, "parameters": 0}, "parameters is 0"),
    ],
)
def test_impossible_models_are_refused(options, message):
    call = {"parameters": 5, "prevalence": 0.3, **options}
    with pytest.raises(InputError, match=message):
        fs.pmsampsize_binary(call.pop("parameters"), **call)


def test_survival_needs_positive_times():
    with pytest.raises(InputError, match="mean_follow_up is 0"):
        fs.pmsampsize_survival(5, rate=0.1, times=1, mean_follow_up=0, r2_cox_snell=0.1)


def test_a_summary_counts_patients_in_whole_numbers():
    size = fs.cox_sample_size(1.02, event_fraction=0.1)
    table = size.summary().set_index("quantity")["estimate"]
    assert table["patients"] == str(size.n)
    assert table["events"] == str(size.n_event)


@pytest.mark.parametrize("rate", [17, 34, 35, 65, 70, 84])  # thousandths
@pytest.mark.parametrize("follow_up", [110, 207, 240, 290])  # hundredths
def test_the_events_of_the_largest_r2_are_counted_exactly(rate, follow_up):
    events = math.ceil(Fraction(rate * follow_up, 10))  # of 10,000 patients
    log_lik = events * math.log(events / 10_000) - events
    size = fs.pmsampsize_survival(
        20, rate=rate / 1000, times=1, mean_follow_up=follow_up / 100, r2_cox_snell=0.05
    )
    assert size.r2_max == pytest.approx(1 - math.exp(2 * log_lik / 10_000), rel=1e-12)


def test_a_whole_number_of_patients_is_not_raised_by_rounding_error():
    for n in range(1, 400):
        assert [round_up(n * k / 100 / (k / 100)) for k in (7, 13, 29)] == [n] * 3
        assert round_up(n + 1e-6) == n + 1


def test_a_pilot_beyond_the_numbers_is_refused():
    pilot = pd.DataFrame({"x": [1e200, -1e200, 2e200], "d": [1, 0, 1]})
    with pytest.raises(DesignError, match="`x` has values whose squares are beyond"):
        fs.cox_sample_size_pilot("x ~ 1", pilot, failure="d", hazard_ratio=1.3)
