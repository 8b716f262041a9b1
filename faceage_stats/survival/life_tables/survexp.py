"""Expected survival from a life table, as R's survexp."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats.errors import InputError
from faceage_stats.survival.life_tables.people import (
    FollowUp,
    TimeUnit,
    days_in,
    read_follow_up,
)
from faceage_stats.survival.life_tables.rates import RateTable
from faceage_stats.survival.life_tables.walk import Hazards, walk

__all__ = ["SurvExp", "survexp"]

ExpectedMethod = Literal["ederer", "hakulinen", "conditional"]
_BLOCK = 500  # patients whose curves are in memory together


@checked_call
def survexp(
    formula: str,
    data: Any,
    *,
    rates: Any,
    age: str,
    times: Any,
    sex: str | None = None,
    start: str | None = None,
    method: ExpectedMethod = "ederer",
    time_unit: TimeUnit = "days",
) -> SurvExp:
    """Compute the survival that a life table expects of patients, as R's ``survexp``.

    Any age may enter the table: FaceAge in place of age asks whether the face dates a patient
    better than the calendar.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group``, as in `survfit`, so that both curves can stand together.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient. Incomplete rows are dropped and counted.
    rates : pandas.DataFrame or polars.DataFrame
        The life table, one row per cell: ``age`` where the cell begins, in years, and
        ``rate_per_year`` (or ``rate_per_day``), deaths per person-year; ``sex`` and ``year``
        (calendar year) where rates differ by them. Patients older than the last cell, or followed
        beyond its last year, have the rate of the last.
    age : str
        Column of the age in years when follow-up begins.
    times : float or array_like
        When survival is expected, in `time_unit`.
    sex : str, optional
        Column of the sex, called as in `rates`; needed where these differ by sex.
    start : str, optional
        Column of the date on which follow-up begins; needed where `rates` differ by year.
    method : {"ederer", "hakulinen", "conditional"}
        All patients throughout; each until the end of its follow-up, which for censored and dead
        alike must then be the potential one; or the hazard of those still at risk (Ederer's
        second).
    time_unit : {"days", "years"}
        Of the time in the formula and of `times`; a year has 365.25 days.

    Returns
    -------
    SurvExp
        ``tidy()`` has ``strata time n_risk estimate``; ``augment()`` each patient's expected
        cumulative hazard and survival at the end of its own follow-up.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; rates without a column that they need, or with two rows for a cell.

    See Also
    --------
    smr : Observed deaths against expected ones.
    survfit : Observed survival.
    simulated_rates : A life table to try with.

    Notes
    -----
    A patient moves through the cells as age and calendar go on; in a cell the rate is constant.

    In R: ``survexp(~ group, data = df, ratetable = rates, times = 365, \
rmap = list(age = age, sex = sex))``; with a time before the tilde R takes Hakulinen's method,
    whatever is asked for but ``conditional = TRUE``; here `method` says it.

    References
    ----------
    Ederer F, Axtell LM, Cutler SJ (1961). The relative survival rate: a statistical methodology.
    National Cancer Institute Monograph 6:101-121.

    Hakulinen T (1982). Cancer survival corrected for heterogeneity in patient withdrawal.
    Biometrics 38:933-942.

    Examples
    --------
    >>> from faceage_stats.survival.life_tables.rates import simulated_rates
    >>> df = pd.DataFrame({"t": [800, 1500, 2000], "d": [1, 0, 1], "age": [61, 70, 66],
    ...                    "sex": ["M", "F", "M"]})
    >>> curve = survexp("Surv(t, d) ~ 1", df, rates=simulated_rates(), age="age", sex="sex",
    ...                 times=[365.25, 1826.25])
    >>> curve.tidy()["estimate"].round(4).tolist()
    [0.9861, 0.9197]
    """
    check_option("method", method, ExpectedMethod)
    at = np.sort(check_numbers("times", times)) * days_in(time_unit)
    if (at < 0).any():
        raise InputError("times must be 0 or more.")
    table = RateTable.of(rates)
    rows = read_follow_up(
        formula, data, table, age=age, sex=sex, start=start, time_unit=time_unit,
        caller="survexp()",
    )  # fmt: skip
    hazards = walk(rows.people, table, max(float(rows.days.max()), float(at.max())))
    curves = []
    for k, label in enumerate(rows.groups.labels):
        member = np.flatnonzero(rows.groups.codes == k)
        days, own = rows.days[member], Hazards(hazards.day[member], hazards.cumhaz[member])
        estimate = _ederer(own, at) if method == "ederer" else _at_risk(own, days, at, method)
        n_risk = [int((days >= t).sum()) for t in at]
        columns = {"strata": label, "time": at / days_in(time_unit), "n_risk": n_risk}
        curves.append(pd.DataFrame({**columns, "estimate": estimate}))
    tidy = pd.concat(curves, ignore_index=True)
    return SurvExp(tidy, rows, hazards.own(rows.days), method, formula)


def _blocks(n: int) -> list[slice]:
    return [slice(first, first + _BLOCK) for first in range(0, n, _BLOCK)]


def _ederer(hazards: Hazards, at: np.ndarray) -> np.ndarray:
    n = len(hazards.day)
    total = sum((np.exp(-hazards.at(at, rows)).sum(axis=0) for rows in _blocks(n)), np.zeros(1))
    return np.asarray(total / n)


def _at_risk(
    hazards: Hazards, days: np.ndarray, at: np.ndarray, method: ExpectedMethod
) -> np.ndarray:
    """Multiply the expected survival from each end of follow-up to the next, of those at risk."""
    grid = np.unique(np.concatenate([[0.0], at, days[days < at.max()]]))
    above, below = np.zeros(len(grid) - 1), np.zeros(len(grid) - 1)
    for rows in _blocks(len(days)):
        cumhaz = hazards.at(grid, rows)
        at_risk = days[rows, None] >= grid[1:]
        if method == "hakulinen":
            above += (np.exp(-cumhaz[:, 1:]) * at_risk).sum(axis=0)
            below += (np.exp(-cumhaz[:, :-1]) * at_risk).sum(axis=0)
        else:
            above += (np.diff(cumhaz, axis=1) * at_risk).sum(axis=0)
            below += at_risk.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):  # nobody is left: unknown
        step = above / below if method == "hakulinen" else np.exp(-above / below)
    return np.asarray(np.concatenate([[1.0], np.cumprod(step)])[np.searchsorted(grid, at)])


@frozen_result
class SurvExp(Result):
    """Expected survival, made by `survexp`.

    Attributes
    ----------
    curves : pandas.DataFrame
        What `tidy` returns.
    rows : FollowUp
    cumhaz : ndarray, shape (n,)
        Expected cumulative hazard of each patient at the end of its follow-up.
    method, formula : str
        As given.
    """

    curves: pd.DataFrame
    rows: FollowUp
    cumhaz: np.ndarray
    method: ExpectedMethod
    formula: str

    def tidy(self) -> pd.DataFrame:
        """Return one row per group and time: ``strata time n_risk estimate``.

        `estimate` is the expected survival, `n_risk` who of the group is followed so far. By the
        methods that go by those at risk it is missing where nobody is left.
        """
        return self.curves.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing expected method``; expected deaths in all."""
        row = {
            "n": self.rows.n,
            "n_event": int(self.rows.event.sum()),
            "n_missing": self.rows.n_missing,
            "expected": float(self.cumhaz.sum()),
            "method": self.method,
        }
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """Return one row per row used: ``row cumhaz estimate``, indexed as the data given.

        Each patient's expected cumulative hazard and survival at the end of its own follow-up;
        the first is R's ``method = "individual.h"``.
        """
        values = {"row": self.rows.rows, "cumhaz": self.cumhaz, "estimate": np.exp(-self.cumhaz)}
        return pd.DataFrame(values, index=self.rows.index)

    def _title(self) -> str:
        return f"Expected survival ({self.method}): {self.formula}"
