"""Optimism of a Cox model's C index and calibration slope, by Harrell's bootstrap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._formula.frame import SurvivalFrame, survival_frame
from faceage_stats._formula.rows import Encoded
from faceage_stats._near import check_option
from faceage_stats._resample import resample
from faceage_stats._resampled import Resampled
from faceage_stats._result import Result, frozen_result
from faceage_stats._ties import merge_rounded
from faceage_stats.errors import DesignError
from faceage_stats.survival.concordance.estimate import Rows, Scoring, estimate_concordance
from faceage_stats.survival.cox.coxph import coxph, sorted_data
from faceage_stats.survival.cox.estimate import CoxTies, fit_cox
from faceage_stats.survival.cox.fit import CoxFit

__all__ = ["Optimism", "optimism"]


@checked_call
def optimism(
    formula: str,
    data: Any,
    *,
    n_resamples: int = 200,
    seed: int = 0,
    n_jobs: int | None = None,
    ties: CoxTies = "efron",
) -> Optimism:
    """Estimate the optimism of a Cox model's apparent performance, and correct for it.

    Each bootstrap sample refits the model; its performance on the sample minus that on the data
    as they are is the optimism, whose mean is subtracted from the apparent performance.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ ...`` as for `coxph`, without cluster(); knots and levels are those
        of the full data only where the formula names them.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    n_resamples : int
        Bootstrap samples.
    seed, n_jobs : int
        As in `resample`.
    ties : {"efron", "breslow", "exact"}
        How tied event times are handled.

    Returns
    -------
    Optimism
        ``tidy()`` two rows, the C index and the calibration slope: apparent, optimism, corrected.

    Raises
    ------
    FormulaError, InputError, DesignError
        As `coxph`; cluster() is refused, because rows are resampled one by one.

    See Also
    --------
    coxph : Cox's proportional hazards model.
    concordance : C index of markers or of a fit.
    resample : Bootstrap of any estimate.

    Notes
    -----
    The calibration slope is the coefficient of the linear predictor in a second Cox model (1 in
    the sample that the model was fitted to). Percentile limits are those of apparent minus
    optimism over the samples.

    In R: ``rms::validate(rms::cph(Surv(time, event) ~ x, data = df, x = TRUE, y = TRUE), B = 200)``

    References
    ----------
    Harrell FE, Lee KL, Mark DB (1996). Multivariable prognostic models: issues in developing
    models, evaluating assumptions and adequacy, and measuring and reducing errors. Statistics in
    Medicine 15:361-387. doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": range(1, 31), "d": 1, "x": [3, 1, 2] * 10})
    >>> optimism("Surv(t, d) ~ x", df, n_resamples=20).tidy()["term"].tolist()
    ['concordance', 'calibration slope']
    """
    check_option("ties", ties, CoxTies)
    table = as_pandas(data)
    used = survival_frame(formula, table, allow={"strata", "offset"}, caller="optimism()")
    complete = table.iloc[used.rows].reset_index(drop=True)
    apparent = _on_own_rows(coxph(formula, complete, ties=ties))
    if not np.isfinite(list(apparent.values())).all():
        raise DesignError(f"optimism(): `{formula}` has no linear predictor that varies.")

    def one(sample: pd.DataFrame) -> dict[str, float]:
        fit = coxph(formula, sample, ties=ties)
        inside = _on_own_rows(fit)
        score = fit.design.encode(complete) @ fit.estimate.filled
        outside = _performance(score + fit.design.encode_offset(complete), used, ties)
        return {name: inside[name] - outside[name] for name in inside}

    name = f"optimism {formula}"
    draws = resample(one, complete, n_resamples, seed=seed, n_jobs=n_jobs, name=name)
    return Optimism(apparent, draws, formula, used.n_missing)


def _on_own_rows(fit: CoxFit) -> dict[str, float]:
    """Performance on the rows that the model was fitted to."""
    frame = fit.frame
    offset = 0.0 if frame.offset is None else frame.offset
    return _performance(frame.x @ fit.estimate.filled + offset, frame, fit.ties)


def _performance(score: np.ndarray, frame: SurvivalFrame, ties: CoxTies) -> dict[str, float]:
    """C index and calibration slope of a linear predictor on the follow-up of some rows."""
    rows = Rows(frame.surv, frame.strata)
    marker = merge_rounded(score)[:, None]
    value = estimate_concordance(rows, marker, Scoring(reverse=True)).concordance[0]
    alone = replace(frame, encoded=Encoded((score - np.mean(score))[:, None]), offset=None)
    slope = fit_cox(sorted_data(alone).data, ties=ties).coefficients[0]
    return {"concordance": float(value), "calibration slope": float(slope)}


@frozen_result
class Optimism(Result):
    """Apparent and optimism-corrected performance, made by `optimism`.

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
        """Return one row per measure.

        Columns ``term apparent optimism estimate std_error conf_low conf_high``; `estimate` is
        apparent - optimism, `std_error` the standard deviation of the optimism.
        """
        apparent = np.array(list(self.apparent.values()))
        optimism = self.draws.draws[list(self.apparent)]
        limits = self.draws.conf_int(conf_level=conf_level)
        return pd.DataFrame(
            {
                "term": list(self.apparent),
                "apparent": apparent,
                "optimism": optimism.mean().to_numpy(),
                "estimate": apparent - optimism.mean().to_numpy(),
                "std_error": optimism.std(ddof=1).to_numpy(),
                "conf_low": apparent - limits["conf_high"],
                "conf_high": apparent - limits["conf_low"],
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing n_resamples n_failed seed``."""
        return self.draws.glance().drop(columns="method").assign(n_missing=self.n_missing)

    def _title(self) -> str:
        return f"Optimism-corrected performance: {self.formula}"
