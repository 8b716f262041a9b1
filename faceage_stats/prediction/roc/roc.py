"""ROC curves of markers for a binary outcome: AUC, its interval, operating points."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from faceage_stats._outcome import BinaryFrame, binary_frame
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.roc.result import ROC, ROCSet

__all__ = ["ROC", "ROCSet", "roc"]


def roc(
    formula: str,
    data: Any,
    *,
    direction: str = "auto",
    levels: Sequence[Any] | None = None,
) -> ROC | ROCSet:
    """Estimate the ROC curve of one marker, or of several on the same rows, as R's ``pROC::roc``.

    Parameters
    ----------
    formula : str
        ``outcome ~ marker`` or ``outcome ~ m1 + m2``; the outcome is 0/1, logical or has two
        levels. Rows with a missing value in any column are dropped, together for all markers.
    data : pandas.DataFrame or polars.DataFrame
    direction : {"auto", "<", ">"}
        ``"<"``: cases have higher markers. ``"auto"`` compares the medians, once, on these data;
        the answer is kept in `ROC.direction` and in every resample. Choosing it by the data
        pushes the AUC of a weak marker above one half: set it where it is known.
    levels : (negative, positive), optional
        Rows with any other value are left out with a warning.

    Returns
    -------
    ROC or ROCSet
        A curve, or a set of them (``rocs["m1"]``) when the formula names several markers.

    Raises
    ------
    DesignError
        One class only, or a constant marker.
    InputError
        Outcome not binary; `direction` unknown; a column not numeric.

    Notes
    -----
    The AUC counts tied pairs one half; its standard error is DeLong's (1988), from one sort.
    Equals ``pROC`` 1.18.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"died": [0, 0, 0, 1, 1, 1], "marker": [1, 2, 3, 2, 4, 5]})
    >>> curve = roc("died ~ marker", df, direction="<")
    >>> round(curve.auc, 4), curve.direction
    (0.8333, '<')
    """
    if direction not in ("auto", "<", ">"):
        raise InputError(f'direction is {direction!r}; choose "auto", "<" or ">".')
    frame = binary_frame(formula, data, levels)
    if not frame.names:
        raise FormulaError(f"`{formula}` names no marker.")
    columns = zip(frame.names, frame.frame.x.T, strict=True)
    curves = tuple(_curve(frame, name, values, direction) for name, values in columns)
    return curves[0] if len(curves) == 1 else ROCSet(curves)


def _curve(frame: BinaryFrame, name: str, values: np.ndarray, direction: str) -> ROC:
    is_case = frame.is_case
    if values.min() == values.max():
        raise DesignError(
            f"marker `{name}` is constant in the {len(values)} rows used: it cannot rank anybody. "
            "Check the column."
        )
    chosen = direction
    if direction == "auto":
        higher = np.median(values[~is_case]) <= np.median(values[is_case])
        chosen = "<" if higher else ">"
    curve = ROC(
        name, frame.outcome, frame.negative, frame.positive, chosen, direction == "auto",
        np.ascontiguousarray(values), is_case, frame.frame.rows, frame.n_rows,
        frame.frame.n_missing,
    )  # fmt: skip
    if direction != "auto" and curve.auc < 0.5:
        warnings.warn(
            f"the AUC of `{name}` is {curve.auc:.3f}, below one half: is direction={direction!r} "
            "the wrong way round?",
            EstimationWarning,
            stacklevel=3,
        )
    return curve
