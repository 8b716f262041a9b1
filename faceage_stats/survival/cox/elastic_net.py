"""Scikit-survival's elastic-net path, where that library is installed."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats._install import require

__all__ = ["elastic_net"]


def elastic_net(time: np.ndarray, event: np.ndarray, x: np.ndarray, **options: Any) -> Any:
    """Fit ``CoxnetSurvivalAnalysis(**options)``; on Python 3.13 it is an extra."""
    library = require(
        "sksurv.linear_model",
        extra="coxnet",
        purpose="A penalised Cox path",
        package="scikit-survival",
    )
    outcome = np.empty(len(time), dtype=[("event", "?"), ("time", "<f8")])
    outcome["event"], outcome["time"] = event == 1, time
    return library.CoxnetSurvivalAnalysis(**options).fit(x, outcome)
