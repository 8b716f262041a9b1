"""Random draws shared by every synthetic cohort: streams, margins, survival times, blanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from faceage_stats._seed import generator
from faceage_stats._units import DAYS_PER_YEAR

__all__ = [
    "blank",
    "count_of",
    "draw_by_group",
    "draw_levels",
    "exchange",
    "follow_up",
    "identifiers",
    "mean_level",
    "scaled_beta",
    "stream",
    "to_years",
    "weibull_times",
]

Floats = NDArray[np.float64]


def stream(seed: int, cohort: str, component: str) -> np.random.Generator:
    """Independent generator of one component: adding a component does not change any other."""
    return generator(seed, cohort, component)


def identifiers(prefix: str, n: int) -> list[str]:
    """SYN-<prefix>-00001 ...: an identifier that no hospital could have given."""
    return [f"SYN-{prefix}-{number:05d}" for number in range(1, n + 1)]


def draw_levels(rng: np.random.Generator, weights: Mapping[Any, float], n: int) -> np.ndarray:
    """N independent draws of the keys of `weights`."""
    levels = np.array(list(weights))
    chance = np.array(list(weights.values()), float)
    return levels[rng.choice(len(levels), size=n, p=chance / chance.sum())]


def draw_by_group(
    rng: np.random.Generator,
    group: ArrayLike,
    weights: Mapping[Any, Mapping[Any, float]],
) -> np.ndarray:
    """One level per patient, from the weights of the patient's group."""
    group = np.asarray(group)
    uniform = rng.random(len(group))
    levels = np.array(list(next(iter(weights.values()))))
    drawn = np.empty(len(group), dtype=levels.dtype)
    for name, row in weights.items():
        here = group == name
        edges = np.cumsum(list(row.values())) / sum(row.values())
        drawn[here] = levels[np.searchsorted(edges[:-1], uniform[here], side="right")]
    return drawn


def mean_level(weights: Mapping[int, float]) -> float:
    """Mean of a numeric level under its weights."""
    return sum(level * w for level, w in weights.items()) / sum(weights.values())


def scaled_beta(
    rng: np.random.Generator, mean: ArrayLike, sd: ArrayLike, *, low: float, high: float
) -> Floats:
    """Bounded draws with exactly this mean and standard deviation (a beta on [low, high])."""
    centre = (np.asarray(mean, float) - low) / (high - low)
    spread = np.asarray(sd, float) / (high - low)
    size = centre * (1 - centre) / spread**2 - 1
    return low + (high - low) * rng.beta(centre * size, (1 - centre) * size)


def weibull_times(
    rng: np.random.Generator, log_hazard: ArrayLike, *, shape: float, scale: float
) -> Floats:
    """Survival times with hazard (shape/scale)(t/scale)^(shape-1) exp(log_hazard)."""
    log_hazard = np.asarray(log_hazard, float)
    cumulative = rng.exponential(size=log_hazard.shape)
    times: Floats = scale * (cumulative * np.exp(-log_hazard)) ** (1 / shape)
    return times


def follow_up(
    rng: np.random.Generator,
    event_years: ArrayLike,
    *,
    window: tuple[float, float] | Floats,
    dropout_per_year: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Observed time in whole days, and event 0/1, under closure of the study and random dropout.

    `window` is the range of a uniform time from entry to closure, or one closure time per
    patient. A day counts from its first minute, so that times start at 1 and tie.
    """
    event_years = np.asarray(event_years, float)
    n = len(event_years)
    closure = rng.uniform(*window, size=n) if isinstance(window, tuple) else window
    dropout = rng.exponential(size=n) / dropout_per_year
    censored = np.minimum(closure, dropout)
    days = np.ceil(np.minimum(event_years, censored) * DAYS_PER_YEAR).astype(np.int64)
    return np.maximum(days, 1), (event_years <= censored).astype(np.int64)


def exchange(rows: np.ndarray, pairs: Sequence[Sequence[int]]) -> np.ndarray:
    """The rows after those of each pair changed places, one pair after the other."""
    order = np.arange(len(rows))
    for first, second in pairs:
        order[[first, second]] = order[[second, first]]
    return rows[order]


def to_years(days: ArrayLike) -> Floats:
    """Years of 365.25 days, to 4 decimals (a day is 0.0027 years: no two days merge)."""
    return np.round(np.asarray(days, float) / DAYS_PER_YEAR, 4)


def blank(
    rng: np.random.Generator,
    values: ArrayLike,
    rate: float,
    *,
    driver: ArrayLike | None = None,
) -> pd.Series:
    """Set a proportion of the values to missing.

    Without a driver the values are missing completely at random. With one (a column that is
    never missing, and not the outcome) the chance rises in a straight line from half to one
    and a half times `rate` over its ranks: missing at random.
    """
    series = pd.Series(values)
    chance = np.full(len(series), rate)
    if driver is not None:
        rank = pd.Series(np.asarray(driver)).rank(method="average").to_numpy()
        chance = rate * (0.5 + (rank - 0.5) / len(series))
    missing = rng.random(len(series)) < chance
    if pd.api.types.is_integer_dtype(series.dtype):
        series = series.astype("Int64")
    return series.mask(missing)


def count_of(values: Sequence[Any] | np.ndarray | pd.Series) -> dict[str, int]:
    """How many rows hold each value, missing values included, in sorted order."""
    counts = pd.Series(values).astype("string").fillna("missing").value_counts().sort_index()
    return {str(level): int(n) for level, n in counts.items()}
