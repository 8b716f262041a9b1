"""Bootstrap and permutation: one place, one seed, the same numbers on any number of workers."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._formula import as_pandas
from faceage_stats._resample_plan import Plan
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import ConvergenceError, EstimationWarning, FaceageError, InputError

__all__ = ["Resampled", "boot_ci", "replicate_rng", "resample"]

FitFunction = Callable[[pd.DataFrame], Any]
_INTERVALS = ("percentile", "bca", "normal")


class RowEstimate(Protocol):
    """An estimate that can be repeated on rows of its data, given by position."""

    def observed(self) -> dict[str, float]:
        """On the data as they are."""

    def on_rows(self, rows: np.ndarray) -> dict[str, float]:
        """On these rows."""


@dataclass(frozen=True)
class _FrameEstimate:
    """What a fit function gives on rows of a DataFrame."""

    fit_fn: FitFunction
    frame: pd.DataFrame

    def observed(self) -> dict[str, float]:
        return _as_row(self.fit_fn(self.frame))

    def on_rows(self, rows: np.ndarray) -> dict[str, float]:
        return _as_row(self.fit_fn(self.frame.take(rows).reset_index(drop=True)))


def replicate_rng(seed: int, name: str, replicate: int) -> np.random.Generator:
    """Return the generator of one replicate: it depends on (seed, name, replicate) only.

    Examples
    --------
    >>> int(replicate_rng(1, "c index", 7).integers(1000))
    800
    """
    digest = hashlib.sha256(name.encode()).digest()[:8]
    return np.random.default_rng([seed, int.from_bytes(digest, "big"), replicate])


def resample(
    fit_fn: Any,
    data: Any,
    n: int = 2000,
    seed: int = 0,
    n_jobs: int = 1,
    *,
    kind: str = "bootstrap",
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
        name. A fit of `coxph` stands for its coefficients: it is refitted on the same rows as a
        function would be, without reading the formula again (its levels, knots and reference
        levels stay), and many times faster.
    data : pandas.DataFrame or polars.DataFrame
        For a fit, the data it was made on.
    n : int
        Replicates.
    seed : int
        Project seed.
    n_jobs : int
        Worker processes (joblib), or threads for a fit; the result does not depend on it.
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
        given other data than its own; `fit_fn` neither a function nor such a fit.
    ConvergenceError
        No replicate gave an estimate.

    Warns
    -----
    EstimationWarning
        Some replicates gave no estimate; they are counted and left out.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    >>> r = resample(lambda d: {"mean": d["x"].mean()}, df, n=200, seed=1)
    >>> r.tidy()["estimate"].tolist(), len(r.draws)
    ([3.0], 200)
    """
    frame = as_pandas(data).reset_index(drop=True)
    plan = Plan.of(frame, kind, stratify, cluster, permute)
    if n < 1:
        raise InputError(f"n is {n}; it must be at least 1 replicate.")
    estimate = _row_estimate(fit_fn, frame, kind)
    observed = estimate.observed()
    outcomes = _run(estimate, plan, [(seed, name, b) for b in range(n)], n_jobs, progress)
    failures = [outcome for outcome in outcomes if isinstance(outcome, str)]
    draws = pd.DataFrame(
        [dict.fromkeys(observed, np.nan) if isinstance(o, str) else o for o in outcomes],
        columns=list(observed),
    )
    if failures:
        _report_failures(failures, n)
    return Resampled(observed, draws, kind, len(failures), seed, name, estimate, plan, len(frame))


def _row_estimate(fit_fn: Any, frame: pd.DataFrame, kind: str) -> RowEstimate:
    if hasattr(fit_fn, "on_rows_of"):
        if kind == "permutation":
            raise InputError(
                "a permutation changes a column before the fit; pass a function that fits."
            )
        return fit_fn.on_rows_of(frame)
    if not callable(fit_fn):
        raise InputError(
            f"fit_fn is a {type(fit_fn).__name__}; pass a function of a DataFrame, or a coxph fit."
        )
    return _FrameEstimate(fit_fn, frame)


def _run(
    estimate: RowEstimate,
    plan: Plan,
    keys: list[tuple[int, str, int]],
    n_jobs: int,
    progress: bool,
) -> list[dict[str, float] | str]:
    from tqdm import tqdm

    bar = tqdm(keys, disable=not progress, desc=plan.kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if n_jobs == 1:
            return [_replicate(estimate, plan, key) for key in bar]
        if not isinstance(estimate, _FrameEstimate):  # compiled code that runs beside others
            with ThreadPoolExecutor(n_jobs if n_jobs > 0 else None) as pool:
                return list(pool.map(lambda key: _replicate(estimate, plan, key), bar))
    from joblib import Parallel, delayed

    tasks = (delayed(_quiet_replicate)(estimate, plan, key) for key in bar)
    return list(Parallel(n_jobs=n_jobs)(tasks))


def _quiet_replicate(
    estimate: RowEstimate, plan: Plan, key: tuple[int, str, int]
) -> dict[str, float] | str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _replicate(estimate, plan, key)


def _replicate(
    estimate: RowEstimate, plan: Plan, key: tuple[int, str, int]
) -> dict[str, float] | str:
    """One estimate, or why there is none."""
    rng = replicate_rng(*key)
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
    warnings.warn(
        f"{len(failures)} of {n} replicates gave no estimate ({kinds}) and are left out.",
        EstimationWarning,
        stacklevel=3,
    )


def _as_row(value: Any) -> dict[str, float]:
    """Name the numbers that a fit function returned."""
    if isinstance(value, Mapping | pd.Series):
        return {str(key): float(each) for key, each in value.items()}
    if np.ndim(value) == 0:
        return {"estimate": float(value)}
    return {f"estimate{i}": float(each) for i, each in enumerate(np.ravel(value))}


@frozen_result
class Resampled(Result):
    """Estimates on resampled data.

    Attributes
    ----------
    observed : dict
        Estimates on the data as they are.
    draws : pandas.DataFrame
        One row per replicate, one column per estimate; NaN where a replicate failed.
    kind, n_failed, seed, name
        As given, and the failed replicates.
    estimate_of, plan, n_row
        What the jackknife of a BCa interval needs.
    """

    observed: dict[str, float]
    draws: pd.DataFrame
    kind: str
    n_failed: int
    seed: int
    name: str
    estimate_of: RowEstimate
    plan: Plan
    n_row: int

    def tidy(self, *, interval: str = "percentile", conf_level: float = 0.95) -> pd.DataFrame:
        """One row per estimate.

        Bootstrap: ``term estimate std_error bias conf_low conf_high``; `interval` is percentile,
        bca (Efron's bias-corrected and accelerated) or normal. Permutation: ``term estimate
        p_value``, twice the smaller tail, the observed value counted among the draws.
        """
        observed = pd.Series(self.observed)
        if self.kind == "permutation":
            slack = 1e-12 * observed.abs()
            above = (self.draws >= observed - slack).sum()
            below = (self.draws <= observed + slack).sum()
            tail = np.minimum(above, below)
            p_value = np.minimum(2 * (1 + tail) / (1 + self.draws.notna().sum()), 1.0)
            columns = {"term": observed.index, "estimate": observed, "p_value": p_value}
            return pd.DataFrame(columns).reset_index(drop=True)
        limits = [boot_ci(self, term, interval, conf_level) for term in observed.index]
        return pd.DataFrame(
            {
                "term": observed.index,
                "estimate": observed.to_numpy(),
                "std_error": self.draws.std(ddof=1).to_numpy(),
                "bias": (self.draws.mean() - observed).to_numpy(),
                "conf_low": [low for low, _ in limits],
                "conf_high": [high for _, high in limits],
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row: ``method n_replicate n_failed seed``."""
        row = {"method": self.kind, "n_replicate": len(self.draws), "n_failed": self.n_failed}
        return pd.DataFrame([{**row, "seed": self.seed}])

    def jackknife(self, term: str) -> np.ndarray:
        """The estimate without each row (or cluster) in turn."""
        rows = self.plan.without(self.n_row)
        return np.array([self.estimate_of.on_rows(each)[term] for each in rows])

    def _title(self) -> str:
        return f"{self.kind}, {len(self.draws)} replicates, seed {self.seed}"


def boot_ci(
    result: Resampled, term: str, interval: str = "percentile", conf_level: float = 0.95
) -> tuple[float, float]:
    """Bootstrap limits of one estimate.

    Parameters
    ----------
    result : Resampled
    term : str
        Name of the estimate.
    interval : {"percentile", "bca", "normal"}
        BCa refits the estimate once without each row (or cluster) for its acceleration.
    conf_level : float

    Returns
    -------
    tuple of float

    Raises
    ------
    InputError
        Unknown `interval`, or a level outside (0, 1).

    References
    ----------
    Efron B, Tibshirani R (1993). An Introduction to the Bootstrap, chapters 13 and 14.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    >>> r = resample(lambda d: d["x"].mean(), df, n=500, seed=1)
    >>> low, high = boot_ci(r, "estimate", "normal")
    >>> round((low + high) / 2, 6)
    3.0
    """
    if interval not in _INTERVALS:
        raise InputError(f"interval is {interval!r}; choose one of {', '.join(_INTERVALS)}.")
    if not 0 < conf_level < 1:
        raise InputError(f"conf_level is {conf_level}; it must lie between 0 and 1, e.g. 0.95.")
    draws = result.draws[term].dropna().to_numpy()
    observed = result.observed[term]
    tails = np.array([(1 - conf_level) / 2, (1 + conf_level) / 2])
    if interval == "normal":
        low, high = observed + stats.norm.ppf(tails) * draws.std(ddof=1)
        return float(low), float(high)
    if interval == "bca":
        tails = _bca_levels(draws, observed, result.jackknife(term), tails)
    low, high = np.quantile(draws, tails)
    return float(low), float(high)


def _bca_levels(
    draws: np.ndarray, observed: float, without: np.ndarray, tails: np.ndarray
) -> np.ndarray:
    """Quantile levels that correct for bias and for a standard error that changes."""
    below = (np.sum(draws < observed) + np.sum(draws == observed) / 2) / len(draws)
    edge = 0.5 / len(draws)
    bias = stats.norm.ppf(np.clip(below, edge, 1 - edge))
    gap = without.mean() - without
    spread = np.sum(gap**2) ** 1.5
    acceleration = np.sum(gap**3) / (6 * spread) if spread > 0 else 0.0
    shifted = bias + stats.norm.ppf(tails)
    return stats.norm.cdf(bias + shifted / (1 - acceleration * shifted))
