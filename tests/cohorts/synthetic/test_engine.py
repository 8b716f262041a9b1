"""The draws against closed forms: moments, distributions and rates that are known exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic import thoracic
from faceage_stats.cohorts.synthetic.gap import CANCER_GAP, COHORT_GAP, REFERENCE_GAP, GapModel

N = 40_000


def rng():
    return np.random.default_rng(7)


def test_a_stream_depends_on_seed_cohort_and_component_only():
    first = draw.stream(1, "maastro", "age").random(5)
    np.testing.assert_array_equal(first, draw.stream(1, "maastro", "age").random(5))
    for other in [(2, "maastro", "age"), (1, "thoracic", "age"), (1, "maastro", "sex")]:
        assert not np.isin(draw.stream(*other).random(5), first).any()


@given(st.floats(30, 80), st.floats(3, 12))
def test_scaled_beta_has_the_asked_moments(mean, sd):
    x = draw.scaled_beta(rng(), np.full(4000, mean), sd, low=18, high=98)
    assert x.min() >= 18
    assert x.max() <= 98
    # closed form: the standard error of a mean, and a generous one of a standard deviation
    assert abs(x.mean() - mean) < 4.5 * sd / np.sqrt(4000)
    assert abs(x.std() - sd) < 6 * sd / np.sqrt(2 * 4000)


def test_weibull_times_follow_the_stated_survival_function():
    log_hazard, shape, scale = 0.7, 1.3, 4.0
    times = draw.weibull_times(rng(), np.full(N, log_hazard), shape=shape, scale=scale)
    # proportional hazards move the scale of a Weibull: scale * exp(-log_hazard / shape)
    expected = stats.weibull_min(shape, scale=scale * np.exp(-log_hazard / shape))
    assert stats.kstest(times, expected.cdf).pvalue > 0.01


def test_follow_up_counts_started_days_and_censors_at_closure_and_dropout():
    event = np.array([0.0001, 1.0, 5.0])
    days, death = draw.follow_up(rng(), event, window=np.full(3, 2.0), dropout_per_year=1e-12)
    assert days.tolist() == [1, 366, 731]  # ceil(365.25), ceil(730.5)
    assert death.tolist() == [1, 1, 0]
    _, death = draw.follow_up(rng(), np.full(N, 1.0), window=(9.0, 9.1), dropout_per_year=0.5)
    # closed form: the chance to drop out after 1 year is exp(-0.5)
    assert death.mean() == pytest.approx(np.exp(-0.5), abs=0.01)


def test_years_keep_every_day_apart():
    days = np.arange(1, 20_000)
    years = draw.to_years(days)
    assert len(np.unique(years)) == len(days)
    np.testing.assert_array_equal(np.round(years * 365.25), days)


def test_levels_come_at_their_weights():
    drawn = draw.draw_levels(rng(), {"a": 1, "b": 3}, N)
    assert np.mean(drawn == "b") == pytest.approx(0.75, abs=0.01)
    group = np.repeat(["x", "y"], N // 2)
    weights = {"x": {0: 0.2, 1: 0.8}, "y": {0: 1.0, 1: 0.0}}
    drawn = draw.draw_by_group(rng(), group, weights)
    assert drawn[group == "x"].mean() == pytest.approx(0.8, abs=0.01)
    assert drawn[group == "y"].sum() == 0
    assert draw.mean_level({0: 1, 2: 3}) == 1.5


def test_blank_hits_its_rate_and_leans_on_the_driver():
    driver = np.arange(N)
    blanked = draw.blank(rng(), np.zeros(N, int), 0.1, driver=driver)
    assert blanked.dtype == "Int64"
    missing = blanked.isna().to_numpy()
    assert missing.mean() == pytest.approx(0.1, abs=0.005)
    # the line runs from half to one and a half times the rate: 0.075 and 0.125 in the halves
    assert missing[: N // 2].mean() == pytest.approx(0.075, abs=0.006)
    assert missing[N // 2 :].mean() == pytest.approx(0.125, abs=0.006)
    assert draw.blank(rng(), ["a"] * 50, 1.0).isna().all()


def test_identifiers_and_counts():
    assert draw.identifiers("ABC", 2) == ["SYN-ABC-00001", "SYN-ABC-00002"]
    assert draw.count_of(pd.Series(["b", None, "b"])) == {"b": 2, "missing": 1}


def test_the_pooled_gap_is_the_published_one():
    sizes = {"maastro": 4906, "thoracic": 573, "palliative": 717}
    pooled = sum(COHORT_GAP[c] * n for c, n in sizes.items()) / sum(sizes.values())
    assert pooled - REFERENCE_GAP == pytest.approx(CANCER_GAP)


def test_the_gap_model_is_recovered_by_least_squares():
    model = GapModel(5.0, -0.3, {"x": 2.0}, noise_sd=6.0)
    source = rng()
    age, x = source.normal(65, 10, N), source.binomial(1, 0.4, N)
    faceage = model.faceage(source, age, 65.0, {"x": (x, 0.4)})
    design = np.column_stack([np.ones(N), age - 65, x - 0.4])
    estimate, *_ = np.linalg.lstsq(design, faceage - age, rcond=None)
    error = 6.0 * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))
    assert (np.abs(estimate - [5.0, -0.3, 2.0]) < 4 * error).all()
    # closed form: 6^2 + 2^2 * 0.4 * 0.6
    assert model.sd_given_age({"x": 0.24}) == pytest.approx(np.sqrt(36.96))


def test_thoracic_effect_variances_are_those_of_its_margins():
    grades = np.array(list(thoracic.ECOG))
    weights = np.array(list(thoracic.ECOG.values()))
    expected = np.cov(grades, aweights=weights, ddof=0)
    assert thoracic.EFFECT_VARIANCE["ecog"] == pytest.approx(float(expected))
