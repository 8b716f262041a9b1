"""Person-years of follow-up by age, as R's pyears."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.life_tables.people import TimeUnit, read_follow_up
from faceage_stats.survival.life_tables.poisson import count_limits

__all__ = ["PersonYears", "pyears"]


@checked_call
def pyears(
    formula: str,
    data: Any,
    *,
    age: str,
    breaks: Any,
    conf_level: float = 0.95,
    time_unit: TimeUnit = "days",
) -> PersonYears:
    """Count person-years and events by the age that patients pass through, as R's ``pyears``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group``; ``~ 1`` for all patients together.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient. Incomplete rows are dropped and counted.
    age : str
        Column of the age in years when follow-up begins.
    breaks : array_like
        Limits of the age bands in years, rising; time outside them is counted apart.
    conf_level : float
        Of the exact Poisson limits of a rate.
    time_unit : {"days", "years"}
        Of the time in the formula.

    Returns
    -------
    PersonYears
        ``tidy()`` has one row per group and band: ``strata level person_years n n_event estimate
        conf_low conf_high``, the estimate being events per person-year.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; fewer than two breaks, or ones that do not rise; nobody in any band.

    See Also
    --------
    smr : Observed deaths against those of a life table.
    surv_split : Rows that are split by age, for a Poisson or Cox model.

    Notes
    -----
    A band begins with its lower limit; who dies on reaching the upper one dies in the band.

    In R: ``pyears(Surv(time, event) ~ tcut(age * 365.25, breaks * 365.25) + group, data = df)``

    References
    ----------
    Breslow NE, Day NE (1987). Statistical Methods in Cancer Research, volume II. IARC Scientific
    Publications 82.

    Examples
    --------
    >>> df = pd.DataFrame({"t": [4, 6], "d": [0, 1], "age": [58, 57]})
    >>> counted = pyears("Surv(t, d) ~ 1", df, age="age", breaks=[50, 60, 70], time_unit="years")
    >>> counted.tidy()[["level", "person_years", "n_event"]].values.tolist()
    [['50-60', 5.0, 0], ['60-70', 5.0, 1]]
    """
    limits = check_numbers("breaks", breaks)
    if len(limits) < 2 or (np.diff(limits) <= 0).any():
        raise InputError("breaks must be at least two ages that rise, e.g. [50, 60, 70].")
    check_conf_level(conf_level)
    rows = read_follow_up(
        formula, data, None, age=age, sex=None, start=None, time_unit=time_unit, caller="pyears()"
    )
    entry = rows.people.age[:, None] * DAYS_PER_YEAR
    low, high = limits[:-1] * DAYS_PER_YEAR, limits[1:] * DAYS_PER_YEAR
    leave = entry + rows.days[:, None]
    spent = np.clip(np.minimum(leave, high) - np.maximum(entry, low), 0.0, None)
    last = spent * (leave <= high * (1 + 1e-14)) > 0
    if not spent.any():
        raise DesignError(f"pyears(): nobody of {rows.n} rows is followed at an age in breaks.")
    bands = [f"{a:g}-{b:g}" for a, b in itertools.pairwise(limits)]
    tables = []
    for k, label in enumerate(rows.groups.labels):
        member = rows.groups.codes == k
        columns = {
            "strata": label,
            "level": bands,
            "person_years": spent[member].sum(axis=0) / DAYS_PER_YEAR,
            "n": (spent[member] > 0).sum(axis=0),
            "n_event": (last[member] * rows.event[member, None]).sum(axis=0),
        }
        tables.append(pd.DataFrame(columns))
    outside = float((rows.days.sum() - spent.sum()) / DAYS_PER_YEAR)
    cells = pd.concat(tables, ignore_index=True)
    return PersonYears(cells, outside, rows.n, rows.n_missing, conf_level, formula)


@frozen_result
class PersonYears(Result):
    """Person-years by age, made by `pyears`.

    Attributes
    ----------
    cells : pandas.DataFrame
        ``strata level person_years n n_event``.
    outside : float
        Person-years at ages outside the bands.
    n, n_missing : int
        Rows used, and rows dropped.
    conf_level, formula
        As given.
    """

    cells: pd.DataFrame
    outside: float
    n: int
    n_missing: int
    conf_level: float
    formula: str

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group and band.

        Parameters
        ----------
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            ``strata level person_years n n_event estimate conf_low conf_high``; `n` counts who
            was followed in the band, `estimate` is the rate per person-year.
        """
        level = self.conf_level if conf_level is None else conf_level
        years, events = self.cells["person_years"], self.cells["n_event"].to_numpy(float)
        low, high = count_limits(events, level, "exact")
        years = years.where(years > 0)
        return self.cells.assign(
            estimate=events / years, conf_low=low / years, conf_high=high / years
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing person_years person_years_outside``."""
        row = {
            "n": self.n,
            "n_event": int(self.cells["n_event"].sum()),
            "n_missing": self.n_missing,
            "person_years": float(self.cells["person_years"].sum()),
            "person_years_outside": self.outside,
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return f"Person-years: {self.formula}"
