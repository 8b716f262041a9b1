"""Marginal means. Truths: cell means, predictions at the mean covariate, Tukey's own test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import InputError
from tests.association.regression.test_glm import visits


def test_of_one_factor_they_are_its_means_and_tukey_is_tukeys():
    data = visits()
    means = fs.emmeans(fs.lm("cost ~ g", data), data, "g")
    np.testing.assert_allclose(means.tidy()["estimate"], data.groupby("g")["cost"].mean())
    groups = [part["cost"] for _, part in data.groupby("g")]
    other = stats.tukey_hsd(*groups)
    table = means.contrasts()
    pairs = ([0, 0, 1], [1, 2, 2])
    np.testing.assert_allclose(table["p_adjusted"], other.pvalue[pairs], rtol=1e-7)
    interval = other.confidence_interval()
    np.testing.assert_allclose(table["conf_low"], interval.low[pairs], rtol=1e-5)


def test_other_columns_stand_at_their_means():
    data = visits().assign(h=lambda d: np.where(d["id"] % 2, "u", "v"))
    fit = fs.glm("ill ~ g + h + ns(x, df=2)", data)
    table = fs.emmeans(fit, data, "g").tidy()
    new = pd.DataFrame({"g": ["a"] * 2, "h": ["u", "v"], "x": data["x"].mean()})
    assert table["estimate"][0] == pytest.approx(fit.predict(new, "link")["estimate"].mean())
    share = data["h"].value_counts(normalize=True)[["u", "v"]].to_numpy()
    weighed = fs.emmeans(fit, data, "g", averaging="proportional").tidy()["estimate"][0]
    assert weighed == pytest.approx(share @ fit.predict(new, "link")["estimate"])


def test_contrasts_of_a_cox_model_are_its_log_hazard_ratios():
    data = visits().assign(died=lambda d: d["id"] % 2)
    fit = fs.coxph("Surv(years, died) ~ g + x", data)
    table = fs.emmeans(fit, data, "g").contrasts(pairs="reference", p_adjust="none")
    of_fit = fit.tidy().query("variable == 'g' and not is_reference")
    for column in ("estimate", "std_error", "p_value", "conf_low"):
        np.testing.assert_allclose(table[column], of_fit[column], rtol=1e-9)
    assert table["scale"].unique().tolist() == ["log hazard ratio"]


def test_by_compares_within_levels():
    data = visits().assign(h=lambda d: np.where(d["id"] % 2, "u", "v"))
    means = fs.emmeans(fs.lm("cost ~ g * h", data), data, "g", by="h")
    table = means.contrasts(p_adjust="bonferroni")
    assert table["strata"].tolist() == ["h=u"] * 3 + ["h=v"] * 3
    cells = data.groupby(["h", "g"])["cost"].mean()
    assert table["estimate"][0] == pytest.approx(cells["u", "a"] - cells["u", "b"])
    np.testing.assert_allclose(table["p_adjusted"], np.minimum(3 * table["p_value"], 1))


def test_what_has_no_means_is_refused():
    data = visits()
    fit = fs.lm("cost ~ g + x", data)
    with pytest.raises(InputError, match="'x' is no factor of the model"):
        fs.emmeans(fit, data, "x")
    with pytest.raises(InputError, match="is for all pairs"):
        fs.emmeans(fit, data, "g").contrasts(pairs="reference", p_adjust="tukey")
    with pytest.raises(InputError, match="takes a fit of lm"):
        fs.emmeans("cost ~ g", data, "g")
