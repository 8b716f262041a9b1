"""A released value as a sentence quotes it: estimate, interval, p value, and what they decide."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from faceage_stats.errors import InputError
from faceage_stats.reporting.formats import (
    format_count,
    format_estimate_ci,
    format_number,
    format_p,
    format_percent,
)
from faceage_stats.reporting.store.item import DEFAULT_VARIANT

__all__ = ["Quoted", "quotations"]

_FIELDS = ("estimate", "conf_low", "conf_high", "p_value", "n", "n_event")


@dataclass(frozen=True)
class Quoted:
    """One value in a sentence.

    ``{hr}`` prints the estimate with its interval, ``{hr:.1}`` with one decimal, ``{hr:%}`` as a
    percentage, ``{hr:p}`` the p value, ``{hr:n}`` and ``{hr:n_event}`` the counts. What the number
    decides is left to the number: ``{hr:vs 1|raises|lowers|neither raises nor lowers}`` takes the
    first word where the interval lies above 1, the second where it lies below, the last where it
    holds 1 or is not known; ``{test:p<0.05|differ|do not clearly differ}`` reads the p value.
    """

    estimate: float = math.nan
    conf_low: float = math.nan
    conf_high: float = math.nan
    p_value: float = math.nan
    n: float = math.nan
    n_event: float = math.nan
    absent: str = "not estimated"

    def __format__(self, spec: str) -> str:
        if spec.startswith("vs "):
            return self._decided(spec)
        if spec.startswith("p<"):
            level, small, unclear = spec.removeprefix("p<").split("|")
            return small if self.p_value < float(level) else unclear
        if spec in ("n", "n_event"):
            count = float(getattr(self, spec))
            return self.absent if math.isnan(count) else format_count(count)
        if spec == "p":
            known = not math.isnan(self.p_value)
            return format_p(self.p_value, name=True) if known else f"p {self.absent}"
        if math.isnan(self.estimate):
            return self.absent
        if spec == "%":
            return self._percent()
        if spec and not spec[1:].isdecimal():
            raise InputError(f"a quoted value knows no format {spec!r}.")
        return self._number(int(spec[1:]) if spec else 2)

    def _number(self, digits: int) -> str:
        if math.isnan(self.conf_low):
            return format_number(self.estimate, digits)
        return format_estimate_ci(self.estimate, self.conf_low, self.conf_high, digits)

    def _percent(self) -> str:
        if math.isnan(self.conf_low):
            return format_percent(self.estimate)
        limits = format_percent(self.conf_low), format_percent(self.conf_high)
        return f"{format_percent(self.estimate)} ({limits[0]} to {limits[1]})"

    def _decided(self, spec: str) -> str:
        null, above, below, unclear = spec.removeprefix("vs ").split("|")
        if self.conf_low > float(null):
            return above
        return below if self.conf_high < float(null) else unclear


class _Quotations(dict[str, object]):
    """Names of values; one that was not estimated in this build says so."""

    def __init__(self, known: Mapping[str, object], absent: str) -> None:
        super().__init__(known)
        self.absent = absent

    def __missing__(self, name: str) -> Quoted:
        return Quoted(absent=self.absent)


def quotations(
    values: pd.DataFrame, numbers: Mapping[str, str], *, withheld: bool
) -> Mapping[str, object]:
    """Give what a sentence may name: ids of released values, and names of printed numbers.

    Parameters
    ----------
    values : DataFrame
        Released values; the variant ``default`` is quoted.
    numbers : mapping of name to text
        As the texts print them.
    withheld : bool
        Whether rules apply, so that what is missing was withheld.

    Returns
    -------
    mapping
        For ``str.format_map``.
    """
    absent = "withheld" if withheld else "not estimated"
    chosen = values
    if "variant" in values:
        chosen = values[values["variant"].fillna(DEFAULT_VARIANT) == DEFAULT_VARIANT]
    rows = chosen.reindex(columns=["id", *_FIELDS]).drop_duplicates("id")
    known = {
        str(row["id"]): Quoted(**{name: float(row[name]) for name in _FIELDS}, absent=absent)
        for row in rows.to_dict(orient="records")
    }
    return _Quotations({**known, **numbers}, absent)
