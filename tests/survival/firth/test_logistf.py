"""Firth's penalty for logistic regression: closed forms; logistf is a conformance case."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import ConvergenceError, DesignError, FormulaError, InputError


def simulate(n=60, seed=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    time = rng.exponential(size=n) * np.exp(-x[:, 0])
    time = np.ceil(time * 10)
    return pd.DataFrame(
        {"time": time, "event": rng.integers(0, 2, n), "a": x[:, 0], "b": x[:, 1],
         "s": rng.integers(0, 2, n), "start": 0.0}
    )  # fmt: skip


def test_logistic_two_by_two_table_adds_half_to_every_cell():
    # closed form: with a saturated model Firth's estimate adds 1/2 to the four counts
    a, b, c, d = 5, 0, 3, 9
    data = pd.DataFrame(
        {"y": [1] * a + [0] * b + [1] * c + [0] * d, "x": [1] * (a + b) + [0] * (c + d)}
    )
    fit = fs.logistf("y ~ x", data)
    log_or = np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
    assert fit.coef["x"] == pytest.approx(log_or, rel=1e-9)
    assert fit.coef["(Intercept)"] == pytest.approx(np.log((c + 0.5) / (d + 0.5)), rel=1e-9)
    table = fit.tidy()
    assert table["term"].tolist() == ["(Intercept)", "x"]
    assert fit.augment()["fitted"].between(0, 1).all()
    assert fit.glance()["df"].iloc[0] == 1
    assert "logistf y ~ x" in repr(fit)


def test_logistic_with_a_factor_has_its_reference_row():
    data = simulate().assign(g=lambda d: np.where(d["b"] > 0, "u", "v"))
    table = fs.logistf("event ~ g", data).tidy(exponentiate=True)
    assert table["is_reference"].tolist() == [False, True, False]
    intercept_only = fs.logistf("event ~ 1", data)
    n1, n = data["event"].sum(), len(data)
    assert intercept_only.coef.iloc[0] == pytest.approx(np.log((n1 + 0.5) / (n - n1 + 0.5)))
    assert len(intercept_only.tidy()) == 1


def test_refusals():
    data = simulate()
    with pytest.raises(DesignError, match="columns one are constant"):
        fs.logistf("event ~ a + one", data.assign(one=2))
    with pytest.raises(FormulaError, match=r"not Surv\(\)"):
        fs.logistf("Surv(time, event) ~ a", data)
    with pytest.raises(InputError, match="is not 0/1 in"):
        fs.logistf("time ~ a", data)
    with pytest.raises(InputError, match="method is 'score'; choose one of profile, wald"):
        fs.logistf("event ~ a", data).tidy(method="score")


def test_a_column_far_from_zero_is_refused_in_words():
    data = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1], "x": [1.0, 2, 3, 4, 5, 6]})
    with pytest.raises(ConvergenceError, match=r"far from zero \(a year, say\) from its mean"):
        fs.logistf("y ~ x", data.assign(x=data["x"] + 1e8))
