"""Permutation max-T: family-wise error over all genes, their correlation kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats.association.genomics.linear_screen import block, complete_blocks, t_p_value
from faceage_stats.errors import InputError

if TYPE_CHECKING:
    from faceage_stats.association.genomics.gene_result import GeneScreen

__all__ = ["MaxT", "max_t", "permuted_exposure", "step_down"]

_CHUNK = 512


def max_t(screen: GeneScreen, *, n_permutation: int = 1000, seed: int = 1) -> MaxT:
    """Adjust a gene screen by Westfall and Young's step-down max-T over permutations.

    Parameters
    ----------
    screen : GeneScreen
        Of expression against an exposure, given its adjustment.
    n_permutation : int
        Permutations of the exposure's residuals given the adjustment; the same for all genes, so
        that the correlation between genes is kept.
    seed : int
        The same seed gives the same permutations.

    Returns
    -------
    MaxT
        ``tidy()``: one row per gene: gene, statistic (t of the linear model), df, p_value (of t),
        p_permutation (of this gene alone), p_adjusted (step-down max-T). Genes that cannot be
        tested are NaN and take no part.

    Raises
    ------
    InputError
        Fewer than 1 permutation, or a screen for survival, which has no linear model.

    Notes
    -----
    The statistic is the ordinary t of the linear model. Without adjustment the test is exact; with
    it, permuting residuals is exact in the limit (the scheme that Winkler and others 2014 call
    Smith's). The data as observed count as one permutation, so that no p value is 0.

    References
    ----------
    Westfall PH, Young SS (1993). Resampling-based multiple testing. Wiley, algorithm 4.1.

    Examples
    --------
    >>> from faceage_stats.association.genomics.gene_screen import gene_screen
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame({"patient_id": range(40), "faceage": rng.normal(60, 9, 40)})
    >>> genes = pd.DataFrame(rng.normal(size=(40, 3)), columns=["A", "B", "C"])
    >>> genes["A"] += people["faceage"] / 9
    >>> genes["patient_id"] = people["patient_id"]
    >>> max_t(gene_screen(genes, people, "faceage"), n_permutation=199).tidy()["p_adjusted"][0]
    np.float64(0.005)
    """
    if n_permutation < 1:
        raise InputError(f"n_permutation is {n_permutation}; 1 is the least, 1,000 are usual.")
    if screen.design is None:
        raise InputError("max_t permutes a linear model; a screen for survival has none.")
    statistic, df = screen.ordinary_t()
    tested = np.flatnonzero(np.isfinite(statistic))
    order = tested[np.argsort(np.abs(statistic[tested]), kind="stable")]  # smallest first
    counts = step_down(screen.values, screen.design, order, statistic, n_permutation, seed)
    single, adjusted = np.full((2, len(statistic)), np.nan)
    p = (1 + counts) / (1 + n_permutation)
    single[order] = p[0]
    adjusted[order] = np.maximum.accumulate(p[1][::-1])[::-1]  # a larger t never has a larger p
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
    return MaxT(table, n_permutation, seed)


def step_down(
    values: np.ndarray,
    design: np.ndarray,
    order: np.ndarray,
    statistic: np.ndarray,
    n_permutation: int,
    seed: int,
) -> np.ndarray:
    """How often a permuted |t| of the gene (row 0), or of any from it on down (row 1), is as large.

    Genes are taken in `order`, from the smallest |t| up, in chunks: memory does not grow with them.
    """
    shuffles = np.random.default_rng([seed, 0x6D617854]).permuted(
        np.tile(np.arange(len(values)), (n_permutation, 1)), axis=1
    )
    counts = np.zeros((2, len(order)), dtype=np.int64)
    largest = np.zeros(n_permutation)
    prepared: dict[bytes, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for low in range(0, len(order), _CHUNK):
        chunk = order[low : low + _CHUNK]
        part = values[:, chunk]
        t = np.empty((len(chunk), n_permutation))
        for rows, columns in complete_blocks(part):
            key = rows.tobytes()
            if key not in prepared:
                if len(prepared) > 64:  # many patterns of missing values: keep memory bounded
                    prepared.clear()
                prepared[key] = permuted_exposure(design, rows, shuffles)
            t[columns] = _permuted_t(block(part, rows, columns), *prepared[key])
        # ties with the observed value must count, whatever the rounding
        observed = np.abs(statistic[chunk])[:, None] * (1 - 1e-9)
        counts[0, low : low + _CHUNK] = (t >= observed).sum(axis=1)
        np.maximum.accumulate(t, axis=0, out=t)
        np.maximum(t, largest, out=t)
        largest = t[-1].copy()
        counts[1, low : low + _CHUNK] = (t >= observed).sum(axis=1)
    return counts


def permuted_exposure(
    design: np.ndarray, rows: np.ndarray, shuffles: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Permuted residuals of the exposure (column 1), scaled, with the basis of the adjustment.

    Returns the residual degrees of freedom as a third array.
    """
    others = np.delete(design, 1, axis=1)
    basis = np.linalg.qr(others)[0]
    exposure = design[:, 1] - basis @ (basis.T @ design[:, 1])
    here = basis if len(rows) == len(design) else np.linalg.qr(others[rows])[0]
    permuted = exposure[shuffles][:, rows]
    permuted -= (permuted @ here) @ here.T
    permuted /= np.linalg.norm(permuted, axis=1, keepdims=True)
    return permuted, here, np.array(len(rows) - design.shape[1], float)


def _permuted_t(
    y: np.ndarray, permuted: np.ndarray, basis: np.ndarray, df: np.ndarray
) -> np.ndarray:
    """|t| of every column of y under every permutation, shape (columns, permutations)."""
    residual = y - basis @ (basis.T @ y)
    residual /= np.linalg.norm(residual, axis=0)
    r2 = np.square(residual.T @ permuted.T)
    np.minimum(r2, 1 - 1e-15, out=r2)
    return np.asarray(np.sqrt(r2 * df / (1 - r2)))


@frozen_result
class MaxT(Result):
    """Permutation-adjusted p values of a gene screen, made by `max_t`."""

    table: pd.DataFrame
    n_permutation: int
    seed: int

    def tidy(self, **_: Any) -> pd.DataFrame:
        """One row per gene, in the order of the screen."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: genes, permutations, seed."""
        return pd.DataFrame(
            [
                {
                    "method": "Step-down max-T of Westfall and Young",
                    "n_column": len(self.table),
                    "n_no_estimate": int(self.table["p_adjusted"].isna().sum()),
                    "n_replicate": self.n_permutation,
                    "seed": self.seed,
                }
            ]
        )
