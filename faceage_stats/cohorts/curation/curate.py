"""From a raw table to an analysis set, as a visible flow of named steps with counts.

A cohort is a tuple of steps in `rules`; this module applies them, counts, and keeps the record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import pandas as pd

from faceage_stats._arguments import check_text
from faceage_stats._call import checked_call
from faceage_stats._near import did_you_mean
from faceage_stats._scalar import check_number
from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.cohorts.curation.flow import COMPLETE_CASES, Curated, count_step, flow_of
from faceage_stats.cohorts.curation.rules import COHORTS, PUBLISHED_DAYS_PER_YEAR, Step
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.validate import validate
from faceage_stats.errors import InputError

__all__ = ["curate", "days_to_years"]

Cohort: TypeAlias = Literal[
    "utk", "maastro", "thoracic", "palliative", "fahr_rt", "serial_photos", "nhanes",
    "node_positive", "older_rt",
]  # fmt: skip
# Columns of follow-up, and how many of them are a year.
_FOLLOW_UP = {"time_days": DAYS_PER_YEAR, "days": DAYS_PER_YEAR, "months": 12.0}


@checked_call
def curate(
    data: pd.DataFrame,
    cohort: Cohort | None = None,
    *,
    follow_up_cap: float | None = None,
    complete: Sequence[str] | None = None,
    min_age: float | None = None,
    as_published: bool = False,
) -> Curated:
    """Apply a cohort's published exclusions and recodings, and count each of them.

    Parameters
    ----------
    data : pandas.DataFrame
        The raw table; it is validated first and not changed.
    cohort : {"utk", "maastro", "thoracic", "palliative", "fahr_rt", "serial_photos", "nhanes", \
"node_positive", "older_rt"}, optional
        Which rules; default the schema that `data` was validated against.
    follow_up_cap : float, optional
        Years after which follow-up is cut: later times become the cap and later deaths censored.
    complete : sequence of str, optional
        Columns of the curated table in which no value may be missing; one step per column that
        excludes rows. A column without any value excludes nobody, and its step says so: it is in
        no model.
    min_age : float, optional
        Youngest age kept, in years; default 20 for utk (technical validation; 60 makes it the
        non-cancer reference of the gap comparisons), no limit for the other cohorts.
    as_published : bool
        maastro only, with `follow_up_cap`: as the public figure code, set deaths at or after
        cap x 365 days to censored but do not cut their time.

    Returns
    -------
    Curated
        ``rows``, numbered 0 to n - 1, with the derived columns ``gap`` (FaceAge - age),
        ``faceage10``, ``age10`` (decades), ``faceage_group`` and, where there is follow-up,
        ``years`` and ``death`` (nhanes: PhenoAge, by `phenoage`, in the place of FaceAge); and
        ``flow``, whose ``tidy()`` lists the steps, those of `prepare` first.

    Raises
    ------
    SchemaError
        If `data` is not as its schema says.
    InputError
        If an argument does not fit the cohort.

    See Also
    --------
    prepare : From a hospital's export to the raw table.
    validate : The check that comes first.
    faceage_stats.figures.consort : Draw the flow.
    table_one : Describe the rows that remain.

    Notes
    -----
    A year is 365.25 days. A death exactly at the cap counts as a death. Recoded levels keep the
    order of the schema, so that the first one is the reference.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> cohort = fs.curate(fs.simulate("maastro", seed=1, n=200).tables["maastro"], "maastro")
    >>> cohort.flow.tidy()["step"].tolist()[:2]
    ['Table as received', 'Invasive cancer']
    >>> list(cohort.rows["site"].cat.categories)
    ['breast', 'gi', 'gu', 'lung', 'hn', 'other']
    """
    if cohort is not None:
        check_text("cohort", cohort, "the name of a cohort")
    name: str | None = cohort or data.attrs.get("schema")
    if name not in COHORTS:
        known = f"Choose from {', '.join(COHORTS)}."
        if name is None:
            raise InputError(f"curate(): the data name no cohort. {known}")
        raise InputError(f"curate(): unknown cohort '{name}'.{did_you_mean(name, COHORTS)} {known}")
    rules = COHORTS[name]
    rows = validate(data, name)
    for column, per_year in _FOLLOW_UP.items():
        if column in rows:
            rows["years"] = rows[column] / per_year
    youngest = rules.min_age if min_age is None else min_age
    steps = [] if youngest is None else [_at_least(check_number("min_age", youngest))]
    steps += rules.steps
    if follow_up_cap is not None or as_published:
        steps.append(_cap(name, rows, follow_up_cap, as_published))
    record = _earlier_steps(data) or [
        count_step("Table as received", load_schema(name).row + " per row", rows)
    ]
    for step in steps:
        rows = _apply(step, rows, record)
    for derive in rules.derive:
        rows = derive(rows)
    for step in _complete_cases(rows, complete or ()):
        rows = _apply(step, rows, record)
    rows = rows.reset_index(drop=True)
    rows.attrs = {"cohort": name}
    return Curated(rows, flow_of(name, record))


def days_to_years(days: pd.Series) -> pd.Series:
    """Convert days to years of 365.25 days.

    Parameters
    ----------
    days : pandas.Series
        Days.

    Returns
    -------
    pandas.Series
        Years.

    Examples
    --------
    >>> days_to_years(pd.Series([1461.0])).tolist()
    [4.0]
    """
    return days / DAYS_PER_YEAR


def _earlier_steps(data: pd.DataFrame) -> list[dict[str, Any]]:
    """Steps of `prepare`, where these are all its rows: the flow begins at the export."""
    steps = [dict(step) for step in data.attrs.get("steps", ())]
    return steps if steps and steps[-1]["n_after"] == len(data) else []


def _apply(step: Step, rows: pd.DataFrame, record: list[dict[str, Any]]) -> pd.DataFrame:
    """One step, and its line in the record."""
    mask = step.where(rows)
    after = rows[~mask] if step.change is None else step.change(rows, mask)
    concerned = int(mask.sum())
    changed = 0 if step.change is None else concerned
    record.append(count_step(step.name, step.reason, after, n_before=len(rows), n_changed=changed))
    return after


def _at_least(min_age: float) -> Step:
    return Step("Age", f"younger than {min_age:g} years", lambda rows: rows["age"] < min_age)


_CAP = "be a positive number of years, e.g. 7"


def _cap(cohort: str, rows: pd.DataFrame, cap: float | None, as_published: bool) -> Step:
    """Administrative censoring, or what the public code does instead."""
    if cap is None:
        raise InputError("as_published changes the follow-up cap; give follow_up_cap as well.")
    if "years" not in rows:
        raise InputError(f"the {cohort} cohort has no follow-up; omit follow_up_cap.")
    if not check_number("follow_up_cap", cap, _CAP) > 0:
        raise InputError(f"follow_up_cap is {cap}; it must {_CAP}.")
    if as_published and cohort != "maastro":
        raise InputError(
            f"as_published reproduces an error of the maastro figure code; {cohort} has none."
        )
    if as_published:
        return Step(
            f"Follow-up cap as published, {cap:g} years",
            f"deaths at or after {cap:g} x 365 days are set to censored, times are not cut",
            lambda r: (r["time_days"] >= cap * PUBLISHED_DAYS_PER_YEAR) & (r["death"] == 1),
            lambda r, mask: r.assign(death=r["death"].mask(mask, 0)),
        )
    return Step(
        f"Follow-up cap, {cap:g} years",
        f"follow-up is cut at {cap:g} years: later times become {cap:g}, later deaths censored",
        lambda r: r["years"] > cap,
        lambda r, mask: r.assign(
            years=r["years"].mask(mask, float(cap)), death=r["death"].mask(mask, 0)
        ),
    )


def _complete_cases(rows: pd.DataFrame, columns: Sequence[str]) -> list[Step]:
    """One step per column that excludes patients; a single one when none does."""
    if isinstance(columns, str):
        raise InputError("complete is a string; give a list of column names.")
    unknown = [column for column in columns if column not in rows]
    if unknown:
        raise InputError(
            f"complete names columns that the curated table does not have: {', '.join(unknown)}. "
            f"It has {', '.join(map(str, rows.columns))}."
        )
    if not columns:
        return []
    steps = [
        Step(f"{COMPLETE_CASES}: {column}", f"no patient has a {column}: it is left out", _nobody)
        if rows[column].isna().all()
        else Step(f"{COMPLETE_CASES}: {column}", f"{column} is not known", _missing_in(column))
        for column in columns
        if rows[column].isna().any()
    ]
    none = Step(COMPLETE_CASES, "no value is missing", _missing_in(columns[0]))
    return steps or [none]


def _nobody(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(False, index=rows.index)


def _missing_in(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[column].isna()
