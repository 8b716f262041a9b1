"""Variants one by one: the additive model of a trait."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import call_arguments
from faceage_stats._formula import ModelFrame, model_frame
from faceage_stats._formula.parse import split_formula
from faceage_stats._p_adjust import p_adjust
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.genomics.joined import MAX_UNMATCHED, Joined, join_by_id
from faceage_stats.association.genomics.linear_screen import (
    block,
    complete_blocks,
    t_p_value,
    t_quantile,
    varying_columns,
)
from faceage_stats.association.genomics.variant_qc import check_dosage
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError

__all__ = ["VariantScreen", "variant_screen"]


def variant_screen(
    genotypes: Any,
    data: Any,
    formula: str,
    *,
    variants: Sequence[str] | None = None,
    id: str = "patient_id",  # noqa: A002
) -> VariantScreen:
    """Fit the additive model of every variant: a trait on its dosage and covariates.

    Parameters
    ----------
    genotypes, data, id
        As in `set_test`; joined by `id`, never by position.
    formula : str
        Trait and covariates: ``"faceage ~ age + sex + pc1"`` (linear model), a trait of only 0
        and 1 (logistic regression), or ``"Surv(time, event) ~ age"`` (Cox model).
    variants : sequence of str, optional
        Columns of `genotypes`; by default all but `id`.

    Returns
    -------
    VariantScreen
        ``tidy()``: one row per variant: variant_id, estimate (per copy of the counted allele; log
        odds or log hazard ratio for those models), std_error, statistic (t or z), df, p_value,
        p_adjusted, conf_low, conf_high, allele_frequency, n, n_missing.

    Raises
    ------
    InputError, FormulaError, DesignError
        As `set_test`.

    Warns
    -----
    EstimationWarning
        Variants that do not vary, whose results are NaN.

    Examples
    --------
    >>> snps = pd.DataFrame({"patient_id": list("abcdef"), "rs1": [0, 1, 0, 2, 1, 0]})
    >>> people = pd.DataFrame({"patient_id": list("fedcba"), "faceage": [55.0, 63, 74, 52, 66, 58]})
    >>> variant_screen(snps, people, "faceage ~ 1").tidy()["estimate"].round(3).tolist()
    [9.5]
    """
    joined = join_by_id(
        genotypes, data, key=id, columns=variants, max_unmatched=MAX_UNMATCHED, what="genotypes"
    )
    dosage = check_dosage(joined.values, joined.names)
    varies = varying_columns(dosage)
    if not varies.all():
        warnings.warn(
            f"{int((~varies).sum())} of {len(varies)} variants do not vary; their results are NaN.",
            EstimationWarning,
            stacklevel=2,
        )
    left, right = split_formula(formula)
    if left.replace(" ", "").startswith("Surv("):
        table = _cox_variants(joined, left, right, varies)
        return VariantScreen(table, "Cox model", formula, joined)
    frame = model_frame(formula, joined.data)
    if frame.y is None or frame.strata is not None:
        raise FormulaError(f"`{formula}`: strata() needs Surv(time, event).")
    values = np.where(varies, dosage, np.nan)[frame.rows]
    binary = bool(np.isin(frame.y, (0, 1)).all())
    columns = (_logistic_variants if binary else _linear_variants)(frame, values)
    table = _variant_table(joined, dosage[frame.rows], columns)
    return VariantScreen(
        table, "Logistic regression" if binary else "Linear model", formula, joined
    )


def _linear_variants(frame: ModelFrame, values: np.ndarray) -> dict[str, np.ndarray]:
    """Coefficient of each dosage, the covariates projected out."""
    assert frame.y is not None
    x = np.column_stack([np.ones(frame.n), frame.x])
    m = values.shape[1]
    estimate, std_error, df = np.full((3, m), np.nan)
    for rows, columns in complete_blocks(values):
        basis, r = np.linalg.qr(x[rows])
        left = len(rows) - x.shape[1] - 1
        if left < 1 or (np.abs(np.diag(r)) <= 1e-10 * np.linalg.norm(r, axis=0)).any():
            if len(rows) == frame.n:
                raise DesignError("the covariates are collinear, or as many as the patients.")
            continue
        y = frame.y[rows] - basis @ (basis.T @ frame.y[rows])
        g = block(values, rows, columns)
        size = np.linalg.norm(g - g.mean(axis=0), axis=0)
        g -= basis @ (basis.T @ g)
        square = np.einsum("ij,ij->j", g, g)
        square = np.where(square > (1e-9 * size) ** 2, square, np.nan)  # told by the covariates
        slope = y @ g / square
        residual = y[:, None] - g * slope
        estimate[columns], df[columns] = slope, left
        variance = np.einsum("ij,ij->j", residual, residual) / left
        std_error[columns] = np.sqrt(variance / square)
    return {"estimate": estimate, "std_error": std_error, "df": df}


def _logistic_variants(frame: ModelFrame, values: np.ndarray) -> dict[str, np.ndarray]:
    """Logistic regression of each variant, by statsmodels."""
    import statsmodels.api as sm

    assert frame.y is not None
    x = np.column_stack([np.ones(frame.n), frame.x])
    out = np.full((2, values.shape[1]), np.nan)
    for j in np.flatnonzero(~np.isnan(values).all(axis=0)):
        rows = ~np.isnan(values[:, j])
        design = np.column_stack([x[rows], values[rows, j]])
        if np.linalg.matrix_rank(design) < design.shape[1] or np.ptp(frame.y[rows]) == 0:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # separation shows as a huge standard error
            fit = sm.GLM(frame.y[rows], design, family=sm.families.Binomial()).fit(
                tol=1e-13, maxiter=100
            )
        out[:, j] = fit.params[-1], fit.bse[-1]
    return {"estimate": out[0], "std_error": out[1], "df": np.full(values.shape[1], np.inf)}


def _cox_variants(joined: Joined, left: str, right: str, varies: np.ndarray) -> pd.DataFrame:
    from faceage_stats.survival.cox.coxph_screen import coxph_screen

    time, event = call_arguments(left)[1]
    names = [f"variant_{j}" for j in range(len(joined.names))]
    table = pd.concat([joined.data, pd.DataFrame(joined.values, columns=names)], axis=1)
    kept = [name for name, ok in zip(names, varies, strict=True) if ok]
    fit = coxph_screen(table, kept, time=time, event=event, adjust=None if right == "1" else right)
    rows = fit.tidy().set_index("term").reindex(names)
    columns = {name: rows[name].to_numpy() for name in ("estimate", "std_error")}
    return _variant_table(joined, joined.values, {**columns, "df": np.full(len(names), np.inf)})


def _variant_table(
    joined: Joined, dosage: np.ndarray, columns: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Add tests, intervals, frequencies and counts."""
    estimate, std_error, df = columns["estimate"], columns["std_error"], columns["df"]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / std_error
        df = np.where(np.isnan(estimate), np.nan, df)
        half = t_quantile(0.975, df) * std_error
    known = ~np.isnan(dosage)
    n = known.sum(axis=0)
    total = np.where(known, dosage, 0).sum(axis=0)
    p = t_p_value(statistic, df)
    return pd.DataFrame(
        {
            "variant_id": joined.names,
            "estimate": estimate, "std_error": std_error, "statistic": statistic, "df": df,
            "p_value": p, "p_adjusted": p_adjust(p, "holm"),
            "conf_low": estimate - half, "conf_high": estimate + half,
            "allele_frequency": total / np.where(n > 0, 2 * n, np.nan),
            "n": n, "n_missing": len(joined.data) - n,
        }
    )  # fmt: skip


@frozen_result
class VariantScreen(Result):
    """One additive model per variant, made by `variant_screen`."""

    table: pd.DataFrame
    method: str
    formula: str
    joined: Joined

    def tidy(self, **_: Any) -> pd.DataFrame:
        """One row per variant, in the order given; p_adjusted is Holm's over all of them."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """One row: method, variants, patients matched and without a partner."""
        return pd.DataFrame(
            [
                {
                    "method": self.method,
                    "n_variant": len(self.table),
                    "n": int(self.table["n"].max()),
                    "n_unmatched_table": self.joined.n_unmatched_table,
                    "n_unmatched_data": self.joined.n_unmatched_data,
                }
            ]
        )

    def _title(self) -> str:
        return f"{self.method} per variant: {self.formula}"
