"""Truth: closed forms of the published formulas, identities, and the level in simulation."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.association.missing import rubin as rules
from faceage_stats.association.missing.pool_statistics import pool_chisq, pool_test
from faceage_stats.errors import DesignError, InputError


def frames(m=5, n=120, seed=7, effect=0.0):
    rng = np.random.default_rng(seed)
    g = rng.choice(list("abc"), n)
    base = pd.DataFrame({"x": rng.normal(size=n), "g": g})
    base["time"] = rng.exponential(np.exp(-effect * (g == "c")), n)
    base["dead"] = (rng.random(n) < 0.8).astype(int)
    base["y"] = base["x"] + effect * (g == "c") + rng.normal(size=n)
    copies = [base.copy() for _ in range(m)]
    for copy in copies:
        copy.loc[:19, "g"] = rng.choice(list("abc"), 20)
    return copies


def models(tables, kind="cox"):
    fit = {"cox": fs.coxph, "logistic": fs.logistic, "lm": fs.lm}[kind]
    left = {"cox": "Surv(time, dead)", "logistic": "dead", "lm": "y"}[kind]
    return [fit(f"{left} ~ x + g", table) for table in tables], [
        fit(f"{left} ~ x", table) for table in tables
    ]


def test_d1_of_one_coefficient_is_the_square_of_t():
    tables = frames()
    for i, table in enumerate(tables):
        table.loc[:9, "x"] = np.random.default_rng(i).normal(size=10)
    larger = [fs.lm("y ~ x", table) for table in tables]
    null = [fs.lm("y ~ 1", table) for table in tables]
    test = pool_test(larger, null).iloc[0]
    row = fs.pool_rubin(larger).tidy().set_index("term").loc["x"]
    assert test["statistic"] == pytest.approx(row["statistic"] ** 2)
    assert test["df_residual"] == pytest.approx(row["df"])
    assert test["p_value"] == pytest.approx(row["p_value"])


@pytest.mark.parametrize("kind", ["cox", "logistic"])
@pytest.mark.parametrize("method", ["D2", "D3"])
def test_without_missing_information_the_likelihood_ratio_remains(kind, method):
    table = frames()[0]
    larger, smaller = models([table] * 3, kind)
    row = pool_test(larger, smaller, method=method).iloc[0]
    ratio = 2 * (larger[0].log_lik - smaller[0].log_lik)
    assert row["statistic"] * 2 == pytest.approx(ratio, rel=1e-8)
    assert row["riv"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_the_three_methods_agree_about(kind):
    larger, smaller = models(frames(m=20, effect=0.9), kind)
    p = {m: pool_test(larger, smaller, method=m)["p_value"].item() for m in ("D1", "D2", "D3")}
    assert p["D1"] == pytest.approx(p["D3"], rel=0.35)
    assert np.log(p["D2"]) == pytest.approx(np.log(p["D3"]), abs=1.2)


def test_the_likelihood_of_an_offset_logistic_model():
    tables = frames()
    formula = "dead ~ x + g + offset(z)"
    tables = [table.assign(z=table["x"] / 3) for table in tables]
    larger = [fs.logistic(formula, table) for table in tables]
    smaller = [fs.logistic("dead ~ x + offset(z)", table) for table in tables]
    plain, base = models(tables, "logistic")
    # the offset only moves the coefficient of x, so the likelihoods are the same
    assert pool_test(larger, smaller, method="D3")["statistic"].item() == pytest.approx(
        pool_test(plain, base, method="D3")["statistic"].item(), rel=1e-6
    )


def test_d2_by_hand():
    """Of 8.2, 9.1 and 7.5 on 2 df: riv = 4/3 var(sqrt), F = (mean/2 - 2 riv)/(1 + riv)."""
    values = np.array([8.2, 9.1, 7.5])
    riv = 4 / 3 * np.sqrt(values).var(ddof=1)
    row = pool_chisq(values, 2).iloc[0]
    assert row["riv"] == pytest.approx(riv)
    assert row["statistic"] == pytest.approx((values.mean() / 2 - 2 * riv) / (1 + riv))
    assert row["df_residual"] == pytest.approx(2 ** (-1) * 2 * (1 + 1 / riv) ** 2)
    assert pool_chisq([5.0, 5.0], 2)["df_residual"].item() == np.inf


def test_reiters_degrees_of_freedom_at_their_ends():
    """Few missing values: (v + 1) / (v + 3) v of complete data; many rows: those of 1991."""
    assert rules._reiter(20, 4, 1e-9, 50.0) == pytest.approx(51 / 53 * 50, rel=1e-6)
    assert rules._reiter(20, 4, 0.5, 1e9) == pytest.approx(rules._li(20, 4, 0.5), rel=1e-6)
    assert rules._reiter(20, 4, 0.5, np.inf) == rules._li(20, 4, 0.5)
    assert 4 < rules._reiter(20, 4, 0.5, 30.0) < 30
    # so few complete-data degrees that Reiter's series does not exist
    assert rules._reiter(20, 4, 2.0, 6.0) <= 6
    assert rules._li(4, 2, 0.5) == pytest.approx(4 * 1.5 * 9 / 2)


@pytest.mark.parametrize("df_complete", [np.inf, 60.0])
def test_the_level_of_d1_holds(df_complete):
    """Under the model of its derivation: proper imputations, equal missing information."""
    rng, m, k, missing = np.random.default_rng(4), 6, 3, 0.4
    p = []
    for _ in range(3000):
        observed = rng.normal(scale=np.sqrt(1 + missing), size=k)
        estimates = observed + rng.normal(scale=np.sqrt(missing), size=(m, k))
        scale = 1.0 if np.isinf(df_complete) else rng.chisquare(df_complete) / df_complete
        variances = np.repeat(np.eye(k)[None] * scale, m, axis=0)
        p.append(rules.d1(estimates, variances, df_complete).p_value)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.015)


def test_refusals():
    larger, smaller = models(frames())
    with pytest.raises(InputError, match="method is 'D4'; choose one of D1, D2, D3"):
        pool_test(larger, smaller, method="D4")
    with pytest.raises(InputError, match="5 larger and 4 smaller fits"):
        pool_test(larger, smaller[:4])
    with pytest.raises(DesignError, match="1 fits; at least 2 imputations"):
        pool_test(larger[:1], smaller[:1])
    with pytest.raises(DesignError, match="0 coefficients are added, 2 taken away"):
        pool_test(smaller, larger)
    with pytest.raises(DesignError, match="D3 is for Cox and logistic models, not LinearModel"):
        pool_test(*models(frames(), "lm"), method="D3")
    for bad in ([1.0], [1.0, -1.0], [1.0, np.nan]):
        with pytest.raises(InputError, match="two or more statistics of 0 or more"):
            pool_chisq(bad, 2)
    with pytest.raises(InputError, match="holds text"):
        pool_chisq(["many", "few"], 2)
