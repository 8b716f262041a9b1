"""Log-rank test for trend. Truths: the test of two groups; invariance to the scale of scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.km.logrank_trend import logrank_trend
from faceage_stats.survival.km.survdiff import survdiff

RNG = np.random.default_rng(8)
ROWS = pd.DataFrame(
    {
        "time": np.ceil(RNG.exponential(10, 90)),
        "event": RNG.integers(0, 2, 90),
        "g": np.tile(["a", "b", "c"], 30),
        "site": np.repeat(["x", "y"], 45),
    }
)


def test_trend_over_two_groups_is_the_log_rank_test() -> None:
    two = ROWS[ROWS["g"] != "c"]
    trend = logrank_trend("Surv(time, event) ~ g", two)
    test = survdiff("Surv(time, event) ~ g", two)
    assert trend.statistic == pytest.approx(test.statistic, rel=1e-12)
    assert trend.glance()["n_missing"].item() == 0
    # scores matter only up to shift and scale
    scaled = logrank_trend("Surv(time, event) ~ g", ROWS, scores=[5, 7, 9])
    assert scaled.statistic == pytest.approx(logrank_trend("Surv(time, event) ~ g", ROWS).statistic)
    assert "trend" in repr(trend)


def test_scores_that_are_equal_and_data_without_events_are_refused() -> None:
    with pytest.raises(InputError, match="not all equal"):
        logrank_trend("Surv(time, event) ~ g", ROWS, scores=[1, 1, 1])
    with pytest.raises(DesignError, match="no trend"):
        logrank_trend("Surv(time, event) ~ g", ROWS.assign(event=0))
