"""From a table of results to the table that a page prints: the one rule for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from faceage_stats.cohorts.disclosure.roles import Role, role_of
from faceage_stats.reporting.digits import as_released
from faceage_stats.reporting.formats import REFERENCE
from faceage_stats.reporting.tables.cells import EMPTY, is_p_value
from faceage_stats.reporting.tables.column_cells import column_cells, decimals_beside, is_number
from faceage_stats.reporting.tables.display import DisplayTable
from faceage_stats.reporting.tables.headings import heading_of
from faceage_stats.reporting.words import title_of

__all__ = ["readable_table"]

WIDEST = 96  # characters of a row that fit into the text of a page
# left to the download first, where a table is wider than the text
_LEFT_OUT: tuple[tuple[str, ...], ...] = (
    ("statistic",), ("df", "df_residual"), ("std_error", "robust_se", "naive_se"),
    ("estimate1", "estimate2"), ("family",), ("p_adjust",), ("note",), ("n_skipped",),
    ("alternative",), ("std_dev",), ("log_lik",), ("bic",), ("n_missing",), ("method",),
    ("concordance_se", "cumhaz", "cumhaz_se"), ("display_item",), ("q_value",), ("log_odds",),
    ("is_overall", "is_missing"), ("versions",), ("quantity",), ("variant",), ("p_bh",),
    ("chromosome", "position"),
)  # fmt: skip
_NEVER = frozenset({"suppressed", "is_reference", "scale", "conf_level"})
_LAST = frozenset({"statistic", "df", "df_residual", "std_error", "robust_se"})


@dataclass(frozen=True)
class _Column:
    """A column as it is printed."""

    name: str
    heading: str
    cells: list[str]
    rank: int  # keys, estimates, p values, counts, the rest
    same: bool  # in every row

    @cached_property
    def width(self) -> int:
        """Characters that it takes, its heading broken into words, long text into lines."""
        words = self.heading.split()
        longest = max((len(cell) for cell in self.cells), default=0)
        return max(min(longest, 30), *(len(word) for word in words), 3) + 2


def readable_table(
    frame: pd.DataFrame,
    *,
    title: str = "",
    roles: Mapping[str, Role] | None = None,
    widest: int = WIDEST,
) -> DisplayTable:
    """Arrange a table of results for print.

    What names a row comes first, an estimate is printed with its interval, what is the same in
    every row is said once below the table, and what does not fit into the width is left to the
    download and named, unless it tells rows apart. A column ``decimals`` beside ``estimate``, or
    ``published_decimals`` beside ``published_estimate``, says row by row how it was printed.

    Parameters
    ----------
    frame : DataFrame
        As a result's ``tidy()``, or cells that are printed already.
    title : str
        Above the table.
    roles : mapping of column to role, optional
        Of columns that the glossary does not have.
    widest : int
        Characters of a row.

    Returns
    -------
    DisplayTable

    Examples
    --------
    >>> hr = pd.DataFrame({"term": ["faceage10", "sexM"], "estimate": [1.151, 1.4], "df": [1, 1],
    ...                    "conf_low": [1.056, 1.1], "conf_high": [1.254, 1.8],
    ...                    "p_value": [0.0013, 0.01], "scale": ["hazard ratio"] * 2})
    >>> table = readable_table(hr)
    >>> print(table.to_csv())
    Term,Hazard ratio (95% CI),p
    "FaceAge, per decade",1.15 (1.06–1.25),0.0013
    Sex: Men,1.40 (1.10–1.80),0.010
    <BLANKLINE>
    >>> table.notes
    ['In every row: df 1.']
    """
    frame = _calls_together(frame.reset_index(drop=True))
    indented = _indented(frame)
    columns = _columns(frame, roles or {})
    columns, same = _constants(columns)
    columns = sorted(columns, key=lambda column: column.rank)  # stable
    columns, left_out = _fitting(columns, widest)
    notes = [f"In every row: {'; '.join(same)}."] if same else []
    if left_out:
        notes.append(f"Also in the download: {', '.join(c.heading for c in left_out)}.")
    stub, *others = columns
    names = {f"c{i}": column for i, column in enumerate(others)}
    body = pd.DataFrame({"row": stub.cells, **{key: c.cells for key, c in names.items()}})
    headings = {key: column.heading for key, column in names.items()}
    return DisplayTable(body, indented, headings, {}, stub.heading, title, notes)


def _calls_together(frame: pd.DataFrame) -> pd.DataFrame:
    """A call of R and ours below it in one cell: side by side both would be narrow."""
    if not {"r_call", "our_call"} <= {*frame}:
        return frame
    both = frame["r_call"].fillna("") + "\n" + frame["our_call"].fillna("")
    return frame.assign(r_call=both).drop(columns="our_call")


def _indented(frame: pd.DataFrame) -> list[int]:
    """Rows whose first cell is set in, as in a baseline table."""
    first = frame.iloc[:, 0] if frame.shape[1] else pd.Series(dtype=object)
    return [i for i, cell in enumerate(first) if isinstance(cell, str) and cell.startswith("  ")]


def _columns(frame: pd.DataFrame, roles: Mapping[str, Role]) -> list[_Column]:
    """Every column but those that say in parts what another says as a whole."""
    merged = _intervals(frame)
    parts = _NEVER | {limit for pair in merged.values() for limit in pair}
    parts |= {decimals_beside(str(name)) for name in frame}
    if "label" in frame:
        parts |= {"term"}
    elif "term" in frame and "level" in frame:
        parts |= {"variable", "level"}
    parts |= {name for name in ("unit", "quantity") if _only(frame, name) and "estimate" in frame}
    blank = frame.isna() | (frame == "")
    empty = {str(name) for name in frame if len(frame) and blank[name].all()}
    shown = [str(name) for name in frame if name not in parts | empty]
    return [_column(frame, name, merged.get(name), roles) for name in shown]


def _intervals(frame: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Estimate -> its limits, for every pair of limits of the table."""
    names, found = [str(name) for name in frame], {}
    for low in (name for name in names if name.endswith("_low")):
        stem, high = low.removesuffix("_low"), f"{low.removesuffix('_low')}_high"
        if high not in names:
            continue
        before = stem.removesuffix("conf").rstrip("_")
        candidates = [f"{before}_estimate", before] if before else ["estimate"]
        candidates += [n for n in ("median", "rmst", "mean") if not before]
        centre = next((name for name in candidates if name in names), None)
        if centre is not None and centre not in found:
            found[centre] = (low, high)
    return found


def _column(
    frame: pd.DataFrame, name: str, limits: tuple[str, str] | None, roles: Mapping[str, Role]
) -> _Column:
    numeric = is_number(frame[name])
    with as_released(False) if decimals_beside(name) in frame else nullcontext():
        cells = column_cells(frame, name, limits, roles)
    heading = heading_of(name)
    if name == "estimate":
        heading = _scale_of(frame) or heading
    if limits is not None:
        heading = f"{heading} ({'range' if is_p_value(name, roles) else '95% CI'})"
    if numeric and "suppressed" in frame:
        hidden = zip(cells, frame["suppressed"].astype(bool), strict=True)
        cells = ["withheld" if gone and cell == EMPTY else cell for cell, gone in hidden]
    if name == "estimate" and "is_reference" in frame:
        fixed = frame["is_reference"].fillna(value=False).astype(bool) & frame["std_error"].isna()
        cells = [REFERENCE if r else c for c, r in zip(cells, fixed, strict=True)]
    rank = _rank(name, numeric=numeric, roles=roles)
    several = len(frame) > 1 and rank not in (1, 2)
    same = several and frame[name].astype(object).nunique(dropna=False) == 1
    return _Column(name, heading, cells, rank, same)


def _only(frame: pd.DataFrame, name: str) -> str:
    """The only value of a text column; empty where there are several or none."""
    values = set(frame[name].astype(object)) if name in frame else set()
    only = values.pop() if len(values) == 1 else ""
    return only if isinstance(only, str) else ""


def _scale_of(frame: pd.DataFrame) -> str:
    """What all estimates are, with their unit."""
    what = _only(frame, "scale") or _only(frame, "quantity")
    what = _only(frame, "quantity") if what == "difference" and "group2" not in frame else what
    if "n_risk" in frame and "strata" in frame:
        what = "survival"
    unit = _only(frame, "unit")
    return ", ".join(part for part in (title_of(what) or (unit and "Estimate"), unit) if part)


def _rank(name: str, *, numeric: bool, roles: Mapping[str, Role]) -> int:
    if name == "verdict":
        return 5
    if not numeric:
        return 0
    role = role_of(name, roles)
    if name in _LAST:
        return 4
    if is_p_value(name, roles):
        return 2
    return 3 if role == "count" else 0 if name in ("time", "threshold", "points", "tau") else 1


def _constants(columns: list[_Column]) -> tuple[list[_Column], list[str]]:
    """What is the same in every row, to be said once; one column stays."""
    same = [column for column in columns if column.same]
    same = same[1:] if len(same) == len(columns) else same
    said = [f"{_inside(column.heading)} {column.cells[0]}" for column in same]
    return [column for column in columns if column not in same], said


def _inside(heading: str) -> str:
    """A heading inside a sentence."""
    return heading if heading[1:2].isupper() else heading[:1].lower() + heading[1:]


def _fitting(columns: list[_Column], widest: int) -> tuple[list[_Column], list[_Column]]:
    """The columns that fit into the width, and those that are left to the download."""
    left_out: list[_Column] = []
    for names in _LEFT_OUT:
        if sum(column.width for column in columns) <= widest:
            break
        ends = tuple(f"_{name}" for name in names)
        gone = [c for c in columns[1:] if c.name in names or c.name.endswith(ends)]
        rest = [column for column in columns if column not in gone]
        if _n_told_apart(rest) == _n_told_apart(columns):
            left_out += gone
            columns = rest
    return columns, left_out


def _n_told_apart(columns: list[_Column]) -> int:
    """How many rows the columns of names tell apart."""
    return len(set(zip(*(column.cells for column in columns if column.rank == 0), strict=True)))
