"""Residuals, influence and prediction intervals: R's numbers, on the veterans' trial.

Those of glm are with ``control = glm.control(epsilon = 1e-14)``.
"""

import numpy as np
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError
from tests.survival.cox.test_predict import read


@pytest.fixture(scope="module")
def veteran():
    return read("veteran.csv")


def test_of_a_poisson_model(veteran):
    fit = fs.glm("diagtime ~ karno + celltype", veteran, family="poisson")
    of_r = {
        "deviance": [-1.24704935542, -1.65744174953, -2.82271265352],
        "pearson": [-1.16553770681, -1.50253248411, -2.38062591635],
        "working": [-0.354057781329, -0.483103863688, -0.723167620569],
    }
    for kind, values in of_r.items():
        np.testing.assert_allclose(fit.residuals(kind)[:3], values, rtol=1e-9)
    table = fit.augment()
    std_residual = [-1.26517024043, -1.68203749537, -2.86372951562]
    np.testing.assert_allclose(table["std_residual"][:3], std_residual, rtol=1e-9)
    leverage = [0.0284406205408, 0.0290313612479, 0.0284406205408]
    np.testing.assert_allclose(table["leverage"][:3], leverage, rtol=1e-9)
    cook = [0.0081862126554, 0.0139038389886, 0.0341517277983]
    np.testing.assert_allclose(table["cooks_distance"][:3], cook, rtol=1e-9)
    total = (fit.residuals() ** 2).sum()
    assert total == pytest.approx(fit.glance()["deviance"].item(), rel=1e-12)


def test_of_a_logistic_model(veteran):
    table = fs.glm("status ~ karno + celltype", veteran).augment()
    of_r = {
        "residual_deviance": [0.427812815132, 0.525416633748],
        "residual_pearson": [0.309563918465, 0.384722633683],
        "std_residual": [0.434306225711, 0.534495579126],
        "leverage": [0.0296789130427, 0.0336834885737],
        "cooks_distance": [0.000604154088138, 0.001067833973173],
    }
    for name, values in of_r.items():
        np.testing.assert_allclose(table[name][:2], values, rtol=1e-9)


def test_of_a_weighted_linear_model(veteran):
    table = fs.lm("time ~ karno + celltype", veteran, weights="age").augment()
    of_r = {
        "std_residual": [-0.989245784074, 1.52397900436, 0.2134170679611],
        "leverage": [0.033734950940, 0.03310472559, 0.0185786686336],
        "cooks_distance": [0.006833169974, 0.01590371257, 0.0001724437225],
    }
    for name, values in of_r.items():
        np.testing.assert_allclose(table[name][:3], values, rtol=1e-9)
    lone = veteran.assign(g=["a"] + ["b"] * (len(veteran) - 1))
    first = fs.lm("time ~ g", lone).augment().iloc[0]
    assert first["leverage"] == pytest.approx(1)
    assert np.isnan(first["std_residual"])


def test_a_prediction_interval_is_that_of_one_outcome(veteran):
    fit = fs.lm("time ~ karno + celltype", veteran)
    new = {"karno": [30, 80], "celltype": ["adeno", "large"]}
    new = veteran.head(2).assign(**new)
    table = fit.predict(new, interval="prediction", conf_level=0.9)
    np.testing.assert_allclose(table["conf_low"], [-246.00533544, -29.12798785], rtol=1e-9)
    np.testing.assert_allclose(table["conf_high"], [226.0042107, 440.4417193], rtol=1e-9)
    with pytest.raises(InputError, match="one residual variance for all"):
        fs.lm("time ~ karno", veteran, weights="age").predict(new, interval="prediction")


def test_two_fits_of_one_kind_are_compared_by_anova(veteran):
    def pair(function, left, **options):
        one, other = "karno", "karno + celltype"
        return [function(f"{left} ~ {right}", veteran, **options) for right in (one, other)]

    def row(fits):
        return fs.anova(*fits).tidy().iloc[0]

    survival = row(pair(fs.survreg, "Surv(time, status)"))  # anova(fit0, fit1) of R
    assert survival["statistic"] == pytest.approx(19.0423592968, rel=1e-9)
    assert survival["p_value"] == pytest.approx(0.000267940201746, rel=1e-8)
    assert survival["term"] == "karno + celltype"
    binary = row(pair(fs.glm, "status"))
    assert binary["statistic"] == pytest.approx(2.231637699, rel=1e-8)
    assert row(reversed(pair(fs.logistic, "status")))["p_value"] == pytest.approx(0.52574, rel=1e-4)
    linear = row([fs.lm("karno ~ age", veteran), fs.lm("karno ~ age + celltype", veteran)])
    assert linear["statistic"] == pytest.approx(1.95139, rel=1e-5)
    shapes = [
        fs.survreg("Surv(time, status) ~ karno", veteran, distribution=distribution)
        for distribution in ("exponential", "weibull")
    ]
    assert row(shapes)["p_value"] == pytest.approx(0.730269235493, rel=1e-8)
    fit = fs.glm("status ~ karno", veteran)
    assert fs.anova(fit).tidy().equals(fit.anova())
    with pytest.raises(InputError, match="two at a time"):
        fs.anova(fit, fit, fit)
    with pytest.raises(InputError, match="given are 1 of SurvFit"):
        fs.anova(fs.survfit("Surv(time, status) ~ 1", veteran))
