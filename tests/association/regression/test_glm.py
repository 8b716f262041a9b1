"""Generalised linear models. Truths: logistic() and lm(), closed forms, rows written out twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, InputError


def visits(n: int = 150, seed: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, years, g = rng.normal(60, 9, n), rng.uniform(0.5, 4, n), rng.choice(["a", "b", "c"], n)
    count = rng.poisson(years * np.exp(-3 + 0.04 * x + 0.5 * (g == "b")))
    table = {"count": count, "x": x, "years": years, "g": g, "ill": (count > 2).astype(int)}
    return pd.DataFrame({**table, "cost": rng.gamma(2, np.exp(0.02 * x)), "id": np.arange(n) // 3})


def test_binomial_is_logistic_and_gaussian_is_least_squares():
    data = visits()
    one, other = fs.glm("ill ~ x + g", data), fs.logistic("ill ~ x + g", data)
    np.testing.assert_allclose(one.vcov(), other.vcov(), rtol=1e-9)
    assert one.glance()["aic"].item() == pytest.approx(other.glance()["aic"].item(), rel=1e-12)
    one, other = fs.glm("cost ~ x + g", data, family="gaussian"), fs.lm("cost ~ x + g", data)
    for column in ("estimate", "std_error", "p_value", "conf_low"):
        np.testing.assert_allclose(one.tidy()[column], other.tidy()[column], rtol=1e-8)
    for name in ("log_lik", "aic", "bic"):
        assert one.glance()[name].item() == pytest.approx(other.glance()[name].item(), rel=1e-12)
    np.testing.assert_allclose(one.drop1()["statistic"], other.drop1()["statistic"], rtol=1e-8)
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        robust = fs.glm("cost ~ x + g", data, family="gaussian", robust=kind)
        np.testing.assert_allclose(
            robust.vcov(), fs.lm("cost ~ x + g", data, robust=kind).vcov(), rtol=1e-8
        )
    for kind in ("CR0", "CR1"):
        robust = fs.glm("cost ~ x + cluster(id)", data, family="gaussian", robust=kind)
        np.testing.assert_allclose(
            robust.vcov(), fs.lm("cost ~ x + cluster(id)", data, robust=kind).vcov(), rtol=1e-8
        )


def test_a_rate_is_events_over_time():
    data = visits()
    fit = fs.glm("count ~ offset(log(years))", data, family="poisson")
    rate = data["count"].sum() / data["years"].sum()
    assert fit.coef.item() == pytest.approx(np.log(rate), rel=1e-12)
    assert fit.vcov().to_numpy().item() == pytest.approx(1 / data["count"].sum(), rel=1e-9)
    by_group = fs.glm("count ~ g + offset(log(years))", data, family="poisson").anova()
    sums = data.groupby("g")[["count", "years"]].sum()
    expected = sums["years"] * rate
    statistic = 2 * (sums["count"] * np.log(sums["count"] / expected)).sum()
    assert by_group["statistic"].iloc[1] == pytest.approx(statistic, rel=1e-9)


def test_a_weight_is_a_row_repeated():
    data = visits().assign(w=lambda d: d["id"] % 3 + 1)
    written = data.loc[data.index.repeat(data["w"])]
    weighted = fs.glm("count ~ x + g", data, family="poisson", weights="w")
    repeated = fs.glm("count ~ x + g", written, family="poisson")
    np.testing.assert_allclose(weighted.vcov(), repeated.vcov(), rtol=1e-8)
    assert weighted.fit.log_lik == pytest.approx(repeated.fit.log_lik, rel=1e-12)


def test_quasi_widens_by_the_dispersion():
    data = visits()
    plain, quasi = (fs.glm("count ~ x", data, family=f) for f in ("poisson", "quasipoisson"))
    phi = quasi.glance()["dispersion"].item()
    np.testing.assert_allclose(quasi.vcov(), phi * plain.vcov(), rtol=1e-12)
    assert np.isnan(quasi.glance()["aic"].item())
    mu = plain.fitted
    assert phi == pytest.approx(((data["count"] - mu) ** 2 / mu).sum() / 148, rel=1e-9)


def test_a_term_that_is_part_of_an_interaction_is_not_dropped():
    table = fs.glm("ill ~ x * g", visits()).drop1()
    assert table["term"].tolist() == ["<none>", "x:g"]
    smaller = fs.glm("ill ~ x + g", visits())
    test = fs.glm("ill ~ x * g", visits()).lr_test(smaller)
    assert table["statistic"].iloc[1] == pytest.approx(test["statistic"].item(), rel=1e-9)


def test_predictions_stay_in_range_and_errors_follow_the_slope():
    fit = fs.glm("ill ~ x", visits(), link="cloglog")
    link, mean = fit.predict(type="link"), fit.predict()
    np.testing.assert_allclose(mean["estimate"], 1 - np.exp(-np.exp(link["estimate"])), rtol=1e-9)
    slope = np.exp(link["estimate"] - np.exp(link["estimate"]))
    np.testing.assert_allclose(mean["std_error"], slope * link["std_error"], rtol=1e-9)
    assert mean["conf_low"].between(0, mean["estimate"]).all()


def test_what_a_family_cannot_have_is_refused():
    data = visits()
    with pytest.raises(InputError, match="is no count in"):
        fs.glm("cost ~ x", data, family="poisson")
    with pytest.raises(InputError, match="needs values above 0"):
        fs.glm("count ~ x", data, family="gamma")
    with pytest.raises(InputError, match="choose one of logit, probit"):
        fs.glm("ill ~ x", data, link="inverse")
    with pytest.raises(InputError, match="go without clusters"):
        fs.glm("ill ~ x", data, robust="CR1")
    with pytest.raises(InputError, match="no logarithms"):
        fs.glm("ill ~ x", data, link="probit").tidy(exponentiate=True)
    with pytest.raises(DesignError, match="cannot estimate"):
        fs.glm("cost ~ x + g", data.head(4), family="gaussian")


def test_drop1_of_a_normal_model_has_the_aic_of_the_linear_one():
    """R's drop1: the normal likelihood estimates its variance in the smaller model too."""
    one, other = fs.glm("y ~ x + g", numbers(), family="gaussian"), fs.lm("y ~ x + g", numbers())
    by_glm, by_lm = one.drop1()["aic"], other.drop1()["aic"]
    np.testing.assert_allclose(np.diff(by_glm), np.diff(by_lm), rtol=1e-9)


def test_gamma_with_the_canonical_link_is_one_over_the_means():
    data = numbers().assign(y=lambda d: np.exp(d["y"] - d["y"].min()))
    fit = fs.glm("y ~ g", data, family="gamma", link="inverse")
    means = data.groupby("g")["y"].mean()
    expected = [1 / means["a"], 1 / means["b"] - 1 / means["a"]]
    np.testing.assert_allclose(fit.coef, expected, rtol=1e-8)


def numbers() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"x": rng.normal(size=90), "g": np.resize(["a", "b"], 90)})
    return data.assign(y=0.3 * data["x"] + (data["g"] == "b") + rng.normal(size=90))
