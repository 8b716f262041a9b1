"""Permutation max-T: family-wise error over all genes, their correlation kept."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_whole
from faceage_stats._seed import generator
from faceage_stats.association.genomics.gene_result import GeneScreen
from faceage_stats.association.genomics.linear_screen import block, complete_blocks, t_p_value
from faceage_stats.errors import InputError

__all__ = ["MaxT", "StepDown", "max_t", "step_down"]

_CHUNK = 512


@checked_call
def max_t(screen: GeneScreen, *, n_resamples: int = 1000, seed: int = 0) -> MaxT:
    """Adjust a gene screen by Westfall and Young's step-down max-T over permutations.

    Parameters
    ----------
    screen : GeneScreen
        Of expression against an exposure, given its adjustment.
    n_resamples : int
        Permutations of the exposure's residuals given the adjustment; the same for all genes, so
        that the correlation between genes is kept.
    seed : int
        The same seed gives the same permutations.

    Returns
    -------
    MaxT
        ``tidy()``: one row per gene: ``gene statistic`` (t of the linear model) ``df p_value`` (of
        t) ``p_permutation`` (of this gene alone) ``p_adjusted`` (step-down max-T). Genes that
        cannot be tested are NaN and take no part.

    Raises
    ------
    InputError
        Fewer than 1 permutation, or a screen for survival, which has no linear model.

    See Also
    --------
    p_adjust : without the correlation between genes.

    Notes
    -----
    The statistic is the ordinary t of the linear model. Without adjustment the test is exact; with
    it, permuting residuals is exact in the limit (the scheme that Winkler and others 2014 call
    Smith's). The data as observed count as one permutation, so that no p value is 0.

    In R: ``multtest::mt.maxT(x, group, B = 1000)``

    References
    ----------
    Westfall PH, Young SS (1993). Resampling-Based Multiple Testing. Wiley, algorithm 4.1.

    Winkler AM, Ridgway GR, Webster MA, Smith SM, Nichols TE (2014). Permutation inference for the
    general linear model. NeuroImage 92:381-397. doi:10.1016/j.neuroimage.2014.01.060

    Examples
    --------
    >>> from faceage_stats.association.genomics.gene_screen import gene_screen
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame({"patient_id": range(40), "faceage": rng.normal(60, 9, 40)})
    >>> genes = pd.DataFrame(rng.normal(size=(40, 3)), columns=["A", "B", "C"])
    >>> genes["A"] += people["faceage"] / 9
    >>> genes["patient_id"] = people["patient_id"]
    >>> max_t(gene_screen(genes, people, "faceage"), n_resamples=199).tidy()["p_adjusted"][0]
    np.float64(0.005)
    """
    check_fit(screen, GeneScreen, "max_t() takes the result of gene_screen()")
    check_whole("n_resamples", n_resamples, 1)
    models = screen.models
    if models is None:
        raise InputError("max_t permutes a linear model; a screen for survival has none.")
    statistic, df = models.ordinary_t()
    tested = np.flatnonzero(np.isfinite(statistic))
    order = tested[np.argsort(np.abs(statistic[tested]), kind="stable")]  # smallest first
    counts = step_down(models.values, models.design, order, statistic, n_resamples, seed)
    single, adjusted = np.full((2, len(statistic)), np.nan)
    single[order] = (1 + counts.single) / (1 + n_resamples)
    p = (1 + counts.largest) / (1 + n_resamples)
    adjusted[order] = np.maximum.accumulate(p[::-1])[::-1]  # a larger t never has a larger p
    table = pd.DataFrame(
        {
            "gene": screen.genes,
            "statistic": statistic,
            "df": np.where(np.isfinite(statistic), df, np.nan),
            "p_value": t_p_value(statistic, df),
            "p_permutation": single,
            "p_adjusted": adjusted,
        }
    )
    return MaxT(table, screen.n, screen.n_missing, n_resamples, seed)


class StepDown(NamedTuple):
    """How often a permuted |t| was as large: that of the gene, or of any from it on down."""

    single: np.ndarray
    largest: np.ndarray


def step_down(
    values: np.ndarray,
    design: np.ndarray,
    order: np.ndarray,
    statistic: np.ndarray,
    n_resamples: int,
    seed: int,
) -> StepDown:
    """Count permuted |t| that are as large as the observed one.

    Genes are taken in `order`, from the smallest |t| up, in chunks: memory does not grow with them.
    """
    shuffles = generator(seed, "max_t").permuted(
        np.tile(np.arange(len(values)), (n_resamples, 1)), axis=1
    )
    counts = StepDown(*np.zeros((2, len(order)), dtype=np.int64))
    largest = np.zeros(n_resamples)
    prepared: dict[bytes, _Permuted] = {}
    for low in range(0, len(order), _CHUNK):
        chunk = order[low : low + _CHUNK]
        part = values[:, chunk]
        t = np.empty((len(chunk), n_resamples))
        for rows, columns in complete_blocks(part):
            key = rows.tobytes()
            if key not in prepared:
                if len(prepared) > 64:  # many patterns of missing values: keep memory bounded
                    prepared.clear()
                prepared[key] = _permuted_exposure(design, rows, shuffles)
            t[columns] = _permuted_t(block(part, rows, columns), prepared[key])
        # ties with the observed value must count, whatever the rounding
        observed = np.abs(statistic[chunk])[:, None] * (1 - 1e-9)
        counts.single[low : low + _CHUNK] = (t >= observed).sum(axis=1)
        np.maximum.accumulate(t, axis=0, out=t)
        np.maximum(t, largest, out=t)
        largest = t[-1].copy()
        counts.largest[low : low + _CHUNK] = (t >= observed).sum(axis=1)
    return counts


class _Permuted(NamedTuple):
    """Permuted residuals of the exposure, scaled, and the basis of the adjustment."""

    exposure: np.ndarray
    basis: np.ndarray
    df: int


def _permuted_exposure(design: np.ndarray, rows: np.ndarray, shuffles: np.ndarray) -> _Permuted:
    """Permute the residuals of the exposure (column 1) given the adjustment."""
    others = np.delete(design, 1, axis=1)
    basis = np.linalg.qr(others)[0]
    exposure = design[:, 1] - basis @ (basis.T @ design[:, 1])
    here = basis if len(rows) == len(design) else np.linalg.qr(others[rows])[0]
    permuted = exposure[shuffles][:, rows]
    permuted -= (permuted @ here) @ here.T
    permuted /= np.linalg.norm(permuted, axis=1, keepdims=True)
    return _Permuted(permuted, here, len(rows) - design.shape[1])


def _permuted_t(y: np.ndarray, permuted: _Permuted) -> np.ndarray:
    """|t| of every column of y under every permutation, shape (columns, permutations)."""
    residual = y - permuted.basis @ (permuted.basis.T @ y)
    residual /= np.linalg.norm(residual, axis=0)
    r2 = np.square(residual.T @ permuted.exposure.T)
    np.minimum(r2, 1 - 1e-15, out=r2)
    return np.asarray(np.sqrt(r2 * permuted.df / (1 - r2)))


@frozen_result
class MaxT(Result):
    """Permutation-adjusted p values of a gene screen, made by `max_t`."""

    table: pd.DataFrame
    n: int
    n_missing: int
    n_resamples: int
    seed: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per gene, in the order of the screen.

        Returns
        -------
        pandas.DataFrame
            ``gene statistic df p_value p_permutation p_adjusted``.
        """
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method n_column n_no_estimate n n_missing n_resamples seed``."""
        row = {
            "method": "Step-down max-T of Westfall and Young",
            "n_column": len(self.table),
            "n_no_estimate": int(self.table["p_adjusted"].isna().sum()),
            "n": self.n,
            "n_missing": self.n_missing,
            "n_resamples": self.n_resamples,
            "seed": self.seed,
        }
        return pd.DataFrame([row])

    def _printed(self) -> pd.DataFrame:
        return self.table.sort_values("p_value", kind="stable").head(10)
