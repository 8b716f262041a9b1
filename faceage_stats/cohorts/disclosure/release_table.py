"""Release one table: what may be shown of each of its columns."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.circumstances import (
    SIZES,
    Circumstances,
    rows_of_few,
    smaller_of_pairs,
)
from faceage_stats.cohorts.disclosure.curve_tables import has_exact_times, is_curve
from faceage_stats.cohorts.disclosure.medians import (
    is_survival_time,
    round_quantiles,
    with_medians,
)
from faceage_stats.cohorts.disclosure.roles import ROLES, Role, role_of
from faceage_stats.cohorts.disclosure.rounded_n import behind_rows, of_rounded_n
from faceage_stats.cohorts.disclosure.rounding import (
    DIGITS,
    MANY,
    numbers_of,
    round_counts,
    round_digits,
    round_p,
    round_shares,
    round_sums,
    round_times,
)
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.cohorts.disclosure.suppression import suppress
from faceage_stats.errors import DisclosureWarning, InputError

__all__ = ["few_digits", "hidden_counts", "release_table", "without_counts"]

# Within equal values of these the counts of a table add up.
_FAMILIES = ("variable", "group", "model", "metric", "variant", "definition", "marker", "time")
# Estimates that are shares of patients, and in which unit: times n they are counts.
_SHARES = {"proportion": 1, "survival": 1, "difference in risk": 1, "percent": 100}
# By the mean prediction, or the score of the model, they are the observed risk.
_RISKS = dict.fromkeys(
    ("observed_risk", "observed_expected_ratio", "index of prediction accuracy"), 1
)
_OF_RISK_ALONE = "Null model"  # whose score is the observed risk times its complement


def release_table(table: pd.DataFrame, under: Circumstances) -> pd.DataFrame:
    """Withhold and round whatever could give away a few patients of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        Aggregates, one row per group, term, time or step.
    under : Circumstances
        The rules, and what they need to know.

    Returns
    -------
    pandas.DataFrame
        The same columns: counts rounded, small ones and those that would reveal them missing;
        estimates with the digits that their patients support, missing where those are few; times
        on the grid; a column that nobody described missing. ``suppressed`` marks the rows.

    Raises
    ------
    InputError
        A numeric column that nobody described, or a survival curve: its fit is to be released
        instead.

    See Also
    --------
    suppress : The suppression of counts.

    Examples
    --------
    >>> from faceage_stats.cohorts.disclosure.rules import RULE_SETS
    >>> sites = pd.DataFrame({"group": ["a", "b", "c"], "n": [142, 61, 3], "mean": [5.21, 4.97, 1]})
    >>> release_table(sites, Circumstances(RULE_SETS["opensafely"]))[["n", "mean"]].values.tolist()
    [[145.0, 5.2], [60.0, 5.0], [nan, nan]]
    """
    if table.empty:
        return table
    roles = _described(table, under)
    few, tiny = rows_of_few(table, under)
    n = np.fmin(_patients(table, under), behind_rows(table, under))
    counted = _counted(table, under.roles)
    released = _release_counts(table, counted, under)
    of_rounded = of_rounded_n(table, under)
    for column, role in roles.items():
        if role not in ("count", "setting"):
            made = _release_numbers(of_rounded, column, role, n, under)
            released[column] = with_medians(made, of_rounded, column, n, under.rules)
        if role not in ("setting", "time"):
            released[column] = released[column].mask(tiny if role == "count" else few)
    words = [str(c) for c in table if c not in roles and ROLES.get(str(c)) == "withheld"]
    released[words] = ""  # with exact numbers in them
    if {"variable", "note"} <= set(table):  # that a level of a few has no events, or too few rows
        released["note"] = ""
    released = without_counts(released, under)
    if counted or few.any():
        hidden = (released[counted].isna() & table[counted].notna()).any(axis=1)
        before = table["suppressed"].astype(bool) if "suppressed" in table else False
        released["suppressed"] = hidden | few | before
    return released


def without_counts(table: pd.DataFrame, under: Circumstances) -> pd.DataFrame:
    """Blank the columns of counts that an attack showed to give something away."""
    gone = {str(c) for c in table if _is_number(table[c])}.intersection(under.withheld)
    return table.assign(**dict.fromkeys(gone, np.nan)) if gone else table


def few_digits(table: pd.DataFrame) -> pd.DataFrame:
    """Give numbers four digits at most: those computed from released ones have more."""
    exact = [str(c) for c in table if pd.api.types.is_float_dtype(table[c])]
    computed = [c for c in exact if role_of(c) not in ("count", "time")]
    return table.assign(**{c: round_digits(table[c].astype(float), DIGITS) for c in computed})


def _described(table: pd.DataFrame, under: Circumstances) -> dict[str, Role]:
    """The role of each numeric column; refuse one that nobody described, and exact curves."""
    if is_curve(table) or has_exact_times(table, under.rules):
        raise InputError(
            "a table of a survival curve holds exact times and counts: give the fit, from which "
            "the table is made after its release."
        )
    numeric = [str(c) for c in table if _is_number(table[c])]
    known = ROLES | dict(under.roles)
    if unknown := [c for c in numeric if c not in known and not c.startswith("n_")]:
        raise InputError(
            f"columns {', '.join(unknown)} may hold values of single patients: nothing says what "
            "they are. Name their roles in Item(roles=...), or leave them out."
        )
    return {c: role_of(c, under.roles) for c in numeric}


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def hidden_counts(table: pd.DataFrame, under: Circumstances) -> set[tuple[str, float]]:
    """Counts that are withheld although they are not small: they would reveal others."""
    counted = _counted(table, under.roles)
    # the steps of a flow follow each other; rounding alone hides their differences
    if not counted or "n_before" in table:
        return set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DisclosureWarning)
        kept = suppress(table, counted, under.rules.minimum, by=_families(table), derived={})
    return {
        (column, float(count))
        for column in counted
        for count in table[column][kept[column].isna() & table[column].notna()]
        if count >= under.rules.minimum
    }


def _counted(table: pd.DataFrame, roles: Mapping[str, Role]) -> list[str]:
    numeric = [str(c) for c in table if _is_number(table[c])]
    return [c for c in numeric if role_of(c, roles) == "count"]


def _release_counts(table: pd.DataFrame, counted: list[str], under: Circumstances) -> pd.DataFrame:
    """Counts without the small ones and those that would reveal them, rounded."""
    released = table.copy()
    for column in counted:
        counts = numbers_of(table, column)
        shown = [(column, float(count)) not in under.hidden for count in counts]
        released[column] = np.where(shown, round_counts(counts, under.rules), np.nan)
    return released


def _families(table: pd.DataFrame) -> list[str]:
    """Columns within which the rows are parts of a whole; a column that names each row is none."""
    by: list[str] = []
    for column in [c for c in _FAMILIES if c in table]:
        if table.groupby([*by, column], dropna=False, observed=True).size().max() > 1:
            by.append(column)
    return by


def _patients(table: pd.DataFrame, under: Circumstances) -> np.ndarray:
    """How many patients each row is about; the smallest of what is known."""
    known = [numbers_of(table, c) for c in SIZES if c in table]
    if {"group1", "group2"} <= set(table):
        known.append(smaller_of_pairs(table, under.sizes))
    everyone = np.full(len(table), float(under.n or np.inf))
    least = np.fmin.reduce(known) if known else everyone
    return np.where(np.isnan(least), everyone, least)


def _release_numbers(
    table: pd.DataFrame, column: str, role: Role, n: np.ndarray, under: Circumstances
) -> np.ndarray:
    """One column of estimates, proportions or times, coarse enough."""
    values, rules = numbers_of(table, column), under.rules
    digits = np.where(n >= MANY, 3, 2)
    if role == "df":
        return _degrees(values, rules)
    if role == "withheld":
        return np.full(len(table), np.nan)
    if role == "time" or is_survival_time(table, column):
        return round_times(values, rules)
    if role == "proportion" or (role in ("estimate", "error") and _is_proportion(table)):
        if role == "error":  # it would give the proportion; the interval stays
            return np.full(len(table), np.nan)
        # 3 digits: among shares of imputed levels stand means of imputed numbers
        return round_digits(round_shares(values, n, 0.05 if _is_net(table) else 0.01, rules), 3)
    if role in ("estimate", "error") and np.isfinite(unit := _unit_of_shares(table, rules)).any():
        whole = numbers_of(table, "n") if "n" in table else np.full(len(table), float(under.n))
        coarse = np.nan if role == "error" else round_shares(values, whole / unit, 0.0, rules)
        return np.where(np.isnan(unit), round_digits(values, digits), coarse)
    if role in ("error", "p_value", "statistic"):
        # the test of a net reclassification tells how many move up and how many down
        of_moves = _is_of_moves(table) & (role != "error")
        of_power = role == "p_value" and rules.base > 1
        coarse = round_p(values) if of_power else round_digits(values, 2)
        return np.where(of_moves, np.nan, coarse)
    if role == "sum":
        return round_sums(round_digits(values, digits), n, rules)
    if role == "quantile":
        return round_quantiles(table, column, n, rules)
    return round_digits(values, digits)


def _unit_of_shares(table: pd.DataFrame, rules: Rules) -> np.ndarray:
    """What the estimate of each row is a share of: 1, or 100 where it is a percentage."""
    unit = np.full(len(table), np.nan)
    named = next((table[c] for c in ("quantity", "scale") if c in table), None)
    if named is not None:
        shares = _SHARES if rules.base == 1 else _SHARES | _RISKS
        unit = named.map(shares).to_numpy(float, na_value=np.nan)
    if rules.base == 1:  # counts are exact
        return np.asarray(unit)
    for column in [c for c in ("marker", "marker1", "marker2") if c in table]:
        unit = np.where(table[column] == _OF_RISK_ALONE, 1.0, unit)
    return unit


def _degrees(values: np.ndarray, rules: Rules) -> np.ndarray:
    """Degrees of freedom: those of a design stay, those that count patients do not."""
    of_design = (values < rules.minimum) & (values % 1 == 0)
    return np.where(of_design, values, np.nan)


def _is_proportion(table: pd.DataFrame) -> bool:
    """Whether the estimates of a table are proportions of patients, which times n are counts."""
    if {"level", "r_hat"} <= set(table):  # shares of observed and of imputed levels
        return True
    return bool({"tp_rate", "one_minus_specificity", "predicted"} & set(table)) or _is_net(table)


def _is_net(table: pd.DataFrame) -> bool:
    """Whether a table is about reclassification: few patients move."""
    return bool(_is_of_moves(table).any())


def _is_of_moves(table: pd.DataFrame) -> np.ndarray:
    if "quantity" not in table:
        return np.zeros(len(table), bool)
    named = table["quantity"].astype(str).str.startswith("nri")
    return np.asarray(named.to_numpy(bool))
