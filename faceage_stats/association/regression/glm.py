"""Generalised linear models, as R's glm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._formula.frame import ModelFrame, model_frame
from faceage_stats._formula.outcome import binary_frame
from faceage_stats._formula.parse import is_surv, split_formula
from faceage_stats._formula.sides import refuse_zero_weights
from faceage_stats._near import check_option
from faceage_stats.association.regression.design_matrix import (
    offset_of,
    warn_singular,
    weights_of,
    with_intercept,
)
from faceage_stats.association.regression.glm_family import Family, FamilyName, Link
from faceage_stats.association.regression.glm_fit import fit_glm
from faceage_stats.association.regression.glm_model import GLM
from faceage_stats.association.regression.leverage import refuse_rows_alone
from faceage_stats.association.regression.linear_model import Robust
from faceage_stats.errors import DesignError, InputError

__all__ = ["glm"]


@checked_call
def glm(
    formula: str,
    data: Any,
    *,
    family: FamilyName = "binomial",
    link: Link | None = None,
    levels: Sequence[Any] | None = None,
    weights: str | None = None,
    subset: str | None = None,
    robust: Robust | None = None,
) -> GLM:
    """Fit a generalised linear model, as R's ``glm``.

    Parameters
    ----------
    formula : str
        ``events ~ age + C(site) + offset(log(years))``. ``cluster(id)`` gives the variance for
        clustered rows, ``- 1`` removes the intercept; strata() is refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per observation, or per group: the share of events, with the size of the group as
        `weights`. Incomplete rows are dropped and counted.
    family : {"binomial", "quasibinomial", "poisson", "quasipoisson", "gamma", "gaussian", \
        "inverse_gaussian"}
        Of a binary outcome, of a count, of a value above 0 (gamma and inverse Gaussian), of any
        number. The quasi families estimate how much more, or less, outcomes vary than the family
        says.
    link : {"logit", "probit", "cloglog", "log", "identity", "inverse", "inverse_squared"}, optional
        R's default of the family without it.
    levels : (negative, positive), optional
        Of a binary outcome.
    weights : str, optional
        Column of prior weights, above 0.
    subset : str, optional
        A condition on columns: only the rows where it is true are used.
    robust : {"HC0", "HC1", "HC2", "HC3", "CR0", "CR1"}, optional
        Sandwich variance against unequal variances (HC), or with cluster() for clusters: CR1 is
        what cluster() gives by itself, CR0 has no correction for few clusters.

    Returns
    -------
    GLM
        ``tidy(exponentiate=True)`` gives odds or rate ratios; ``drop1()``, ``anova()``,
        ``predict()``, ``glance()``, ``vcov()``, ``augment()``.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; an outcome that the family cannot have; a link of another family; no more
        rows than coefficients.

    Warns
    -----
    SingularColumnWarning
        A column depends on earlier ones; its coefficient is NaN.
    InfiniteCoefficientWarning
        A fitted value at the edge of its range.

    See Also
    --------
    logistic : Logistic regression with profile limits and what belongs to it.
    emmeans : Marginal means and their contrasts.
    gee : For repeated outcomes of a patient.

    Notes
    -----
    Families and links are statsmodels'. The iteration starts and stops as R's with
    ``control = glm.control(epsilon = 1e-14, maxit = 200)``, so that numbers are R's to the last
    digits; with R's default of 1e-8 its printed standard errors can be off by 1e-4. Sandwich
    variances are those of R's ``sandwich`` (statsmodels has HC0 only, whatever is asked).

    In R: ``glm(events ~ age + site + offset(log(years)), data = df, family = poisson)``

    In R: ``glm(events / n ~ age, data = df, weights = n, family = binomial)``

    References
    ----------
    McCullagh P, Nelder JA (1989). Generalized Linear Models, 2nd ed. Chapman and Hall.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"falls": [2, 0, 1, 4, 3, 5], "years": [3.0, 2, 2, 4, 2, 3],
    ...                    "gap": [-2, -3, 0, 1, 4, 5]})
    >>> fit = glm("falls ~ gap + offset(log(years))", df, family="poisson")
    >>> fit.tidy(exponentiate=True)[["term", "estimate"]].round(3).values.tolist()
    [['(Intercept)', 0.668], ['gap', 1.218]]
    """
    check_option("family", family, FamilyName)
    if link is not None:
        check_option("link", link, Link)
    if robust is not None:
        check_option("robust", robust, Robust)
    chosen = Family(family, link)
    if levels is not None and not chosen.is_binary:
        raise InputError(f"levels are those of a binary outcome; leave them out with {family}.")
    frame = _frame(formula, data, chosen, levels, weights, subset)
    refuse_zero_weights(frame.weights, weights)
    if robust is not None and robust.startswith("CR") != (frame.cluster is not None):
        raise InputError(
            f"robust={robust!r}: cluster() already gives a robust variance, CR1 or CR0; HC0 to HC3 "
            "go without clusters."
        )
    chosen.refuse_outcome(frame.y, f"`{split_formula(formula)[0]}`", weights_of(frame))
    fit = fit_glm(frame.y, with_intercept(frame), chosen, offset_of(frame), weights_of(frame))
    warn_singular(frame, fit.kept)
    if len(frame.y) <= fit.df:
        raise DesignError(f"glm(): {len(frame.y)} rows cannot estimate {fit.df} coefficients.")
    refuse_rows_alone(np.sqrt(fit.working)[:, None] * fit.x[:, fit.kept], robust)
    kind: Robust | None = robust or (None if frame.cluster is None else "CR1")
    return GLM(frame, fit, formula, kind)


def _frame(
    formula: str,
    data: Any,
    family: Family,
    levels: Sequence[Any] | None,
    weights: str | None,
    subset: str | None,
) -> ModelFrame:
    if family.is_binary and (levels is not None or not _is_share(formula, data, weights)):
        return binary_frame(
            formula, data, levels=levels, allow={"offset", "cluster", "- 1"}, weights=weights,
            subset=subset, caller="glm()",
        ).frame  # fmt: skip
    return model_frame(
        formula, data, allow={"offset", "cluster", "- 1"}, weights=weights, subset=subset,
        caller="glm()",
    )  # fmt: skip


def _is_share(formula: str, data: Any, weights: str | None) -> bool:
    """Whether the outcome is the share of events in groups, whose sizes are the weights."""
    left = split_formula(formula)[0]
    if weights is None or is_surv(left):
        return False
    values = evaluate(left, as_pandas(data), "The left side")
    if not pd.api.types.is_float_dtype(values):
        return False
    return bool(((values > 0) & (values < 1)).any())
