"""Optimism by the bootstrap. Truths: the fit itself, pure noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceage_stats.survival.concordance.concordance import concordance
from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.optimism import optimism

RNG = np.random.default_rng(12)
N = 120
ROWS = pd.DataFrame({"g": np.tile(["a", "b", "c"], N // 3), "x": np.repeat(RNG.normal(size=40), 3)})
ROWS["site"] = np.repeat(["u", "v"], N // 2)
ROWS["time"] = np.ceil(RNG.exponential(12, N) * np.exp(-0.8 * ROWS["x"] - (ROWS["g"] == "b")))
ROWS["event"] = RNG.integers(0, 4, N) > 0
ROWS["noise"] = RNG.normal(size=N)


def test_apparent_performance_is_that_of_the_fit() -> None:
    result = optimism("Surv(time, event) ~ x + g + strata(site)", ROWS, n_resamples=30, seed=2)
    fit = coxph("Surv(time, event) ~ x + g + strata(site)", ROWS)
    table = result.tidy().set_index("term")
    assert table.loc["concordance", "apparent"] == pytest.approx(concordance(fit).concordance[0])
    assert table.loc["calibration slope", "apparent"] == pytest.approx(1.0, rel=1e-8)
    assert table.loc["calibration slope", "estimate"] < 1
    assert (table["estimate"] == table["apparent"] - table["optimism"]).all()
    assert result.glance()["n_failed"].item() == 0
    assert "Optimism" in repr(result)


def test_noise_is_seen_through() -> None:
    noise = pd.DataFrame(np.random.default_rng(1).normal(size=(N, 8)), columns=list("pqrstuvw"))
    data = pd.concat([ROWS[["time", "event"]], noise], axis=1)
    formula = f"Surv(time, event) ~ {' + '.join(noise)}"
    table = optimism(formula, data, n_resamples=60, seed=3).tidy()
    c_index, slope = table.to_dict(orient="records")
    assert c_index["optimism"] > 0.03
    assert abs(c_index["estimate"] - 0.5) < abs(c_index["apparent"] - 0.5)
    assert slope["estimate"] < 0.7
