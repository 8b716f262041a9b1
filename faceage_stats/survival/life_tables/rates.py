"""The rates of a life table that the reader gives, and a simulated one to try with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, numeric
from faceage_stats._levels import level_text
from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.errors import InputError

__all__ = ["RateTable", "simulated_rates"]

_COLUMNS = ("age", "sex", "year")


@dataclass(frozen=True)
class RateTable:
    """Death rates per person-day by age, sex and calendar year.

    Attributes
    ----------
    ages, years : ndarray
        Where a cell begins, in years; one year, -inf, where the table has none.
    sexes : tuple of str
        One, empty, where the table has none.
    rate : ndarray, shape (ages, sexes, years)
    """

    ages: np.ndarray
    sexes: tuple[str, ...]
    years: np.ndarray
    rate: np.ndarray

    @classmethod
    def of(cls, rates: Any) -> RateTable:
        """Read a table with one row per cell; documented at `survexp`."""
        table = as_pandas(rates)
        unit = [name for name in ("rate_per_year", "rate_per_day") if name in table.columns]
        unknown = set(table.columns) - {*_COLUMNS, *unit}
        if len(unit) != 1 or "age" not in table.columns or unknown:
            raise InputError(
                "rates needs the columns age and rate_per_year (or rate_per_day), may have sex and "
                f"year, and no others; it has {', '.join(map(str, table.columns))}."
            )
        rate = numeric(table[unit[0]], unit[0])
        rate = rate / DAYS_PER_YEAR if unit[0] == "rate_per_year" else rate
        ages, at_age = np.unique(numeric(table["age"], "age"), return_inverse=True)
        sexes, at_sex = [""], np.zeros(len(table), np.int64)
        if "sex" in table.columns:
            at_sex, levels = pd.factorize(table["sex"].map(level_text, na_action="ignore"))
            sexes = list(levels)
        years, at_year = np.array([-np.inf]), np.zeros(len(table), np.int64)
        if "year" in table.columns:
            years, at_year = np.unique(numeric(table["year"], "year"), return_inverse=True)
        cells = np.full((len(ages), len(sexes), len(years)), np.nan)
        cells[at_age, at_sex, at_year] = rate
        if np.isnan(cells).any() or (at_sex < 0).any() or cells.size != len(table):
            raise InputError(
                f"rates has {len(table)} rows for {cells.size} cells of age, sex and year; each "
                "cell needs one row, and no value may be missing."
            )
        if (cells < 0).any():
            raise InputError("rates has negative rates; correct them.")
        return cls(ages, tuple(sexes), years, cells)

    @property
    def by_sex(self) -> bool:
        """Whether rates differ by sex."""
        return self.sexes != ("",)

    @property
    def by_year(self) -> bool:
        """Whether rates differ by calendar year."""
        return bool(np.isfinite(self.years).all())


@checked_call
def simulated_rates() -> pd.DataFrame:
    """Make a simulated life table, to try `survexp` and `smr` with. It is of no country.

    Returns
    -------
    pandas.DataFrame
        ``age sex rate_per_year``, ages 0 to 110: Gompertz's law, a rate that doubles every eight
        years of age, 0.010 at 60 for men (M) and 0.006 for women (F).

    See Also
    --------
    survexp : Expected survival, which says what a rate table looks like.

    References
    ----------
    Gompertz B (1825). On the nature of the function expressive of the law of human mortality, and
    on a new mode of determining the value of life contingencies. Philosophical Transactions of the
    Royal Society of London 115:513-583.

    Examples
    --------
    >>> rates = simulated_rates()
    >>> rates[rates["age"].isin([60, 68])].round(4)["rate_per_year"].tolist()
    [0.006, 0.012, 0.01, 0.02]
    """
    age = np.arange(111)
    tables = [
        pd.DataFrame({"age": age, "sex": sex, "rate_per_year": at_60 * 2 ** ((age - 60) / 8)})
        for sex, at_60 in (("F", 0.006), ("M", 0.010))
    ]
    return pd.concat(tables, ignore_index=True)
