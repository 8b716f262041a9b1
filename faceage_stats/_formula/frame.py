"""A formula evaluated on data: outcome, design and side columns of the complete rows.

The one place where rows with missing values are dropped and counted.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._binary import binary, is_text
from faceage_stats._columns import as_pandas, numeric
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._formula.design import Readings
from faceage_stats._formula.extremes import refuse_extremes
from faceage_stats._formula.frame_types import Frame, ModelFrame, SurvivalFrame
from faceage_stats._formula.parse import RightSide, is_surv, split_formula
from faceage_stats._formula.rows import Unencoded
from faceage_stats._formula.sides import SideColumns, Sides, Special, read_right
from faceage_stats._surv import parse_surv
from faceage_stats.errors import DesignError, FormulaError

__all__ = [
    "Frame", "ModelFrame", "SurvivalFrame", "frame_of", "model_frame", "named", "read_frame",
    "require_surv", "survival_frame",
]  # fmt: skip


def survival_frame(
    formula: str,
    data: Any,
    *,
    allow: Set[Special] = frozenset(),
    weights: str | None = None,
    cluster: str | None = None,
    subset: str | None = None,
    states: bool = False,
    encode: bool = True,
    caller: str = "",
) -> SurvivalFrame:
    """Evaluate ``Surv(...) ~ terms`` on data.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ terms`` or ``Surv(start, stop, event) ~ terms``.
    data : pandas.DataFrame or polars.DataFrame
    allow : set of {"strata", "cluster", "offset", "tt"}
        The specials that the caller uses; any other is refused. ``- 1`` changes nothing: a hazard
        has no intercept.
    weights : str, optional
        Column of case weights.
    cluster : str, optional
        Column of clusters, in place of cluster() in the formula.
    subset : str, optional
        A condition on columns: only the rows where it is true are used, and counted.
    states : bool
        Read the event as competing causes: 0 or a categorical's first level is censoring.
    encode : bool
        False leaves the rows to be encoded by `settled`, for a fit that orders them first.
    caller : str
        The user's function, named in messages, e.g. ``"coxph()"``.

    Returns
    -------
    SurvivalFrame

    Raises
    ------
    FormulaError
        The formula cannot be read, names an unknown column or an unused special, or its left
        side is not Surv().
    InputError
        A column holds values that cannot be used.
    DesignError
        No complete row is left.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [3, 1, 2], "d": [1, 0, 1], "g": ["a", "b", None]})
    >>> frame = survival_frame("Surv(t, d) ~ g", df)
    >>> frame.design.names, frame.surv.event.tolist(), frame.n_missing
    (['gb'], [1, 0], 1)
    """
    data, where = as_pandas(data), named(caller, formula)
    require_surv(split_formula(formula)[0], where)
    left, right = read_right(formula, data, {*allow, "- 1"}, where)
    surv = parse_surv(left, data, states=states)
    frame = read_frame(
        formula, right.with_intercept(), data, surv.is_missing, where,
        Sides(weights, cluster, subset), encode=encode,
    )  # fmt: skip
    return SurvivalFrame(**vars(frame), surv=surv.complete(frame.rows))


def model_frame(
    formula: str,
    data: Any,
    *,
    allow: Set[Special] = frozenset(),
    weights: str | None = None,
    cluster: str | None = None,
    subset: str | None = None,
    caller: str = "",
) -> ModelFrame:
    """Evaluate ``outcome ~ terms`` on data, for an outcome of numbers or 0/1.

    Parameters and errors are those of `survival_frame`; Surv() on the left is refused, and so is
    ``- 1`` unless `allow` has it.

    Returns
    -------
    ModelFrame

    Examples
    --------
    >>> import pandas as pd
    >>> frame = model_frame("y ~ x", pd.DataFrame({"y": [1.5, 2.0, None], "x": [1, 2, 3]}))
    >>> frame.y.tolist(), frame.x.ravel().tolist()
    ([1.5, 2.0], [1.0, 2.0])
    """
    data, left = as_pandas(data), split_formula(formula)[0]
    if is_surv(left):
        raise FormulaError(
            f"{named(caller, formula)}: the outcome here is a column of numbers or of 0/1, not "
            "Surv(). Name the column, e.g. event ~ age."
        )
    sides = {"weights": weights, "cluster": cluster, "subset": subset}
    return frame_of(formula, data, _outcome(left, data), allow=allow, caller=caller, **sides)


def frame_of(
    formula: str,
    data: pd.DataFrame,
    y: np.ndarray,
    *,
    allow: Set[Special] = frozenset(),
    weights: str | None = None,
    cluster: str | None = None,
    subset: str | None = None,
    caller: str = "",
) -> ModelFrame:
    """Evaluate the right side of a formula beside `y`, one value a row, NaN where missing.

    The other parameters are those of `model_frame`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = frame_of("died ~ x", pd.DataFrame({"x": [5, 6]}), np.array([0.0, 1.0]))
    >>> frame.y.tolist(), frame.design.names
    ([0.0, 1.0], ['x'])
    """
    where = named(caller, formula)
    _, right = read_right(formula, data, allow, where)
    sides = Sides(weights, cluster, subset)
    frame = read_frame(formula, right, data, np.isnan(y), where, sides, drop_levels=True)
    return ModelFrame(**vars(frame), y=y[frame.rows])


def read_frame(
    formula: str,
    right: RightSide,
    data: pd.DataFrame,
    missing: np.ndarray,
    where: str,
    sides: Sides,
    *,
    drop_levels: bool = False,
    encode: bool = True,
) -> Frame:
    """Read the right side; drop the rows where it or the outcome is missing.

    The variables are evaluated on all rows first, so that a knot does not move with what is
    missing in another column, nor with `subset`. Levels that no row has go with `drop_levels`.
    """
    readings = Readings.of(right, data, where)
    beside = SideColumns.read(right, data, sides, where)
    missing = missing | readings.missing(len(data)) | beside.missing
    used = ~missing
    if beside.wanted is not None:
        used, missing = used & beside.wanted, missing & beside.wanted
    rows = np.flatnonzero(used)
    if not len(rows):
        if not len(data):
            raise DesignError(f"{where}: the data have no row.")
        asked = "" if sides.subset is None else f" and in the subset `{sides.subset}`"
        raise DesignError(
            f"{where}: none of the {len(data)} rows is complete in every column used{asked}."
        )
    strata, labels = beside.strata_codes(rows)
    values, design = readings.fit(formula, rows, len(data), where, drop_levels=drop_levels)
    frame = Frame(
        design=design,
        encoded=Unencoded(design, values, len(rows)),
        strata=strata,
        strata_labels=labels,
        cluster=beside.cluster_codes(rows),
        weights=None if beside.weights is None else beside.weights[rows],
        offset=None if beside.offset is None else beside.offset[rows],
        rows=rows,
        index=data.index if len(rows) == len(data) else data.index[rows],
        n_given=len(data),
        n_missing=int(missing.sum()),
    )
    return frame.settled() if encode else frame


def named(caller: str, formula: str) -> str:
    """Begin a message: the user's function, where it is known, and the formula as written."""
    return f"{caller}: `{formula}`" if caller else f"`{formula}`"


def require_surv(left: str, where: str) -> None:
    """Refuse a left side that is not Surv()."""
    if not is_surv(left):
        raise FormulaError(f"{where}: the left side must be Surv(time, event) or Surv(start, ...).")


def _outcome(left: str, data: pd.DataFrame) -> np.ndarray:
    values = evaluate(left, data, "The left side")
    if is_text(values):
        return binary(values, left, "{} ~ ...")
    found = numeric(values, left, "outcome")
    refuse_extremes(found[:, None], [left])
    return found
