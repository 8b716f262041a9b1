"""What may be shown of each kind of result of a private cohort."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, singledispatch
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result
from faceage_stats.association.age_gap.result import AgeGap
from faceage_stats.association.agreement.bland_altman import BlandAltman
from faceage_stats.cohorts.disclosure.circumstances import Circumstances
from faceage_stats.cohorts.disclosure.curve_tables import has_exact_times, is_curve
from faceage_stats.cohorts.disclosure.release_table import release_table
from faceage_stats.cohorts.disclosure.rounded_n import p_of_rounded_n
from faceage_stats.cohorts.disclosure.rounding import round_digits, round_p
from faceage_stats.errors import DisclosureError, InputError
from faceage_stats.prediction.risk.calibration_result import Calibration
from faceage_stats.reporting.store.disclose_curves import disclose_curves
from faceage_stats.reporting.store.disclose_lines import disclosed_line, is_scatter
from faceage_stats.reporting.store.disclose_table_one import disclose_table_one
from faceage_stats.reporting.tables.baseline_table import TableOne
from faceage_stats.survival.km.survfit_result import SurvFit

__all__ = ["called", "disclose"]


@singledispatch
def disclose(value: Any, under: Circumstances) -> Any:
    """Give what may be shown of a value: names, choices and whole settings as they are.

    Parameters
    ----------
    value : result, DataFrame, number or text
        What a figure or a table is made from.
    under : Circumstances
        The rules, and what they need to know of the item.

    Returns
    -------
    object
        Of the same kind where that is possible: curves on the grid of the rules, a baseline table
        with rounded counts; otherwise its released table.

    Raises
    ------
    DisclosureError
        Values of single patients.
    """
    return value


@disclose.register
def _(value: float, under: Circumstances) -> float:
    return float(round_digits(value, 3))


@disclose.register(pd.Series)
@disclose.register(pd.Index)
@disclose.register(np.ndarray)
def _(value: Any, under: Circumstances) -> Any:
    raise DisclosureError("a column of values of single patients is not released")


@disclose.register
def _(value: pd.DataFrame, under: Circumstances) -> pd.DataFrame:
    return release_table(value, under)


@disclose.register(list)
@disclose.register(tuple)
def _(value: Any, under: Circumstances) -> Any:
    return type(value)(disclose(each, under) for each in value)


@disclose.register(Mapping)
def _(value: Mapping[Any, Any], under: Circumstances) -> dict[Any, Any]:
    return {key: disclose(each, under) for key, each in value.items()}


@disclose.register
def _(value: partial, under: Circumstances) -> Any:  # type: ignore[type-arg] # singledispatch takes the bare class
    return called(value, under)


@disclose.register
def _(value: Result, under: Circumstances) -> pd.DataFrame:
    table = value.tidy()
    if is_curve(table) or has_exact_times(table, under.rules):
        raise DisclosureError("of curves only those of survival by group are released")
    return release_table(table, under)


@disclose.register
def _(value: SurvFit, under: Circumstances) -> SurvFit:
    return disclose_curves(value, under.rules)


@disclose.register
def _(value: TableOne, under: Circumstances) -> TableOne:
    return disclose_table_one(value, under.rules)


@disclose.register
def _(value: AgeGap, under: Circumstances) -> pd.DataFrame:
    from faceage_stats.reporting.figures.groups import gap_by_group_data

    drawn = gap_by_group_data(value)
    released = release_table(drawn, under)
    if not {"group2", "estimate"} <= set(drawn):
        return released
    # a difference as the table of differences has it: with the digits of the smaller group
    of_pairs = release_table(drawn.rename(columns={"group": "group1"}), under)
    shown = ["estimate", "conf_low", "conf_high"]
    return released.assign(**{name: of_pairs[name] for name in shown})


@disclose.register
def _(value: Calibration, under: Circumstances) -> dict[str, pd.DataFrame]:
    groups = value.groups()
    ends = groups["predicted"].agg(["min", "max"])  # means of a group each, of no patient
    curve = value.curve()
    curve = curve[curve["predicted"].between(*ends)]
    return {"curve": release_table(curve, under), "groups": release_table(groups, under)}


@disclose.register
def _(value: BlandAltman, under: Circumstances) -> Any:
    raise DisclosureError("a Bland-Altman plot draws single patients and is not released")


def called(deferred: partial[Any], under: Circumstances) -> Any:
    """Call a deferred function on what may be shown of its arguments.

    Parameters
    ----------
    deferred : functools.partial
        A function that sees numbers through its arguments alone.
    under : Circumstances
        As in `disclose`.

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    InputError
        A function that was defined inside another could see more than its arguments.
    DisclosureError
        Nothing is left to show: every estimate is withheld.
    """
    _refuse_closure(deferred.func)
    if is_scatter(deferred):
        deferred = disclosed_line(deferred, under.rules)
        return deferred.func(*deferred.args, **_options(deferred, under))
    arguments = [disclose(each, under) for each in deferred.args]
    for given, released in zip(deferred.args, arguments, strict=True):
        if _estimates(given) and not _estimates(released):
            raise DisclosureError("every estimate of it is withheld")
    return deferred.func(*arguments, **_options(deferred, under))


def _estimates(table: Any) -> int:
    """How many estimates a table shows."""
    known = isinstance(table, pd.DataFrame) and "estimate" in table
    return int(table["estimate"].count()) if known else 0


def _options(deferred: partial[Any], under: Circumstances) -> dict[str, Any]:
    named = deferred.keywords
    shown = {name: disclose(each, under) for name, each in named.items()}
    if isinstance(p := named.get("p_value"), float):  # as the tables have it
        shown["p_value"] = float(round_p(np.array([p_of_rounded_n(p, under)]))[0])
    return shown


def _refuse_closure(function: Callable[..., Any]) -> None:
    ours = str(getattr(function, "__module__", "")).startswith("faceage_stats.")
    if not ours and getattr(function, "__closure__", None):
        raise InputError(
            "a figure or table is made by a function inside another, which may see unreleased "
            "numbers: define it at the top of the script."
        )
