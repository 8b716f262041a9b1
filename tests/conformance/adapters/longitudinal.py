"""Repeated measurements: mixed models, estimating equations, correlation within patients."""

from __future__ import annotations

from typing import Any

import numpy as np

import faceage_stats as fs

from . import adapter
from .glm import coefficients, family_of, listed


@adapter("mixed_model")
def mixed(args: Any, data: Any, case: Any) -> dict[str, Any]:
    (random,) = args["random"]
    intercept, *slopes = random["columns"]
    assert intercept == "intercept"
    assert random["correlated"]
    call = {"id": random["group"], "slope": slopes[0] if slopes else None, "reml": args["reml"]}
    fit = fs.lmer(listed(args), data, **call)
    table, row = coefficients(fit), fit.glance().iloc[0]
    first = np.unique(fit.patient, return_index=True)[1][:5]
    effects = fit.augment().iloc[first].filter(["intercept", "slope"])
    answer = {
        "n": row["n"],
        "n_groups": {random["group"]: row["n_subject"]},
        "terms": table["term"].tolist(),
        "coef": table["estimate"],
        "se": table["std_error"],
        "t": table["statistic"],
        "wald_p_normal": table["p_value"],
        "vcov": fit.vcov().to_numpy().tolist(),
        "variance_components": _components(fit, random["group"]),
        "residual_sd": row["sigma"],
        "loglik": row["log_lik"],
        "aic": row["aic"],
        "bic": row["bic"],
        "df": row["df"],
        "ranef_first5": {
            "levels": list(fit.labels[:5]),
            "columns": ["(Intercept)", *slopes],
            "values": effects.to_numpy().tolist(),
        },
        "fitted_first5": fit.augment()["fitted"].head(5),
    }
    if args["null_terms"] is not None:
        smaller = fs.lmer(
            listed({"outcome": args["outcome"], "terms": args["null_terms"]}), data, **call
        )
        test = fit.lr_test(smaller).iloc[0]
        answer["lr_test_ml"] = dict(zip(("stat", "df", "p"), test, strict=True))
    return answer


def _components(fit: fs.LMER, group: str) -> dict[str, Any]:
    table = fit.components()
    parts = [term.split(":") for term in table["term"]]
    *own, residual = range(len(table))
    sizes = table["std_dev"].fillna(table["correlation"])
    return {
        "group": [group for _ in own] + [table["term"][residual]],
        "var1": [parts[i][0] for i in own] + [None],
        "var2": [parts[i][1] if len(parts[i]) > 1 else None for i in own] + [None],
        "variance_or_covariance": table["estimate"],
        "sd_or_correlation": sizes,
    }


@adapter("gee")
def estimating_equations(args: Any, data: Any, case: Any) -> dict[str, Any]:
    names = {"san.se": "sandwich", "jack": "one_step", "j1s": "one_step", "fij": "jackknife"}
    fits = {
        variance: fs.gee(
            listed(args), data, id=args["id"], correlation=args["working_correlation"],
            waves=args["waves"], variance=variance, **family_of(args["family"]),
        )
        for variance in {"sandwich", names[args["robust_se"]]}
    }  # fmt: skip
    fit = fits[names[args["robust_se"]]]
    table, row = coefficients(fit), fit.glance().iloc[0]
    alpha = row["correlation"]
    return {
        "n": row["n"],
        "n_clusters": row["n_subject"],
        "terms": table["term"].tolist(),
        "coef": table["estimate"],
        "robust_se": table["std_error"],
        "wald_chisq": table["statistic"] ** 2,
        "p": table["p_value"],
        "robust_vcov": fits["sandwich"].vcov().to_numpy().tolist(),
        "dispersion": row["dispersion"],
        "working_correlation_parameter": None if np.isnan(alpha) else [alpha],
    }


@adapter("repeated_measures_correlation")
def within(args: Any, data: Any, case: Any) -> dict[str, Any]:
    fit = fs.rmcorr(
        f"~ {args['x']} + {args['y']}", data, id=args["subject"], conf_level=args["conf_level"]
    )
    row, whole = fit.tidy().iloc[0], fit.glance().iloc[0]
    return {
        "n": whole["n"],
        "n_subjects": whole["n_subject"],
        "r": row["estimate"],
        "df": row["df"],
        "p": row["p_value"],
        "lower": row["conf_low"],
        "upper": row["conf_high"],
        "common_slope": whole["slope"],
    }


@adapter("repeated_measures_anova")
def analysis_of_variance(args: Any, data: Any, case: Any) -> dict[str, Any]:
    (repeated,) = args["within"]
    between = args["between"] or [None]
    assert len(between) == 1
    assert args["sums_of_squares_type"] == 3
    fit = fs.rm_anova(f"{args['outcome']} ~ {repeated}", data, id=args["id"], between=between[0])
    table, mauchly = fit.tidy(), fit.sphericity().iloc[0]
    inside = table[table["epsilon_gg"].notna()]
    return {
        "effects": table["term"].tolist(),
        "df1": table["df"],
        "df2": table["df_residual"],
        "f": table["statistic"],
        "p": table["p_value"],
        "generalised_eta2": table["eta_squared"],
        "partial_eta2": table["eta_squared_partial"],
        "sphericity": {
            "effects": inside["term"].tolist(),
            "gg_epsilon": inside["epsilon_gg"],
            "gg_p": inside["p_value_gg"],
            "hf_epsilon": inside["epsilon_hf"],
            "hf_p": inside["p_value_hf"],
            "mauchly_w": [mauchly["statistic"]] * len(inside),
            "mauchly_p": [mauchly["p_value"]] * len(inside),
        },
    }
