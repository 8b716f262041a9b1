"""The result of multiple imputation: completed tables, what was imputed, the chains."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats.association.missing.columns import codes_of, filled, levels_of
from faceage_stats.association.missing.pool import Pooled, pool_rubin
from faceage_stats.errors import InputError

__all__ = ["Imputation"]


@frozen_result
class Imputation(Result):
    """Several completed copies of a table, made by :func:`impute`.

    Attributes
    ----------
    base : pandas.DataFrame
        Rows with a known outcome, missing values as they were, with the index of the data given.
    values : dict of str to ndarray, shape (m, number of missing values)
        Imputed values (codes for categories) of every column that has some missing.
    methods : dict of str to str
    chains : pandas.DataFrame
        ``variable imputation iteration mean std_dev`` of the imputed values.
    m, n_missing, seed : int
        Imputations; rows excluded because the outcome is missing; seed.
    """

    base: pd.DataFrame
    values: dict[str, np.ndarray]
    methods: dict[str, str]
    chains: pd.DataFrame
    m: int
    n_missing: int
    seed: int

    def __len__(self) -> int:
        return self.m

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return (self.completed(i) for i in range(self.m))

    def completed(self, i: int) -> pd.DataFrame:
        """Return the table of imputation `i`, from 0; derived columns are not made again."""
        if not 0 <= i < self.m:
            raise InputError(f"imputation {i} does not exist; there are {self.m}, from 0.")
        frame = self.base.copy()
        for name, drawn in self.values.items():
            missing = frame[name].isna().to_numpy()
            frame[name] = filled(frame[name], missing, drawn[i])
        return frame

    def pool(
        self, fit: Callable[[pd.DataFrame], Result], *, df_complete: float | None = None
    ) -> Pooled:
        """Fit every completed table and pool the fits.

        Parameters
        ----------
        fit : callable
            From a table to a result, e.g. ``lambda table: fs.coxph(formula, table)``.
        df_complete : float, optional
            As in :func:`faceage_stats.pool_rubin`.

        Returns
        -------
        Pooled
        """
        if not callable(fit):
            raise InputError(
                f"fit is a {type(fit).__name__}; give what fits a table, e.g. "
                "lambda table: fs.coxph(formula, table)."
            )
        return pool_rubin([fit(table) for table in self], df_complete=df_complete)

    def tidy(self) -> pd.DataFrame:
        """Return one row per imputed column, or per level of a category.

        Returns
        -------
        pandas.DataFrame
            ``variable level n`` (known) ``n_missing estimate1`` (mean or proportion among known
            values) ``estimate2`` (among imputed ones, over all imputations) ``r_hat method``.
        """
        r_hat = self._r_hat()
        rows = []
        for name, drawn in self.values.items():
            column = self.base[name]
            known = column.notna().to_numpy()
            counts = {"n": int(known.sum()), "n_missing": int((~known).sum())}
            common = {**counts, "r_hat": r_hat[name], "method": self.methods[name]}
            levels = levels_of(column)
            if levels is None:
                means = {"estimate1": column[known].astype(float).mean(), "estimate2": drawn.mean()}
                rows.append({"variable": name, "level": None, **means, **common})
                continue
            codes = codes_of(column, levels)[known]
            for code, level in enumerate(levels):
                proportions = {
                    "estimate1": (codes == code).mean(),
                    "estimate2": (drawn == code).mean(),
                }
                rows.append({"variable": name, "level": str(level), **proportions, **common})
        columns = ["variable", "level", "n", "n_missing", "estimate1", "estimate2", "r_hat",
                   "method"]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def trace(self) -> pd.DataFrame:
        """Return the course of the chains: ``variable imputation iteration mean std_dev``."""
        return self.chains.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing n_imputation iterations seed``."""
        row = {"n": len(self.base), "n_missing": self.n_missing, "n_imputation": self.m}
        iterations = int(self.chains["iteration"].max()) if len(self.chains) else 0
        return pd.DataFrame([row | {"iterations": iterations, "seed": self.seed}])

    def _r_hat(self) -> dict[str, float]:
        """Gelman and Rubin's statistic of the mean, over the second half of the chains."""
        result = {}
        for name, part in self.chains.groupby("variable", sort=False):
            table = part.pivot(index="iteration", columns="imputation", values="mean").to_numpy()
            half = table[len(table) // 2 :]
            steps = len(half)
            within = float(half.var(axis=0, ddof=1).mean()) if steps > 1 else np.nan
            between = float(half.mean(axis=0).var(ddof=1))
            ratio = (steps - 1) / steps + between / within if within > 0 else np.nan
            result[str(name)] = float(np.sqrt(ratio))
        return result

    def _further_tables(self) -> tuple[str, ...]:
        return ("trace",)

    def _title(self) -> str:
        return f"{self.m} imputations of {len(self.values)} columns, {len(self.base)} rows"
