"""Groups of a survival outcome: `Surv(time, event) ~ group1 + group2`."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from faceage_stats._columns import as_pandas, call_arguments, evaluate
from faceage_stats._formula.frame import (
    SurvivalFrame,
    named,
    read_frame,
    read_sides,
    require_surv,
)
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.sides import Special
from faceage_stats._surv import parse_surv
from faceage_stats.errors import FormulaError

__all__ = ["survival_groups"]


def survival_groups(
    formula: str,
    data: Any,
    *,
    allow: Set[Special] = frozenset(),
    weights: str | None = None,
    cluster: str | None = None,
    states: bool = False,
    caller: str = "",
) -> tuple[SurvivalFrame, GroupFrame]:
    """Evaluate ``Surv(...) ~ group1 + group2``: the right side names groups, not covariates.

    Parameters and errors are those of `survival_frame`.

    Returns
    -------
    frame : SurvivalFrame
        With an empty design.
    groups : GroupFrame
        Of the rows of the frame; for ``~ 1`` one group, labelled "all".

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [3, 1, 2], "d": [1, 0, 1], "g": ["b", "a", None]})
    >>> frame, groups = survival_groups("Surv(t, d) ~ g", df)
    >>> groups.labels, groups.codes.tolist(), frame.n_missing
    (('g=a', 'g=b'), [1, 0], 1)
    """
    data, where = as_pandas(data), named(caller, formula)
    left, right = read_sides(formula, allow, where)
    require_surv(left, where)
    names = tuple(str(term) for term in right.formula if str(term) != "1")
    if any(":" in name for name in names):
        raise FormulaError(f"{where}: groups are joined with +, without interactions.")
    names = tuple(_plain(name) for name in names)
    columns = [evaluate(name, data, where) for name in names]
    surv = parse_surv(left, data, states=states)
    missing = np.logical_or.reduce([surv.is_missing, *(c.isna().to_numpy() for c in columns)])
    frame = read_frame(formula, right.without_terms(), data, missing, where, weights, cluster)
    groups = GroupFrame.single(frame.n)
    if names:
        groups = GroupFrame.of(names, [column.iloc[frame.rows] for column in columns])
    return SurvivalFrame(**vars(frame), surv=surv.complete(frame.rows)), groups


def _plain(expression: str) -> str:
    """The column inside C(), I() or factor(): groups need no coding."""
    for wrapper in ("C(", "I(", "factor("):
        if expression.startswith(wrapper) and expression.endswith(")"):
            return call_arguments(expression.partition("(")[2][:-1].join(("f(", ")")))[1][0]
    return expression
