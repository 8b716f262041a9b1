"""ROC curves of markers for a binary outcome: AUC, its interval, operating points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats._formula.markers import marker_columns
from faceage_stats._formula.outcome import BinaryFrame, binary_frame
from faceage_stats._near import check_option
from faceage_stats._warn import warn
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.points import Direction
from faceage_stats.prediction.roc.result import ROC

__all__ = ["ROC", "roc"]

_AutoDirection = Literal["auto", "<", ">"]


@checked_call
def roc(
    formula: str,
    data: Any,
    *,
    direction: Literal["auto", "<", ">"] = "auto",
    levels: Sequence[Any] | None = None,
) -> ROC:
    """Estimate the ROC curve of one marker, or of several on the same rows.

    Parameters
    ----------
    formula : str
        ``outcome ~ marker`` or ``outcome ~ m1 + m2``; the outcome is 0/1, logical or has two
        levels. Rows with a missing value in any column are dropped, together for all markers.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    direction : {"auto", "<", ">"}
        ``"<"``: cases have higher markers. ``"auto"`` compares the medians, once, on these data;
        the answer is kept in `ROC.direction` and in every resample. Choosing it by the data
        pushes the AUC of a weak marker above one half: set it where it is known.
    levels : (negative, positive), optional
        Rows with any other value are excluded with a warning.

    Returns
    -------
    ROC
        ``.auc``, ``ci()``, ``coords()``, ``partial_auc()`` and ``band()`` of the curve;
        ``tidy()`` one row per marker. With several markers ``["m1"]`` is the curve of one of them
        and ``contrasts()`` holds their paired differences.

    Raises
    ------
    DesignError
        One class only, or a constant marker.
    FormulaError
        No marker, or strata(), cluster() or offset(), which are not used here.
    InputError
        Outcome not binary; `direction` unknown; a column not numeric.

    Warns
    -----
    EstimationWarning
        A direction that was set gives an AUC below one half.

    See Also
    --------
    roc_test : Compare curves, also partial areas, other patients and bootstrap.
    time_roc : AUC(t) for a censored outcome.
    reader_auc : Readers in place of markers.
    mrmc : Readers and patients as random samples.

    Notes
    -----
    The AUC counts tied pairs one half; its standard error is DeLong's, from one sort. Equals
    pROC 1.18.

    In R: ``pROC::roc(died ~ marker, data = df, direction = "<")``

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL (1988). Comparing the areas under two or more
    correlated receiver operating characteristic curves: a nonparametric approach. Biometrics
    44:837-845. doi:10.2307/2531595

    Robin X, Turck N, Hainard A and others (2011). pROC: an open-source package for R and S+ to
    analyze and compare ROC curves. BMC Bioinformatics 12:77. doi:10.1186/1471-2105-12-77

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"died": [0, 0, 0, 1, 1, 1], "marker": [1, 2, 3, 2, 4, 5]})
    >>> curve = roc("died ~ marker", df, direction="<")
    >>> round(curve.auc, 4), curve.direction
    (0.8333, '<')
    """
    check_option("direction", direction, _AutoDirection)
    frame = binary_frame(formula, marker_columns(formula, data, "roc()"), levels, caller="roc()")
    if not frame.names:
        raise FormulaError(f"roc(): `{formula}` names no marker.")
    columns = zip(frame.names, frame.frame.x.T, strict=True)
    curves = tuple(_curve(frame, name, values, direction) for name, values in columns)
    return ROC(curves, frame.frame.index)


def _curve(frame: BinaryFrame, name: str, values: np.ndarray, direction: _AutoDirection) -> Curve:
    is_case = frame.is_case
    if values.min() == values.max():
        raise DesignError(
            f"marker `{name}` is constant in the {len(values)} rows used: it cannot rank patients. "
            "Check the column."
        )
    curve = Curve(
        name, frame.outcome, frame.negative, frame.positive, _chosen(values, is_case, direction),
        direction == "auto", np.ascontiguousarray(values), is_case, frame.frame.rows,
        frame.frame.n_given, frame.frame.n_missing,
    )  # fmt: skip
    if direction != "auto" and curve.auc < 0.5:
        warn(
            f"the AUC of `{name}` is {curve.auc:.3f}, below one half: is direction={direction!r} "
            "reversed?",
            EstimationWarning,
        )
    return curve


def _chosen(values: np.ndarray, is_case: np.ndarray, direction: _AutoDirection) -> Direction:
    if direction != "auto":
        return direction
    return "<" if np.median(values[~is_case]) <= np.median(values[is_case]) else ">"
