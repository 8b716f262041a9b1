"""Standardised mortality ratio: observed deaths against those that a life table expects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import DesignError
from faceage_stats.survival.life_tables.people import FollowUp, TimeUnit, read_follow_up
from faceage_stats.survival.life_tables.poisson import PoissonLimits, count_limits, exact_p
from faceage_stats.survival.life_tables.rates import RateTable
from faceage_stats.survival.life_tables.walk import walk

__all__ = ["SMR", "smr"]


@checked_call
def smr(
    formula: str,
    data: Any,
    *,
    rates: Any,
    age: str,
    sex: str | None = None,
    start: str | None = None,
    method: PoissonLimits = "exact",
    conf_level: float = 0.95,
    time_unit: TimeUnit = "days",
) -> SMR:
    """Compare observed deaths with those that a life table expects: the ratio, and its tests.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ group``; ``~ 1`` for all patients together.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient. Incomplete rows are dropped and counted.
    rates : pandas.DataFrame or polars.DataFrame
        The life table, as in `survexp`.
    age : str
        Column of the age in years when follow-up begins; a biological age may take its place.
    sex, start : str, optional
        Columns of the sex and of the date of entry, where `rates` differ by them.
    method : {"exact", "byar"}
        Poisson limits, or Byar's approximation of them.
    conf_level : float
        Level of the limits.
    time_unit : {"days", "years"}
        Of the time in the formula.

    Returns
    -------
    SMR
        ``tidy()`` has one row per group: ``strata n observed expected person_years estimate
        conf_low conf_high p_value scale``; ``logrank()`` the one-sample log-rank test.

    Raises
    ------
    FormulaError, InputError, DesignError
        As in `survexp`; nobody is expected to die.

    See Also
    --------
    survexp : Expected survival curves.
    pyears : Person-years by age.

    Notes
    -----
    The p value is exact and two-sided, of every count that is no likelier than the observed one.

    In R: ``poisson.test(sum(df$event), sum(expected))``, with the expected deaths of ``survexp()``

    In R: ``survdiff(Surv(time, event) ~ offset(exp(-expected)), data = df)``, which is `logrank()`

    References
    ----------
    Breslow NE, Day NE (1987). Statistical Methods in Cancer Research, volume II. IARC Scientific
    Publications 82.

    Examples
    --------
    >>> from faceage_stats.survival.life_tables.rates import simulated_rates
    >>> df = pd.DataFrame({"t": [800, 1500, 2000], "d": [1, 0, 1], "age": [61, 70, 66],
    ...                    "sex": ["M", "F", "M"]})
    >>> smr("Surv(t, d) ~ 1", df, rates=simulated_rates(), age="age", sex="sex").tidy()[
    ...     ["observed", "expected", "estimate"]].round(2).values.tolist()
    [[2.0, 0.21, 9.72]]
    """
    check_option("method", method, PoissonLimits)
    check_conf_level(conf_level)
    table = RateTable.of(rates)
    rows = read_follow_up(
        formula, data, table, age=age, sex=sex, start=start, time_unit=time_unit, caller="smr()"
    )
    cumhaz = walk(rows.people, table, float(rows.days.max())).own(rows.days)
    if not cumhaz.sum() > 0:
        raise DesignError("smr(): the life table expects no death; look at the unit of its rates.")
    return SMR(rows, cumhaz, method, conf_level, formula)


@frozen_result
class SMR(Result):
    """Standardised mortality ratios, made by `smr`.

    Attributes
    ----------
    rows : FollowUp
    cumhaz : ndarray, shape (n,)
        Expected cumulative hazard of each patient at the end of its follow-up.
    method, conf_level, formula
        As given.
    """

    rows: FollowUp
    cumhaz: np.ndarray
    method: PoissonLimits
    conf_level: float
    formula: str

    def _sums(self) -> pd.DataFrame:
        codes, labels = self.rows.groups.codes, self.rows.groups.labels
        k = len(labels)
        columns = {
            "strata": list(labels),
            "n": np.bincount(codes, minlength=k),
            "observed": np.bincount(codes, self.rows.event, k),
            "expected": np.bincount(codes, self.cumhaz, k),
            "person_years": np.bincount(codes, self.rows.days, k) / DAYS_PER_YEAR,
        }
        return pd.DataFrame(columns)

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group.

        Parameters
        ----------
        conf_level : float, optional
            As in the call by default.

        Returns
        -------
        pandas.DataFrame
            ``strata n observed expected person_years estimate conf_low conf_high p_value scale``.
        """
        table = self._sums()
        level = self.conf_level if conf_level is None else conf_level
        observed, expected = table["observed"].to_numpy(), table["expected"].to_numpy()
        low, high = count_limits(observed, level, self.method)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = {"estimate": observed / expected, "conf_low": low / expected}
            ratios["conf_high"] = high / expected
        pairs = zip(observed, expected, strict=True)
        p_value = [exact_p(int(count), float(mean)) for count, mean in pairs]
        return table.assign(**ratios, p_value=p_value, scale="standardised mortality ratio")

    def logrank(self) -> pd.DataFrame:
        """Test each group by the one-sample log-rank test, (observed - expected)^2 / expected.

        Returns
        -------
        pandas.DataFrame
            ``strata observed expected statistic df p_value``; R's ``survdiff`` with an offset.
        """
        table = self._sums()[["strata", "observed", "expected"]]
        statistic = (table["observed"] - table["expected"]) ** 2 / table["expected"]
        return table.assign(statistic=statistic, df=1, p_value=special.chdtrc(1, statistic))

    def glance(self) -> pd.DataFrame:
        """Return one row for all groups: ``n n_event n_missing expected person_years method``."""
        row = {
            "n": self.rows.n,
            "n_event": int(self.rows.event.sum()),
            "n_missing": self.rows.n_missing,
            "expected": float(self.cumhaz.sum()),
            "person_years": float(self.rows.days.sum() / DAYS_PER_YEAR),
            "method": f"{self.method} limits",
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("logrank",)

    def _title(self) -> str:
        return f"Standardised mortality ratio: {self.formula}"
