"""What a regression says of each row it used: fitted value, residuals, influence."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from faceage_stats._formula.frame import ModelFrame
from faceage_stats.association.regression.centred import column_means, moved
from faceage_stats.association.regression.design_matrix import weights_of, with_intercept
from faceage_stats.association.regression.glm_fit import GLMFit
from faceage_stats.association.regression.leverage import leverages

__all__ = ["ResidualType", "glm_residuals", "glm_rows", "linear_rows"]

ResidualType = Literal["deviance", "pearson", "response", "working"]
_ALONE = 1e-8  # what 1 - leverage leaves of a row that determines a coefficient


def _influence(
    x: np.ndarray, residual: np.ndarray, pearson: np.ndarray, dispersion: float
) -> dict[str, np.ndarray]:
    """R's ``hatvalues``, ``rstandard`` and ``cooks.distance``, of columns of full rank."""
    h = leverages(x)
    left = np.where(1 - h < _ALONE, np.nan, 1 - h)
    return {
        "leverage": h,
        "std_residual": residual / np.sqrt(dispersion * left),
        "cooks_distance": (pearson / left) ** 2 * h / (dispersion * x.shape[1]),
    }


def linear_rows(
    frame: ModelFrame, fitted: np.ndarray, kept: np.ndarray, variance: float
) -> pd.DataFrame:
    """Describe the rows of a linear model; documented at `LinearModel.augment`.

    `kept` are the columns that have a coefficient, `variance` is that of the residuals.
    """
    root, x = np.sqrt(weights_of(frame)), with_intercept(frame)
    x = root[:, None] * moved(x, column_means(x))[:, kept]
    residual = frame.y - fitted
    values = {"row": frame.rows, "fitted": fitted, "residual": residual}
    values |= _influence(x, root * residual, root * residual, variance)
    return pd.DataFrame(values, index=frame.index)


def glm_residuals(frame: ModelFrame, fit: GLMFit, kind: ResidualType) -> pd.Series:
    """Residuals of a kind; documented at `GLM.residuals`."""
    found, weights = fit.y - fit.fitted, weights_of(frame)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "deviance":
            found = fit.family.deviance_residuals(fit.y, fit.fitted, weights)
        elif kind == "pearson":
            found = found * np.sqrt(weights / fit.family.variance(fit.fitted))
        elif kind == "working":
            found = found / fit.slope
    return pd.Series(found, index=frame.index, name=f"residual_{kind}")


def glm_rows(frame: ModelFrame, fit: GLMFit) -> pd.DataFrame:
    """Describe the rows of a generalised linear model; documented at `GLM.augment`."""
    deviance, pearson = (glm_residuals(frame, fit, kind) for kind in ("deviance", "pearson"))
    values = {"row": frame.rows, "fitted": fit.fitted, "residual": fit.y - fit.fitted}
    values |= {"residual_deviance": deviance.to_numpy(), "residual_pearson": pearson.to_numpy()}
    x = np.sqrt(fit.working)[:, None] * fit.x[:, fit.kept]
    values |= _influence(x, deviance.to_numpy(), pearson.to_numpy(), fit.dispersion)
    return pd.DataFrame(values, index=frame.index)
