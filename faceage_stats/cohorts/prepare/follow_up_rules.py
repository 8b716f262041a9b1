"""Read what a mapping says of follow-up: its dates, and the column of vital status."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from faceage_stats._near import did_you_mean
from faceage_stats.cohorts.prepare.declared import DateRule, FollowUp, Status
from faceage_stats.cohorts.prepare.section import Section
from faceage_stats.cohorts.schema.schema import Schema

__all__ = ["check_date", "follow_up"]


def follow_up(top: Section, schema: Schema, dates: Mapping[str, DateRule]) -> FollowUp | None:
    """Read which dates make follow-up; None where the export has columns for it."""
    part = top.section("follow_up")
    if "follow_up" not in top:
        return None
    names = [field.name for field in schema.fields]
    time = part.text("time", "time_days" if "time_days" in names else "years")
    unit = next((field.unit for field in schema.fields if field.name == time), "")
    found = FollowUp(
        start=part.text("start", required=True),
        death=part.text("death"),
        last_contact=part.text("last_contact"),
        cut_off=part.text("cut_off"),
        after_cut_off=part.choice("after_cut_off", ("refuse", "censor"), "refuse"),
        same_day=part.choice("same_day", ("refuse", "exclude", "half_day"), "refuse"),
        time=time,
        event=part.text("event", "death"),
        unit=part.text("unit", unit or "days"),
        status=_status(part),
    )
    part.close()
    if not (found.death or found.last_contact):
        part.fault("last_contact", "is missing: follow-up ends with `death` or `last_contact`.")
    for key in ("start", "death", "last_contact"):
        check_date(part, key, getattr(found, key), dates)
    if found.cut_off and pd.isna(pd.to_datetime(found.cut_off, "coerce", format="%Y-%m-%d")):
        part.fault("cut_off", "is no date; write it as YYYY-MM-DD.")
    if found.unit not in ("days", "months", "years"):
        part.fault("unit", "is days, months or years.")
    return found


def _status(part: Section) -> Status | None:
    if "status" not in part:
        return None
    below = part.section("status")
    conflicts = ("refuse", "dead", "alive", "exclude")
    undated = ("refuse", "last_contact", "alive", "exclude")
    status = Status(
        source=below.text("from", required=True),
        alive=below.texts("alive"),
        dead=below.texts("dead"),
        alive_with_death=below.choice("alive_with_death", conflicts, "refuse"),
        dead_without_date=below.choice("dead_without_date", undated, "refuse"),
    )
    for key in ("alive", "dead"):
        if not getattr(status, key):
            below.fault(key, "is missing: the codes that say so.")
    below.close()
    return status


def check_date(part: Section, key: str, name: str, dates: Mapping[str, DateRule]) -> None:
    """Refuse the name of a date that the mapping does not read."""
    if name and name not in dates:
        part.fault(key, f"there is no date '{name}' below `dates`.{did_you_mean(name, dates)}")
