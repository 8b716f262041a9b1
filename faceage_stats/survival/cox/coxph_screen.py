"""Thousands of one-variable Cox models, each adjusted for the same covariates."""

from __future__ import annotations

import keyword
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._columns import as_pandas, require_columns
from faceage_stats._formula import ModelFrame, model_frame
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import EstimationWarning, InfiniteCoefficientWarning, InputError
from faceage_stats.survival._ties import merge_near_ties
from faceage_stats.survival.cox.data import prepare, scales, take_scaled
from faceage_stats.survival.cox.fit import EPS, fit_cox
from faceage_stats.survival.cox.kernel.screen import screen_columns

__all__ = ["CoxScreen", "coxph_screen"]

_CHUNK = 256
_ITER_MAX = 20


def coxph_screen(
    data: Any,
    columns: Sequence[str],
    *,
    time: str,
    event: str,
    adjust: str | None = None,
    ties: str = "efron",
    n_jobs: int = 1,
) -> CoxScreen:
    """Fit ``Surv(time, event) ~ column + adjust`` for every column, in one compiled pass.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
    columns : sequence of str
        Numeric columns to try one at a time.
    time, event : str
        Follow-up and 0/1 event.
    adjust : str, optional
        Right side of a formula, e.g. ``"age + sex + strata(site)"``.
    ties : {"efron", "breslow"}
    n_jobs : int
        Threads; the numbers do not depend on it.

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

    Notes
    -----
    A column with missing values is fitted on its complete rows and counts them in n_missing.
    Equal to `coxph` on each column.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": [1, 1, 0, 1, 1, 1],
    ...                    "g1": [2, 1, 4, 3, 1, 2], "g2": [5, 3, 4, 1, 2, 3]})
    >>> coxph_screen(df, ["g1", "g2"], time="t", event="d").tidy()["term"].tolist()
    ['g1', 'g2']
    """
    if ties not in ("efron", "breslow"):
        raise InputError(f"ties is {ties!r}; choose 'efron' or 'breslow'.")
    data = as_pandas(data)
    names = [str(name) for name in columns]
    require_columns(names, data, "columns")
    repeated = pd.Index(names)[pd.Index(names).duplicated()]
    if len(repeated):
        raise InputError(f"columns are given twice: {', '.join(repeated[:5])}. Name each once.")
    outcome = f"Surv({_quoted(time, data)}, {_quoted(event, data)})"
    frame = model_frame(f"{outcome} ~ {adjust or '1'}", data)
    values = _numeric_matrix(data, names, frame.rows)
    complete = ~np.isnan(values).any(axis=0)
    out = np.full((len(names), 5), np.nan)
    counts = np.tile([frame.n, int(frame.surv.event.sum())], (len(names), 1))  # type: ignore[union-attr]
    out[complete] = _screen(frame, values[:, complete], ties, n_jobs)
    for j in np.flatnonzero(~complete):
        rows = np.flatnonzero(~np.isnan(values[:, j]))
        part = _take(frame, rows)
        counts[j] = len(rows), int(part.surv.event.sum())  # type: ignore[union-attr]
        if counts[j, 1]:
            out[j] = _screen(part, values[rows, j : j + 1], ties, 1)[0]
    _warn(names, out)
    return CoxScreen(tuple(names), out, counts, len(data), outcome, adjust, ties)


def _quoted(name: str, data: pd.DataFrame) -> str:
    """A column in backticks unless its name is a plain word."""
    plain = name.isidentifier() and not keyword.iskeyword(name)
    return name if plain or name not in data.columns else f"`{name}`"


def _numeric_matrix(data: pd.DataFrame, names: list[str], rows: np.ndarray) -> np.ndarray:
    """(n, m) floats of the rows used; NaN is missing."""
    table = data[names]
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
    values = table.to_numpy(dtype=float, na_value=np.nan)[rows]
    n_infinite = np.isinf(values).any(axis=0)
    if n_infinite.any():
        listed = ", ".join(np.array(names)[n_infinite][:5])
        raise InputError(
            f"columns {listed} hold infinite values ({int(n_infinite.sum())} columns)."
        )
    return values


def _take(frame: ModelFrame, rows: np.ndarray) -> ModelFrame:
    """The frame cut down to some of its rows."""
    assert frame.surv is not None

    def cut(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[rows]

    return ModelFrame(
        frame.design, frame.x[rows], frame.surv.take(rows), None, cut(frame.strata),
        frame.strata_labels, None, None, cut(frame.offset), frame.rows[rows], frame.n_missing,
    )  # fmt: skip


def _screen(frame: ModelFrame, values: np.ndarray, ties: str, n_jobs: int) -> np.ndarray:
    """One row per column of `values`: estimate, variance, log-likelihood, converged, runaway."""
    assert frame.surv is not None
    surv, efron = frame.surv, ties == "efron"
    data = prepare(
        frame.x, merge_near_ties(surv.time)[0], surv.event, strata=frame.strata, offset=frame.offset
    )
    base = fit_cox(data, efron=efron)
    start = base.filled / data.scale
    chunks = [slice(low, low + _CHUNK) for low in range(0, values.shape[1], _CHUNK)]
    if not chunks or not surv.event.any():
        return np.full((values.shape[1], 5), np.nan)

    def fit(chunk: slice) -> np.ndarray:
        block = np.ascontiguousarray(values[:, chunk])
        mean, scale = scales(block, data.weights)
        columns = take_scaled(block, data.order, mean, scale)
        out = screen_columns(columns, data.x.T, data, efron, start, _ITER_MAX, EPS)
        out[:, 0] *= scale
        out[:, 1] *= scale**2
        return out

    with ThreadPoolExecutor(max(1, n_jobs)) as pool:
        return np.vstack(list(pool.map(fit, chunks)))


def _warn(names: list[str], out: np.ndarray) -> None:
    label = np.array(names, dtype=object)
    empty, runaway = np.isnan(out[:, 0]), out[:, 4] == 1
    if empty.any():
        warnings.warn(
            f"{int(empty.sum())} of {len(names)} columns are constant, determined by the "
            f"adjustment, or without events, and have no estimate: {_first(label[empty])}.",
            EstimationWarning,
            stacklevel=3,
        )
    if runaway.any():
        warnings.warn(
            f"{int(runaway.sum())} of {len(names)} columns separate the events, so that their "
            f"coefficient may be infinite: {_first(label[runaway])}. Use coxph with "
            'penalty="firth" for them.',
            InfiniteCoefficientWarning,
            stacklevel=3,
        )


def _first(names: np.ndarray) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


@frozen_result
class CoxScreen(Result):
    """One Cox model per column, made by `coxph_screen`.

    Attributes
    ----------
    columns : tuple of str
    values : ndarray, shape (m, 5)
        Log hazard ratio, its variance, log-likelihood, 1 if converged, 1 if running to infinity.
    counts : ndarray, shape (m, 2)
        Rows and events used.
    n_rows : int
        Rows of the data.
    outcome, adjust, ties
        As given.
    """

    columns: tuple[str, ...]
    values: np.ndarray
    counts: np.ndarray
    n_rows: int
    outcome: str
    adjust: str | None
    ties: str

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per column tried; with `exponentiate` hazard ratios and their limits."""
        estimate, std_error = self.values[:, 0], np.sqrt(self.values[:, 1])
        statistic = estimate / std_error
        low, high = normal_interval(estimate, std_error, conf_level)
        if exponentiate:
            with np.errstate(over="ignore"):
                estimate, low, high = np.exp(estimate), np.exp(low), np.exp(high)
        return pd.DataFrame(
            {
                "term": list(self.columns),
                "estimate": estimate,
                "std_error": std_error,
                "statistic": statistic,
                "p_value": 2 * stats.norm.sf(np.abs(statistic)),
                "conf_low": low,
                "conf_high": high,
                "log_lik": self.values[:, 2],
                "n": self.counts[:, 0],
                "n_event": self.counts[:, 1],
                "n_missing": self.n_rows - self.counts[:, 0],
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: how many columns were tried, and how many have no estimate."""
        row = {
            "n_column": len(self.columns),
            "n_no_estimate": int(np.isnan(self.values[:, 0]).sum()),
            "n_not_converged": int((self.values[:, 3] == 0).sum()),
            "ties": self.ties,
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return (
            f"coxph_screen {self.outcome} ~ column + {self.adjust or '1'}: {len(self.columns)} fits"
        )
