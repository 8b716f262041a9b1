"""Fisher's exact test of a table of any size: every table with the same margins, counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from faceage_stats.errors import DesignError

__all__ = ["exact_p"]

_MOST_TABLES = 2_000_000  # partial tables kept at once before it refuses
_SAME = 1e-7  # "no likelier" has R's relative tolerance
_DIGITS = 10  # decimals to which two logarithms of a probability are one


class _Partial(NamedTuple):
    """Partial tables, filled column by column; those that can end alike are one line.

    `remaining` are the row totals still to be placed, in descending order (which row is which
    changes no probability), `log_weight` minus the log factorials of the cells placed, `log_ways`
    the logarithm of how many tables the line stands for.
    """

    remaining: np.ndarray
    log_weight: np.ndarray
    log_ways: np.ndarray


def exact_p(table: np.ndarray) -> float:
    """Return the probability of all tables with these margins no likelier than the one observed.

    Parameters
    ----------
    table : ndarray of int, shape (r, c)

    Raises
    ------
    DesignError
        Too many tables have these margins.

    Notes
    -----
    As the network algorithm does, a partial table is left when all of its completions are as
    extreme as the observed table, whose probability then has a closed form, or none is.
    """
    if table.shape[0] > table.shape[1]:
        table = table.T
    rows, columns = table.sum(axis=1), np.sort(table.sum(axis=0))[::-1]
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, table.sum() + 1)))])
    observed = -log_factorial[table].sum() + _SAME
    constant = log_factorial[rows].sum() + log_factorial[columns].sum() - log_factorial[table.sum()]
    lines = _Partial(np.sort(rows)[None, ::-1], np.zeros(1), np.zeros(1))
    p = 0.0
    for position, total in enumerate(columns[:-1]):
        lines = _merged(_place_column(lines, int(total), log_factorial))
        left = columns[position + 1 :]
        most, least = _bounds(lines.remaining, left, log_factorial)
        surely = lines.log_weight + most <= observed
        # sum of 1 / prod(cells!) over all completions
        whole = log_factorial[left.sum()] - log_factorial[left].sum()
        whole = whole - log_factorial[lines.remaining[surely]].sum(axis=1)
        log_p = lines.log_weight[surely] + lines.log_ways[surely] + whole + constant
        p += float(np.exp(log_p).sum())
        open_ = ~surely & (lines.log_weight + least <= observed)
        if not open_.any():  # all that is left is as extreme, or none is
            break
        lines = _Partial(*(part[open_] for part in lines))
    return float(min(1.0, p))


def _bounds(
    remaining: np.ndarray, left: np.ndarray, log_factorial: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of minus the log factorials of the cells still to be placed; exact for one column.

    Log factorials are convex: they sum to least where a total is spread evenly, to most where it
    stands in one cell.
    """
    if len(left) == 1:
        exact = -log_factorial[remaining].sum(axis=1)
        return exact, exact
    n_row, n_column = remaining.shape[1], len(left)
    by_row = -n_column * gammaln(remaining / n_column + 1).sum(axis=1)
    by_column = -n_row * gammaln(left / n_row + 1).sum()
    most = np.minimum(by_row, by_column)
    least = np.maximum(-log_factorial[remaining].sum(axis=1), -log_factorial[left].sum())
    return most, least


def _merged(lines: _Partial) -> _Partial:
    """Put together the lines with the same totals left and the same weight."""
    remaining = -np.sort(-lines.remaining, axis=1)
    weight = np.round(lines.log_weight, _DIGITS)
    order = np.lexsort([weight, *remaining.T])
    key = np.column_stack([remaining[order], weight[order]])
    first = np.flatnonzero(np.append(True, (key[1:] != key[:-1]).any(axis=1)))
    ways = np.add.reduceat(np.exp(lines.log_ways[order]), first)
    return _Partial(remaining[order][first], lines.log_weight[order][first], np.log(ways))


def _place_column(lines: _Partial, total: int, log_factorial: np.ndarray) -> _Partial:
    """Extend every partial table by each way to spread one column total over the rows."""
    remaining, log_weight, log_ways = lines
    left = np.full(len(remaining), total)
    done: list[np.ndarray] = []
    for row in range(remaining.shape[1]):
        capacity = remaining[:, row + 1 :].sum(axis=1)
        low, high = np.maximum(0, left - capacity), np.minimum(left, remaining[:, row])
        ways = high - low + 1
        if ways.sum() > _MOST_TABLES:
            raise DesignError(
                f"fisher_test: more than {_MOST_TABLES:,} tables have these margins; "
                "use chisq_test, or join sparse levels."
            )
        parent = np.repeat(np.arange(len(left)), ways)
        value = low[parent] + np.arange(ways.sum()) - np.repeat(np.cumsum(ways) - ways, ways)
        done = [column[parent] for column in done] + [value]
        remaining, log_ways = remaining[parent], log_ways[parent]
        log_weight = log_weight[parent] - log_factorial[value]
        left = left[parent] - value
    return _Partial(remaining - np.column_stack(done), log_weight, log_ways)
