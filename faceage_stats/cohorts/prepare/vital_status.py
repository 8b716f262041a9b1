"""Who died and when, from dates and from what the export calls alive and dead."""

from __future__ import annotations

import pandas as pd

from faceage_stats._warn import warn
from faceage_stats.cohorts.prepare.cells import texts
from faceage_stats.cohorts.prepare.columns import FEW, counted
from faceage_stats.cohorts.prepare.declared import FollowUp, Status
from faceage_stats.cohorts.prepare.preparation import Preparation, rows_text
from faceage_stats.cohorts.prepare.words import ALIVE
from faceage_stats.errors import ReadingWarning

__all__ = ["died_and_last_seen"]


def died_and_last_seen(work: Preparation, declared: FollowUp) -> tuple[pd.Series, pd.Series]:
    """Date of death and of last contact of every row; rows that the status excludes are dropped."""
    nothing = pd.Series(pd.NaT, work.dates.index, dtype="datetime64[ns]")
    death = work.dates[declared.death] if declared.death else nothing
    last = work.dates[declared.last_contact] if declared.last_contact else nothing
    if declared.status is None:
        _look_for_status(work, death)
        return death, last
    alive, dead = _codes(work, declared.status)
    if not declared.death:
        work.note("Dates of death", "the last contact of those who died", dead & last.notna())
        return last.where(dead), last
    return _agreed(work, declared.status, death, last, alive & death.notna(), dead & death.isna())


def _codes(work: Preparation, status: Status) -> tuple[pd.Series, pd.Series]:
    """Who is alive and who dead by the status; other codes are refused."""
    cells = texts(work.cells[status.source])
    unknown = cells.notna() & ~cells.isin([*status.alive, *status.dead])
    if unknown.any():
        listed = counted(cells[unknown], [*status.alive, *status.dead])
        work.problem(
            "follow_up",
            f"{rows_text(cells.index, unknown)} of '{status.source}' are neither `alive` nor "
            f"`dead`: {listed}. Add them below `status`, or to `missing`.",
        )
        work.raise_if_faulty()
    return cells.isin(status.alive), cells.isin(status.dead)


def _agreed(
    work: Preparation,
    status: Status,
    death: pd.Series,
    last: pd.Series,
    alive_with_death: pd.Series,
    dead_without_date: pd.Series,
) -> tuple[pd.Series, pd.Series]:
    """Decide, row by row that disagrees, by the mapping's choice; each choice is a counted step."""
    name = status.source
    refused = (
        (alive_with_death, status.alive_with_death, "alive_with_death: dead`, `alive` or `exclude"),
        (
            dead_without_date,
            status.dead_without_date,
            "dead_without_date: last_contact`, `alive` or `exclude",
        ),
    )
    for rows, choice, cure in refused:
        if rows.any() and choice == "refuse":
            what = "alive with a date of death" if rows is alive_with_death else "dead with none"
            work.problem(
                "follow_up",
                f"{rows_text(rows.index, rows)} are {what} by '{name}'. Write `{cure}` below "
                "`status`.",
            )
    work.raise_if_faulty()
    if status.alive_with_death == "alive":
        death = death.mask(alive_with_death)
    if status.dead_without_date == "last_contact":
        death = death.mask(dead_without_date, last)
    steps = (
        ("Alive with a date of death", alive_with_death, status.alive_with_death),
        ("Dead without a date", dead_without_date, status.dead_without_date),
    )
    for step, rows, choice in steps:
        if choice == "exclude":
            work.drop(rows.reindex(work.rows.index), step, f"{name} and the dates disagree")
        elif choice != "refuse":
            work.note(step, _COUNTED[choice], rows)
    return death.reindex(work.rows.index), last.reindex(work.rows.index)


_COUNTED = {
    "dead": "counted as dead on that date",
    "alive": "counted as alive at last contact",
    "last_contact": "counted as dead at last contact",
}


def _look_for_status(work: Preparation, death: pd.Series) -> None:
    """Warn of a column that says alive where there is a date of death, and that no rule reads."""
    for name in work.cells.columns:
        if name in work.mapping.sources:
            continue
        said = texts(work.cells[name])
        alive = said.str.casefold().isin(ALIVE) & death.notna()
        if alive.any():
            n = int(alive.sum())
            shown = str(n) if n >= FEW else f"fewer than {FEW}"
            warn(
                f"{work.mapping.name}: '{name}' says alive in {shown} rows with a date of death; "
                "they count as dead. Name it below `follow_up`, `status`, to choose.",
                ReadingWarning,
            )
