"""Logistic regression, Hosmer-Lemeshow test, calibration slope and intercept."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from scipy.special import expit, logit

from faceage_stats.association.regression.logistic import logistic
from faceage_stats.prediction.risk.calibration import calibration

from . import adapter, only

R_DEFAULT_EPSILON = 1e-8


@adapter("logistic_regression")
def regression(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(args, intercept=True)
    formula = args["formula"]
    fit = logistic(formula, data)
    row, rows = fit.glance().iloc[0], data.loc[fit.augment().index]
    null = logistic(f"{formula.partition('~')[0]} ~ 1", rows)
    test = logistic(formula, rows).lr_test(null).iloc[0]
    answer = {
        "n": row["n"],
        "terms": fit.names,
        "vcov": fit.vcov().to_numpy(),
        "deviance": row["deviance"],
        "null_deviance": row["null_deviance"],
        "df_residual": row["df_residual"],
        "df_null": null.glance()["df_residual"].item(),
        "loglik": row["log_lik"],
        "aic": row["aic"],
        "bic": row["bic"],
        "lr_test": {"stat": test["statistic"], "df": test["df"], "p": test["p_value"]},
        "brier": row["brier"],
        "nagelkerke_r2": row["r_squared_nagelkerke"],
        "mcfadden_r2": row["r_squared_mcfadden"],
        "fitted_first5": fit.augment()["fitted"][:5],
        **_coefficients(fit),
    }
    if "or_profile_lower95" not in case["expected"]:
        return answer
    odds, profile = _table(fit, "wald"), _table(fit, "profile")
    answer |= {
        "odds_ratio": odds["estimate"],
        "or_wald_lower95": odds["conf_low"],
        "or_wald_upper95": odds["conf_high"],
        "or_profile_lower95": profile["conf_low"],
        "or_profile_upper95": profile["conf_high"],
        "or_profile_exact_lower95": profile["conf_low"],
        "or_profile_exact_upper95": profile["conf_high"],
        "r_default_control": _coefficients(logistic(formula, data, epsilon=R_DEFAULT_EPSILON)),
    }
    return answer


def _table(fit: Any, limits: str) -> Any:
    table = fit.tidy(exponentiate=True, limits=limits)
    return table[~table["is_reference"]]


def _coefficients(fit: Any) -> dict[str, Any]:
    table = fit.tidy()
    table = table[~table["is_reference"]]
    names = {"coef": "estimate", "se": "std_error", "z": "statistic", "p": "p_value"}
    return {name: table[column].to_numpy() for name, column in names.items()}


@adapter("hosmer_lemeshow")
def goodness_of_fit(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(args, quantile_type=7, intervals="right-closed, lowest included")
    test = logistic(args["formula"], data).hosmer_lemeshow(args["groups"])
    table = test.tidy()
    return {
        "breaks": test.breaks,
        **{name: table[name] for name in ("n", "observed", "expected")},
        "chisq": test.statistic,
        "df": test.df,
        "p": test.p_value,
    }


@adapter("calibration")
def slope_and_intercept(args: Any, data: Any, case: Any) -> dict[str, Any]:
    data, risk = _with_risk(args["risk"], data)
    result = calibration(f"{args['outcome']} ~ {risk}", data, n_resamples=0)
    row = result.tidy().set_index("quantity")
    observed_expected = row.loc["observed_expected_ratio", "estimate"]
    return {
        "slope": row.loc["slope", "estimate"],
        "slope_se": row.loc["slope", "std_error"],
        "intercept_with_slope": row.loc["intercept_with_slope", "estimate"],
        "intercept_with_slope_se": row.loc["intercept_with_slope", "std_error"],
        "intercept_in_the_large": row.loc["intercept", "estimate"],
        "intercept_in_the_large_se": row.loc["intercept", "std_error"],
        "brier": row.loc["brier", "estimate"],
        "observed_expected_ratio": observed_expected,
    }


def _with_risk(text: str, data: Any) -> tuple[Any, str]:
    """A column, or R's `name = expression` with plogis() and logit() evaluated as `name`."""
    match = re.fullmatch(r"\s*(\w+)\s*=(.*)", text)
    if not match:
        return data, text
    name, expression = match.groups()
    functions = {"plogis": expit, "logit": logit, "qlogis": logit, "exp": np.exp, "log": np.log}
    columns = {column: data[column] for column in data.columns}
    value = eval(expression, {"__builtins__": {}}, {**functions, **columns})
    return data.assign(**{name: value}), name
