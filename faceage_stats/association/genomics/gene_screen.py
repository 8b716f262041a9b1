"""Screen of thousands of genes against FaceAge, given age, or against survival."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_names, check_text
from faceage_stats._call import checked_call
from faceage_stats._formula.frame import ModelFrame, model_frame
from faceage_stats._formula.parse import is_surv
from faceage_stats._near import check_option
from faceage_stats._surv import surv_arguments, surv_text
from faceage_stats._warn import warn
from faceage_stats.association.genomics.gene_models import GeneModels
from faceage_stats.association.genomics.gene_result import GeneScreen
from faceage_stats.association.genomics.gene_tables import GeneMethod
from faceage_stats.association.genomics.joined import MAX_UNMATCHED, Joined, join_by_id, rows_of
from faceage_stats.association.genomics.linear_screen import fit_columns, varying_columns
from faceage_stats.association.genomics.moderated import moderate
from faceage_stats.errors import DesignError, EstimationWarning, InputError
from faceage_stats.survival.cox.coxph_screen import coxph_screen

__all__ = ["gene_screen"]


@checked_call
def gene_screen(
    expression: Any,
    data: Any,
    exposure: str,
    *,
    adjust: str | None = None,
    id: str = "patient_id",  # noqa: A002 - the identifier column
    genes: Sequence[str] | None = None,
    methods: Sequence[GeneMethod] = ("moderated", "lm", "partial", "pearson", "spearman"),
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
        Largest proportion of the smaller table that may be without a partner in the other.

    Returns
    -------
    GeneScreen
        ``tidy(method=..., variable=..., conf_level=..., p_adjust=...)``: one row per gene: ``gene
        variable method estimate std_error statistic df p_value conf_low conf_high n n_missing
        p_holm p_bh``; ``side_by_side(method)``: exposure beside each covariate; ``top(n)``;
        ``glance()``.

    Raises
    ------
    InputError
        A gene column that is repeated, not numeric or infinite; a repeated identifier; an unknown
        method.
    FormulaError
        ``strata()``, ``cluster()`` or ``offset()`` in the adjustment of an exposure.
    DesignError
        Too many patients without a partner; as many covariates as patients, or collinear ones.

    Warns
    -----
    EstimationWarning
        Genes that do not vary or are missing throughout: their results are NaN, and they take no
        part in the variance prior or in any adjustment for multiple tests.

    See Also
    --------
    max_t : Adjustment for multiple tests that keeps the correlation of genes.
    qvalue : False discovery rate.
    gene_set_test : sets of genes.

    Notes
    -----
    A gene with missing values is fitted on its complete patients. Genes with the same missing
    patients use one QR decomposition; results equal limma 3.54 and R's ``lm`` and ``cor.test(exact
    = FALSE)`` to about 1e-12.

    In R: ``limma::eBayes(limma::lmFit(x, model.matrix(~ faceage + age)))``

    References
    ----------
    Ritchie ME, Phipson B, Wu D, Hu Y, Law CW, Shi W, Smyth GK (2015). limma powers differential
    expression analyses for RNA-sequencing and microarray studies. Nucleic Acids Research 43:e47.
    doi:10.1093/nar/gkv007

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
    check_text("exposure", exposure)
    if adjust is not None:
        check_text("adjust", adjust, "terms such as 'age + sex'")
    chosen = dict.fromkeys(check_names("methods", methods))
    if not chosen:
        raise InputError(f"methods has none; choose {', '.join(get_args(GeneMethod))}.")
    for method in chosen:
        check_option("methods", method, GeneMethod)
    joined = join_by_id(
        expression, data, key=id, columns=genes, max_unmatched=max_unmatched, what="expression"
    )
    if is_surv(exposure):
        return _survival_screen(joined, exposure, adjust)
    frame = model_frame(f"{exposure} ~ {adjust or '1'}", joined.data, caller="gene_screen()")
    values = rows_of(joined.values, frame.rows)
    varies = varying_columns(values)
    _warn_constant(values, varies)
    design = _design(frame, exposure)
    fits = fit_columns(design, values).hide(varies)
    moderated = moderate(fits.take(fits.df > 0)) if "moderated" in chosen else None
    variables = (exposure, *frame.design.names)
    return GeneScreen(
        genes=joined.names,
        exposure=exposure,
        adjust=adjust,
        methods=cast(tuple[GeneMethod, ...], tuple(chosen)),
        variables=variables,
        models=GeneModels(joined.names, variables, values, design, fits, moderated),
        cox=None,
        n=frame.n,
        n_missing=frame.n_missing,
        unmatched=joined.unmatched,
    )


def _design(frame: ModelFrame, exposure: str) -> np.ndarray:
    """Intercept, exposure, adjustment; refused when it cannot be estimated."""
    design = np.column_stack([np.ones(frame.n), frame.y, frame.x])
    n, p = design.shape
    if n <= p:
        raise DesignError(
            f"{p - 1} covariates (with factors coded) but {n} complete patients. Use fewer."
        )
    scaled = design / np.maximum(np.abs(design).max(axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled) < p:
        raise DesignError(
            f"'{exposure}' and its adjustment are constant or collinear in {n} complete patients. "
            "Drop the redundant covariate."
        )
    return design


def _survival_screen(joined: Joined, outcome: str, adjust: str | None) -> GeneScreen:
    """One Cox model per gene."""
    arguments = [surv_text(node) for node in surv_arguments(outcome)]
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
    n = int(rows["n"].max())
    return GeneScreen(
        genes=joined.names,
        exposure=outcome,
        adjust=adjust,
        methods=("cox",),
        variables=("gene",),
        models=None,
        cox=rows,
        n=n,
        n_missing=len(joined.data) - n,
        unmatched=joined.unmatched,
    )


def _warn_constant(values: np.ndarray, varies: np.ndarray) -> None:
    n_empty = int(np.isnan(values[:, ~varies]).all(axis=0).sum())
    n_constant = int((~varies).sum()) - n_empty
    if n_empty or n_constant:
        warn(
            f"of {len(varies)} genes {n_constant} do not vary and {n_empty} are missing in every "
            "patient: they have no result and take no part in any adjustment.",
            EstimationWarning,
        )
