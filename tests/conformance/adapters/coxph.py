"""Cox models: R's names for the fields on the left, ours on the right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats._expression.splines import natural_spline_basis

from . import adapter


def outcome_formula(args: Any, data: pd.DataFrame, formula: str | None = None) -> str:
    """The formula, with R's reading of a 1/2 event made explicit."""
    formula = formula or args["formula"]
    event = args.get("event")
    if event and set(data[event].dropna().unique()) == {1, 2}:
        formula = formula.replace(f", {event})", f", {event} == 2)")
    return formula


def _first(values: np.ndarray, k: int = 5) -> list[Any]:
    values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    return values[:k].tolist()


def _test(table: pd.DataFrame, method: str) -> dict[str, float] | None:
    rows = table[table["method"] == method]
    if rows.empty:
        return None
    row = rows.iloc[0]
    return {"stat": row["statistic"], "df": row["df"], "p": row["p_value"]}


def _baseline(fit: Any, data: pd.DataFrame, times: list[float], centered: bool) -> Any:
    hazard = fit.basehaz(centered=centered)

    def at(frame: pd.DataFrame) -> list[float]:
        index = np.searchsorted(frame["time"], times, side="right")
        return np.concatenate([[0.0], frame["cumhaz"]])[index].tolist()

    if "strata" not in hazard:
        return at(hazard)
    return {_r_stratum(label, data): at(own) for label, own in hazard.groupby("strata")}


def _r_stratum(label: str, data: pd.DataFrame) -> str:
    """R leaves the names out when every stratum column is text."""
    parts = [part.partition("=") for part in label.split(", ")]
    if any(pd.api.types.is_numeric_dtype(data[name]) for name, _, _ in parts):
        return label
    return ", ".join(value for _, _, value in parts)


@adapter("coxph")
def cox(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    fit = fs.coxph(
        outcome_formula(args, data),
        data,
        ties=args["ties"],
        weights=args.get("weights"),
        cluster=args.get("cluster"),
        robust=args.get("robust"),
    )
    raw = fit.tidy(conf_level=args["conf_level"])
    raw = raw[~raw["is_reference"]]
    hr = fit.tidy(exponentiate=True, conf_level=args["conf_level"])
    hr = hr[~hr["is_reference"]]
    glance, tests = fit.glance().iloc[0], fit.tests()
    x = fit.frame.x
    answer = {
        "n": glance["n"],
        "nevent": glance["n_event"],
        "n_omitted": glance["n_missing"],
        "terms": raw["term"].tolist(),
        "coef": raw["estimate"],
        "se": raw["std_error"],
        "robust_se": raw.get("robust_se"),
        "z": raw["statistic"],
        "p": raw["p_value"],
        "hr": hr["estimate"],
        "hr_lower": hr["conf_low"],
        "hr_upper": hr["conf_high"],
        "conf_level": args["conf_level"],
        "vcov": fit.vcov().fillna(0.0).to_numpy().tolist(),
        "loglik_null": glance["log_lik_null"],
        "loglik": glance["log_lik"],
        "lr_test": _test(tests, "likelihood ratio"),
        "wald_test": _test(tests, "wald"),
        "score_test": _test(tests, "score"),
        "robust_score_test": _test(tests, "robust score"),
        "aic": glance["aic"],
        "bic": glance["bic"],
        "concordance": glance["concordance"],
        "concordance_se": glance["concordance_se"],
        "x_first5": x[:5].tolist(),
        "x_means_used_for_centering": fit.means,
        "lp_centered_first5": fit.lp[:5],
        "lp_uncentered_first5": _uncentred(fit)[:5],
        "lp_strata_centered_first5": fit.predict()["estimate"].head(5),
        "rows_first5": (fit.frame.rows + 1)[:5],
        "residuals_first5": {
            name: _first(fit.residuals(name).to_numpy())
            for name in case["expected"].get("residuals_first5", {})
        },
    }
    if args.get("times") is not None:
        answer["baseline_cumhaz"] = {
            "times": args["times"],
            "centered": _baseline(fit, data, args["times"], True),
            "at_zero": _baseline(fit, data, args["times"], False),
            "ties": fit.ties,
        }
    check = case["expected"].get("spline_basis_check")
    if check is not None:
        term = next(term for term in args["terms"] if term["kind"] == "ns")
        basis = natural_spline_basis(check["x"], term["knots"], term["boundary_knots"])
        answer["spline_basis_check"] = {"x": check["x"], "values": basis.tolist()}
    return answer


def _uncentred(fit: Any) -> np.ndarray:
    offset = 0.0 if fit.frame.offset is None else fit.frame.offset
    return fit.frame.x @ fit.coef.fillna(0.0).to_numpy() + offset


@adapter("coxph_lrt")
def likelihood_ratio(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    reduced, full = (
        fs.coxph(outcome_formula(args, data, args[key]), data, ties=args["ties"])
        for key in ("formula_reduced", "formula_full")
    )
    row = fs.anova(reduced, full).tidy().iloc[1]
    return {
        "n": full.n,
        "nevent": full.n_event,
        "loglik_reduced": reduced.log_lik,
        "loglik_full": full.log_lik,
        "chisq": row["statistic"],
        "df": row["df"],
        "p": row["p_value"],
        "aic_reduced": reduced.aic,
        "aic_full": full.aic,
        "bic_reduced": reduced.bic,
        "bic_full": full.bic,
    }


@adapter("coxph_anova_sequential")
def sequential(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    table = fs.coxph(outcome_formula(args, data), data, ties=args["ties"]).anova().tidy()
    return {
        "loglik": table["log_lik"],
        "chisq": table["statistic"],
        "df": table["df"],
        "p": table["p_value"],
        "rows": table["term"],
    }


@adapter("cox_predicted_survival")
def predicted_survival(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    fit = fs.coxph(outcome_formula(args, data), data, ties=args["ties"])
    curves = fit.survfit(
        pd.DataFrame(args["newdata"]), conf_type=args["conf_type"], conf_level=args["conf_level"]
    )
    at, median = curves.at(args["times"]), curves.median()

    def matrix(column: str) -> list[list[float]]:
        return at[column].to_numpy().reshape(-1, len(args["times"])).tolist()

    return {
        "rows": "one row per newdata row, one column per time",
        "surv": matrix("estimate"),
        "std_err": matrix("std_error"),
        "lower": matrix("conf_low"),
        "upper": matrix("conf_high"),
        "cumhaz": matrix("cumhaz"),
        "median": median["median"],
        "median_lower": median["conf_low"],
        "median_upper": median["conf_high"],
    }
