"""Conditional logistic regression of matched sets, as R's clogit."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from faceage_stats._binary import binary
from faceage_stats._call import checked_call
from faceage_stats._formula.frame import SurvivalFrame, model_frame
from faceage_stats._formula.parse import split_formula
from faceage_stats._near import check_option
from faceage_stats._result import frozen_result
from faceage_stats._surv import Surv
from faceage_stats.errors import FormulaError
from faceage_stats.survival.cox.coxph import fit_frame, needs_sandwich
from faceage_stats.survival.cox.estimate import CoxTies
from faceage_stats.survival.cox.tables import CoxTables

__all__ = ["CLogit", "clogit"]

Method = Literal["exact", "approximate", "efron", "breslow"]
_TIES: dict[str, CoxTies] = {
    "exact": "exact", "approximate": "breslow", "efron": "efron", "breslow": "breslow",
}  # fmt: skip


@frozen_result
class CLogit(CoxTables):
    """A conditional logistic regression, made by `clogit`; its attributes are those of `CoxFit`.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"case": [1, 0, 0, 1, 0, 1], "gap": [4, 1, 2, 0, 3, 5],
    ...                    "set": [1, 1, 2, 2, 3, 3]})
    >>> fs.clogit("case ~ gap + strata(set)", df).tidy()["scale"].tolist()
    ['log odds ratio']
    """

    _function: ClassVar[str] = "clogit"
    _ratio: ClassVar[str] = "odds ratio"


@checked_call
def clogit(
    formula: str,
    data: Any,
    *,
    method: Method = "exact",
    weights: str | None = None,
    cluster: str | None = None,
    subset: str | None = None,
) -> CLogit:
    """Fit a conditional logistic regression of matched sets, as R's ``survival::clogit``.

    Parameters
    ----------
    formula : str
        ``case ~ x + strata(set)``; case is 0/1 or true/false, and strata() names the matched sets.
    data : pandas.DataFrame or polars.DataFrame
        One row per person and set.
    method : {"exact", "approximate", "efron", "breslow"}
        The conditional likelihood, or an approximation of it for sets with several cases;
        approximate is Breslow's. With one case per set all agree.
    weights : str, optional
        Column of case weights, above 0; not with the exact method. Weights that are not whole
        numbers turn the sandwich variance on, as in R.
    cluster : str, optional
        Column of clusters for the sandwich variance; not with the exact method.
    subset : str, optional
        A condition on columns: only the rows where it is true are used.

    Returns
    -------
    CLogit
        ``tidy(exponentiate=True)`` gives odds ratios; ``glance()``, ``vcov()``, ``confint()``,
        ``tests()``.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; no strata(); a case that is not 0/1; weights or clusters with the exact
        method.

    See Also
    --------
    coxph : Cox's model, whose exact likelihood this is.
    logistic : Logistic regression without matching.

    Notes
    -----
    In R: ``survival::clogit(case ~ x + strata(set), data = df)``

    References
    ----------
    Gail MH, Lubin JH, Rubinstein LV (1981). Likelihood calculations for matched case-control
    studies and survival studies with tied death times. Biometrika 68:703-707.

    Examples
    --------
    >>> df = pd.DataFrame({"case": [1, 0, 0, 1, 0, 1], "gap": [4, 1, 2, 0, 3, 5],
    ...                    "set": [1, 1, 2, 2, 3, 3]})
    >>> clogit("case ~ gap + strata(set)", df).tidy()["estimate"].round(3).tolist()
    [0.38]
    """
    check_option("method", method, Method)
    frame = model_frame(
        formula,
        data,
        allow={"strata", "cluster", "offset"},
        weights=weights,
        cluster=cluster,
        subset=subset,
        caller="clogit()",
    )
    left, _ = split_formula(formula)
    event = binary(pd.Series(frame.y), left, "{} ~ ...").astype(np.int64)
    if frame.strata is None:
        raise FormulaError(
            f"clogit(): `{formula}` names no matched sets. Write {left} ~ ... + strata(set)."
        )
    parts = {name: value for name, value in vars(frame).items() if name != "y"}
    surv = Surv(np.ones(frame.n), event, None, "time", left)
    outcome = SurvivalFrame(**parts, surv=surv)
    return fit_frame(outcome, CLogit, _TIES[method], needs_sandwich(outcome, None, weights))
