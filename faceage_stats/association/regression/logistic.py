"""Logistic regression, as R's ``glm(family = binomial)``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faceage_stats._call import checked_call
from faceage_stats._formula.outcome import binary_frame
from faceage_stats._formula.sides import refuse_zero_weights
from faceage_stats.association.regression.binomial import fit_binomial
from faceage_stats.association.regression.design_matrix import (
    warn_singular,
    with_intercept,
)
from faceage_stats.association.regression.logistic_model import Logistic
from faceage_stats.errors import DesignError, InputError

__all__ = ["logistic"]


@checked_call
def logistic(
    formula: str,
    data: Any,
    *,
    levels: Sequence[Any] | None = None,
    weights: str | None = None,
    subset: str | None = None,
    epsilon: float = 1e-14,
) -> Logistic:
    """Fit a logistic regression, as R's ``glm(family = binomial)``.

    Parameters
    ----------
    formula : str
        ``outcome ~ age + C(site) + offset(lp)``; the outcome is 0/1, logical or has two levels.
        ``- 1`` removes the intercept; ``strata()`` and ``cluster()`` are refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per observation. Incomplete rows are dropped and counted.
    levels : (negative, positive), optional
        Of the outcome.
    weights : str, optional
        Column of prior weights, above 0: a row of weight 2 counts as two observations.
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.
    epsilon : float
        The iteration stops when the deviance changes by less, relatively. R's default is 1e-8,
        from where its printed standard errors (of one step earlier) can be off by 1e-4; the
        default here iterates to full convergence.

    Returns
    -------
    Logistic
        ``tidy(exponentiate=..., conf_level=..., limits=...)``: ``term variable level is_reference
        estimate std_error statistic p_value conf_low conf_high n n_event scale``; ``glance()``,
        ``augment()``, ``predict()``, ``vcov()``, ``hosmer_lemeshow()``.

    Raises
    ------
    DesignError
        One class only, or no coefficient.
    InputError, FormulaError
        As every formula; a weight of 0.

    Warns
    -----
    InfiniteCoefficientWarning
        Fitted probabilities of 0 or 1 (separation).
    SingularColumnWarning
        A column depends on earlier ones.

    See Also
    --------
    logistf : where the outcome is separated, or events are few.
    lm : for a numeric outcome.

    Notes
    -----
    The iteration is R's, from its start to its stop.

    In R: ``glm(died ~ age + site, family = binomial, data = df)``

    References
    ----------
    McCullagh P, Nelder JA (1989). Generalized Linear Models, 2nd edition. Chapman and Hall.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1, 0, 1], "x": [1, 2, 3, 4, 5, 6, 7, 8]})
    >>> logistic("y ~ x", data).tidy()[["term", "estimate"]].round(3).values.tolist()
    [['(Intercept)', -1.949], ['x', 0.433]]
    """
    if not 0 < epsilon < 1:
        raise InputError(f"epsilon is {epsilon}; it must be small and positive, e.g. 1e-14.")
    binary = binary_frame(
        formula, data, levels, allow={"offset", "- 1"}, weights=weights, subset=subset,
        caller="logistic()",
    )  # fmt: skip
    frame, x = binary.frame, with_intercept(binary.frame)
    refuse_zero_weights(frame.weights, weights)
    if not x.shape[1]:
        raise DesignError(f"logistic(): `{formula}` has no coefficient.")
    fit = fit_binomial(frame.y, x, frame.offset, frame.weights, epsilon=epsilon)
    warn_singular(frame, fit.kept)
    return Logistic(frame, fit, formula, binary.positive)
