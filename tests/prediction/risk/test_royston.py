"""Royston and Sauerbrei's D: properties and refusals (values: the conformance cases)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.risk.royston import gonen_heller_sum, normal_scores, royston
from faceage_stats.survival.cox.coxph import coxph


def simulate(effect: float = 1.0, n: int = 2000, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lp = effect * rng.normal(size=n)
    event, censored = rng.exponential(np.exp(-lp)), rng.exponential(3.0, n)
    noise = rng.normal(size=n)
    time, d = np.minimum(event, censored), (event <= censored).astype(int)
    return pd.DataFrame({"t": time, "d": d, "lp": lp, "noise": noise})


def test_d_recovers_the_spread_of_a_normal_predictor() -> None:
    # truth: D = sigma * sqrt(8 / pi) and R2_D = sigma^2 / (pi^2 / 6 + sigma^2)
    result = royston("Surv(t, d) ~ lp", simulate())
    table = result.tidy().set_index("quantity")
    assert result.d == pytest.approx(np.sqrt(8 / np.pi), abs=2 * result.d_se)
    low, high = table.loc["r2_d", ["conf_low", "conf_high"]]
    assert low < 1 / (np.pi**2 / 6 + 1) < high
    assert "r2_nagelkerke" not in table.index


def test_only_ranks_matter_for_d() -> None:
    data = simulate()
    one = royston("Surv(t, d) ~ lp", data)
    other = royston("Surv(t, d) ~ I(exp(lp))", data)
    assert one.d == pytest.approx(other.d)
    assert one.gonen_heller_c != pytest.approx(other.gonen_heller_c)


def test_fit_and_its_own_predictor_agree() -> None:
    data = simulate(n=300)
    fit = coxph("Surv(t, d) ~ lp + noise", data)
    result = royston(fit)
    given = royston("Surv(t, d) ~ eta", data.assign(eta=fit.linear_predictor))
    assert result.d == pytest.approx(given.d)
    assert result.gonen_heller_c == pytest.approx(given.gonen_heller_c)
    adjusted = royston(fit, adjust=True)
    assert adjusted.d < result.d
    assert np.isnan(adjusted.tidy().set_index("quantity").loc["r2_d", "std_error"])
    assert "adjusted" in repr(adjusted)
    assert result.glance()["n_event"].iloc[0] == data["d"].sum()


def test_a_useless_predictor_has_an_interval_that_reaches_zero() -> None:
    table = royston("Surv(t, d) ~ noise", simulate(n=200)).tidy().set_index("quantity")
    assert table.loc["d", "conf_low"] < 0 < table.loc["d", "conf_high"]
    assert table.loc["r2_d", "conf_low"] == 0


def test_scores_and_pairs_have_closed_forms() -> None:
    # truth: definitions on a handful of values
    eta = np.array([3.0, 1.0, 1.0, 2.0])
    z = stats.norm.ppf((np.arange(1, 5) - 0.375) / 4.25)
    np.testing.assert_allclose(normal_scores(eta, True), [z[3], *[(z[0] + z[1]) / 2] * 2, z[2]])
    middle = stats.norm.ppf((1.5 - 0.375) / 4.25)
    np.testing.assert_allclose(normal_scores(eta, False), [z[3], middle, middle, z[2]])
    pairs = gonen_heller_sum(np.array([0.0, 1.0]))
    assert pairs == pytest.approx(1 / (1 + np.exp(-1)))


def test_more_coefficients_than_events_leave_nothing() -> None:
    from faceage_stats.prediction.risk.royston import _adjusted

    assert np.isnan(_adjusted(1.0, 0.2, 3, 3)).all()


def test_bad_input_is_refused() -> None:
    data = simulate(n=50).assign(one=1.0, start=0.0)
    fit = coxph("Surv(t, d) ~ lp", data)
    late = coxph("Surv(start, t, d) ~ lp", data)
    for call, error, text in (
        (lambda: royston("Surv(t, d) ~ lp"), InputError, "data is missing"),
        (lambda: royston(fit, data), InputError, "a fit holds its data"),
        (lambda: royston(late), InputError, "delayed entry"),
        (lambda: royston("Surv(t, d) ~ lp", data, adjust=True), InputError, "adjust needs a fit"),
        (lambda: royston("Surv(t, d) ~ lp + noise", data), FormulaError, "one linear predictor"),
        (lambda: royston("d ~ lp", data), FormulaError, "must be Surv"),
        (lambda: royston("Surv(t, d) ~ one", data), DesignError, "constant"),
    ):
        with pytest.raises(error, match=text):
            call()
