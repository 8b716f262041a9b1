"""Firth's penalty for logistic regression: closed forms; logistf is a conformance case."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError, InputError


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


@pytest.mark.parametrize("far", [1e3, 1e6, 1e8])
@pytest.mark.parametrize("method", ["profile", "wald"])
def test_the_numbers_of_a_column_far_from_zero(far, method):
    # the slope does not know where its column begins; the intercept is where the column is 0
    data = simulate().assign(a=lambda d: np.round(d["a"] * 8))
    near, there = (
        fs.logistf("s ~ a + b", data),
        fs.logistf("s ~ a + b", data.assign(a=data["a"] + far)),
    )
    one, other = (fit.tidy(method=method).set_index("term") for fit in (near, there))
    numbers = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
    np.testing.assert_allclose(other.loc[["a", "b"], numbers], one.loc[["a", "b"], numbers], 1e-7)
    np.testing.assert_allclose(there.augment(), near.augment(), 1e-7)
    b = near.coef
    assert there.coef["(Intercept)"] == pytest.approx(b["(Intercept)"] - far * b["a"], rel=1e-7)
    # so far away the intercept is a multiple of the slope, and so is its test
    if far > 1e5:
        assert other.loc["(Intercept)", "statistic"] == pytest.approx(
            one.loc["a", "statistic"] * (-1 if method == "wald" else 1), rel=1e-4
        )


def test_the_intercept_is_profiled_where_the_columns_are_zero():
    # the same model with the intercept as a covariate of its own, which nothing moves
    data = simulate().assign(one=1.0, a=lambda d: d["a"] + 2)
    numbers = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
    held, free = (
        fs.logistf("s ~ a + b", data).tidy(),
        fs.logistf("s ~ 0 + one + a + b", data).tidy(),
    )
    np.testing.assert_allclose(held[numbers], free[numbers], 1e-7)
