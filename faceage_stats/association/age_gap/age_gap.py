"""Age gaps (FaceAge minus age) of groups: means, comparisons, trend, regression to the mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column
from faceage_stats._formula.extremes import measured_column
from faceage_stats._levels import level_text, list_levels
from faceage_stats._near import check_option
from faceage_stats._p_adjust import PAdjust
from faceage_stats._wald import check_conf_level
from faceage_stats.association.age_gap.groups import has_order, memberships
from faceage_stats.association.age_gap.result import AgeGap, Unit
from faceage_stats.errors import DesignError, InputError

__all__ = ["age_gap"]

_PER_YEAR = {"years": 1.0, "months": 12.0}


@checked_call
def age_gap(
    data: Any,
    *,
    by: str | Mapping[str, Any],
    reference: Any = None,
    faceage: str = "faceage",
    age: str = "age",
    unit: Unit = "years",
    conf_level: float = 0.95,
    p_adjust: PAdjust = "holm",
) -> AgeGap:
    """Estimate the age gap, FaceAge minus age, of groups and compare it between them.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per subject. Rows without FaceAge or age are dropped and counted, and so are rows
        without a group when `by` is a column.
    by : str or mapping
        Column of groups (a categorical keeps its order, text is sorted), or a mapping from group
        name to a true/false array over the rows; such groups may overlap ("all", "men").
    reference : group, optional
        The group that :meth:`AgeGap.contrasts` compares the others with.
    faceage, age : str
        Numeric columns, years.
    unit : {"years", "months"}
        Unit of the gaps in every result.
    conf_level : float
        Level of all intervals.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Method of :func:`faceage_stats.p_adjust` for the comparisons.

    Returns
    -------
    AgeGap
        ``tidy(conf_level=...)``: one row per group: ``group estimate std_dev std_error conf_low
        conf_high conf_level median n is_reference unit quantity``. ``contrasts()`` compares groups,
        ``trend()`` takes them in order, ``adjusted([...])`` compares at equal covariates;
        ``regression_to_mean()``, ``corrected()``, ``augment()``.

    Raises
    ------
    FormulaError
        Absent columns.
    InputError
        Values that are not numbers, an unknown unit, or an unknown reference.
    DesignError
        A group without rows, or no complete row at all.

    See Also
    --------
    accuracy : the error of a prediction.
    t_test : The test behind the contrasts.
    lm : The model behind the adjusted gaps.

    Notes
    -----
    A raw gap falls with age in any imperfect predictor (regression to the mean), so that groups
    of different age differ in it for no other reason. Report it beside the corrected gap.

    In R: ``pairwise.t.test(df$faceage - df$age, df$group, pool.sd = FALSE)``

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({
    ...     "faceage": [62.0, 71, 66, 80, 59, 68, 61, 77], "age": [60, 70, 63, 77, 60, 70, 63, 77],
    ...     "group": ["cancer"] * 4 + ["none"] * 4})
    >>> gaps = age_gap(data, by="group", reference="none")
    >>> print(gaps.tidy()[["group", "estimate", "n"]].to_string(index=False))
     group  estimate  n
    cancer      2.25  4
      none     -1.25  4
    >>> gaps.contrasts()[["estimate", "conf_low", "conf_high"]].round(2).values.tolist()
    [[3.5, 1.84, 5.16]]
    """
    check_option("unit", unit, Unit)
    check_option("p_adjust", p_adjust, PAdjust)
    check_conf_level(conf_level)
    frame = as_pandas(data)
    years = measured_column(frame, age, "age_gap()")
    gap = measured_column(frame, faceage, "age_gap()") - years
    members = memberships(frame, by)
    complete = ~np.isnan(gap)
    if isinstance(by, str):
        complete &= members.to_numpy().any(axis=1)
    members = members[complete].reset_index(drop=True)
    empty = [group for group in members if not members[group].any()]
    if empty or members.empty:
        raise DesignError(
            f"age_gap: no complete rows in {list_levels(empty) or 'the data'}. Remove such groups."
        )
    name = None if reference is None else level_text(reference)
    if name is not None and name not in members:
        raise InputError(f"reference {name!r} is not a group; groups: {list_levels(members)}.")
    return AgeGap(
        gap=gap[complete] * _PER_YEAR[unit],
        age=years[complete],
        members=members,
        rows=frame[complete],
        reference=name,
        unit=unit,
        quantity="age gap",
        conf_level=conf_level,
        p_adjust=p_adjust,
        n_missing=int((~complete).sum()),
        ordered=not isinstance(by, str) or has_order(column(frame, by, "age_gap()")),
    )
