"""Screen of thousands of genes against FaceAge, given age, or against survival."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._formula import ModelFrame, model_frame
from faceage_stats.association.genomics.gene_result import GeneScreen
from faceage_stats.association.genomics.gene_tables import METHODS
from faceage_stats.association.genomics.joined import MAX_UNMATCHED, Joined, join_by_id
from faceage_stats.association.genomics.linear_screen import (
    LinearFits,
    fit_columns,
    varying_columns,
)
from faceage_stats.association.genomics.moderated import moderate
from faceage_stats.errors import DesignError, EstimationWarning, InputError

__all__ = ["GeneScreen", "gene_screen"]


def gene_screen(
    expression: Any,
    data: Any,
    exposure: str,
    *,
    adjust: str | None = None,
    id: str = "patient_id",  # noqa: A002
    genes: Sequence[str] | None = None,
    methods: Sequence[str] = ("moderated", "lm", "partial", "pearson", "spearman"),
    max_unmatched: float = MAX_UNMATCHED,
) -> GeneScreen:
    """Test every gene's expression for association with an exposure, or with survival.

    Parameters
    ----------
    expression : pandas.DataFrame or polars.DataFrame
        One row per patient: `id` and one column per gene, on a log scale. Joined to `data` by
        `id`, never by position.
    data : pandas.DataFrame or polars.DataFrame
        Exposure and covariates, one row per patient.
    exposure : str
        A numeric column, e.g. ``"faceage"``; or ``"Surv(time, event)"`` for one Cox model per
        gene, for which `methods` is not used.
    adjust : str, optional
        Right side of a formula, e.g. ``"age"`` or ``"age + sex + site"``.
    id : str
        Identifier in both tables.
    genes : sequence of str, optional
        Columns of `expression` to screen; by default all but `id`.
    methods : sequence of {"moderated", "lm", "partial", "pearson", "spearman"}
        Moderated t (limma's lmFit and eBayes, no trend), linear model ``gene ~ exposure +
        adjust``, partial correlation given `adjust`, and correlations without adjustment.
    max_unmatched : float
        Largest share of the smaller table that may be without a partner in the other.

    Returns
    -------
    GeneScreen
        ``tidy(method, variable)``: one row per gene; ``side_by_side(method)``: exposure beside
        each covariate; ``top(n)``; ``glance()``.

    Raises
    ------
    InputError
        A gene column that is repeated, not numeric or infinite; a repeated identifier; an unknown
        method.
    DesignError
        Too many patients without a partner; as many covariates as patients, or collinear ones.

    Warns
    -----
    EstimationWarning
        Genes that do not vary or are missing throughout: their results are NaN, and they take no
        part in the variance prior or in any adjustment for multiple tests.

    Notes
    -----
    A gene with missing values is fitted on its complete patients. Fast because genes that miss the
    same patients share one QR decomposition; results equal limma 3.54 and R's ``lm`` and
    ``cor.test(exact = FALSE)`` to about 1e-12.

    References
    ----------
    Ritchie ME and others (2015). limma powers differential expression analyses for RNA-sequencing
    and microarray studies. Nucleic Acids Res 43, e47.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame({"patient_id": range(60), "age": rng.normal(65, 9, 60)})
    >>> people["faceage"] = people["age"] + rng.normal(2, 6, 60)
    >>> genes = pd.DataFrame(rng.normal(7, 1, (60, 4)), columns=["CDK6", "TP53", "RB1", "ATM"])
    >>> genes["CDK6"] += 0.2 * (people["faceage"] - people["age"])
    >>> screen = gene_screen(genes.assign(patient_id=people["patient_id"]), people, "faceage",
    ...                      adjust="age", methods=["moderated"])
    >>> screen.top(1)[["gene", "estimate", "p_holm"]].round(4)
       gene  estimate  p_holm
    0  CDK6    0.2416     0.0
    """
    unknown = [repr(method) for method in methods if method not in METHODS]
    if unknown or not methods:
        raise InputError(
            f"methods has {', '.join(unknown) or 'none'}; choose {', '.join(METHODS)}."
        )
    joined = join_by_id(
        expression, data, key=id, columns=genes, max_unmatched=max_unmatched, what="expression"
    )
    if exposure.replace(" ", "").startswith("Surv("):
        return _survival_screen(joined, exposure, adjust)
    frame = model_frame(f"{exposure} ~ {adjust or '1'}", joined.data)
    if frame.strata is not None or frame.cluster is not None or frame.offset is not None:
        raise InputError("adjust: strata(), cluster() and offset() need Surv(time, event).")
    values = joined.values[frame.rows]
    varies = varying_columns(values)
    _warn_constant(values, varies)
    design = _design(frame, exposure)
    fits = _only(fit_columns(design, values), varies)
    moderated = None
    if "moderated" in methods:
        moderated = moderate(_take(fits, fits.df > 0))
    return GeneScreen(
        joined.names, exposure, adjust, tuple(dict.fromkeys(methods)),
        (exposure, *frame.design.names), values, design, fits, moderated, None,
        frame.n, frame.n_missing, (joined.n_unmatched_table, joined.n_unmatched_data),
    )  # fmt: skip


def _design(frame: ModelFrame, exposure: str) -> np.ndarray:
    """Intercept, exposure, adjustment; refused when it cannot be estimated."""
    assert frame.y is not None
    design = np.column_stack([np.ones(frame.n), frame.y, frame.x])
    n, p = design.shape
    if n <= p:
        raise DesignError(
            f"{p - 1} covariates (with factors coded) but {n} complete patients. Use fewer."
        )
    scaled = design / np.maximum(np.abs(design).max(axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled) < p:
        raise DesignError(
            f"'{exposure}' and its adjustment are constant or collinear in {n} complete patients: "
            "their effects cannot be told apart. Leave out what repeats the rest."
        )
    return design


def _survival_screen(joined: Joined, outcome: str, adjust: str | None) -> GeneScreen:
    """One Cox model per gene."""
    from faceage_stats._columns import call_arguments
    from faceage_stats.survival.cox.coxph_screen import coxph_screen

    arguments = call_arguments(outcome)[1]
    if len(arguments) != 2:
        raise InputError(f"`{outcome}`: a gene screen takes Surv(time, event).")
    varies = varying_columns(joined.values)
    _warn_constant(joined.values, varies)
    names = [f"gene_{j}" for j in range(len(joined.names))]  # no gene can hide a covariate
    wide = pd.DataFrame(joined.values, columns=names)
    table = pd.concat([joined.data, wide], axis=1)
    kept = [name for name, ok in zip(names, varies, strict=True) if ok]
    fit = coxph_screen(table, kept, time=arguments[0], event=arguments[1], adjust=adjust)
    rows = fit.tidy().set_index("term").reindex(names).reset_index(drop=True)
    rows.insert(0, "gene", list(joined.names))
    counts = ["n", "n_event", "n_missing"]
    rows[counts] = rows[counts].fillna(0).astype(int)
    return GeneScreen(
        joined.names, outcome, adjust, ("cox",), ("gene",), joined.values, None, None, None,
        rows, int(rows["n"].max()), len(joined.data) - int(rows["n"].max()),
        (joined.n_unmatched_table, joined.n_unmatched_data),
    )  # fmt: skip


def _warn_constant(values: np.ndarray, varies: np.ndarray) -> None:
    n_empty = int(np.isnan(values).all(axis=0).sum())
    n_constant = int((~varies).sum()) - n_empty
    if n_empty or n_constant:
        warnings.warn(
            f"of {len(varies)} genes {n_constant} do not vary and {n_empty} are missing in every "
            "patient: they have no result and take no part in any adjustment.",
            EstimationWarning,
            stacklevel=4,
        )


def _only(fits: LinearFits, tested: np.ndarray) -> LinearFits:
    """Results of genes that vary; the others become NaN."""
    hide = np.where(tested, 1.0, np.nan)
    return LinearFits(
        fits.coef * hide, fits.unscaled * hide, fits.sigma * hide,
        np.where(tested, fits.df, 0), fits.mean * hide, fits.n,
    )  # fmt: skip


def _take(fits: LinearFits, kept: np.ndarray) -> LinearFits:
    return LinearFits(
        fits.coef[:, kept], fits.unscaled[:, kept], fits.sigma[kept], fits.df[kept],
        fits.mean[kept], fits.n[kept],
    )  # fmt: skip
