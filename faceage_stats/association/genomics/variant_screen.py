"""Variants one by one: the additive model of a trait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._formula.frame import ModelFrame, model_frame
from faceage_stats._formula.parse import is_surv, split_formula
from faceage_stats._p_adjust import p_adjust
from faceage_stats._result import Result, frozen_result
from faceage_stats._surv import surv_arguments, surv_text
from faceage_stats._wald import check_conf_level
from faceage_stats._warn import warn
from faceage_stats.association.genomics.joined import MAX_UNMATCHED, Joined, Unmatched, join_by_id
from faceage_stats.association.genomics.linear_screen import (
    block,
    complete_blocks,
    t_p_value,
    t_quantile,
    varying_columns,
)
from faceage_stats.association.genomics.variant_qc import check_dosage
from faceage_stats.association.regression.binomial import fit_binomial
from faceage_stats.association.regression.design_matrix import with_intercept
from faceage_stats.errors import DesignError, EstimationWarning, InputError
from faceage_stats.survival.cox.coxph_screen import coxph_screen

__all__ = ["VariantScreen", "variant_screen"]


@checked_call
def variant_screen(
    genotypes: Any,
    data: Any,
    formula: str,
    *,
    variants: Sequence[str] | None = None,
    id: str = "patient_id",  # noqa: A002 - the identifier column
) -> VariantScreen:
    """Fit the additive model of every variant: a trait on its dosage and covariates.

    Parameters
    ----------
    genotypes : pandas.DataFrame or polars.DataFrame
        One row per patient: `id` and one column per variant with the dosage, 0 to 2 copies of an
        allele. Joined to `data` by `id`, never by position.
    data : pandas.DataFrame or polars.DataFrame
        Trait and covariates, one row per patient.
    formula : str
        Trait and covariates: ``"faceage ~ age + sex + pc1"`` (linear model), a trait of only 0
        and 1 (logistic regression), or ``"Surv(time, event) ~ age"`` (Cox model).
    variants : sequence of str, optional
        Columns of `genotypes`; by default all but `id`.
    id : str
        Identifier in both tables.

    Returns
    -------
    VariantScreen
        ``tidy(conf_level=...)``: one row per variant: ``variant_id estimate`` (per copy of the
        counted allele; log odds or log hazard ratio for those models) ``std_error statistic`` (t
        or z) ``df p_value p_adjusted conf_low conf_high allele_frequency n n_missing scale``.

    Raises
    ------
    InputError, FormulaError, DesignError
        As :func:`set_test`.

    Warns
    -----
    EstimationWarning
        Variants that do not vary, whose results are NaN.

    See Also
    --------
    variant_qc : before it.
    set_test : variants of a gene together.

    Notes
    -----
    In R: ``summary(glm(old ~ rs1 + age, family = binomial, data = df))``

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
        warn(
            f"{int((~varies).sum())} of {len(varies)} variants do not vary; their results are NaN.",
            EstimationWarning,
        )
    counts = _Counts(len(joined.data), joined.unmatched)
    left, right = split_formula(formula)
    if is_surv(left):
        columns = _cox_variants(joined, left, right, varies)
        table = _variant_table(joined, dosage, columns)
        return VariantScreen(table, "Cox model", "log hazard ratio", formula, counts)
    frame = model_frame(formula, joined.data, caller="variant_screen()")
    values = np.where(varies, dosage, np.nan)[frame.rows]
    if np.isin(frame.y, (0, 1)).all():
        table = _variant_table(joined, dosage[frame.rows], _logistic_variants(frame, values))
        return VariantScreen(table, "Logistic regression", "log odds ratio", formula, counts)
    table = _variant_table(joined, dosage[frame.rows], _linear_variants(frame, values))
    return VariantScreen(table, "Linear model", "difference", formula, counts)


class _Counts(NamedTuple):
    """Patients matched, and those without a partner."""

    matched: int
    unmatched: Unmatched


class _Estimates(NamedTuple):
    """One value per variant; an infinite `df` means z."""

    estimate: np.ndarray
    std_error: np.ndarray
    df: np.ndarray


def _linear_variants(frame: ModelFrame, values: np.ndarray) -> _Estimates:
    """Coefficient of each dosage, the covariates projected out."""
    x, m = with_intercept(frame), values.shape[1]
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
        square = np.where(
            square > (1e-9 * size) ** 2, square, np.nan
        )  # determined by the covariates
        slope = y @ g / square
        residual = y[:, None] - g * slope
        estimate[columns], df[columns] = slope, left
        variance = np.einsum("ij,ij->j", residual, residual) / left
        std_error[columns] = np.sqrt(variance / square)
    return _Estimates(estimate, std_error, df)


def _logistic_variants(frame: ModelFrame, values: np.ndarray) -> _Estimates:
    """Logistic regression of each variant; separation shows as a huge standard error."""
    x, m = with_intercept(frame), values.shape[1]
    estimate, std_error = np.full((2, m), np.nan)
    for j in np.flatnonzero(~np.isnan(values).all(axis=0)):
        rows = ~np.isnan(values[:, j])
        y = frame.y[rows]
        if np.ptp(y) == 0:
            continue
        fit = fit_binomial(y, np.column_stack([x[rows], values[rows, j]]), quiet=True)
        estimate[j], std_error[j] = fit.coefficients[-1], fit.std_error[-1]
    return _Estimates(estimate, std_error, np.full(m, np.inf))


def _cox_variants(joined: Joined, left: str, right: str, varies: np.ndarray) -> _Estimates:
    arguments = [surv_text(node) for node in surv_arguments(left)]
    if len(arguments) != 2:
        raise InputError(f"`{left}`: a variant screen takes Surv(time, event).")
    names = [f"variant_{j}" for j in range(len(joined.names))]
    table = pd.concat([joined.data, pd.DataFrame(joined.values, columns=names)], axis=1)
    kept = [name for name, ok in zip(names, varies, strict=True) if ok]
    fit = coxph_screen(
        table, kept, time=arguments[0], event=arguments[1], adjust=None if right == "1" else right
    )
    rows = fit.tidy().set_index("term").reindex(names)
    estimate, std_error = (rows[name].to_numpy(float) for name in ("estimate", "std_error"))
    return _Estimates(estimate, std_error, np.full(len(names), np.inf))


def _variant_table(joined: Joined, dosage: np.ndarray, found: _Estimates) -> pd.DataFrame:
    """Add tests, frequencies and counts."""
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = found.estimate / found.std_error
    df = np.where(np.isnan(found.estimate), np.nan, found.df)
    known = ~np.isnan(dosage)
    n = known.sum(axis=0)
    total = np.where(known, dosage, 0).sum(axis=0)
    p = t_p_value(statistic, df)
    return pd.DataFrame(
        {
            "variant_id": joined.names,
            "estimate": found.estimate,
            "std_error": found.std_error,
            "statistic": statistic,
            "df": df,
            "p_value": p,
            "p_adjusted": p_adjust(p, "holm"),
            "allele_frequency": total / np.where(n > 0, 2 * n, np.nan),
            "n": n,
            "n_missing": len(joined.data) - n,
        }
    )


@frozen_result
class VariantScreen(Result):
    """One additive model per variant, made by `variant_screen`.

    Attributes
    ----------
    table : pandas.DataFrame
        Behind ``tidy()``, without limits.
    method, scale, formula : str
        Name of the model, what its effect is, and the formula as given.
    counts : tuple
        Patients ``matched``, and ``unmatched`` in the ``table`` or the ``data``.
    """

    table: pd.DataFrame
    method: str
    scale: str
    formula: str
    counts: _Counts

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per variant, in the order given.

        Parameters
        ----------
        conf_level : float
            Level of the intervals.

        Returns
        -------
        pandas.DataFrame
            ``variant_id estimate std_error statistic df p_value p_adjusted conf_low conf_high
            allele_frequency n n_missing scale``; p_adjusted is Holm's over all variants.
        """
        check_conf_level(conf_level)
        table = self.table.copy()
        half = t_quantile(0.5 + conf_level / 2, table["df"].to_numpy()) * table["std_error"]
        place = list(table.columns).index("p_adjusted") + 1
        table.insert(place, "conf_low", table["estimate"] - half)
        table.insert(place + 1, "conf_high", table["estimate"] + half)
        return table.assign(scale=self.scale)

    def glance(self) -> pd.DataFrame:
        """Return one row for the screen.

        Returns
        -------
        pandas.DataFrame
            ``method n_variant n n_missing n_unmatched_table n_unmatched_data``; `n` of the variant
            with the most patients.
        """
        n = int(self.table["n"].max())
        row = {
            "method": self.method,
            "n_variant": len(self.table),
            "n": n,
            "n_missing": self.counts.matched - n,
            "n_unmatched_table": self.counts.unmatched.table,
            "n_unmatched_data": self.counts.unmatched.data,
        }
        return pd.DataFrame([row])

    def _printed(self) -> pd.DataFrame:
        return self.tidy().sort_values("p_value", kind="stable").head(10)

    def _title(self) -> str:
        return f"{self.method} per variant: {self.formula}"
