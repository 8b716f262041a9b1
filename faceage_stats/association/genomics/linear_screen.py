"""One design, thousands of responses: least squares and correlations by columns, no pandas.

Columns with the same missing rows are fitted together, so that complete data cost one QR. The
products with a few design columns are einsum's: threaded BLAS is no faster there, and slower on a
busy machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special, stats

__all__ = [
    "Block",
    "Correlations",
    "LinearFits",
    "block",
    "complete_blocks",
    "correlate_columns",
    "fit_columns",
    "t_p_value",
    "t_quantile",
    "varying_columns",
]

_CHUNK = 512
_RANK_TOLERANCE = 1e-10


class Block(NamedTuple):
    """Rows and columns, by position, between which no value is missing."""

    rows: np.ndarray
    columns: np.ndarray


def complete_blocks(values: np.ndarray) -> Iterator[Block]:
    """Divide into blocks without missing values, at most 512 columns each."""
    missing = np.isnan(values)
    incomplete = missing.any(axis=0)
    groups = [(np.arange(len(values)), np.flatnonzero(~incomplete))]
    columns = np.flatnonzero(incomplete)
    if len(columns):
        patterns = np.packbits(missing[:, columns], axis=0).T
        _, code = np.unique(patterns, axis=0, return_inverse=True)
        for members in (columns[code.ravel() == k] for k in range(code.max() + 1)):
            groups.append((np.flatnonzero(~missing[:, members[0]]), members))
    for rows, members in groups:
        for low in range(0, len(members), _CHUNK):
            yield Block(rows, members[low : low + _CHUNK])


def block(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Copy some rows and columns; whole neighbouring columns, the usual case, as one slice."""
    if len(rows) < len(values):
        return np.asarray(values[np.ix_(rows, columns)])
    if len(columns) and columns[-1] - columns[0] == len(columns) - 1:
        return values[:, columns[0] : columns[-1] + 1].copy()
    return np.asarray(values[:, columns])


def varying_columns(values: np.ndarray) -> np.ndarray:
    """Find the columns with two distinct values or more, beyond rounding error."""
    high = np.fmax.reduce(values, axis=0)
    low = np.fmin.reduce(values, axis=0)
    return np.asarray(high - low > 1e-13 * np.maximum(np.abs(high), np.abs(low)))


@dataclass(frozen=True)
class LinearFits:
    """Least squares of every column on one design; NaN where a column cannot be fitted.

    Attributes
    ----------
    coef, unscaled : ndarray, shape (p, m)
        Coefficients, and their standard errors over sigma.
    sigma, df, mean, n : ndarray, shape (m,)
        Residual standard deviation and degrees of freedom, mean, values present.
    """

    coef: np.ndarray
    unscaled: np.ndarray
    sigma: np.ndarray
    df: np.ndarray
    mean: np.ndarray
    n: np.ndarray

    def take(self, kept: np.ndarray) -> LinearFits:
        """Keep some columns."""
        return LinearFits(
            self.coef[:, kept], self.unscaled[:, kept], self.sigma[kept], self.df[kept],
            self.mean[kept], self.n[kept],
        )  # fmt: skip

    def hide(self, tested: np.ndarray) -> LinearFits:
        """Set what is not tested to NaN."""
        shown = np.where(tested, 1.0, np.nan)
        return LinearFits(
            self.coef * shown, self.unscaled * shown, self.sigma * shown,
            np.where(tested, self.df, 0), self.mean * shown, self.n,
        )  # fmt: skip


def fit_columns(design: np.ndarray, values: np.ndarray) -> LinearFits:
    """Regress every column of `values` (n, m) on `design` (n, p), which has its intercept first."""
    p, m = design.shape[1], values.shape[1]
    coef, unscaled = np.full((p, m), np.nan), np.full((p, m), np.nan)
    sigma, df, mean = np.full(m, np.nan), np.zeros(m), np.full(m, np.nan)
    n = np.zeros(m, np.int64)
    for rows, columns in complete_blocks(values):
        n[columns] = len(rows)
        y = block(values, rows, columns)
        if not len(rows):
            continue
        mean[columns] = y.mean(axis=0)
        q, r = np.linalg.qr(design[rows])
        if not _full_rank(r):
            continue
        y -= mean[columns]  # less cancellation in the residuals
        effects = np.einsum("ip,ij->pj", q, y)
        inverse = np.linalg.inv(r)
        coef[:, columns] = inverse @ effects
        coef[0, columns] += mean[columns]
        unscaled[:, columns] = np.sqrt((inverse**2).sum(axis=1))[:, None]
        df[columns] = len(rows) - p
        if len(rows) > p:
            sigma[columns] = np.sqrt(_residual_squares(q, effects, y) / (len(rows) - p))
    return LinearFits(coef, unscaled, sigma, df, mean, n)


def _residual_squares(q: np.ndarray, effects: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sum of squared residuals of each column: what the effects leave of its squares.

    Where little is left, the difference has lost digits: there the residuals are made.
    """
    whole = np.einsum("ij,ij->j", y, y)
    left = whole - np.einsum("pj,pj->j", effects, effects)
    close = np.flatnonzero(left < 0.1 * whole)
    residual = y[:, close] - q @ effects[:, close]
    left[close] = np.einsum("ij,ij->j", residual, residual)
    return np.asarray(left)


def _full_rank(r: np.ndarray) -> bool:
    """R of a QR is square and no column is a combination of those before it."""
    size = np.linalg.norm(r, axis=0)
    return r.shape[0] == r.shape[1] and bool((np.abs(np.diag(r)) > _RANK_TOLERANCE * size).all())


class Correlations(NamedTuple):
    """Correlation with every column, and the number of complete pairs."""

    r: np.ndarray
    n: np.ndarray


def correlate_columns(x: np.ndarray, values: np.ndarray, *, ranks: bool) -> Correlations:
    """Correlate `x` with every column over its complete pairs."""
    m = values.shape[1]
    r, n = np.full(m, np.nan), (~np.isnan(values)).sum(axis=0)
    for rows, columns in complete_blocks(values):
        if len(rows) < 3:
            continue
        y, part = block(values, rows, columns), x[rows]
        if ranks:
            y, part = stats.rankdata(y, axis=0), stats.rankdata(part)
        part = part - part.mean()
        y -= y.mean(axis=0)
        size = np.sqrt(np.einsum("ij,ij->j", y, y) * (part @ part))
        with np.errstate(invalid="ignore", divide="ignore"):
            r[columns] = np.where(size > 0, np.einsum("i,ij->j", part, y) / size, np.nan)
    return Correlations(np.clip(r, -1, 1), n)


def t_p_value(t: np.ndarray, df: np.ndarray | float) -> np.ndarray:
    """Compute two-sided p of t statistics; an infinite df is normal."""
    return np.asarray(2 * special.stdtr(df, -np.abs(t)))


def t_quantile(level: float, df: np.ndarray) -> np.ndarray:
    """Find the quantile of t at one level; degrees of freedom repeat: each is solved once."""
    known, code = np.unique(df, return_inverse=True)
    with np.errstate(invalid="ignore"):
        return np.asarray(stats.t.ppf(level, np.where(known > 0, known, np.nan)))[code]
