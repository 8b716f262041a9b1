"""Dates in an order that can be, and follow-up and event from them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from faceage_stats.cohorts.prepare.dates import read_dates
from faceage_stats.cohorts.prepare.declared import Between, FollowUp
from faceage_stats.cohorts.prepare.preparation import Preparation, rows_text
from faceage_stats.cohorts.prepare.units import convert
from faceage_stats.cohorts.prepare.vital_status import died_and_last_seen
from faceage_stats.errors import InputError

__all__ = ["add_dates", "add_follow_up", "check_order"]


def add_dates(work: Preparation) -> None:
    """Read every date of the mapping; what cannot be read is refused or missing, and counted."""
    for name, rule in work.mapping.dates.items():
        try:
            dates, unread, formats = read_dates(work.cells[rule.source], rule.formats)
        except InputError as error:
            work.problem(name, str(error))
            continue
        if unread.any() and rule.unread == "refuse":
            work.problem(
                name,
                f"'{rule.source}' is no date in {formats} in {rows_text(dates.index, unread)}. "
                "Correct them, name codes in `missing`, or write `other: missing`.",
            )
        work.dates[name] = dates
        work.note(f"Date of {name}", f"read as {formats}; others count as missing", unread)
    work.raise_if_faulty()


def check_order(work: Preparation) -> None:
    """Exclude or refuse rows with dates in an order that cannot be."""
    for first, last in dict.fromkeys(_orders(work)):
        wrong = (work.dates[first] > work.dates[last]).to_numpy()
        if not wrong.any():
            continue
        if work.mapping.impossible_dates == "refuse":
            work.problem(
                last,
                f"{rows_text(work.dates.index, wrong)} have {last} before {first}. Correct "
                "them, or write `impossible_dates: exclude`.",
            )
        else:
            work.drop(wrong, "Impossible dates", f"{last} is before {first}")
    work.raise_if_faulty()


def _orders(work: Preparation) -> Iterator[tuple[str, str]]:
    for rule in work.mapping.columns.values():
        if isinstance(rule, Between):
            yield rule.first, rule.last
    follow_up = work.mapping.follow_up
    if follow_up is None:
        return
    ends = [each for each in (follow_up.last_contact, follow_up.death) if each]
    yield from ((follow_up.start, end) for end in ends)
    if len(ends) == 2:
        yield ends[0], ends[1]


def add_follow_up(work: Preparation) -> None:
    """Time from start to death or last contact, and whether it ended with death."""
    declared = work.mapping.follow_up
    if declared is None:
        return
    death, last = died_and_last_seen(work, declared)
    start = work.dates[declared.start]
    end, died = death.fillna(last), death.notna()
    if declared.cut_off:
        end, died = _cut(work, declared, end, died)
    days = (end - start).dt.days.astype(float)
    if declared.makes_event or declared.event not in work.rows:
        work.rows[declared.event] = died.astype(float).mask(end.isna())
    days = _same_day(work, declared, days)
    work.rows[declared.time] = convert(days, "days", declared.unit)
    ends = " or ".join(each for each in (declared.death, declared.last_contact) if each)
    reason = f"{declared.unit} from {declared.start} to {ends}"
    work.note("Follow-up", reason, days.notna())
    same = (days == 0).to_numpy()
    if same.any() and declared.same_day == "exclude":
        work.drop(same, "Follow-up of no day", f"{ends} on the day of {declared.start}")


def _cut(
    work: Preparation, declared: FollowUp, end: pd.Series, died: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """End follow-up at the data cut-off, where the mapping says so."""
    day = pd.Timestamp(declared.cut_off)
    late = end > day
    if late.any() and declared.after_cut_off == "refuse":
        work.problem(
            "follow_up",
            f"cut_off {declared.cut_off} is before the end of {rows_text(end.index, late)}, "
            f"{int((late & died).sum())} of them deaths. Correct it, or write `after_cut_off: "
            "censor` to end follow-up there.",
        )
        work.raise_if_faulty()
    work.note(
        "Data cut-off", f"follow-up ends on {declared.cut_off}; later deaths are censored", late
    )
    return end.mask(late, day), died & ~late


def _same_day(work: Preparation, declared: FollowUp, days: pd.Series) -> pd.Series:
    same = days == 0
    if same.any() and declared.same_day == "refuse":
        work.problem(
            "follow_up",
            f"follow-up of {rows_text(days.index, same)} is no day long. Write `same_day: "
            "exclude`, or `same_day: half_day` to count half a day.",
        )
        work.raise_if_faulty()
    if declared.same_day == "half_day":
        work.note("Follow-up of no day", "counts as half a day", same)
        return days.mask(same, 0.5)
    return days
