"""The files of an export: the first, and those that are joined to its rows by patient."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._expression.evaluate import names_in
from faceage_stats._near import did_you_mean
from faceage_stats.cohorts.prepare.cells import as_cells, coded_missing, keys
from faceage_stats.cohorts.prepare.dates import order_by, read_dates
from faceage_stats.cohorts.prepare.declared import Condition, Declared, Join, Source
from faceage_stats.cohorts.prepare.preparation import Preparation, rows_text
from faceage_stats.cohorts.tables.formats import TEXT
from faceage_stats.cohorts.tables.read_table import read_batches
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.errors import InputError

__all__ = ["joined", "read_cells", "read_export", "read_others"]


def read_export(raw: pd.DataFrame | str | Path | None, declared: Declared) -> pd.DataFrame:
    """Read the export with every cell as it stands there, so that codes keep their zeros."""
    if raw is not None and not isinstance(raw, str | Path):
        return as_pandas(raw)
    path = declared.source.path if raw is None else Path(raw)
    if path is None:
        raise InputError(
            f"{declared.name}: no file is named. Give `raw`, or `path` below `source`."
        )
    return read_cells(Source(path, declared.source.reading))


def read_cells(source: Source) -> pd.DataFrame:
    """Read a file whose every cell of text stays text."""
    assert source.path is not None
    told = dict(source.reading)
    if source.path.suffix.lower() not in TEXT:  # `decimal` is then of numbers that stand as text
        told = {key: value for key, value in told.items() if key not in ("decimal", "thousands")}
    reading = Reading(text_columns=None, missing_codes=("",), **told)
    return pd.concat(list(read_batches(source.path, how=reading)), ignore_index=True)


def read_others(declared: Declared) -> list[pd.DataFrame]:
    """Cells of the files that are joined, in the order of the mapping."""
    return [as_cells(read_cells(join.source)) for join in declared.joins]


def joined(declared: Declared, export: pd.DataFrame, others: Iterable[pd.DataFrame]) -> Preparation:
    """Join the other files to the rows of the export, each step counted.

    Parameters
    ----------
    declared : Declared
    export : pandas.DataFrame
    others : iterable of pandas.DataFrame
        From `read_others`.

    Returns
    -------
    Preparation

    Raises
    ------
    InputError
        Columns that are not there, all at once; a joined file has several rows of a patient and
        the mapping does not say which counts; no row finds a partner.
    """
    cells = as_cells(export)
    work = Preparation(declared, cells.set_axis(pd.RangeIndex(1, len(cells) + 1), axis=0))
    tables = list(zip(declared.joins, others, strict=False))
    _check_sources(export, tables, declared)
    for join, other in tables:
        _join(work, join, other.set_axis(pd.RangeIndex(1, len(other) + 1), axis=0))
    work.export = work.cells
    return work


def _join(work: Preparation, join: Join, other: pd.DataFrame) -> None:
    """Set the one row of each patient beside the rows of the export."""
    unknown = coded_missing(other[join.there], work.mapping.missing)
    there = keys(other[join.there], join.leading_zeros).mask(unknown)
    known = other[there.notna()].assign(**{join.there: there})
    one = _one_row_each(work, join, known)
    here = keys(work.cells[join.here], join.leading_zeros)
    found = here.isin(one[join.there])
    if not found.any():
        raise InputError(
            f"{join.place} no row of the export has a '{join.here}' that stands in "
            f"'{join.there}' of {join.name}. Are they written alike? `leading_zeros: ignore` takes "
            "0012 and 12 for one."
        )
    names = _names(work, join, one)
    beside = one.set_index(join.there)[list(names)].rename(columns=names)
    work.cells = pd.concat(
        [work.cells, beside.reindex(here.to_numpy()).set_axis(work.cells.index, axis=0)], axis=1
    )
    strangers = ~one[join.there].isin(here)
    work.note(f"Joined: {join.name}", f"rows with a partner by {join.here}", found)
    work.note(f"{join.name}: repeats", _reason(join), len(known) - len(one))
    work.note(f"{join.name}: others", "patients who are not in the export are left", strangers)


def _one_row_each(work: Preparation, join: Join, known: pd.DataFrame) -> pd.DataFrame:
    """One row for each patient of a joined file, by the stated rule; identical rows are one."""
    known = known.drop_duplicates()
    several = known[join.there].duplicated(keep=False)
    if several.any() and join.keep == "refuse":
        raise InputError(
            f"{join.place} {known[join.there][several].nunique()} patients have several rows in "
            f"{join.name}: {rows_text(known.index, several)}. Choose the row that counts: `keep: "
            "first`, `last`, or `newest` or `oldest` with `by` a date."
        )
    if join.by:
        rule = work.mapping.dates[join.by]
        days = known[rule.source].mask(coded_missing(known[rule.source], work.mapping.missing))
        dates, unread, formats = read_dates(days, rule.formats)
        if unread.any() and rule.unread == "refuse":
            raise InputError(
                f"{join.place} '{rule.source}' is no date in {formats} in "
                f"{rows_text(known.index, unread)} of {join.name}. Correct them, name codes in "
                f"`missing`, or write `other: missing` below {join.by}."
            )
        known = known.iloc[order_by(dates, newest=join.keep == "newest")]
    last = join.keep in ("last", "newest")
    return known.drop_duplicates(join.there, keep="last" if last else "first")


def _reason(join: Join) -> str:
    by = f" by {join.by}" if join.by else ""
    return "identical rows are one" if join.keep == "refuse" else f"the {join.keep} row{by} counts"


def _names(work: Preparation, join: Join, other: pd.DataFrame) -> dict[str, str]:
    """What its columns are called: those that stand in the export already by its file as well."""
    names = [str(name) for name in other.columns if name != join.there]
    return {name: join.column(name, work.cells.columns) for name in names}


def _check_sources(
    export: pd.DataFrame, tables: list[tuple[Join, pd.DataFrame]], declared: Declared
) -> None:
    """Refuse columns that no file has, all at once and with near matches."""
    known = [str(name) for name in export.columns]
    absent = []
    for join, other in tables:
        for name, there, where in (
            (join.here, known, "the export"),
            (join.there, [*map(str, other.columns)], join.name),
        ):
            if name not in there:
                near = did_you_mean(name, there)
                absent.append(f"{join.place} {where} has no column '{name}'.{near}")
        if join.by and (date := declared.dates[join.by].source) not in other:
            near = did_you_mean(date, other.columns)
            absent.append(f"{join.place} `by`: {join.name} has no column '{date}'.{near}")
        known += [join.column(str(c), known) for c in other.columns if c != join.there]
    named = {source: declared.place(key) for source, key in declared.sources.items()}
    if declared.repeats.patient:
        named[declared.repeats.patient] = f"{declared.name}, duplicates, patient:"
    absent += [
        f"{place} the export has no column '{name}'.{did_you_mean(name, known)}"
        for name, place in named.items()
        if name not in known
    ]
    made = {*known, *declared.columns, *declared.dates}
    for where, place in _conditions(declared):
        absent += [
            f"{place} there is no column '{name}'.{did_you_mean(name, made)}"
            for name in names_in(where)
            if name not in made
        ]
    if absent:
        raise InputError("\n  ".join(["Columns that are not there:", *absent]))


def _conditions(declared: Declared) -> Iterable[tuple[str, str]]:
    for name, rule in declared.columns.items():
        if isinstance(rule, Condition):
            yield rule.where, declared.place(name)
    if declared.repeats.prefer:
        yield declared.repeats.prefer, f"{declared.name}, duplicates, prefer:"
    for each in declared.exclude:
        yield each.where, f"{declared.name}, exclude, {each.name}:"
