"""Multiple imputation of missing covariates by chained equations."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, require_columns
from faceage_stats._formula.parse import parse_right, split_formula
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.missing.chained import run_chain
from faceage_stats.association.missing.columns import (
    codes_of,
    event_and_hazard,
    filled,
    fixed_block,
    levels_of,
    method_of,
    outcome_columns,
    target_of,
)
from faceage_stats.association.missing.pool import Pooled, pool_rubin
from faceage_stats.errors import DesignError, InputError

__all__ = ["Imputation", "impute"]


@frozen_result
class Imputation(Result):
    """Several completed copies of a table; see :func:`impute`.

    Attributes
    ----------
    base : DataFrame
        Rows with a known outcome, missing values as they were.
    values : dict of str to ndarray, shape (m, number of missing values)
        Imputed values (codes for categories) of every column that has some missing.
    methods : dict of str to str
    chains : DataFrame
        ``variable, imputation, iteration, mean, std_dev`` of the imputed values.
    m, n_missing, seed : int
        Imputations; rows left out because the outcome is missing; seed.
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
        """Table of imputation `i`, from 0; columns derived from others are not remade."""
        if not 0 <= i < self.m:
            raise InputError(f"imputation {i} does not exist; there are {self.m}, from 0.")
        frame = self.base.copy()
        for name, drawn in self.values.items():
            missing = frame[name].isna().to_numpy()
            frame[name] = filled(frame[name], missing, drawn[i])
        return frame

    def pool(self, fit: Callable[[pd.DataFrame], Any], **options: Any) -> Pooled:
        """Fit every completed table and pool the fits.

        Parameters
        ----------
        fit : callable
            From a table to a result, e.g. ``lambda d: fs.coxph(formula, data=d)``.
        **options
            Of :func:`faceage_stats.pool_rubin`.

        Returns
        -------
        Pooled
        """
        return pool_rubin([fit(frame) for frame in self], **options)

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per imputed column.

        Columns ``variable, level`` (of a category), ``n`` (known), ``n_missing, estimate1``
        (mean or share among known values), ``estimate2`` (among imputed ones, over all
        imputations)``, r_hat, method``.
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
                shares = {"estimate1": (codes == code).mean(), "estimate2": (drawn == code).mean()}
                rows.append({"variable": name, "level": str(level), **shares, **common})
        columns = ["variable", "level", "n", "n_missing", "estimate1", "estimate2", "r_hat",
                   "method"]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def trace(self) -> pd.DataFrame:
        """Course of the chains: ``variable, imputation, iteration, mean, std_dev``."""
        return self.chains.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``n, n_missing, n_imputation, iterations, seed``."""
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

    def _title(self) -> str:
        return f"{self.m} imputations of {len(self.values)} columns, {len(self.base)} rows"


def impute(
    formula: str,
    data: Any,
    *,
    auxiliary: Sequence[str] = (),
    m: int = 20,
    iterations: int = 10,
    seed: int = 0,
) -> Imputation:
    """Impute missing covariates several times by chained equations, for the model in `formula`.

    Parameters
    ----------
    formula : str
        The analysis to come, e.g. ``Surv(years, death) ~ faceage10 + smoking + bmi``. Its columns
        are imputed where missing and predict one another; so does the outcome. Name raw columns:
        a column derived from an imputed one must be made afterwards.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing outcome are left out and counted.
    auxiliary : sequence of str
        Further columns that help to predict the missing values; imputed as well.
    m : int
        Number of imputations; at least the percentage of incomplete rows is a good rule.
    iterations : int
        Rounds of every chain.
    seed : int
        Each imputation's draws depend on the seed and its number only.

    Returns
    -------
    Imputation
        Iterate over the completed tables; ``pool(fit)`` fits and pools; ``tidy()`` compares known
        with imputed values; ``trace()`` the chains.

    Raises
    ------
    DesignError
        A column with fewer than 10 known values, one that does not vary, or nothing to impute.
    InputError, FormulaError
        As every formula; fewer than 2 imputations; text that looks like an identifier.

    Notes
    -----
    Numbers and ordered categories are drawn by predictive mean matching (5 donors, Bayesian
    regression), other categories by logistic regression on a bootstrap sample. With a survival
    outcome the predictors are the event and the Nelson-Aalen cumulative hazard at the end of
    follow-up (White and Royston 2009), not the time itself. Assumes values missing at random
    given what is in the model.

    References
    ----------
    White IR, Royston P. Imputing missing covariate values for the Cox model. Stat Med
    2009;28:1982-1998. van Buuren S. Flexible Imputation of Missing Data. 2nd ed. 2018.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"age": rng.normal(60, 9, 60), "y": rng.normal(size=60)})
    >>> frame.loc[:8, "age"] = None
    >>> imputed = impute("y ~ age", frame, m=3, seed=1)
    >>> [int(table["age"].isna().sum()) for table in imputed]
    [0, 0, 0]
    """
    if m < 2 or iterations < 1:
        raise InputError(f"impute: m is {m} and iterations {iterations}; 2 and 1 are the least.")
    frame = as_pandas(data)
    left, right_text = split_formula(formula)
    right = parse_right(right_text)
    names = list(dict.fromkeys([*right.required, *right.strata, *auxiliary]))
    require_columns(names, frame, f"`{formula}`")
    outcome = outcome_columns(left, frame)
    known = ~np.isnan(outcome).any(axis=1)
    base, outcome = frame[known].reset_index(drop=True), outcome[known]
    incomplete = [name for name in names if base[name].isna().any()]
    if not incomplete:
        raise DesignError(f"`{formula}`: no used column has a missing value; nothing to impute.")
    if left.startswith("Surv"):
        outcome = event_and_hazard(outcome)
    targets = sorted((target_of(base, name) for name in incomplete), key=lambda t: t.missing.sum())
    complete = [fixed_block(base, name) for name in names if name not in incomplete]
    fixed = np.column_stack([outcome, *complete])
    values: dict[str, list[np.ndarray]] = {target.name: [] for target in targets}
    chains = []
    for i in range(m):
        rng = np.random.default_rng([seed, zlib.crc32(b"impute"), i])
        drawn, trace = run_chain(targets, fixed, iterations, rng)
        for target in targets:
            values[target.name].append(drawn[target.name][target.missing])
        chains.append(trace.assign(imputation=i))
    columns = ["variable", "imputation", "iteration", "mean", "std_dev"]
    return Imputation(
        base=base,
        values={name: np.array(rows) for name, rows in values.items()},
        methods={target.name: method_of(base[target.name]) for target in targets},
        chains=pd.concat(chains, ignore_index=True)[columns],
        m=m,
        n_missing=int((~known).sum()),
        seed=seed,
    )
