"""Likelihood-ratio tests of nested Cox models and of terms; R's numbers are conformance cases."""

import warnings

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, EstimationWarning, InputError
from tests.survival.cox.test_predict import read


def simulate(n=200):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, 3))
    table = pd.DataFrame(x, columns=list("abc"))
    table["time"] = np.ceil(rng.exponential(20, n) * np.exp(-0.5 * x[:, 0] + 0.3 * x[:, 1]))
    return table.assign(
        event=rng.integers(0, 4, n) > 0,
        g=rng.choice(["u", "v", "w"], n),
        s=rng.integers(0, 3, n),
        w=rng.integers(1, 4, n),
    )


def test_anova_and_drop1_agree_on_the_last_term():
    data = simulate()
    small = fs.coxph("Surv(time, event) ~ a", data)
    large = fs.coxph("Surv(time, event) ~ a + C(g)", data)
    pair = fs.anova(small, large).tidy().iloc[1]
    assert pair["statistic"] == pytest.approx(2 * (large.log_lik - small.log_lik), rel=1e-12)
    assert pair["df"] == 2
    sequence = large.anova().tidy()
    assert sequence["term"].tolist() == ["NULL", "a", "g"]
    dropped = large.drop1().tidy().set_index("term")
    assert dropped.loc["g", "statistic"] == pytest.approx(sequence["statistic"].iloc[2], rel=1e-9)
    wald = large.drop1("wald").tidy().set_index("term")
    z = large.tidy()["statistic"].iloc[0]
    assert wald.loc["a", "statistic"] == pytest.approx(z**2, rel=1e-9)
    assert fs.anova(small, large).glance()["df"].iloc[0] == 2
    held = fs.coxph("Surv(time, event) ~ a + C(g)", data, init=[0.1, 0, 0])
    np.testing.assert_allclose(held.anova().tidy()["log_lik"], sequence["log_lik"], rtol=1e-10)


def test_drop1_leaves_out_no_term_within_an_interaction():
    fit = fs.coxph("Surv(time, status) ~ karno * age + celltype", read("veteran.csv"))
    for test in ("lrt", "wald"):
        assert fit.drop1(test).tidy()["term"].tolist() == ["celltype", "karno:age"]
    lrt = fit.drop1().tidy()["statistic"]  # of R's drop1(fit, test = "Chisq")
    np.testing.assert_allclose(lrt, [21.62107646, 6.14654110], rtol=1e-8)


def test_anova_refuses_what_cannot_be_compared():
    data = simulate()
    fit = fs.coxph("Surv(time, event) ~ a", data)
    holes = data.assign(b=data["b"].where(data.index > 3))
    with pytest.raises(DesignError, match="different rows: 200 and 196 rows"):
        fs.anova(fit, fs.coxph("Surv(time, event) ~ a + b", holes))
    with pytest.raises(DesignError, match="different strata"):
        fs.anova(fit, fs.coxph("Surv(time, event) ~ a + b + strata(s)", data))
    with pytest.raises(DesignError, match="different events"):
        fs.anova(fit, fs.coxph("Surv(time, event == 0) ~ a + b", data))
    with pytest.raises(InputError, match="efron and breslow ties"):
        fs.anova(fit, fs.coxph("Surv(time, event) ~ a + b", data, ties="breslow"))
    robust = fs.coxph("Surv(time, event) ~ a", data, robust=True)
    with pytest.raises(InputError, match="sandwich variance, for which no likelihood-ratio"):
        fs.anova(robust)
    with pytest.raises(InputError, match='use test="wald"'):
        robust.drop1()
    with pytest.raises(InputError, match="test is 'score'"):
        fit.drop1("score")
    with pytest.raises(InputError, match="at least one fit"):
        fs.anova()
    with pytest.warns(EstimationWarning, match="is not nested in"):
        fs.anova(fit, fs.coxph("Surv(time, event) ~ b + c", data))
    with warnings.catch_warnings():  # a straight line is nested in a spline of it
        warnings.simplefilter("error")
        fs.anova(fit, fs.coxph("Surv(time, event) ~ ns(a, df=3)", data))
        fs.anova(fs.coxph("Surv(time, event) ~ 1", data), fit)


def test_wald_test_of_some_coefficients():
    data = simulate()
    fit = fs.coxph("Surv(time, event) ~ a + b + c", data)
    everything = fit.wald_test(list(fit.coef.index)).tidy().iloc[0]
    overall = fit.tests().set_index("method").loc["wald"]
    assert everything["statistic"] == pytest.approx(overall["statistic"], rel=1e-9)
    assert everything["df"] == overall["df"]
    one = fit.wald_test(["b"]).tidy().iloc[0]
    row = fit.tidy().set_index("term").loc["b"]
    assert one["p_value"] == pytest.approx(row["p_value"], rel=1e-9)
    with pytest.raises(InputError, match=r"unknown: .'bb'"):
        fit.wald_test(["bb"])
    with pytest.raises(InputError, match="takes names of coefficients"):
        fit.wald_test([])
