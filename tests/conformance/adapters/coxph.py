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
    hazard = fit.basehaz(times=times, centered=centered)
    if "strata" not in hazard:
        return hazard["cumhaz"]
    return {r_stratum(label, data): own["cumhaz"] for label, own in hazard.groupby("strata")}


def r_stratum(label: str, data: pd.DataFrame) -> str:
    """R leaves the names out when every stratum column is text."""
    parts = [part.partition("=") for part in label.split(", ")]
    if any(pd.api.types.is_numeric_dtype(data[name]) for name, _, _ in parts):
        return label
    return ", ".join(value for _, _, value in parts)


def _uncentred(fit: Any, data: pd.DataFrame) -> pd.Series:
    """The linear predictor with its whole offset: R's reference = "zero" takes its mean out."""
    if fit.frame.offset is None:
        return fit.predict(reference="zero")["estimate"].head(5)
    first = data.iloc[fit.frame.rows[:5]]
    return fit.contrast(first, first.head(1) * 0)["estimate"]


def terms_of(terms: Any) -> list[str]:
    """Terms that a case lists, as a formula has them; the data have the levels of factors."""
    return [_term(**term) for term in terms]


def _term(kind: str, **about: Any) -> str:
    if kind in ("numeric", "factor"):
        assert set(about) <= {"column", "levels", "reference"}, about
        assert about.get("reference") == (about.get("levels") or [None])[0]
        return str(about["column"])
    if kind == "interaction":
        return ":".join(about["of"])
    if kind == "scaled":
        return f"I({about['column']}/{about['divide_by']})"
    if kind == "power":
        return f"I({about['column']}^{about['exponent']})"
    if kind == "expression":
        return str(about["r"])
    assert kind in ("log", "log2", "log1p", "sqrt"), kind
    return f"{kind}({about['column']})"


def listed_formula(args: Any) -> str:
    """The formula of a case that lists its columns."""
    times = [args[key] for key in ("start", "time", "event") if args.get(key)]
    names = args.get("strata") or []
    names = [names] if isinstance(names, str) else names
    strata = [f"strata({', '.join(names)})"] if names else []
    return f"Surv({', '.join(times)}) ~ {' + '.join([*terms_of(args['terms']), *strata])}"


def coefficients(fit: Any) -> dict[str, Any]:
    table = fit.tidy()
    table = table[~table["is_reference"]]
    return {
        "terms": table["term"].tolist(),
        "coef": table["estimate"],
        "se": table["std_error"],
        "robust_se": table.get("robust_se"),
        "z": table["statistic"],
        "p": table["p_value"],
    }


def overall(fit: Any) -> dict[str, Any]:
    tests = fit.tests()
    return {
        "lr_test": _test(tests, "likelihood ratio"),
        "wald_test": _test(tests, "wald"),
        "score_test": _test(tests, "score"),
        "robust_score_test": _test(tests, "robust score"),
    }


@adapter("coxph")
def cox(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    fit = fs.coxph(
        outcome_formula(args, data, args.get("formula") or listed_formula(args)),
        data,
        ties=args["ties"],
        weights=args.get("weights"),
        cluster=args.get("cluster"),
        robust=args.get("robust"),
        subset=args.get("fit_subset"),
    )
    hr = fit.tidy(exponentiate=True, conf_level=args["conf_level"])
    hr = hr[~hr["is_reference"]]
    limits = fit.confint(conf_level=args["conf_level"])
    glance, x = fit.glance().iloc[0], fit.frame.x
    answer = {
        "n": glance["n"],
        "nevent": glance["n_event"],
        "n_omitted": glance["n_missing"],
        **coefficients(fit),
        **overall(fit),
        "confint": {"lower": limits["conf_low"], "upper": limits["conf_high"]},
        "hr": hr["estimate"],
        "hr_lower": hr["conf_low"],
        "hr_upper": hr["conf_high"],
        "conf_level": args["conf_level"],
        "vcov": fit.vcov().fillna(0.0).to_numpy().tolist(),
        "loglik_null": glance["log_lik_null"],
        "loglik": glance["log_lik"],
        "aic": glance["aic"],
        "bic": glance["bic"],
        "extract_aic_edf": glance["df"],
        "r2": {"nagelkerke_cox_snell": glance["r_squared"], "max": glance["r_squared_max"]},
        "concordance": glance["concordance"],
        "concordance_se": glance["concordance_se"],
        "x_first5": x[:5].tolist(),
        "x_means_used_for_centering": fit.means,
        "lp_centered_first5": fit.lp[:5],
        "lp_strata_centered_first5": fit.predict()["estimate"].head(5),
        "lp_uncentered_first5": _uncentred(fit, data),
        "rows_first5": case["row_numbers"][fit.frame.rows[:5]].to_numpy(),
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
        "surv": matrix("estimate"),
        "std_err": matrix("std_error"),
        "lower": matrix("conf_low"),
        "upper": matrix("conf_high"),
        "cumhaz": matrix("cumhaz"),
        "median": median["median"],
        "median_lower": median["conf_low"],
        "median_upper": median["conf_high"],
    }


@adapter("cox_curve_quantiles")
def curve_quantiles(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    fit = fs.coxph(listed_formula(args), data, ties=args["ties"])
    new = pd.DataFrame(args["newdata"])
    curves = fit.survfit(new, conf_type=args["conf_type"], conf_level=args["conf_level"])
    times = [time for time in args["times"] if time <= fit.surv.time.max()]  # R's extend = FALSE
    at, found = curves.at(times), curves.quantile(args["probs"])
    one = at[at["group"] == new.index[0]]

    def matrix(column: pd.Series) -> list[list[float]]:
        return column.to_numpy().reshape(len(new), -1).tolist()

    return {
        "quantile": matrix(found["time"]),
        "lower": matrix(found["conf_low"]),
        "upper": matrix(found["conf_high"]),
        "n_risk": one["n_risk"],
        "n_event_since_previous": one["n_event"],
        "surv": matrix(at["estimate"]),
        "std_err": matrix(at["std_error"]),
    }


@adapter("conditional_logistic")
def conditional_logistic(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    right = [*terms_of(args["terms"]), f"strata({args['stratum']})"]
    fit = fs.clogit(
        f"{args['event']} ~ {' + '.join(right)}",
        data,
        method=args["method"],
        weights=args["weights"],
    )
    odds = fit.tidy(exponentiate=True)
    odds = odds[~odds["is_reference"]]
    glance = fit.glance().iloc[0]
    return {
        "n": glance["n"],
        "nevent": glance["n_event"],
        "n_omitted": glance["n_missing"],
        **coefficients(fit),
        **overall(fit),
        "vcov": fit.vcov().to_numpy().tolist(),
        "loglik_null": glance["log_lik_null"],
        "loglik": glance["log_lik"],
        "odds_ratio": odds["estimate"],
        "or_lower": odds["conf_low"],
        "or_upper": odds["conf_high"],
        "aic": glance["aic"],
    }
