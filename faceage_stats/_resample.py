"""Bootstrap and permutation: one place, one seed, the same numbers on any number of workers."""

from __future__ import annotations

import itertools
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._resample_plan import Plan
from faceage_stats._resampled import Resampled, RowEstimate
from faceage_stats._scalar import check_whole
from faceage_stats._seed import DEFAULT_SEED, generator
from faceage_stats._warn import warn
from faceage_stats.errors import ConvergenceError, EstimationWarning, FaceageError, InputError

__all__ = ["resample"]

FitFunction = Callable[[pd.DataFrame], Any]


@dataclass(frozen=True)
class _FrameEstimate:
    """What a fit function gives on rows of a DataFrame."""

    fit_fn: FitFunction
    frame: pd.DataFrame

    def observed(self) -> dict[str, float]:
        return _as_row(self.fit_fn(self.frame))

    def on_rows(self, rows: np.ndarray) -> dict[str, float]:
        return _as_row(self.fit_fn(self.frame.take(rows).reset_index(drop=True)))


@checked_call
def resample(
    fit_fn: Any,
    data: Any,
    n_resamples: int = 2000,
    *,
    seed: int = DEFAULT_SEED,
    n_jobs: int | None = None,
    kind: Literal["bootstrap", "permutation"] = "bootstrap",
    stratify: str | None = None,
    cluster: str | None = None,
    permute: str | None = None,
    name: str = "",
    progress: bool = False,
) -> Resampled:
    """Repeat an estimate on resampled data.

    Parameters
    ----------
    fit_fn : callable or CoxPH
        A function takes a DataFrame and returns a number, or a mapping or Series of numbers by
        name. A fit of `coxph` gives its coefficients, refitted on the same rows as by a function
        but many times faster: the formula is not read again, and levels, knots and reference levels
        stay.
    data : pandas.DataFrame or polars.DataFrame
        For a fit, the data it was made on.
    n_resamples : int
        Replicates.
    seed : int
        Project seed.
    n_jobs : int, optional
        Workers of joblib: processes for a function, threads for a fit. Without it
        ``joblib.parallel_config`` decides (``backend="dask"`` for a cluster), and where nothing
        is configured one worker. The numbers do not depend on it.
    kind : {"bootstrap", "permutation"}
        Draw rows with replacement, or shuffle the column `permute`.
    stratify : str, optional
        Column within whose levels rows are drawn (or shuffled); level sizes stay as they are.
    cluster : str, optional
        Column of clusters (patients): whole clusters are drawn. With `stratify`, the level must
        be the same within a cluster. Bootstrap only.
    permute : str, optional
        Column that a permutation shuffles.
    name : str
        Name of the item; different names give independent draws from one seed.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Resampled
        ``tidy(interval="percentile" | "bca" | "normal")`` for a bootstrap, with p values for a
        permutation; ``draws`` one row per replicate; ``n_failed`` replicates without an estimate.

    Raises
    ------
    InputError
        Unknown columns or `kind`; levels that vary within a cluster; a fit that is permuted or
        given other data than it was fitted to; `fit_fn` neither a function nor such a fit.
    ConvergenceError
        No replicate gave an estimate.

    Warns
    -----
    EstimationWarning
        Some replicates gave no estimate; they are counted and excluded.

    See Also
    --------
    optimism : Bootstrap correction of a Cox model's concordance for overfitting.
    bind_tidy : Stack the tables of several results.

    Notes
    -----
    In R: ``boot::boot(data, statistic, R = 2000)``, ``boot::boot.ci(b, type = "perc")``

    References
    ----------
    Efron B, Tibshirani RJ (1993). An Introduction to the Bootstrap. Chapman and Hall.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    >>> r = resample(lambda d: {"mean": d["x"].mean()}, df, n_resamples=200, seed=1)
    >>> r.tidy()["estimate"].tolist(), len(r.draws)
    ([3.0], 200)
    """
    frame = as_pandas(data).reset_index(drop=True)
    plan = Plan.of(frame, kind, stratify, cluster, permute)
    check_whole("n_resamples", n_resamples, 1)
    estimate = _row_estimate(fit_fn, frame, kind)
    observed = estimate.observed()
    keys = [(seed, name, replicate) for replicate in range(n_resamples)]
    outcomes = _run(estimate, plan, keys, n_jobs, progress)
    failures = [outcome for outcome in outcomes if isinstance(outcome, str)]
    draws = pd.DataFrame(
        [dict.fromkeys(observed, np.nan) if isinstance(o, str) else o for o in outcomes],
        columns=list(observed),
    )
    if failures:
        _report_failures(failures, n_resamples)
    return Resampled(observed, draws, kind, len(failures), seed, name, estimate, plan, len(frame))


def _row_estimate(fit_fn: Any, frame: pd.DataFrame, kind: str) -> RowEstimate:
    if hasattr(fit_fn, "on_rows_of"):
        if kind == "permutation":
            raise InputError(
                "a permutation changes a column before the fit; pass a function that fits."
            )
        estimate: RowEstimate = fit_fn.on_rows_of(frame)
        return estimate
    if not callable(fit_fn):
        raise InputError(
            f"fit_fn is a {type(fit_fn).__name__}; pass a function of a DataFrame, or a coxph fit."
        )
    return _FrameEstimate(fit_fn, frame)


_Key = tuple[int, str, int]
_Outcome = dict[str, float] | str  # one estimate, or why there is none
_BLOCKS = 16  # per worker: few enough that the data travel rarely, enough for an even load


def _run(
    estimate: RowEstimate, plan: Plan, keys: list[_Key], n_jobs: int | None, progress: bool
) -> list[_Outcome]:
    from joblib import Parallel, delayed, effective_n_jobs
    from tqdm import tqdm

    n_blocks = min(len(keys), _BLOCKS * effective_n_jobs(n_jobs))
    bounds = np.linspace(0, len(keys), n_blocks + 1).astype(int)
    blocks = [keys[low:high] for low, high in itertools.pairwise(bounds)]
    bar = tqdm(blocks, disable=not progress, desc=plan.kind)
    # compiled code runs beside others in threads; a user's function needs processes
    prefer = "processes" if isinstance(estimate, _FrameEstimate) else "threads"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = Parallel(n_jobs=n_jobs, prefer=prefer)(
            delayed(_block)(estimate, plan, block) for block in bar
        )
    return [outcome for part in parts for outcome in part]


def _block(estimate: RowEstimate, plan: Plan, keys: list[_Key]) -> list[_Outcome]:
    """Some replicates in one worker."""
    if threading.current_thread() is not threading.main_thread():
        return [_replicate(estimate, plan, key) for key in keys]  # filters belong to all threads
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [_replicate(estimate, plan, key) for key in keys]


def _replicate(estimate: RowEstimate, plan: Plan, key: _Key) -> _Outcome:
    rng = generator(*key)
    try:
        if isinstance(estimate, _FrameEstimate) and plan.permute is not None:
            return _as_row(estimate.fit_fn(plan.shuffled(estimate.frame, rng)))
        return estimate.on_rows(plan.rows(rng))
    except (FaceageError, np.linalg.LinAlgError) as error:
        return type(error).__name__


def _report_failures(failures: list[str], n: int) -> None:
    kinds = ", ".join(f"{k} ({failures.count(k)})" for k in sorted(set(failures)))
    if len(failures) == n:
        raise ConvergenceError(f"none of the {n} replicates gave an estimate: {kinds}.")
    warn(
        f"{len(failures)} of {n} replicates gave no estimate ({kinds}) and are excluded.",
        EstimationWarning,
    )


def _as_row(value: Any) -> dict[str, float]:
    """Name the numbers that a fit function returned."""
    if isinstance(value, Mapping | pd.Series):
        return {str(key): float(each) for key, each in value.items()}
    if np.ndim(value) == 0:
        return {"estimate": float(value)}
    return {f"estimate{i}": float(each) for i, each in enumerate(np.ravel(value))}
