"""Fisher's exact test of a table of any size: every table with the same margins, enumerated."""

from __future__ import annotations

import numpy as np

from faceage_stats.errors import DesignError

__all__ = ["exact_p"]

_MOST_TABLES = 2_000_000  # enumerated before it refuses


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
    Partial tables, filled column by column, that leave the same row totals stay apart: their
    number is bounded by `_MOST_TABLES`. "No likelier" has R's relative tolerance of 1e-7.
    """
    if table.shape[0] > table.shape[1]:
        table = table.T
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, table.sum() + 1)))])
    column_totals = table.sum(axis=0)
    # one line per partial table: row counts still to be placed, minus its log factorials
    remaining = table.sum(axis=1)[None, :]
    log_weight = np.zeros(1)
    for total in column_totals[:-1]:
        remaining, log_weight = _place_column(remaining, log_weight, int(total), log_factorial)
    log_weight = log_weight - log_factorial[remaining].sum(axis=1)
    constant = (
        log_factorial[table.sum(axis=1)].sum()
        + log_factorial[column_totals].sum()
        - log_factorial[table.sum()]
    )
    observed = -log_factorial[table].sum()
    as_extreme = log_weight <= observed + 1e-7
    return float(min(1.0, np.exp(log_weight[as_extreme] + constant).sum()))


def _place_column(
    remaining: np.ndarray, log_weight: np.ndarray, total: int, log_factorial: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Extend every partial table by each way to spread one column total over the rows."""
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
        remaining, log_weight = remaining[parent], log_weight[parent] - log_factorial[value]
        left = left[parent] - value
    return remaining - np.column_stack(done), log_weight
