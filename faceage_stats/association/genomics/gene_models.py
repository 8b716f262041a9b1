"""Linear models of every gene on one design: what the tables and tests of a screen read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats.association.genomics.linear_screen import LinearFits
from faceage_stats.association.genomics.moderated import Moderated

__all__ = ["GeneModels", "OrdinaryT"]


class OrdinaryT(NamedTuple):
    """Ordinary t of the exposure per gene, with its degrees of freedom."""

    statistic: np.ndarray
    df: np.ndarray


@dataclass(frozen=True)
class GeneModels:
    """Linear models of every gene.

    Attributes
    ----------
    genes : tuple of str, length m
    variables : tuple of str, length p - 1
        The exposure, then the columns of the adjustment.
    values : ndarray, shape (n, m)
        Expression of the patients used.
    design : ndarray, shape (n, p)
        Intercept, exposure, adjustment.
    fits : LinearFits
    moderated : Moderated or None
        Over the genes that have a fit; ``moderated.prior`` holds limma's prior.
    """

    genes: tuple[str, ...]
    variables: tuple[str, ...]
    values: np.ndarray
    design: np.ndarray
    fits: LinearFits
    moderated: Moderated | None

    def ordinary_t(self) -> OrdinaryT:
        """Compute t of the exposure in the linear model of every gene."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = self.fits.coef[1] / self.fits.unscaled[1] / self.fits.sigma
        return OrdinaryT(t, self.fits.df)
