"""Cox's discrete partial likelihood: which of the rows at risk die, given how many do.

With odds u_i = exp(x_i b), the probability that just the dead die is the product of their u over
the sum, over all sets of d rows, of the products of theirs. That sum is found through independent
coins that fall with probability c u_i / (1 + c u_i): given that d fall, which do is the same
whatever c is, and where c makes d fall on average nothing runs over or under. One pass over the
coins carries the probability of every count up to d, and the first two moments of the sum of x.
"""

from __future__ import annotations

import math

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled
from faceage_stats.survival.cox.kernel.layout import Layout

__all__ = ["evaluate_exact"]

_BALANCING = 50  # rounds; the result does not depend on how well c is balanced


@compiled()
def _at_risk(s: int, start: int, layout: Layout, rows: IntArray) -> int:
    """Fill `rows` with the risk set of interval s; return its size."""
    m = 0
    for i in range(start, layout.first[s + 1]):
        if layout.entry_interval.size == 0 or layout.entry_interval[i] > s:
            rows[m] = i
            m += 1
    return m


@compiled()
def _balance(odds: FloatArray, d: int) -> float:
    """The log of a factor of the odds with which about d coins fall."""
    total = 0.0
    for u in odds:
        total += u
    factor = d / total
    for _ in range(_BALANCING):
        mean = 0.0
        for u in odds:
            mean += factor * u / (1.0 + factor * u)
        factor *= d / mean
        if abs(mean - d) < 0.1:
            break
    return math.log(factor)


@compiled()
def _toss(
    fall: float,
    x: FloatArray,
    count: int,
    chance: FloatArray,
    first: FloatArray,
    second: FloatArray,
) -> None:
    """One more coin: the chance of k falling, and the moments of the sum of x over those."""
    stay, p = 1.0 - fall, x.size
    for k in range(count, 0, -1):
        for a in range(p):
            for b in range(a + 1):
                grown = second[k - 1, a, b] + x[a] * first[k - 1, b] + first[k - 1, a] * x[b]
                grown += x[a] * x[b] * chance[k - 1]
                second[k, a, b] = stay * second[k, a, b] + fall * grown
        for a in range(p):
            grown = first[k - 1, a] + x[a] * chance[k - 1]
            first[k, a] = stay * first[k, a] + fall * grown
        chance[k] = stay * chance[k] + fall * chance[k - 1]
    chance[0] *= stay


@compiled()
def _gather(
    columns: FloatArray, linear: FloatArray, rows: IntArray, x: FloatArray, odds: FloatArray
) -> float:
    """Fill covariates and odds of a risk set; return the largest log odds, left out of them."""
    top = -np.inf
    for j in range(odds.size):
        top = max(top, linear[rows[j]])
    for j in range(odds.size):
        odds[j] = math.exp(linear[rows[j]] - top)
        for a in range(x.shape[1]):
            x[j, a] = columns[a, rows[j]]
    return top


@compiled()
def _add_interval(
    x: FloatArray,
    odds: FloatArray,
    d: int,
    score: FloatArray,
    information: FloatArray,
) -> float:
    """Take the expectation off the score, add the variance; return the log of the sum over sets."""
    p = x.shape[1]
    chance, first, second = np.zeros(d + 1), np.zeros((d + 1, p)), np.zeros((d + 1, p, p))
    chance[0] = 1.0
    log_factor = _balance(odds, d)
    log_sum = -d * log_factor
    for j in range(odds.size):
        u = math.exp(log_factor) * odds[j]
        log_sum += math.log1p(u)
        _toss(u / (1.0 + u), x[j], min(j + 1, d), chance, first, second)
    for a in range(p):
        score[a] -= first[d, a] / chance[d]
        for b in range(a + 1):
            variance = second[d, a, b] / chance[d]
            variance -= first[d, a] / chance[d] * (first[d, b] / chance[d])
            information[a, b] += variance
    return log_sum + math.log(chance[d])


@compiled()
def evaluate_exact(
    columns: FloatArray,
    linear: FloatArray,
    layout: Layout,
    score: FloatArray,
    information: FloatArray,
) -> float:
    """Log-likelihood at a linear predictor; adds to score (p) and information (p, p).

    `columns` has shape (p, n). The cost is that of rows at risk x deaths x p^2 at each event time.
    """
    p, log_lik = columns.shape[0], 0.0
    rows = np.empty(linear.size, np.int64)
    for stratum in range(layout.stratum_first.size - 1):
        begin, end = layout.stratum_first[stratum], layout.stratum_first[stratum + 1]
        for s in range(begin, end):
            d = layout.n_dead[s]
            m = _at_risk(s, layout.first[begin], layout, rows)
            if d == 0 or d == m:  # all die, with certainty
                continue
            x, odds = np.empty((m, p)), np.empty(m)
            top = _gather(columns, linear, rows, x, odds)
            for i in range(layout.first[s], layout.first[s] + d):
                log_lik += linear[i] - top
                for a in range(p):
                    score[a] += columns[a, i]
            log_lik -= _add_interval(x, odds, d, score, information)
    for a in range(p):
        for b in range(a):
            information[b, a] = information[a, b]
    return log_lik
