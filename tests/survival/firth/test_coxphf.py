"""Firth's penalty for Cox models: the definition and properties; coxphf is a conformance case."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

import faceage_stats as fs
from faceage_stats.errors import DesignError

SEPARATED = pd.DataFrame(
    {
        "time": [1, 2, 3, 4, 5, 6, 7, 8],
        "event": [1, 1, 1, 1, 0, 0, 0, 0],
        "x": [1, 1, 1, 1, 0, 0, 1, 0],
        "z": [0.3, -1.0, 0.5, 2.0, 0.1, -0.7, 1.1, 0.4],
    }
)


def simulate(n=60, seed=3, ties=True):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    time = rng.exponential(size=n) * np.exp(-x[:, 0])
    time = np.ceil(time * 10) if ties else time
    return pd.DataFrame(
        {"time": time, "event": rng.integers(0, 2, n), "a": x[:, 0], "b": x[:, 1],
         "s": rng.integers(0, 2, n), "start": 0.0}
    )  # fmt: skip


def penalised(beta, data, columns, efron):
    """The definition, by explicit risk sets: log-likelihood + half log det information."""
    x, time, event = data[columns].to_numpy(), data["time"].to_numpy(), data["event"].to_numpy()
    r = np.exp(x @ beta)
    value, information = 0.0, np.zeros((len(beta), len(beta)))
    for t in np.unique(time[event == 1]):
        dead = (time == t) & (event == 1)
        d = dead.sum()
        value += (x[dead] @ beta).sum()
        for k in range(d):
            w = r * (time >= t) - (k / d * r * dead if efron else 0)
            mean = w @ x / w.sum()
            value -= np.log(w.sum())
            information += (w[:, None] * x).T @ x / w.sum() - np.outer(mean, mean)
    return value + np.linalg.slogdet(information)[1] / 2


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_cox_maximises_the_penalised_likelihood_by_definition(ties):
    data = simulate()
    fit = fs.coxphf("Surv(time, event) ~ a + b", data, ties=ties)
    best = optimize.minimize(
        lambda b: -penalised(b, data, ["a", "b"], ties == "efron"), fit.coef + 0.05, tol=1e-12
    )
    np.testing.assert_allclose(fit.coef, best.x, rtol=1e-4)
    at_fit = penalised(fit.coef.to_numpy(), data, ["a", "b"], ties == "efron")
    assert at_fit >= -best.fun - 1e-9
    # profile limit of a: drop by 3.84 / 2 over the other coefficient
    high = fit.tidy()["conf_high"].iloc[0]
    rest = optimize.minimize_scalar(
        lambda b: -penalised(np.array([high, b]), data, ["a", "b"], ties == "efron")
    )
    assert at_fit + rest.fun == pytest.approx(3.841458820694124 / 2, abs=1e-6)


def test_delayed_entry_and_strata_pass_through():
    data = simulate()
    whole = fs.coxphf("Surv(time, event) ~ a + b + strata(s)", data)
    entered = fs.coxphf("Surv(start, time, event) ~ a + b + strata(s)", data)
    np.testing.assert_allclose(entered.coef, whole.coef, rtol=1e-9)


def test_separation_has_a_finite_answer():
    fit = fs.coxphf("Surv(time, event) ~ x + z", SEPARATED)
    table = fit.tidy(exponentiate=True)
    assert np.isfinite(table[["estimate", "conf_low", "conf_high", "p_value"]]).all(axis=None)
    assert (table["conf_low"] < table["estimate"]).all()
    wald = fit.tidy(method="wald")
    np.testing.assert_allclose(wald["statistic"], wald["estimate"] / wald["std_error"])
    glance = fit.glance().iloc[0]
    assert glance["statistic_log"] == pytest.approx(2 * (fit.log_lik - fit.null.value))
    assert glance["df"] == 2
    assert fit.augment()["linear_predictor"].mean() == pytest.approx(0, abs=1e-12)
    assert "coxphf Surv(time, event) ~ x + z: Firth's penalty" in repr(fit)


def test_scale_does_not_matter():
    data = simulate()
    plain = fs.coxphf("Surv(time, event) ~ a + b", data).tidy()
    moved = data.assign(a=data["a"] * 1000 + 7)
    scaled = fs.coxphf("Surv(time, event) ~ a + b", moved).tidy()
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        assert scaled[column].iloc[0] * 1000 == pytest.approx(plain[column].iloc[0], rel=1e-8)
    np.testing.assert_allclose(scaled["p_value"], plain["p_value"], rtol=1e-7)


def test_refusals():
    data = simulate()
    with pytest.raises(DesignError, match="no covariate to penalise"):
        fs.coxphf("Surv(time, event) ~ 1", data)
    with pytest.raises(DesignError, match="has no events among 60 rows"):
        fs.coxphf("Surv(time, event) ~ a", data.assign(event=0))
    with pytest.raises(DesignError, match="columns one are constant or linearly dependent"):
        fs.coxphf("Surv(time, event) ~ a + one", data.assign(one=2))
    with pytest.raises(DesignError, match="columns a, twice are constant or linearly dependent"):
        fs.coxphf("Surv(time, event) ~ a + twice", data.assign(twice=2 * data["a"]))


def test_rows_keep_the_index_of_the_data():
    data = simulate().set_index(pd.Index([f"p{i}" for i in range(60)]))
    data.loc["p3", "a"] = np.nan
    fit = fs.coxphf("Surv(time, event) ~ a", data)
    assert fit.augment().index.equals(data.index.drop("p3"))
    assert fit.glance()["n_missing"].item() == 1
