"""Statistics and p values of tests as they would be of the rounded number of patients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.circumstances import Circumstances
from faceage_stats.cohorts.disclosure.roles import role_of
from faceage_stats.cohorts.disclosure.rounding import numbers_of

__all__ = ["moved_p", "tests_of_rounded_n"]

_ADJUSTED = ("p_adjusted", "p_holm", "p_bh", "q_value", "p_maxt", "p_permutation")
_SAME = 1e-3  # part of the logarithm of p by which it may miss the distribution it was read from
_NEARLY_ALL = 0.8  # of the patients are degrees of freedom of residuals
_OF_DESIGN = 12  # no test of so few degrees of freedom is of patients
_SQUARES = ("chi-squared", "F")  # which grow with n, the others with its root


def tests_of_rounded_n(
    table: pd.DataFrame, n: np.ndarray, grown: np.ndarray, under: Circumstances
) -> dict[str, np.ndarray]:
    """Give the columns of tests of so many more patients, or fewer.

    Parameters
    ----------
    table : pandas.DataFrame
        Exact: statistics, p values and degrees of freedom beside each other.
    n, grown : array
        Number of patients behind each row, and the rounded one over it.
    under : Circumstances
        What a column is.

    Returns
    -------
    dict of str to array
        By column. A statistic is missing where its p value is of none of the normal, t,
        chi-squared and F distributions: a sum of ranks grows with the square of n.
    """
    made: dict[str, np.ndarray] = {}
    roles = {str(column): role_of(str(column), under.roles) for column in table}
    for column in [c for c, role in roles.items() if role == "statistic"]:
        made |= _with_its_p(table, column, n, grown)
    alone = [c for c, role in roles.items() if role == "p_value" and c not in made]
    adjusted = dict(_adjusted(table, alone))
    for column in [c for c in alone if c not in adjusted]:
        made[column] = moved_p(numbers_of(table, column), n, grown)
    for column, main in adjusted.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            by = made[main] / numbers_of(table, main)
        made[column] = np.minimum(numbers_of(table, column) * np.where(by > 0, by, 1), 1)
    return made


def _with_its_p(
    table: pd.DataFrame, column: str, n: np.ndarray, grown: np.ndarray
) -> dict[str, np.ndarray]:
    """A statistic and the p value that was read from it, where it is in the table."""
    beside = [column.replace("statistic", name) for name in ("p_value", "df")]
    beside[1] = beside[1] if beside[1] in table else "df"  # one for several tests of a fit
    p, df, rest = (numbers_of(table, c) if c in table else np.full(len(table), np.nan)
                   for c in (*beside, "df_residual"))  # fmt: skip
    whole = grown
    grown = _degrees_grown(np.where(np.isnan(rest), df, rest), n, grown)
    statistic = numbers_of(table, column)
    of_tests = _tails(statistic, df, rest)
    which, is_known = _closest(of_tests, p)
    names = np.array(list(of_tests))[which]
    of_design = df < _OF_DESIGN  # of F, whose other ones are in another row
    power = np.where(is_known, np.where(np.isin(names, _SQUARES), 1.0, 0.5),
                     np.where(of_design, 1.0, np.where(np.isnan(p), 0.5, np.nan)))  # fmt: skip
    moved = statistic * grown**power
    made = {column: moved}
    if beside[0] in table:
        later = np.array(list(_tails(moved, df, rest, grown).values()))
        read = later[which, np.arange(len(table))]
        made[beside[0]] = np.where(is_known & np.isfinite(p), read, moved_p(p, n, whole))
    return made


def _degrees_grown(df: np.ndarray, n: np.ndarray, grown: np.ndarray) -> np.ndarray:
    """The growth of the degrees of freedom, where they are patients less coefficients."""
    with np.errstate(divide="ignore", invalid="ignore"):
        of_patients = (df < n) & (df >= _NEARLY_ALL * n)
        return np.where(of_patients, (df + n * (grown - 1)) / df, grown)


def _tails(
    statistic: np.ndarray, df: np.ndarray, rest: np.ndarray, grown: np.ndarray | float = 1.0
) -> dict[str, np.ndarray]:
    """Probability of a statistic as large, by distribution."""
    from scipy import stats

    with np.errstate(invalid="ignore"):
        return {
            "chi-squared": stats.chi2.sf(statistic, df),
            "F": stats.f.sf(statistic, df, rest * grown),
            "t": 2 * stats.t.sf(np.abs(statistic), df * grown),
            "normal": 2 * stats.norm.sf(np.abs(statistic)),
        }


def _closest(tails: dict[str, np.ndarray], p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which distribution gives the p value of each row, and whether one does."""
    least = np.finfo(float).tiny
    with np.errstate(divide="ignore", invalid="ignore"):
        true = np.log(np.maximum(p, least))
        off = np.array([np.abs(np.log(np.maximum(tail, least)) - true) for tail in tails.values()])
    off = np.where(np.isnan(off), np.inf, off)
    which = off.argmin(axis=0)
    return which, off.min(axis=0) <= _SAME * np.abs(true) + _SAME


def moved_p(p: np.ndarray, n: np.ndarray, grown: np.ndarray) -> np.ndarray:
    """A p value without its statistic, as that of a correlation of so many patients."""
    from scipy import stats

    df, later = np.maximum(n - 2, 1), np.maximum(n * grown - 2, 1)
    moved = 2 * stats.t.sf(stats.t.isf(p / 2, df) * np.sqrt(later / df), later)
    return np.where(grown == 1, p, moved)


def _adjusted(table: pd.DataFrame, columns: list[str]) -> Iterator[tuple[str, str]]:
    """Adjusted p values and the column of those that they come from."""
    for column in columns:
        name = next((n for n in _ADJUSTED if column.endswith(n)), None)
        main = column.removesuffix(name) + "p_value" if name else ""
        if main in table:
            yield column, main
