"""Generalised linear models. Truths: logistic() and lm(), closed forms, rows written out twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, InfiniteCoefficientWarning, InputError


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


COSTS = pd.DataFrame(
    {
        "cost": [1.2, 0.7, 3.1, 2.4, 0.9, 5.6, 1.8, 2.2, 4.0, 1.1, 0.6, 2.9],
        "age": [51, 43, 66, 58, 47, 75, 55, 60, 71, 49, 40, 63],
        "arm": ["a", "b", "c"] * 4,
        "w": [1, 2, 1, 1, 3, 1, 2, 1, 1, 2, 1, 1],
    }
)


def test_inverse_gaussian_is_that_of_r():
    # R 4.2.2: glm(cost ~ age + arm, inverse.gaussian("log"), weights = w), epsilon 1e-14
    fit = fs.glm("cost ~ age + arm", COSTS, family="inverse_gaussian", link="log", weights="w")
    table, about = fit.tidy().query("~is_reference"), fit.glance().iloc[0]
    errors = [0.2229943115206804, 0.0042375158443659, 0.0495555784581637, 0.0953259524641866]
    np.testing.assert_allclose(table["std_error"], errors, rtol=1e-12)
    assert table["estimate"].iloc[1] == pytest.approx(0.0673628799678460, rel=1e-12)
    found = about[["dispersion", "deviance", "aic", "bic", "log_lik"]].astype(float)
    expected = [0.00421491369110959, 0.03262848471248046, -27.17232577689435402,
                -24.74779252795435269, 18.58616288844717701]  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    np.testing.assert_allclose(fit.anova()["statistic"][1:], [1061.06035, 2.66832], rtol=1e-6)
    np.testing.assert_allclose(fit.drop1()["aic"][1:], [349.828289237346, -25.835685674690])
    # and with its own link, 1/mu^2
    fit = fs.glm("cost ~ arm", COSTS, family="inverse_gaussian")
    expected = [0.378698224852071, 0.447748056139665, -0.312952005259698]
    np.testing.assert_allclose(fit.coef, expected, rtol=1e-12)
    assert fit.glance()["dispersion"].item() == pytest.approx(0.175239379626937, rel=1e-12)
    with pytest.raises(InputError, match="needs values above 0"):
        fs.glm("cost ~ arm", COSTS.assign(cost=lambda d: d["cost"] - 1), family="inverse_gaussian")


def test_the_last_digits_are_those_of_r_where_steps_shrink_slowly():
    # Gamma with link log: a deviance settled to 1e-14 leaves coefficients settled to 1e-8
    fit = fs.glm("cost ~ age", COSTS, family="gamma", link="log")
    np.testing.assert_allclose(fit.coef, [-3.0467519274293440, 0.0641129996452604], rtol=1e-12)
    expected = [0.15582767102480558, 0.00271124260167003]
    np.testing.assert_allclose(fit.tidy()["std_error"], expected, rtol=1e-12)
    assert fit.fit.dispersion == pytest.approx(0.00979866498133229, rel=1e-12)


def test_groups_are_shares_with_their_sizes_as_weights():
    # R 4.2.2: glm(dead / n ~ dose + sex, binomial, weights = n), epsilon 1e-14
    groups = pd.DataFrame(
        {"dead": [1, 4, 9, 13, 18, 20], "n": [20, 22, 21, 25, 24, 20], "dose": range(1, 7)}
    ).assign(sex=list("fmfmfm"))
    fit = fs.glm("dead / n ~ dose + sex", groups, weights="n")
    expected = [-3.711385651481979409, 1.029467717077267697, 0.002221378506934889]
    np.testing.assert_allclose(fit.coef, expected, rtol=1e-11)
    found = fit.glance()[["deviance", "null_deviance", "aic", "bic", "log_lik"]].to_numpy()[0]
    expected = [5.111464933840771, 63.866236275979183, 26.688237411828922, 26.063515819513086,
                -10.344118705914461]  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(fit.drop1()["aic"][1:], [81.49046681992402, 24.68826205941583])
    # and those of the patients one by one
    rows = groups.loc[groups.index.repeat(groups["n"])]
    rows["ill"] = (rows.groupby(level=0).cumcount() < rows["dead"]).astype(int)
    one_by_one = fs.glm("ill ~ dose + sex", rows)
    np.testing.assert_allclose(fit.vcov(), one_by_one.vcov(), rtol=1e-6)
    quasi = fs.glm("dead / n ~ dose", groups, family="quasibinomial", link="probit", weights="n")
    assert quasi.fit.dispersion == pytest.approx(0.7953652823855893, rel=1e-11)
    assert "n_event" not in fit.tidy()
    with pytest.raises(InputError, match=r"no count of events in 1 rows\. Weights are"):
        fs.glm("share ~ dose", groups.assign(share=[0, 0, 0, 0.13, 0, 1.0]), weights="n")
    with pytest.raises(InputError, match="no share, between 0 and 1, in 1 rows"):
        fs.glm("share ~ dose", groups.assign(share=[0, 0, 0, 0.12, 0, 1.2]), weights="n")


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_a_level_without_one_of_the_outcomes_is_announced(link):
    data = pd.DataFrame({"ill": [0, 0, 1, 1, 1, 1], "n": [0, 0, 0, 3, 1, 2], "g": list("aaabbb")})
    with pytest.warns(InfiniteCoefficientWarning, match="probabilities of 0 or 1"):
        fs.glm("ill ~ g", data, link=link)
    with pytest.warns(InfiniteCoefficientWarning, match="means of 0"):
        fs.glm("n ~ g", data, family="poisson")


def test_a_step_out_of_the_range_of_the_mean_is_halved():
    # R needs start = c(-3, 0.1) here, and halves its steps too where a probability would pass 1
    data = pd.DataFrame({"x": range(12), "ill": [0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1]})
    fit = fs.glm("ill ~ x", data, link="log")
    np.testing.assert_allclose(fit.coef, [-1.9918677920765644, 0.1691087980603364], rtol=1e-7)


def numbers() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"x": rng.normal(size=90), "g": np.resize(["a", "b"], 90)})
    return data.assign(y=0.3 * data["x"] + (data["g"] == "b") + rng.normal(size=90))


def test_a_fit_that_is_lost_at_the_edge_of_the_range_is_refused():
    """R ends at a deviance of 1e32, "at boundary value"; a NaN deviance must never be printed."""
    cost = [1e-5, 1e-3, 0.6, 0.9, 1.3, 2.1, 0.4, 3.2, 1.1, 0.8, 2.6, 1.7]
    x = [0.1, -0.4, -1, 0.3, 1.2, 0.8, -0.6, 1.9, 0, -1.4, 1.1, 0.5]
    data = pd.DataFrame({"cost": cost, "x": x})
    with pytest.raises(DesignError, match="left the range of the mean"):
        fs.glm("cost ~ x", data, family="inverse_gaussian", link="log")
    assert np.isfinite(fs.glm("cost ~ x", data, family="gamma", link="log").fit.deviance)
