"""Suppression of small counts, before a table is written to `results/`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._warn import warn
from faceage_stats.cohorts.disclosure.given_back import given_back
from faceage_stats.errors import DisclosureWarning, InputError

__all__ = ["COUNT_COLUMNS", "suppress"]

# Counts of people. Over rows they add up to a total that may be known, but for those that nest.
_FLOW = ("n_excluded", "n_before", "n_after")
_NESTED = (*_FLOW, "n_changed", "n_risk", "n_enter")
COUNT_COLUMNS = ("n", "n_event", "n_censor", "n_missing", *_NESTED)
# A proportion and one of its counts give the other count.
_PROPORTIONS = ("fraction", "percent", "proportion", "share")
# An estimate from a handful of people describes those people; these columns are not estimates.
_GROUP_SIZES = ("n", "n_risk")
_AXES = ("time", "tau", "conf_level", "threshold")


def suppress(
    table: pd.DataFrame,
    count_columns: Sequence[str] | None = None,
    threshold: int = 5,
    *,
    by: Sequence[str] = (),
    derived: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Suppress counts that are small, and those that would reveal them by subtraction.

    Parameters
    ----------
    table : pandas.DataFrame
        Aggregates, one row per group, term, time or step.
    count_columns : sequence of str, optional
        Columns that count people; default those of `COUNT_COLUMNS` that are there.
    threshold : int
        Counts from 1 to ``threshold - 1`` are suppressed; 0 is kept. A threshold of 0 or 1
        suppresses nothing.
    by : sequence of str
        Rows alike in these columns add up to a total that is taken to be known, whether it is in
        the table or not; default: all rows do.
    derived : mapping of str to sequence of str, optional
        Derived column -> counts from which it was computed, blank when one of them is. Default:
        proportions when any count of the row is suppressed; estimates when their group is small,
        or when they give a suppressed ``n_event`` back.

    Returns
    -------
    pandas.DataFrame
        A copy in which suppressed counts are missing, never 0, and a column ``suppressed`` (bool),
        True where something was suppressed in the row.

    Raises
    ------
    InputError
        If a column does not exist or holds values that are not counts, or the threshold is
        negative.

    Warns
    -----
    DisclosureWarning
        With the number of cells, when any was suppressed.

    Notes
    -----
    Besides the small counts themselves: ``n_event`` when ``n - n_event`` is small. Then cells are
    added until no suppressed count can be solved for from ``n_before = n_excluded + n_after`` (and
    the next step's ``n_before``), ``n = n_event + n_censor`` and the column totals within `by`,
    and until the suppressed counts of a column total add up to at least the threshold. Differences
    between separate tables, and between successive numbers at risk, are not examined.

    References
    ----------
    Hundepool A, Domingo-Ferrer J, Franconi L, Giessing S, Schulte Nordholt E, Spicer K, de Wolf
    P-P (2012). Statistical Disclosure Control. Wiley, chapter 4.

    Examples
    --------
    >>> sites = pd.DataFrame({"group": ["breast", "lung", "other"], "n": [40, 30, 3]})
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     suppress(sites)
        group     n  suppressed
    0  breast    40       False
    1    lung  <NA>        True
    2   other  <NA>        True
    """
    if threshold < 0:
        raise InputError(f"threshold is {threshold}; give 0 (nothing suppressed) or more, e.g. 5.")
    counted = list(count_columns or [c for c in COUNT_COLUMNS if c in table])
    derived = dict(derived) if derived is not None else None
    named = {*counted, *by, *(derived or ()), *itertools.chain(*(derived or {}).values())}
    if unknown := sorted(named - set(table.columns)):
        raise InputError(f"the table has no column {', '.join(unknown)}.")
    counts = _counts(table, counted)
    small = _small(counts, counted, threshold)
    hidden = _secondary(counts, small, _equations(counts, counted, table, by), counted, threshold)
    result = table.copy()
    for j, column in enumerate(counted):
        kept = pd.Series(counts[:, j], index=table.index).mask(hidden[:, j]).astype("Float64")
        whole = not (np.nan_to_num(counts[:, j]) % 1).any()
        result[column] = kept.astype("Int64") if whole else kept
    n_blank = _blank(result, counted, small, hidden, derived, counts)
    result["suppressed"] = _any(hidden)
    if hidden.any():
        n_small = int((hidden & small).sum())
        warn(
            f"{n_small} cells are below the threshold of {threshold} or leave fewer than that; "
            f"{int(hidden.sum()) - n_small} more would reveal them. All are suppressed, marked in "
            f"column 'suppressed', with {n_blank} values computed from them.",
            DisclosureWarning,
        )
    return result


def _counts(table: pd.DataFrame, counted: Sequence[str]) -> np.ndarray:
    """The counts as a matrix of floats, missing as NaN."""
    columns = [pd.to_numeric(table[c], errors="coerce").astype("Float64") for c in counted]
    counts = np.full((len(table), len(counted)), np.nan)
    for j, column in enumerate(columns):
        counts[:, j] = column.to_numpy(float, na_value=np.nan)
    for j, name in enumerate(counted):
        if n := int((counts[:, j] < 0).sum() + (table[name].notna() & columns[j].isna()).sum()):
            raise InputError(f"column '{name}' holds {n} values that are not counts (0 or more).")
    return counts


def _small(counts: np.ndarray, counted: Sequence[str], threshold: int) -> np.ndarray:
    """Counts that are small themselves, or whose complement is."""

    def below(values: np.ndarray) -> np.ndarray:
        return (values > 0) & (values < threshold)

    small = below(counts)
    at = {column: j for j, column in enumerate(counted)}
    if {"n", "n_event"} <= set(at):
        small[:, at["n_event"]] |= below(counts[:, at["n"]] - counts[:, at["n_event"]])
    if {*_FLOW, "n_event"} <= set(at) and len(counts) > 1:
        # deaths among a few patients excluded at one step: hide the deaths before it
        steps = np.flatnonzero(below(-np.diff(counts[:, at["n_event"]])))
        small[: steps.max(initial=-1) + 1, at["n_event"]] = True
    return small


@dataclass(frozen=True)
class _Equation:
    """Cells (row, column) whose signed sum is known; `is_total` when all signs are +."""

    cells: list[tuple[int, int]]
    signs: list[int]
    is_total: bool = False


def _equations(
    counts: np.ndarray, counted: Sequence[str], table: pd.DataFrame, by: Sequence[str]
) -> list[_Equation]:
    """What a reader could add and subtract."""
    at = {column: j for j, column in enumerate(counted)}
    known = ~np.isnan(counts)
    found = []
    is_flow = set(_FLOW) <= set(at)
    nested = {*_NESTED, "n_event"} if is_flow else set(_NESTED)
    for rows in _groups(table, by):
        for j in (at[c] for c in counted if c not in nested):
            cells = [(i, j) for i in rows if known[i, j]]
            found.append(_Equation(cells, [1] * len(cells), is_total=True))
    for whole, parts in (("n", ("n_event", "n_censor")), ("n_before", ("n_excluded", "n_after"))):
        columns = [at[c] for c in (whole, *parts) if c in at]
        if len(columns) == 3:
            full = np.flatnonzero(known[:, columns].all(axis=1))
            found += [_Equation([(int(i), j) for j in columns], [1, -1, -1]) for i in full]
    if is_flow:
        before, after = at["n_before"], at["n_after"]
        follows = np.flatnonzero(counts[:-1, after] == counts[1:, before])
        found += [_Equation([(int(i), after), (int(i) + 1, before)], [1, -1]) for i in follows]
    return found


def _groups(table: pd.DataFrame, by: Sequence[str]) -> list[list[int]]:
    """Positions of the rows that add up."""
    if not by:
        return [list(range(len(table)))]
    codes = table.groupby(list(by), dropna=False, observed=True).ngroup().to_numpy()
    return [[int(i) for i in np.flatnonzero(codes == code)] for code in np.unique(codes)]


def _secondary(
    counts: np.ndarray,
    small: np.ndarray,
    equations: list[_Equation],
    counted: Sequence[str],
    threshold: int,
) -> np.ndarray:
    """Hide further cells until none that is hidden can be solved for."""
    hidden = small.copy()
    while True:
        for equation in _leaks(counts, hidden, equations, threshold):
            visible = [cell for cell in equation.cells if not hidden[cell]]
            if visible:
                hidden[min(visible, key=lambda cell: _cost(counts, counted, cell))] = True
                break
        else:
            return hidden


def _cost(
    counts: np.ndarray, counted: Sequence[str], cell: tuple[int, int]
) -> tuple[bool, int, float, tuple[int, int]]:
    """What is hidden first: not a zero; in a flow the earlier numbers; the smallest."""
    rank = _FLOW.index(counted[cell[1]]) if counted[cell[1]] in _FLOW else 0
    return bool(counts[cell] == 0), rank, float(counts[cell]), cell


def _leaks(
    counts: np.ndarray, hidden: np.ndarray, equations: list[_Equation], threshold: int
) -> Iterator[_Equation]:
    """Equations through which a hidden cell is known exactly, or a hidden sum is too small."""
    for equation in equations:
        sums = [counts[cell] for cell in equation.cells if hidden[cell]]
        if len(sums) == 1 or (equation.is_total and 0 < sum(sums) < threshold):
            yield equation
    solved = _solved(hidden, equations)
    yield from (e for e in equations if any(cell in solved for cell in e.cells))


def _solved(hidden: np.ndarray, equations: list[_Equation]) -> set[tuple[int, int]]:
    """Hidden cells that all equations together determine: unit vectors in their row space."""
    involved = sorted({cell for e in equations for cell in e.cells if hidden[cell]})
    if not involved:
        return set()
    position = {cell: k for k, cell in enumerate(involved)}
    matrix = np.zeros((len(equations), len(involved)))
    for row, equation in enumerate(equations):
        for cell, sign in zip(equation.cells, equation.signs, strict=True):
            if cell in position:
                matrix[row, position[cell]] = sign
    matrix = matrix[matrix.any(axis=1)]
    _, singular, vectors = np.linalg.svd(matrix, full_matrices=False)
    leverage = (vectors[singular > 1e-9] ** 2).sum(axis=0)
    return {cell for cell, value in zip(involved, leverage, strict=True) if value > 1 - 1e-9}


def _any(cells: np.ndarray) -> np.ndarray:
    """Rows in which any cell is True."""
    return np.asarray(cells.any(axis=1), dtype=bool)


def _blank(
    result: pd.DataFrame,
    counted: Sequence[str],
    small: np.ndarray,
    hidden: np.ndarray,
    derived: dict[str, Sequence[str]] | None,
    counts: np.ndarray,
) -> int:
    """Blank derived values in place; how many there were."""
    at = {column: j for j, column in enumerate(counted)}
    if derived is None:
        tiny = _any(small[:, [at[c] for c in _GROUP_SIZES if c in at]])
        tiny |= given_back(result, counted, hidden, counts)
        rows = {
            column: _any(hidden) if column in _PROPORTIONS else tiny
            for column in result.columns.difference([*counted, *_AXES])
            if pd.api.types.is_float_dtype(result[column])
        }
    else:
        rows = {
            column: _any(hidden[:, [at[c] for c in sources]]) for column, sources in derived.items()
        }
    n_blank = 0
    for column, mask in rows.items():
        n_blank += int((mask & result[column].notna().to_numpy()).sum())
        result[column] = result[column].mask(mask)
    return n_blank
