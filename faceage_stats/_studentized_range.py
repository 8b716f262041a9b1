"""The studentised range: how far the largest of k means lies above the smallest by chance.

The tail is one integral over the largest of k standard normal values and one over the logarithm of
the estimated standard deviation. Neither is the difference of two close numbers, so that small
p-values keep their digits, and a fixed rule of Gauss and Legendre is exact to about 12 of them.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np
from scipy import optimize, special

from faceage_stats._compiled import FloatArray

__all__ = ["range_quantile", "range_tail"]

_NOTHING = 38.0  # exp(-38), relative to the peak, is left out


def range_tail(q: FloatArray | float, k: int, df: FloatArray | float) -> FloatArray:
    """Return the chance of a studentised range above `q`, of `k` means, for each `q` and `df`.

    What is missing stays missing; `df` may be infinite.
    """
    q, df = np.broadcast_arrays(np.asarray(q, float), np.asarray(df, float))
    tails = [_tail(each, k, nu) for each, nu in zip(q.ravel(), df.ravel(), strict=True)]
    return np.reshape(tails, q.shape)


def range_quantile(level: float, k: int, df: FloatArray | float) -> FloatArray:
    """Return the studentised range of `k` means that chance exceeds with 1 - `level`."""
    df = np.asarray(df, float)
    return np.reshape([_quantile(level, k, nu) for nu in df.ravel()], df.shape)


@cache
def _nodes(count: int) -> tuple[FloatArray, FloatArray]:
    node, weight = np.polynomial.legendre.leggauss(count)
    return node, weight


def _between(low: FloatArray, high: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights between each pair of limits, on a last axis."""
    node, weight = _nodes(count)
    half = ((high - low) / 2)[..., None]
    return low[..., None] + half * (1 + node), half * weight


def _normal_tail(w: FloatArray, k: int) -> FloatArray:
    """Return the chance that the range of k standard normal values exceeds each w."""
    # the largest value: where it and the smallest one, w below it, are both likely
    low = np.maximum(w / 2 - 6.5, special.ndtri_exp(-_NOTHING / k))
    z, weight = _between(low, np.maximum(w / 2 + 6.5, 9), 80)
    log_below = special.log_ndtr(z)
    with np.errstate(divide="ignore"):  # a range of nothing is exceeded: log(0)
        none_further = np.log1p(-np.exp(special.log_ndtr(z - w[..., None]) - log_below))
    density = k * np.exp((k - 1) * log_below - z**2 / 2) / math.sqrt(2 * math.pi)
    return np.asarray((weight * density * -np.expm1((k - 1) * none_further)).sum(axis=-1))


def _tail(q: float, k: int, df: float) -> float:
    if math.isnan(q) or math.isnan(df):
        return math.nan
    if q <= 0 or math.isinf(q):
        return float(q <= 0)
    if math.isinf(df):
        return float(_normal_tail(np.array([q]), k)[0])
    # of log(s): where s is likely (about 0), and where it is so small that the range is large
    left, right = _reach(df)
    small = -math.log1p(q * q / (2 * df)) / 2
    edges = np.array([small + left, small, 0, right])
    log_s, weight = _between(edges[:-1], edges[1:], 40)
    log_density = df * (log_s - np.expm1(2 * log_s) / 2) + _log_peak(df)
    return float((weight * np.exp(log_density) * _normal_tail(q * np.exp(log_s), k)).sum())


def _log_peak(df: float) -> float:
    """Return the logarithm of the density of log(s) at 0, its highest."""
    if df > 1e4:  # what Stirling's formula leaves; the terms below would lose their digits
        return math.log(df / math.pi) / 2 - 1 / (6 * df)
    return math.log(2) + df / 2 * math.log(df / 2) - df / 2 - float(special.gammaln(df / 2))


@lru_cache(maxsize=1000)
def _reach(df: float) -> tuple[float, float]:
    """Return how far below and above its peak the density of log(s) matters."""

    def excess(v: float) -> float:
        return df * (v - math.expm1(2 * v) / 2) + _NOTHING

    left = optimize.brentq(excess, -_NOTHING / df - 1, 0)
    return left, optimize.brentq(excess, 0, 1 + math.log1p(_NOTHING / df))


@lru_cache(maxsize=1000)
def _quantile(level: float, k: int, df: float) -> float:
    if math.isnan(df):
        return math.nan

    def excess(log_q: float) -> float:
        return _tail(math.exp(log_q), k, df) - (1 - level)

    return math.exp(optimize.brentq(excess, -20, 20 + 40 / df, xtol=1e-12))
