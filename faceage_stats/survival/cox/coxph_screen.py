"""Thousands of one-variable Cox models, each adjusted for the same covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_names, check_text
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of, require_columns
from faceage_stats._expression.deparse import in_formula
from faceage_stats._formula.frame import SurvivalFrame, survival_frame
from faceage_stats._formula.rows import Encoded
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._ties import merge_near_ties
from faceage_stats._wald import wald
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, InfiniteCoefficientWarning, InputError
from faceage_stats.survival.cox.data import prepare, standardise
from faceage_stats.survival.cox.estimate import EPS, fit_cox
from faceage_stats.survival.cox.fit import Ties
from faceage_stats.survival.cox.kernel.screen import ScreenFits, screen_columns

__all__ = ["CoxScreen", "coxph_screen"]

_CHUNK = 256
_ITER_MAX = 20


@checked_call
def coxph_screen(
    data: Any,
    columns: Sequence[str],
    *,
    time: str,
    event: str,
    adjust: str | None = None,
    ties: Ties = "efron",
    n_jobs: int | None = None,
) -> CoxScreen:
    """Fit ``Surv(time, event) ~ column + adjust`` for every column, in one compiled pass.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk.
    columns : sequence of str
        Numeric columns to try one at a time.
    time, event : str
        Follow-up and 0/1 event.
    adjust : str, optional
        Right side of a formula, e.g. ``"age + sex + strata(site)"``.
    ties : {"efron", "breslow"}
        How tied event times are handled.
    n_jobs : int, optional
        Threads, one by default; the numbers do not depend on it.

    Returns
    -------
    CoxScreen
        ``tidy(exponentiate=True)``: one row per column in the order given: term, estimate,
        std_error, statistic, p_value (Wald), conf_low, conf_high, log_lik, n, n_event, n_missing.

    Raises
    ------
    InputError
        A column is not numeric, is repeated, or holds infinite values.
    FormulaError
        A name is not a column.

    Warns
    -----
    EstimationWarning
        Columns that are constant or determined by the adjustment: their estimate is NaN.
    InfiniteCoefficientWarning
        Columns that separate the events.

    See Also
    --------
    coxph : one model, with all its tables and predictions.
    gene_screen : screens of a wide table of genes.

    Notes
    -----
    A column with missing values is fitted on its complete rows and counts them in n_missing.
    Equal to `coxph` on each column.

    In R: ``lapply(df[columns], function(x) survival::coxph(Surv(time, event) ~ x + age, df))``

    References
    ----------
    Therneau TM, Grambsch PM (2000). Modeling Survival Data: Extending the Cox Model. Springer.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": [1, 1, 0, 1, 1, 1],
    ...                    "g1": [2, 1, 4, 3, 1, 2], "g2": [5, 3, 4, 1, 2, 3]})
    >>> coxph_screen(df, ["g1", "g2"], time="t", event="d").tidy()["term"].tolist()
    ['g1', 'g2']
    """
    check_option("ties", ties, Ties)
    data = as_pandas(data)
    names = [str(name) for name in check_names("columns", columns)]
    check_text("time", time), check_text("event", event)
    require_columns(names, data, "coxph_screen()")
    repeated = pd.Index(names)[pd.Index(names).duplicated()]
    if len(repeated):
        raise InputError(f"columns are given twice: {', '.join(repeated[:5])}. Name each once.")
    outcome = f"Surv({in_formula(time, data)}, {in_formula(event, data)})"
    frame = survival_frame(
        f"{outcome} ~ {adjust or '1'}",
        data,
        allow={"strata", "offset"},
        caller="coxph_screen()",
    )
    values = _numeric_matrix(data, names, frame.rows)
    complete = ~np.isnan(values).any(axis=0)
    fits = _no_estimates(len(names))
    counts = np.tile([frame.n, int(frame.surv.event.sum())], (len(names), 1))
    _fill(fits, complete, _screen(frame, values[:, complete], ties, n_jobs))
    for j in np.flatnonzero(~complete):
        rows = np.flatnonzero(~np.isnan(values[:, j]))
        part = frame.take(rows)
        counts[j] = len(rows), int(part.surv.event.sum())
        if counts[j, 1]:
            _fill(fits, slice(j, j + 1), _screen(part, values[rows, j : j + 1], ties, 1))
    _warn(names, fits)
    return CoxScreen(
        tuple(names), fits, counts[:, 0], counts[:, 1], len(data), outcome, adjust, ties
    )


def _no_estimates(m: int) -> ScreenFits:
    """Fits of m columns, none of which has an estimate."""
    beta, variance, log_lik = np.full((3, m), np.nan)
    return ScreenFits(beta, variance, log_lik, np.zeros(m, bool), np.zeros(m, bool))


def _fill(fits: ScreenFits, where: Any, part: ScreenFits) -> None:
    for whole, values in zip(fits, part, strict=True):
        whole[where] = values


def _numeric_matrix(data: pd.DataFrame, names: list[str], rows: np.ndarray) -> np.ndarray:
    """(n, m) floats of the rows used; NaN is missing."""
    table = data[names]
    if any(getattr(dtype, "kind", "O") not in "biuf" for dtype in table.dtypes):
        table = columns_of(data, names, "coxph_screen()")
    text = [
        name
        for name, dtype in zip(names, table.dtypes, strict=True)
        if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype))
    ]
    if text:
        raise InputError(
            f"columns {', '.join(text[:5])} are not numeric ({len(text)} in all). Convert them, or "
            "use coxph for factors."
        )
    values: np.ndarray = table.to_numpy(dtype=float, na_value=np.nan)[rows]
    n_infinite = np.isinf(values).any(axis=0)
    if n_infinite.any():
        listed = ", ".join(np.array(names)[n_infinite][:5])
        raise InputError(
            f"columns {listed} hold infinite values ({int(n_infinite.sum())} columns)."
        )
    return values


def _screen(frame: SurvivalFrame, values: np.ndarray, ties: Ties, n_jobs: int | None) -> ScreenFits:
    """One fit per column of `values`."""
    from joblib import Parallel, delayed

    surv, efron = frame.surv, ties == "efron"
    chunks = [slice(low, low + _CHUNK) for low in range(0, values.shape[1], _CHUNK)]
    if not chunks or not surv.event.any():
        return _no_estimates(values.shape[1])
    time = merge_near_ties(surv.time).time
    data = prepare(frame.encoded, time, surv.event, strata=frame.strata, offset=frame.offset)
    start = fit_cox(data, ties=ties).filled / data.scale

    def fit(chunk: slice) -> ScreenFits:
        columns = Encoded(values[:, chunk]).in_order(data.order)
        scale = standardise(columns, data.weights).scale
        fits = screen_columns(columns, data.x.T, data, efron, start, _ITER_MAX, EPS)
        return fits._replace(
            coefficient=fits.coefficient * scale, variance=fits.variance * scale**2
        )

    parts = Parallel(n_jobs=n_jobs, prefer="threads")(delayed(fit)(chunk) for chunk in chunks)
    return ScreenFits(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _warn(names: list[str], fits: ScreenFits) -> None:
    label = np.array(names, dtype=object)
    empty = np.isnan(fits.coefficient)
    if empty.any():
        warn(
            f"{int(empty.sum())} of {len(names)} columns are constant, determined by the "
            f"adjustment, or without events, and have no estimate: {_first(label[empty])}.",
            EstimationWarning,
        )
    if fits.runaway.any():
        warn(
            f"{int(fits.runaway.sum())} of {len(names)} columns separate the events, so that "
            f"their coefficient may be infinite: {_first(label[fits.runaway])}. Use coxphf() for "
            "them.",
            InfiniteCoefficientWarning,
        )


def _first(names: np.ndarray) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


@frozen_result
class CoxScreen(Result):
    """One Cox model per column, made by `coxph_screen`.

    Attributes
    ----------
    columns : tuple of str
    fits : ScreenFits
        Log hazard ratio, its variance, log-likelihood, and how the fit ended; (m,) each.
    n, n_event : ndarray, shape (m,)
        Rows and events used.
    n_rows : int
        Rows of the data.
    outcome, adjust, ties
        As given.
    """

    columns: tuple[str, ...]
    fits: ScreenFits
    n: np.ndarray
    n_event: np.ndarray
    n_rows: int
    outcome: str
    adjust: str | None
    ties: Ties

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per column tested; with `exponentiate` hazard ratios and their limits.

        Columns ``term estimate std_error statistic p_value conf_low conf_high log_lik n n_event
        n_missing scale``.
        """
        std_error = np.sqrt(self.fits.variance)
        columns = wald(self.fits.coefficient, std_error, conf_level, exponentiate=exponentiate)
        table = pd.DataFrame({"term": list(self.columns), **columns})
        return table.assign(
            log_lik=self.fits.log_lik,
            n=self.n,
            n_event=self.n_event,
            n_missing=self.n_rows - self.n,
            scale=scale_of("hazard ratio", exponentiate),
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: how many columns were tried, and how many have no estimate.

        Columns: n_column, n_no_estimate, n_not_converged, ties, n (rows of the data that any
        column used), n_missing (the others).
        """
        fitted = np.isfinite(self.fits.log_lik)
        n = int(self.n.max(initial=0))
        row = {
            "n_column": len(self.columns),
            "n_no_estimate": int(np.isnan(self.fits.coefficient).sum()),
            "n_not_converged": int((fitted & ~self.fits.converged).sum()),
            "ties": self.ties,
            "n": n,
            "n_missing": self.n_rows - n,
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return (
            f"coxph_screen {self.outcome} ~ column + {self.adjust or '1'}: {len(self.columns)} fits"
        )
