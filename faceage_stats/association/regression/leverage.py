"""Rows that determine a coefficient by themselves: their residual is 0 whatever they hold."""

from __future__ import annotations

import numpy as np

from faceage_stats.errors import DesignError

__all__ = ["leverages", "refuse_rows_alone"]


def leverages(x: np.ndarray) -> np.ndarray:
    """Diagonal of the hat matrix of columns of full rank, each row times the root of its weight."""
    return np.asarray((np.linalg.qr(x)[0] ** 2).sum(axis=1))


def refuse_rows_alone(x: np.ndarray, robust: str | None) -> None:
    """Refuse HC2 and HC3, which divide by 1 - leverage, where a row has leverage 1.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Of full rank, each row times the root of its weight.
    robust : str or None
        The variance asked for.
    """
    if robust not in ("HC2", "HC3"):
        return
    alone = int((1 - leverages(x) < 1e-8).sum())
    if alone:
        raise DesignError(
            f"robust='{robust}' has no value: {alone} of {len(x)} rows determine a coefficient "
            "alone (leverage 1), as the only row of a level does. Pool that level, or use "
            "robust='HC1'."
        )
