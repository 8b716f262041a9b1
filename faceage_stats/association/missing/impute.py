"""Multiple imputation of missing covariates by chained equations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of
from faceage_stats._expression.nodes import names_of
from faceage_stats._formula.parse import is_surv
from faceage_stats._formula.sides import read_right
from faceage_stats._near import check_option
from faceage_stats._scalar import check_whole
from faceage_stats._seed import generator
from faceage_stats.association.missing.chained import run_chain
from faceage_stats.association.missing.columns import (
    event_and_hazard,
    fixed_block,
    outcome_columns,
    target_of,
)
from faceage_stats.association.missing.imputation import Imputation
from faceage_stats.errors import DesignError

__all__ = ["impute"]

Numbers = Literal["pmm", "norm"]


@checked_call
def impute(
    formula: str,
    data: Any,
    *,
    auxiliary: Sequence[str] = (),
    m: int = 20,
    iterations: int = 10,
    method: Numbers = "pmm",
    seed: int = 0,
) -> Imputation:
    """Impute missing covariates several times by chained equations, for the model in `formula`.

    Parameters
    ----------
    formula : str
        The analysis to come, e.g. ``Surv(years, death) ~ faceage10 + smoking + bmi``. Its columns
        are imputed where missing and predict one another; so does the outcome. Name raw columns:
        a column derived from an imputed one must be made afterwards. ``cluster()`` and
        ``offset()`` are refused.
    data : pandas.DataFrame or polars.DataFrame
        Rows with a missing outcome are excluded and counted.
    auxiliary : sequence of str
        Further columns that help to predict the missing values; imputed as well.
    m : int
        Number of imputations; at least the percentage of incomplete rows is a good rule.
    iterations : int
        Rounds of every chain.
    method : {"pmm", "norm"}
        How numbers are drawn: by predictive mean matching, which gives values that were observed,
        or from a Bayesian linear regression with normal errors, which may give impossible ones.
        Matching can lose much of the effect of a skewed marker: compare both.
    seed : int
        The draws of an imputation depend on the seed and its number only.

    Returns
    -------
    Imputation
        Iterate over the completed tables; ``pool(fit)`` fits and pools; ``tidy()`` compares known
        with imputed values: ``variable level n n_missing estimate1 estimate2 r_hat method``;
        ``trace()`` the chains.

    Raises
    ------
    DesignError
        A column with fewer than 10 known values, one that does not vary, or nothing to impute.
    InputError, FormulaError
        As every formula; fewer than 2 imputations; text that looks like an identifier.

    See Also
    --------
    pool_rubin : Fits, pooled.
    pool_test : Tests of several terms, pooled.
    complete_case : without imputation.

    Notes
    -----
    Ordered categories are drawn by predictive mean matching, as numbers are by default (5 donors,
    Bayesian regression), other categories by logistic regression on a bootstrap sample. With a
    survival outcome the predictors are the event and the Nelson-Aalen cumulative hazard at the end
    of follow-up (White and Royston 2009), not the time itself. Assumes values missing at random
    given what is in the model.

    In R: ``mice::mice(df, m = 20, maxit = 10)``, with ``method = "norm"`` for the second method

    References
    ----------
    White IR, Royston P (2009). Imputing missing covariate values for the Cox model. Statistics in
    Medicine 28:1982-1998. doi:10.1002/sim.3618

    van Buuren S (2018). Flexible Imputation of Missing Data, 2nd edition. CRC Press.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"age": rng.normal(60, 9, 60), "y": rng.normal(size=60)})
    >>> data.loc[:8, "age"] = None
    >>> imputed = impute("y ~ age", data, m=3, seed=1)
    >>> [int(table["age"].isna().sum()) for table in imputed]
    [0, 0, 0]
    """
    check_whole("m", m, 2), check_whole("iterations", iterations, 1)
    check_option("method", method, Numbers)
    normal = method == "norm"
    frame = as_pandas(data)
    left, right = read_right(formula, frame, {"strata", "- 1"}, f"impute(): `{formula}`")
    strata = [name for node in right.strata for name in names_of(node)]
    names = list(dict.fromkeys([*right.required, *strata, *auxiliary]))
    frame = frame.assign(**columns_of(frame, names, f"impute(): `{formula}`"))
    outcome = outcome_columns(left, frame)
    known = ~np.isnan(outcome).any(axis=1)
    base, outcome = frame[known], outcome[known]
    incomplete = [name for name in names if base[name].isna().any()]
    if not incomplete:
        raise DesignError(f"`{formula}`: no used column has a missing value; nothing to impute.")
    if is_surv(left):
        outcome = event_and_hazard(outcome)
    targets = [target_of(base, name, normal=normal) for name in incomplete]
    targets.sort(key=lambda t: t.missing.sum())
    complete = [fixed_block(base, name) for name in names if name not in incomplete]
    fixed = np.column_stack([outcome, *complete])
    values: dict[str, list[np.ndarray]] = {target.name: [] for target in targets}
    chains = []
    for i in range(m):
        drawn, trace = run_chain(targets, fixed, iterations, generator(seed, "impute", i))
        for target in targets:
            values[target.name].append(drawn[target.name][target.missing])
        chains.append(trace.assign(imputation=i))
    columns = ["variable", "imputation", "iteration", "mean", "std_dev"]
    return Imputation(
        base=base,
        values={name: np.array(rows) for name, rows in values.items()},
        methods={target.name: target.method for target in targets},
        chains=pd.concat(chains, ignore_index=True)[columns],
        m=m,
        n_missing=int((~known).sum()),
        seed=seed,
    )
