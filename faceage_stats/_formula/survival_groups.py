"""Groups of a survival outcome: `Surv(time, event) ~ group1 + group2`."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from faceage_stats._columns import as_pandas
from faceage_stats._formula.frame import SurvivalFrame, named, read_frame, require_surv
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.parse import split_formula
from faceage_stats._formula.sides import Sides, Special, read_right
from faceage_stats._formula.variables import group_column, group_label
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
    subset: str | None = None,
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
    require_surv(split_formula(formula)[0], where)
    left, right = read_right(formula, data, allow, where)
    if any(len(product) > 1 for product in right.products):
        raise FormulaError(f"{where}: groups are joined with +, without interactions.")
    columns = [group_column(node, data, where) for node in right.variables]
    surv = parse_surv(left, data, states=states)
    missing = np.logical_or.reduce([surv.is_missing, *(c.isna().to_numpy() for c in columns)])
    sides = Sides(weights, cluster, subset)
    frame = read_frame(formula, right.without_terms(), data, missing, where, sides)
    if columns:
        names = tuple(group_label(node) for node in right.variables)
        groups = GroupFrame.of(names, [column.iloc[frame.rows] for column in columns])
    else:
        groups = GroupFrame.single(frame.n)
    return SurvivalFrame(**vars(frame), surv=surv.complete(frame.rows)), groups
