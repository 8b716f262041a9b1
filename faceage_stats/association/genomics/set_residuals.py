"""A screen's genes in the coordinates of the exposure and of the residuals, for tests of sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faceage_stats._arguments import check_names
from faceage_stats.association.genomics.gene_models import GeneModels
from faceage_stats.association.genomics.moderated import VariancePrior, variance_prior
from faceage_stats.errors import DesignError, InputError

__all__ = ["Residuals", "SetGenes", "z_of_t"]


class SetGenes(NamedTuple):
    """Columns of a set, and how many of its genes are not there."""

    positions: np.ndarray
    n_absent: int


@dataclass(frozen=True)
class Residuals:
    """Complete genes of a screen in the coordinates of the exposure and of the residuals."""

    names: dict[str, int]
    effects: np.ndarray  # (1 + df, m): exposure first, then orthonormal residual coordinates
    prior: VariancePrior
    z: np.ndarray

    @classmethod
    def of(cls, models: GeneModels) -> Residuals:
        """Rotate the genes that have no missing value."""
        usable = ~np.isnan(models.values).any(axis=0) & np.isfinite(models.fits.sigma)
        others = np.delete(models.design, 1, axis=1)
        design = np.column_stack([others, models.design[:, 1]])  # the exposure last
        q, r = np.linalg.qr(design, mode="complete")
        last = design.shape[1] - 1
        effects = q[:, last:].T @ models.values[:, usable]
        effects[0] *= np.sign(r[last, last])
        names = [name for name, ok in zip(models.genes, usable, strict=True) if ok]
        df = np.full(len(names), float(len(effects) - 1))
        variance = np.square(effects[1:]).mean(axis=0)
        prior = variance_prior(variance, df)
        t = effects[0] / np.sqrt(prior.posterior(variance, df))
        total = min(df[0] + prior.df, df.sum())
        return cls({name: j for j, name in enumerate(names)}, effects, prior, z_of_t(t, total))

    def positions(self, name: str, members: Sequence[str]) -> SetGenes:
        """Find the genes of a set; repeated ones, and a set without any, are refused."""
        listed = [str(gene) for gene in check_names("a gene set", members)]
        n_repeated = len(listed) - len(set(listed))
        if n_repeated:
            raise InputError(f"the set '{name}' lists {n_repeated} genes more than once.")
        found = [self.names[gene] for gene in listed if gene in self.names]
        if not found:
            raise DesignError(f"none of the {len(listed)} genes of '{name}' is in the screen.")
        return SetGenes(np.array(found), len(listed) - len(found))


def z_of_t(t: np.ndarray, df: float) -> np.ndarray:
    """Normal deviates with the tail of t, by Hill's approximation (1970), as limma does."""
    if not np.isfinite(df):
        return t
    a = df - 0.5
    b = 48 * a * a
    z = a * np.log1p(t / df * t)
    z = (((((-0.4 * z - 3.3) * z - 24) * z - 85.5) / (0.8 * z * z + 100 + b) + z + 3) / b + 1) * (
        np.sqrt(z)
    )
    return np.asarray(z * np.sign(t))
