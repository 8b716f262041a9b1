"""Tests of gene sets: competitive (camera) and self-contained (rotation)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._p_adjust import p_adjust
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_whole
from faceage_stats._seed import generator
from faceage_stats.association.genomics.gene_result import GeneScreen
from faceage_stats.association.genomics.linear_screen import t_p_value
from faceage_stats.association.genomics.set_residuals import Residuals, z_of_t
from faceage_stats.errors import DesignError, InputError

__all__ = ["GeneSetTests", "SetMethod", "SetStatistic", "gene_set_test"]

SetMethod = Literal["camera", "rotation"]
SetStatistic = Literal["mean", "msq"]

_CAMERA, _ROAST = "Competitive test with inter-gene correlation", "Self-contained rotation test"
_METHODS = {"camera": f"{_CAMERA} (camera)", "rotation": f"{_ROAST} (roast)"}
_ROTATIONS_AT_ONCE = 500


@checked_call
def gene_set_test(
    screen: GeneScreen,
    sets: Mapping[str, Sequence[str]],
    *,
    method: SetMethod = "camera",
    inter_gene_cor: float | None = 0.01,
    statistic: SetStatistic = "mean",
    n_resamples: int = 9999,
    seed: int = 0,
) -> GeneSetTests:
    """Test gene sets for association with the exposure of a screen, given its adjustment.

    Parameters
    ----------
    screen : GeneScreen
        Of expression against an exposure.
    sets : mapping of str to sequence of str
        Set name to genes, e.g. from `read_gmt`. Genes that the screen does not have are counted.
    method : {"camera", "rotation"}
        ``camera`` is competitive: are the genes of the set more associated than the others?
        (Wu and Smyth 2012). ``rotation`` is self-contained: is any gene of the set associated?
        (Wu and others 2010, ROAST.) Both allow for the correlation between genes.
    inter_gene_cor : float or None
        For camera: the correlation between genes of a set, 0.01 as in limma, or None to estimate
        it in each set from the residuals.
    statistic : {"mean", "msq"}
        For rotation: mean z (the genes move together) or mean square (either direction).
    n_resamples, seed : int
        Random rotations of the rotation test; the same seed gives the same p values.

    Returns
    -------
    GeneSetTests
        ``tidy()``: one row per set: ``gene_set n_gene n_absent correlation direction statistic df
        p_value p_bh``.

    Raises
    ------
    InputError
        A screen for survival, an unknown method, a repeated gene.
    DesignError
        A set without any gene in the screen, or camera with a set of all genes.

    See Also
    --------
    read_gmt : sets from a file.
    gene_screen : the screen.

    Notes
    -----
    Genes with missing values, which the residual correlation cannot use, count as absent. camera
    equals ``limma::camera`` (no ranks, no trend); the rotation test follows ``limma::roast``.

    In R: ``limma::camera(x, index, model.matrix(~ faceage + age), contrast = 2)``

    References
    ----------
    Wu D, Smyth GK (2012). Camera: a competitive gene set test accounting for inter-gene
    correlation. Nucleic Acids Research 40:e133. doi:10.1093/nar/gks461

    Wu D, Lim E, Vaillant F, Asselin-Labat ML, Visvader JE, Smyth GK (2010). ROAST: rotation gene
    set tests for complex microarray experiments. Bioinformatics 26:2176-2182.
    doi:10.1093/bioinformatics/btq401

    Examples
    --------
    >>> from faceage_stats.association.genomics.gene_screen import gene_screen
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame({"patient_id": range(50), "faceage": rng.normal(60, 9, 50)})
    >>> genes = pd.DataFrame(rng.normal(size=(50, 30))).add_prefix("G")
    >>> genes.iloc[:, :5] += people[["faceage"]].to_numpy() / 12
    >>> genes["patient_id"] = people["patient_id"]
    >>> screen = gene_screen(genes, people, "faceage", methods=["moderated"])
    >>> test = gene_set_test(screen, {"first": ["G0", "G1", "G2", "G3"], "next": ["G5", "G6"]})
    >>> (test.tidy()["p_bh"] < 0.05).tolist()
    [True, False]
    """
    check_option("method", method, SetMethod)
    check_option("statistic", statistic, SetStatistic)
    check_fit(screen, GeneScreen, "gene_set_test() takes the result of gene_screen()")
    check_fit(sets, Mapping, "gene_set_test() takes lists of genes by name of the set")
    check_whole("n_resamples", n_resamples, 1)
    if screen.models is None:
        raise InputError("gene_set_test needs a screen against an exposure, not survival.")
    genes = Residuals.of(screen.models)
    rows = []
    for name, members in sets.items():
        index, n_absent = genes.positions(str(name), members)
        if method == "camera":
            test = _camera(genes, index, inter_gene_cor)
        else:
            test = _rotation(genes, index, statistic, n_resamples, seed)
        rows.append({"gene_set": str(name), "n_gene": len(index), "n_absent": n_absent, **test})
    table = pd.DataFrame(rows)
    table["p_bh"] = p_adjust(table["p_value"], "BH")
    given = f" given {screen.adjust}" if screen.adjust else ""
    return GeneSetTests(
        table=table,
        method=_METHODS[method],
        model=f"{screen.exposure}{given}",
        n=screen.n,
        n_missing=screen.n_missing,
        n_resamples=n_resamples if method == "rotation" else 0,
        seed=seed,
    )


def _camera(genes: Residuals, index: np.ndarray, correlation: float | None) -> dict[str, Any]:
    """Two-sample t of z in the set against the other genes, its variance inflated."""
    total, m = len(genes.z), len(index)
    others = total - m
    if others < 1 or total < 3:
        raise DesignError("camera compares a set with the other genes; the screen has none.")
    df_residual = len(genes.effects) - 1
    if correlation is None:
        df = min(df_residual, total - 2)
        inflation = _inflation(genes.effects[1:, index])
        correlation = (inflation - 1) / (m - 1) if m > 1 else np.nan
    else:
        df, inflation = total - 2, 1 + (m - 1) * correlation
    inflation = max(inflation, 1.0)
    delta = total / others * (genes.z[index].mean() - genes.z.mean())
    pooled = ((total - 1) * genes.z.var(ddof=1) - delta**2 * m * others / total) / (total - 2)
    t = float(delta / np.sqrt(pooled * (inflation / m + 1 / others)))
    return _row(correlation, t, df, float(t_p_value(np.array(t), df)))


def _inflation(residual: np.ndarray) -> float:
    """Variance of the mean of the set's genes over that of independent ones."""
    scaled = residual / np.sqrt(np.maximum(np.square(residual).mean(axis=0), 1e-8))
    return float(residual.shape[1] * np.square(scaled.mean(axis=1)).mean())


def _rotation(
    genes: Residuals, index: np.ndarray, statistic: SetStatistic, n_resamples: int, seed: int
) -> dict[str, Any]:
    """Proportion of random rotations of the residual space whose statistic is as large."""
    effects = genes.effects[:, index]
    square = np.square(effects).sum(axis=0)
    df = len(effects) - 1
    total = min(df + genes.prior.df, float(df * len(genes.z)))

    def summary(first: np.ndarray) -> np.ndarray:
        variance = np.maximum(square - first**2, 0) / df
        posterior = genes.prior.posterior(variance, df)
        z = z_of_t(first / np.sqrt(posterior), total)
        return np.asarray(z.mean(axis=-1) if statistic == "mean" else np.square(z).mean(axis=-1))

    observed = float(summary(effects[:1])[0])
    count = sum(
        int((np.abs(summary(direction @ effects)) >= abs(observed) * (1 - 1e-12)).sum())
        for direction in _directions(n_resamples, len(effects), seed)
    )
    correlation = (_inflation(effects[1:]) - 1) / (len(index) - 1) if len(index) > 1 else np.nan
    p = (count + 1) / (n_resamples + 1)
    row = _row(correlation, observed, df, p)
    if statistic == "msq":
        row["direction"] = "mixed"
    return row


def _directions(n: int, size: int, seed: int) -> Iterator[np.ndarray]:
    """Random unit vectors, in chunks."""
    rng = generator(seed, "gene_set_test")
    for low in range(0, n, _ROTATIONS_AT_ONCE):
        vectors = rng.standard_normal((min(_ROTATIONS_AT_ONCE, n - low), size))
        yield vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _row(correlation: float, statistic: float, df: float, p: float) -> dict[str, Any]:
    return {
        "correlation": correlation,
        "direction": "up" if statistic > 0 else "down",
        "statistic": statistic,
        "df": df,
        "p_value": p,
    }


@frozen_result
class GeneSetTests(Result):
    """One test per gene set, made by `gene_set_test`."""

    table: pd.DataFrame
    method: str
    model: str
    n: int
    n_missing: int
    n_resamples: int
    seed: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per set, in the order given.

        Returns
        -------
        pandas.DataFrame
            ``gene_set n_gene n_absent correlation direction statistic df p_value p_bh``.
        """
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method n_set n n_missing``, and of rotations ``n_resamples seed``."""
        drawn = {"n_resamples": self.n_resamples, "seed": self.seed} if self.n_resamples else {}
        row = {"method": self.method, "n_set": len(self.table), "n": self.n}
        return pd.DataFrame([{**row, "n_missing": self.n_missing, **drawn}])

    def _title(self) -> str:
        return f"{self.method}: {self.model}"
