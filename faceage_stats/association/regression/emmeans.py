"""Marginal means of a fitted model and their contrasts, as R's emmeans."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit, check_names
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of, numeric_column
from faceage_stats._expression.nodes import names_of
from faceage_stats._formula.design import Design
from faceage_stats._levels import group_codes, level_text
from faceage_stats._near import check_option, did_you_mean
from faceage_stats.association.longitudinal.gee import GEE
from faceage_stats.association.longitudinal.lmer_result import LMER
from faceage_stats.association.regression.glm_model import GLM
from faceage_stats.association.regression.linear_model import LinearModel
from faceage_stats.association.regression.logistic_model import Logistic
from faceage_stats.association.regression.marginal import Averaging, EMMeans, Scale
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["emmeans"]

Model = LinearModel | GLM | Logistic | CoxPH | LMER | GEE


@checked_call
def emmeans(
    fit: Model,
    data: Any,
    over: str | Sequence[str],
    *,
    by: str | Sequence[str] = (),
    at: Mapping[str, Any] | None = None,
    averaging: Averaging = "equal",
) -> EMMeans:
    """Compute marginal means: what a model predicts for each level, other things being equal.

    Parameters
    ----------
    fit : LinearModel, GLM, Logistic, CoxPH, LMER or GEE
        A fit of `lm`, `glm`, `logistic`, `coxph`, `lmer` or `gee`.
    data : pandas.DataFrame or polars.DataFrame
        The table of the fit. Its numeric covariates are held at their means over the rows used,
        unless `at` says where; one of two values (0 and 1) is taken as a factor, as in R.
    over : str or sequence of str
        Factors whose levels are compared, or numbers whose values are in `at`.
    by : str or sequence of str
        Those within whose levels they are compared.
    at : mapping of column to value or values, optional
        Where covariates are held, ``{"age": [50, 70]}``, or the levels of a factor that count.
    averaging : {"equal", "proportional"}
        The other factors: each level alike, or by how often their combinations occur.

    Returns
    -------
    EMMeans
        ``tidy()`` on the scale of the model or of the response, ``contrasts()`` with p values and
        limits for several comparisons.

    Raises
    ------
    InputError
        A column that the model lacks, or a number without its values; a coefficient that cannot
        be estimated; another kind of fit.

    See Also
    --------
    glm : Generalised linear models.
    adjusted_curves : Adjusted survival curves.

    Notes
    -----
    An offset is held at 0, so that means of counts are rates; R holds it at its own mean. Of a Cox
    model the means are log hazards relative to the mean of the covariates. Tests of a mixed model
    are normal, as with R's ``lmer.df = "asymptotic"``; those of a quasi family are t tests, as the
    coefficients' (R takes z). Proportional weights count rows, whatever the weights of the fit.

    In R: ``emmeans::emmeans(fit, "group")``, then ``contrast(method = "pairwise")``

    In R: ``emmeans::emmeans(fit, ~ age | arm, at = list(age = c(50, 70)))``

    References
    ----------
    Searle SR, Speed FM, Milliken GA (1980). Population marginal means in the linear model: an
    alternative to least squares means. The American Statistician 34:216-221.

    Examples
    --------
    >>> from faceage_stats.association.regression.lm import lm
    >>> df = pd.DataFrame({"gap": [3.0, 5, 1, 6, 2, 8], "site": list("aabbcc"),
    ...                    "bmi": [22, 27, 31, 24, 35, 19]})
    >>> means = emmeans(lm("gap ~ site + bmi", df), df, "site")
    >>> means.tidy()[["group", "estimate"]].round(2).values.tolist()
    [['site=a', 3.33], ['site=b', 3.93], ['site=c', 5.24]]
    """
    check_fit(
        fit, Model, "emmeans() takes a fit of lm(), glm(), logistic(), coxph(), lmer() or gee()"
    )
    check_option("averaging", averaging, Averaging)
    names, within = check_names("over", over), check_names("by", by)
    design, frame = fit.frame.design, fit.frame
    table = as_pandas(data)
    if len(table) != frame.n_given:
        raise InputError(
            f"emmeans(): the data have {len(table)} rows, the fit was made on {frame.n_given}. "
            "Give the data of the fit."
        )
    used = columns_of(table, design.right.required, "emmeans()").iloc[frame.rows]
    values = _values(design, used, dict(at or {}))
    for name in [*names, *within]:
        if name not in values:
            raise InputError(
                f"emmeans(): '{name}' is no column of the model.{did_you_mean(name, values)}"
            )
        if name not in (at or {}) and not _is_factor(name, design, used):
            raise InputError(
                f"emmeans(): '{name}' is a number with many values; say which: at={{'{name}': "
                "[50, 70]}."
            )
    grid, weight = _grid(used, values, [*names, *within], set(at or {}), averaging)
    x = design.encode(grid)
    x = x - fit.means if isinstance(fit, CoxPH) else design.with_intercept(x)
    coefficients, vcov = fit.coef.to_numpy(), fit.vcov().to_numpy()
    if not np.isfinite(coefficients).all():
        raise InputError("emmeans(): a coefficient of the fit cannot be estimated; remove a term.")
    labels = pd.DataFrame({n: grid[n].map(level_text) for n in [*within, *names]})
    groups = labels.drop_duplicates().reset_index(drop=True)
    rows = np.empty((len(groups), x.shape[1]))
    for i, group in enumerate(groups.itertuples(index=False)):
        member = (labels == list(group)).all(axis=1).to_numpy()
        rows[i] = np.average(x[member], axis=0, weights=weight[member])
    return EMMeans(
        groups, tuple(names), tuple(within), rows @ coefficients, rows @ vcov @ rows.T,
        _df(fit), Scale.of(fit), frame.n, frame.n_missing, design.formula,
    )  # fmt: skip


def _df(fit: Model) -> float:
    if isinstance(fit, LinearModel):
        return float(fit.df_residual)
    df = fit.df_test if isinstance(fit, GLM) else None
    return np.inf if df is None else df


def _is_factor(name: str, design: Design, used: pd.DataFrame) -> bool:
    """Whether the design codes the levels of a column, or it is a number of two values."""
    nodes = [each.node for each in design.variables if each.is_factor]
    return name in {n for node in nodes for n in names_of(node)} or used[name].nunique() <= 2


def _values(design: Design, used: pd.DataFrame, at: dict[str, Any]) -> dict[str, list[Any]]:
    """What each column is set to: its levels, its mean, or what `at` says."""
    values: dict[str, list[Any]] = {}
    for name in design.right.required:
        if name in at:
            values[name] = np.ravel(np.array(at.pop(name), dtype=object)).tolist()
        elif _is_factor(name, design, used):
            codes, texts = group_codes(used[name])
            first = [int(np.argmax(codes == k)) for k in range(len(texts)) if (codes == k).any()]
            values[name] = used[name].iloc[np.array(first)].to_list()
        else:
            values[name] = [float(np.mean(numeric_column(used, name, "emmeans()")))]
    if at:
        name = next(iter(at))
        raise InputError(
            f"emmeans(): at has '{name}', no column of the model.{did_you_mean(name, values)}"
        )
    return values


def _grid(
    used: pd.DataFrame, values: dict[str, list[Any]], shown: list[str], at: set[str],
    averaging: Averaging,
) -> tuple[pd.DataFrame, np.ndarray]:  # fmt: skip
    """Every combination of values, and the weight of each."""
    # the first of `shown` runs fastest, as R prints
    order = [*(n for n in values if n not in shown), *reversed(shown)]
    rows = list(itertools.product(*(values[name] for name in order)))
    grid = pd.DataFrame(rows, columns=order)
    for name in order:
        if isinstance(used[name].dtype, pd.CategoricalDtype):
            grid[name] = grid[name].astype(used[name].dtype)
    others = [n for n in values if n not in shown and n not in at and len(values[n]) > 1]
    weight = np.ones(len(grid))
    if averaging == "proportional" and others:
        counted = used.groupby(others, observed=False).size()
        keys = zip(*(grid[name] for name in others), strict=True)
        weight = np.array([counted.get(k if len(others) > 1 else k[0], 0) for k in keys], float)
    return grid, weight
