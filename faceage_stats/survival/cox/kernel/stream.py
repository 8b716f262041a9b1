"""The Cox partial likelihood of rows that come once, backwards in time, some at a time.

Of those at risk only sums are kept: of the risk, of risk times x and of risk times x x', in each
stratum. Where a time is complete its deaths are taken off; the score and the information are then
sums over times, and no row is needed again. MATHS.md in this folder names the symbols.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled

__all__ = ["Rows", "Running", "add_rows", "close_times", "running"]

_compiled = compiled(error_model="numpy", fastmath={"reassoc", "contract", "nsz"})


class Rows(NamedTuple):
    """Rows in order of time: x (n, p), and one number a row of each of the others."""

    x: FloatArray
    offset: FloatArray
    weight: FloatArray
    event: IntArray
    time: IntArray  # number of the time; of two times the later has the larger
    stratum: IntArray


class Running(NamedTuple):
    """What is carried from later rows to earlier ones, one entry per stratum.

    The sums of the risk, and of its products with x, over those at risk and over the deaths at
    the time that is not yet complete.
    """

    time: IntArray
    n_dead: IntArray
    dead_weight: FloatArray
    risk: FloatArray  # shape (strata, 2): at risk, dying
    first: FloatArray  # (strata, 2, p)
    second: FloatArray  # (strata, 2, p, p), upper triangle


def running(n_strata: int, p: int) -> Running:
    """Begin after the last time, with nobody at risk."""
    return Running(
        np.full(n_strata, -1),
        np.zeros(n_strata, np.int64),
        np.zeros(n_strata),
        np.zeros((n_strata, 2)),
        np.zeros((n_strata, 2, p)),
        np.zeros((n_strata, 2, p, p)),
    )


@_compiled
def _close(k: int, sums: Running, efron: bool, score: FloatArray, information: FloatArray) -> float:
    """Take the deaths of a complete time into account; returns what the log-likelihood loses."""
    n_dead = sums.n_dead[k]
    if n_dead == 0:
        return 0.0
    steps = n_dead if efron else 1
    weight = sums.dead_weight[k] / steps
    lost, a, b, aa, ab, bb = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for j in range(steps):
        share = j / steps
        left = sums.risk[k, 0] - share * sums.risk[k, 1]
        if not (left > 0.0 and left < np.inf):
            return np.inf
        lost += weight * math.log(left)
        a, b = a + weight / left, b + weight * share / left
        square = weight / (left * left)
        aa, ab, bb = aa + square, ab + square * share, bb + square * share * share
    s, d = sums.first[k, 0], sums.first[k, 1]
    ss, dd = sums.second[k, 0], sums.second[k, 1]
    for i in range(score.size):
        score[i] -= a * s[i] - b * d[i]
        for j in range(i, score.size):
            mean = aa * s[i] * s[j] - ab * (s[i] * d[j] + d[i] * s[j]) + bb * d[i] * d[j]
            information[i, j] += a * ss[i, j] - b * dd[i, j] - mean
            dd[i, j] = 0.0
        d[i] = 0.0
    sums.n_dead[k], sums.dead_weight[k], sums.risk[k, 1] = 0, 0.0, 0.0
    return lost


@_compiled
def add_rows(
    rows: Rows,
    beta: FloatArray,
    efron: bool,
    sums: Running,
    score: FloatArray,
    information: FloatArray,
) -> float:
    """Let rows join the risk sets, the last one first; returns their part of the log-likelihood."""
    p, gained = beta.size, 0.0
    for i in range(rows.weight.size - 1, -1, -1):
        k, x = rows.stratum[i], rows.x[i]
        if rows.time[i] != sums.time[k]:
            gained -= _close(k, sums, efron, score, information)
            sums.time[k] = rows.time[i]
        eta = rows.offset[i]
        for a in range(p):
            eta += beta[a] * x[a]
        risk = rows.weight[i] * math.exp(eta)
        parts = 2 if rows.event[i] == 1 else 1
        if parts == 2:
            gained += rows.weight[i] * eta
            sums.n_dead[k] += 1
            sums.dead_weight[k] += rows.weight[i]
            for a in range(p):
                score[a] += rows.weight[i] * x[a]
        for part in range(parts):
            first, second = sums.first[k, part], sums.second[k, part]
            sums.risk[k, part] += risk
            for a in range(p):
                product = risk * x[a]
                first[a] += product
                line = second[a]
                for b in range(a, p):
                    line[b] += product * x[b]
    return gained


@_compiled
def close_times(efron: bool, sums: Running, score: FloatArray, information: FloatArray) -> float:
    """Complete the first time of every stratum, and fill the lower triangle."""
    gained = 0.0
    for k in range(sums.time.size):
        gained -= _close(k, sums, efron, score, information)
    for a in range(score.size):
        for b in range(a):
            information[a, b] = information[b, a]
    return gained
