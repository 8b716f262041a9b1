"""Of which patients a row is, and whether they are few: what the release of a table depends on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.ratios import events_behind, of_yes_or_no
from faceage_stats.cohorts.disclosure.roles import Role
from faceage_stats.cohorts.disclosure.rounding import round_counts
from faceage_stats.cohorts.disclosure.rules import Rules

__all__ = [
    "SIZES",
    "Circumstances",
    "group_sizes",
    "levels_of_few",
    "rows_of_few",
    "small_groups",
    "smaller_of_pairs",
    "terms_of_few",
]

# A row is about these patients: with too few of them nothing of it is shown.
SIZES = ("n", "n_event", "n_case", "n_control", "n_risk", "n_subject", "observed")
# The patients of a row are named here.
_GROUPS = ("group", "level", "strata", "cohort", "group1", "group2")
_WITHIN = ("cohort", "model")  # a group has its size within these
# Tests of which all patients have part in both estimates, so that their number says enough.
_OF_ONE_SAMPLE = r"(?i)one sample|paired|signed rank|correlation|1-sample|binomial"


@dataclass(frozen=True)
class Circumstances:
    """What the release of a table depends on besides the table.

    Attributes
    ----------
    rules : Rules
    roles : mapping of column to role
        Of columns that the glossary does not have.
    small : collection of str
        Names of groups that are too small, from all tables of the item.
    few_levels : collection of (variable, level)
        Of whom few have an event in some table of the item: no table shows an estimate of them.
    hidden : collection of (column, count)
        Counts that are withheld in some table of the item, and so in all.
    n : int
        Patients of the item, for tables without counts.
    sizes : mapping of group to number
        Patients of each group in the tables of the item: a difference has no more digits than the
        smaller of its two, and none is shown of a group that is not among them.
    behind : mapping of text to number
        Patients or events behind each exact estimate and p value of the item, so that a number
        that stands in several places is released as one.
    withheld : collection of str
        Columns of counts, and files by their names without suffix, that an attack showed to give
        something away.
    """

    rules: Rules
    roles: Mapping[str, Role] = field(default_factory=dict)
    small: Collection[str] = ()
    few_levels: Collection[tuple[str, str]] = ()
    hidden: Collection[tuple[str, float]] = ()
    n: int = 0
    sizes: Mapping[str, float] = field(default_factory=dict)
    behind: Mapping[str, float] = field(default_factory=dict)
    withheld: Collection[str] = ()


def small_groups(table: pd.DataFrame, rules: Rules) -> set[str]:
    """Name the groups of a table that have too few patients in each of their rows."""
    if "n" not in table or {"group1", "time"} & set(table):
        return set()
    counts = pd.to_numeric(table["n"], errors="coerce")
    small = (counts > 0) & np.isnan(round_counts(counts, rules))
    found: set[str] = set()
    for column in [c for c in _GROUPS if c in table]:
        whole = small[counts.notna()].groupby(table[column].astype(str)).all()
        found |= set(whole.index[whole]) - {"nan", "None", ""}
    return found


def group_sizes(table: pd.DataFrame) -> dict[str, float]:
    """Patients of each group that a table lists; the fewest, where it has several rows of it."""
    sizes: dict[str, float] = {}
    if "n" not in table or "group1" in table:
        return sizes
    counts = pd.to_numeric(table["n"], errors="coerce").astype(float)
    for column in [c for c in _GROUPS if c in table]:
        names = table[column].astype(str)
        for named in (names, _within(table) + names):
            fewest = counts.groupby(named).min().dropna()
            sizes |= {str(g): min(n, sizes.get(str(g), n)) for g, n in fewest.items()}
    return sizes


def smaller_of_pairs(table: pd.DataFrame, sizes: Mapping[str, float]) -> np.ndarray:
    """Patients of the smaller group of each comparison; missing where the item does not say."""
    pair = [table[column].astype(str) for column in ("group1", "group2")]
    one, two = ((_within(table) + names).map(sizes).fillna(names.map(sizes)) for names in pair)
    return np.asarray(np.minimum(one.to_numpy(float), two.to_numpy(float)))


def _within(table: pd.DataFrame) -> pd.Series:
    columns = [table[c].astype(str) + " / " for c in _WITHIN if c in table]
    return sum(columns, pd.Series("", table.index))


def terms_of_few(table: pd.DataFrame, rules: Rules) -> set[str]:
    """Name the terms whose ratio has an error from which few events follow."""
    few = events_behind(table)[0] < rules.minimum
    return set(table.loc[few, "term"].astype(str)) if few.any() else set()


def rows_of_few(table: pd.DataFrame, under: Circumstances) -> tuple[np.ndarray, np.ndarray]:
    """Find rows in which few patients stand behind an estimate, and rows about a group of few."""
    tiny = np.zeros(len(table), bool)
    for column in [c for c in (*_GROUPS, "term") if c in table]:
        tiny |= table[column].astype(str).isin(list(under.small)).to_numpy(bool)
    few = tiny.copy()
    for column in [c for c in SIZES if c in table]:
        size = pd.to_numeric(table[column], errors="coerce").to_numpy(float, na_value=np.nan)
        small = (size > 0) & np.isnan(round_counts(size, under.rules))
        few |= small
        tiny |= small & (column == "n")
    if {"group1", "group2"} <= set(table) and "term" not in table:  # there they are models
        smaller = smaller_of_pairs(table, under.sizes)
        tiny |= np.isnan(round_counts(smaller, under.rules)) & ~np.isnan(smaller)
        few |= np.isnan(smaller) | tiny
    if {"variable", "level"} <= set(table) and not set(SIZES) & set(table):
        few |= [pair in under.few_levels for pair in _levels(table)]
        few |= table["variable"].isin(list(under.small)).to_numpy(bool)
    few |= events_behind(table)[0] < under.rules.minimum
    few |= _carriers(table) < under.rules.minimum
    few |= _of_unknown_groups(table)
    few |= _against_few(table, few)
    return few, tiny


def _of_unknown_groups(table: pd.DataFrame) -> np.ndarray:
    """Differences of two groups of which nothing says how many patients they have."""
    unknown = of_yes_or_no(table)
    of_pairs = bool({"group1", "gene"} & set(table))  # a gene is compared in all patients
    if {"method", "estimate", "p_value", "n", "n_missing"} <= set(table) and not of_pairs:
        unknown |= ~table["method"].astype(str).str.contains(_OF_ONE_SAMPLE).to_numpy(bool)
    return unknown


def _against_few(table: pd.DataFrame, few: np.ndarray) -> np.ndarray:
    """Levels beside a reference of few, whose mean the intercept is."""
    if not {"term", "variable", "is_reference"} <= set(table):
        return np.zeros(len(table), bool)
    small = table.loc[few & table["is_reference"].astype(bool), "variable"]
    intercept = table["term"].eq("(Intercept)") & bool(len(small))
    return np.asarray(table["variable"].isin(small) | intercept, dtype=bool)


def levels_of_few(table: pd.DataFrame, under: Circumstances) -> set[tuple[str, str]]:
    """Name variable and level of the coefficients of few: other tables may list them bare."""
    if not {"term", "variable", "level"} <= set(table):
        return set()
    few, _ = rows_of_few(table, under)
    return {pair for pair, hidden in zip(_levels(table), few, strict=True) if hidden}


def _levels(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["variable"].astype(str), table["level"].astype(str), strict=True))


def _carriers(table: pd.DataFrame) -> np.ndarray:
    """The most people who carry the rarer allele of a variant."""
    if not {"allele_frequency", "n"} <= set(table):
        return np.full(len(table), np.inf)
    frequency = table["allele_frequency"].to_numpy(float)
    return np.asarray(2 * table["n"].to_numpy(float) * np.minimum(frequency, 1 - frequency))
