"""Optimism of a Cox model's C index and calibration slope, by Harrell's bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._formula import model_frame
from faceage_stats._resample import Resampled, resample
from faceage_stats._result import Result, frozen_result
from faceage_stats.survival._ties import merge_rounded
from faceage_stats.survival.concordance.estimate import Rows, Scoring, estimate_concordance
from faceage_stats.survival.cox.coxph import coxph

__all__ = ["Optimism", "optimism"]


def optimism(
    formula: str, data: Any, n: int = 200, seed: int = 0, n_jobs: int = 1, *, ties: str = "efron"
) -> Optimism:
    """Estimate how much a Cox model flatters itself, and correct for it.

    Each bootstrap sample refits the model; its performance on the sample minus that on the data
    as they are is the optimism, whose mean is taken off the apparent performance.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ ...`` as for `coxph`; knots and levels are those of the full data
        only where the formula names them.
    data : pandas.DataFrame or polars.DataFrame
    n : int
        Bootstrap samples.
    seed, n_jobs : int
        As in `resample`.
    ties : {"efron", "breslow"}

    Returns
    -------
    Optimism
        ``tidy()`` two rows, the C index and the calibration slope: apparent, optimism, corrected.

    Notes
    -----
    The calibration slope is the coefficient of the linear predictor in a Cox model of its own (1
    in the sample that the model was fitted to). Percentile limits are those of apparent minus
    optimism over the samples.

    References
    ----------
    Harrell FE, Lee KL, Mark DB (1996). Multivariable prognostic models. Stat Med 15:361-387.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": range(1, 31), "d": 1, "x": [3, 1, 2] * 10})
    >>> optimism("Surv(t, d) ~ x", df, n=20, seed=1).tidy()["term"].tolist()
    ['concordance', 'calibration slope']
    """
    frame = as_pandas(data)
    used = model_frame(formula, frame)
    complete = frame.iloc[used.rows].reset_index(drop=True)
    apparent = _performance(coxph(formula, complete, ties=ties), formula, complete, ties)

    def one(sample: pd.DataFrame) -> dict[str, float]:
        fit = coxph(formula, sample, ties=ties)
        inside = _performance(fit, formula, sample, ties)
        outside = _performance(fit, formula, complete, ties)
        return {name: inside[name] - outside[name] for name in inside}

    draws = resample(one, complete, n, seed=seed, n_jobs=n_jobs, name=f"optimism {formula}")
    return Optimism(apparent, draws, formula, used.n_missing)


def _performance(fit: Any, formula: str, data: pd.DataFrame, ties: str) -> dict[str, float]:
    """C index and calibration slope of a fit on some data."""
    frame = model_frame(formula, data)
    assert frame.surv is not None  # coxph has refused any other formula
    score = fit.design.encode(data) @ fit.estimate.filled
    rows = Rows(frame.surv, frame.strata, frame.weights)
    marker = merge_rounded(score)[:, None]
    value = estimate_concordance(rows, marker, Scoring(reverse=True)).concordance[0]
    left, _, right = formula.partition("~")
    within = [part.strip() for part in right.split("+") if part.strip().startswith("strata(")]
    slope = coxph(
        f"{left} ~ {' + '.join(['linear_predictor', *within])}",
        data.assign(linear_predictor=score - np.mean(score)),
        ties=ties,
    )
    return {"concordance": float(value), "calibration slope": float(slope.coef.iloc[0])}


@frozen_result
class Optimism(Result):
    """Apparent and optimism-corrected performance.

    Attributes
    ----------
    apparent : dict
    draws : Resampled
        The optimism in every bootstrap sample.
    formula : str
    n_missing : int
    """

    apparent: dict[str, float]
    draws: Resampled
    formula: str
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per measure: ``term apparent optimism estimate std_error conf_low conf_high``.

        `estimate` is apparent - optimism; `std_error` is the standard deviation of the optimism.
        """
        apparent = pd.Series(self.apparent)
        each = self.draws.draws[list(apparent.index)]
        mean = each.mean()
        tail = (1 - conf_level) / 2
        limits = (apparent - each).quantile([tail, 1 - tail])
        return pd.DataFrame(
            {
                "term": apparent.index,
                "apparent": apparent.to_numpy(),
                "optimism": mean.to_numpy(),
                "estimate": (apparent - mean).to_numpy(),
                "std_error": each.std(ddof=1).to_numpy(),
                "conf_low": limits.iloc[0].to_numpy(),
                "conf_high": limits.iloc[1].to_numpy(),
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: ``n_replicate n_failed seed n_missing``."""
        return self.draws.glance().drop(columns="method").assign(n_missing=self.n_missing)

    def _title(self) -> str:
        return f"Optimism-corrected performance: {self.formula}"
