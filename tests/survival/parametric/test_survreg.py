"""Parametric survival models. Truths: closed forms, scipy's and lifelines' fits, R, properties."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError


def cohort(n: int = 160, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, g = rng.normal(60, 9, n), rng.choice(["a", "b"], n)
    time = np.exp(4 - 0.03 * x + 0.5 * np.log(rng.exponential(size=n)))
    stop = rng.uniform(2, 16, n)
    table = {"t": np.minimum(time, stop), "d": (time <= stop).astype(int), "x": x, "g": g}
    return pd.DataFrame(table)


def test_an_exponential_rate_is_events_over_time():
    data = cohort()
    fit = fs.survreg("Surv(t, d) ~ 1", data, distribution="exponential")
    rate = data["d"].sum() / data["t"].sum()
    assert fit.coef.item() == pytest.approx(-np.log(rate), rel=1e-12)
    assert fit.vcov().to_numpy().item() == pytest.approx(1 / data["d"].sum(), rel=1e-9)
    assert fit.log_lik == pytest.approx(data["d"].sum() * (np.log(rate) - 1), rel=1e-12)


def test_without_censoring_lognormal_is_least_squares():
    data = cohort().assign(d=1)
    fit = fs.survreg("Surv(t, d) ~ x + g", data, distribution="lognormal")
    line = fs.lm("y ~ x + g", data.assign(y=np.log(data["t"])))
    np.testing.assert_allclose(fit.coef, line.coef, rtol=1e-9)
    assert fit.scale.item() == pytest.approx(np.sqrt(line.rss / line.n), rel=1e-9)


def test_generalised_gamma_is_that_of_scipy_and_lifelines():
    from lifelines import GeneralizedGammaFitter

    data = cohort()
    fit = fs.survreg("Surv(t, d) ~ 1", data, distribution="gengamma")
    mean, log_scale, shape = fit.tidy()["estimate"]
    sigma, k = np.exp(log_scale), shape**-2
    scipy = stats.gengamma(k, shape / sigma, scale=np.exp(mean) * k ** (-sigma / shape))
    log_lik = np.where(data["d"] == 1, scipy.logpdf(data["t"]), scipy.logsf(data["t"])).sum()
    assert fit.log_lik == pytest.approx(log_lik, rel=1e-10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = GeneralizedGammaFitter().fit(data["t"], data["d"])
    np.testing.assert_allclose(
        [mean, log_scale, shape], other.summary.loc[["mu_", "ln_sigma_", "lambda_"], "coef"],
        rtol=2e-3,
    )  # fmt: skip
    assert fit.log_lik >= other.log_likelihood_ - 1e-9
    at = fit.predict(data.head(1), "survival", times=[2.0, 5.0])["estimate"]
    np.testing.assert_allclose(at, scipy.sf([2.0, 5.0]), rtol=1e-9)
    median = fit.predict(data.head(1), "quantile", probs=0.5)["estimate"].item()
    assert median == pytest.approx(scipy.ppf(0.5), rel=1e-9)


def test_errors_of_a_generalised_gamma_are_those_of_differences():
    """The information, by differences of scipy's likelihood."""
    data = cohort()
    fit = fs.survreg("Surv(t, d) ~ 1", data, distribution="gengamma")
    top = fit.tidy()["estimate"].to_numpy()

    def log_lik(theta: np.ndarray) -> float:
        mean, log_scale, shape = theta
        sigma, k = np.exp(log_scale), shape**-2
        scipy = stats.gengamma(k, shape / sigma, scale=np.exp(mean) * k ** (-sigma / shape))
        return float(
            np.where(data["d"] == 1, scipy.logpdf(data["t"]), scipy.logsf(data["t"])).sum()
        )

    h, step = 1e-3, np.eye(3)
    information = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
            values = [a * b * log_lik(top + h * (a * step[i] + b * step[j])) for a, b in signs]
            information[i, j] = -sum(values) / (4 * h**2)
    np.testing.assert_allclose(fit.vcov(), np.linalg.inv(information), rtol=1e-3)


def test_student_errors_are_those_of_r():
    """survival 3.5-3, survreg(Surv(time, status) ~ karno, dist = "t") on veteran."""
    data = pd.read_csv("tests/conformance/cases/data/more_veteran.csv")
    fit = fs.survreg("Surv(time, status) ~ karno", data, distribution="t")
    table = fit.tidy()
    np.testing.assert_allclose(table["estimate"], [-39.37795531, 2.19437954, 4.25000395], rtol=1e-8)
    np.testing.assert_allclose(
        table["std_error"], [19.268160851, 0.335082683, 0.095863012], rtol=1e-7
    )
    assert fit.log_lik == pytest.approx(-786.5661899, rel=1e-9)


@pytest.mark.parametrize("name", ["weibull", "lognormal", "loglogistic", "gengamma"])
def test_another_unit_of_time_moves_the_intercept_alone(name):
    data = cohort()
    days = fs.survreg("Surv(t * 365.25, d) ~ x + g", data, distribution=name)
    years = fs.survreg("Surv(t, d) ~ x + g", data, distribution=name)
    moved = np.zeros(len(days.names))
    moved[0] = np.log(365.25)
    one, other = (fit.tidy().query("not is_reference")["estimate"] for fit in (days, years))
    np.testing.assert_allclose(one - other, moved, atol=1e-6)


def test_a_covariate_far_from_zero_keeps_its_digits():
    data = cohort()
    near = fs.survreg("Surv(t, d) ~ x", data)
    far = fs.survreg("Surv(t, d) ~ far", data.assign(far=data["x"] + 1e7))
    assert far.coef["far"] == pytest.approx(near.coef["x"], rel=1e-6)
    np.testing.assert_allclose(far.predict()["std_error"], near.predict()["std_error"], rtol=1e-5)


def test_narrow_intervals_come_near_the_times_themselves():
    data = cohort().assign(d=1)
    data["low"], data["high"] = data["t"] * (1 - 1e-5), data["t"] * (1 + 1e-5)
    known = fs.survreg("Surv(t, d) ~ x", data)
    between = fs.survreg("Surv(low, high, type = 'interval2') ~ x", data)
    np.testing.assert_allclose(between.coef, known.coef, rtol=1e-6)
    np.testing.assert_allclose(between.vcov(), known.vcov(), rtol=1e-4)


def test_weibull_hazard_ratios_are_those_of_its_survival_curves():
    fit = fs.survreg("Surv(t, d) ~ x", cohort())
    new = pd.DataFrame({"x": [60.0, 61.0]})
    survival = fit.predict(new, "survival", times=3)["estimate"].to_numpy()
    ratio = np.log(survival[1]) / np.log(survival[0])
    assert fit.hazard_ratios()["estimate"].item() == pytest.approx(ratio, rel=1e-9)
    with pytest.raises(InputError, match="proportional"):
        fs.survreg("Surv(t, d) ~ x", cohort(), distribution="lognormal").hazard_ratios()


def test_limits_of_survival_hold_their_level():
    """Coverage at 3 years in 200 samples from the model, 95% give or take 3 standard errors."""
    new, covered = pd.DataFrame({"x": [60.0]}), 0
    truth = np.exp(-((3 / np.exp(4 - 0.03 * 60)) ** 2))
    for seed in range(200):
        fit = fs.survreg("Surv(t, d) ~ x", cohort(120, seed))
        row = fit.predict(new, "survival", times=3).iloc[0]
        covered += row["conf_low"] <= truth <= row["conf_high"]
    assert 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200) <= covered / 200


@pytest.mark.parametrize("distribution", ["exponential", "rayleigh"])
def test_the_scale_of_the_distribution_comes_before_the_one_given(distribution):
    """As in R, which warns and ignores it."""
    data, formula = pd.DataFrame({"t": [1.0, 2, 3, 5, 8], "d": [1, 1, 0, 1, 1]}), "Surv(t, d) ~ 1"
    with pytest.warns(EstimationWarning, match="is ignored"):
        given = fs.survreg(formula, data, distribution=distribution, scale=0.8).tidy()
    pd.testing.assert_frame_equal(
        given, fs.survreg(formula, data, distribution=distribution).tidy()
    )


def test_what_cannot_be_fitted_is_refused():
    data = cohort()
    with pytest.raises(InputError, match="1 rows have a time of 0"):
        fs.survreg("Surv(t, d) ~ x", data.assign(t=data["t"].mask(data.index == 3, 0)))
    with pytest.raises(FormulaError, match="delayed entry"):
        fs.survreg("Surv(t, t + 1, d) ~ x", data)
    with pytest.raises(DesignError, match="'y' is constant or a linear combination"):
        fs.survreg("Surv(t, d) ~ x + y", data.assign(y=2 * data["x"] + 1))
    with pytest.raises(DesignError, match="no event among 160 rows"):
        fs.survreg("Surv(t, d) ~ x", data.assign(d=0))
    with pytest.raises(InputError, match="intervals end before they start"):
        fs.survreg("Surv(t, x - 100, type = 'interval2') ~ g", data)
    with pytest.raises(InputError, match="interval2"):
        fs.survreg("Surv(t, x, type = 'interval') ~ g", data)
