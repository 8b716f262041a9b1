"""From the rows of a frame to a mixed model, whatever the units of its columns."""

from __future__ import annotations

import numpy as np

from faceage_stats._formula.design import singular_columns
from faceage_stats._formula.frame import ModelFrame
from faceage_stats.association.longitudinal.mixed_fit import MixedFit, Products, fit_mixed
from faceage_stats.association.regression.centred import column_means, moved
from faceage_stats.association.regression.design_matrix import (
    independent_columns,
    offset_of,
    with_intercept,
)
from faceage_stats.errors import DesignError

__all__ = ["fit_frame"]


def _columns(times: np.ndarray | None, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Random columns, the slope's in units of its size; and those units."""
    if times is None:
        return np.ones((n, 1)), np.ones(1)
    size = float(np.sqrt(np.mean(times**2)))
    if not size > 0 or np.ptp(times) == 0:
        raise DesignError("lmer(): the column of the slope is constant.")
    return np.column_stack([np.ones(n), times / size]), np.array([1.0, 1 / size])


def fit_frame(
    frame: ModelFrame, patient: np.ndarray, times: np.ndarray | None, reml: bool
) -> MixedFit:
    """Estimate from the rows of a frame; columns are scaled first, and scaled back."""
    x = with_intercept(frame)
    centred = moved(x, column_means(x))
    kept, where = independent_columns(centred, x), f"lmer(): `{frame.design.formula}`"
    if frame.n <= x.shape[1]:
        n_columns = x.shape[1]
        raise DesignError(f"{where} has {n_columns} columns and {frame.n} rows; remove terms.")
    if not kept.all():
        singular = singular_columns(frame.design.names_with_intercept, kept)
        raise DesignError(f"{where}: {singular}. Remove it from the formula.")
    z, unit = _columns(times, frame.n)
    y = frame.y - offset_of(frame)
    middle = float(y.mean()) if frame.design.intercept else 0.0
    scale = np.sqrt(np.mean(centred**2, axis=0))
    w = np.column_stack([centred / scale, y - middle])
    fit = fit_mixed(Products.of(z, w, patient), reml)
    coefficients, variance = fit.coefficients / scale, fit.variance / np.outer(scale, scale)
    if frame.design.intercept:
        coefficients[0] += middle
    log_lik = fit.log_lik + (np.log(scale).sum() * -1.0 if reml else 0.0)
    return MixedFit(
        coefficients, variance, fit.random * np.outer(unit, unit), fit.residual,
        fit.effects * unit, log_lik,
    )  # fmt: skip
