"""Generalised linear models, and linear ones whose terms a case lists."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

import faceage_stats as fs

from . import adapter
from .coxph import terms_of


def listed(args: Any, extra: str = "") -> str:
    """The formula of a case that lists its terms."""
    offset = [f"offset({args['offset']})"] if args.get("offset") else []
    right = [*terms_of(args["terms"]), *offset, *([extra] if extra else [])]
    return f"{args['outcome']} ~ {' + '.join(right) or '1'}"


def family_of(text: str) -> dict[str, str]:
    """Gamma(link = "log") and the like."""
    name, _, rest = text.partition("(")
    link = re.search(r'"(.+)"', rest)
    chosen = {"family": name.lower().replace(".", "_")}
    return chosen | ({"link": link[1].replace("1/mu^2", "inverse_squared")} if link else {})


@adapter("glm")
def generalised(args: Any, data: Any, case: Any) -> dict[str, Any]:
    options = {**family_of(args["family"]), "weights": args["weights"]}

    def fit_of(extra: str = "", robust: Any = None) -> fs.GLM:
        return fs.glm(listed(args, extra), data, robust=robust, **options)

    fit = fit_of()
    table, row = coefficients(fit), fit.glance().iloc[0]
    answer = {
        **common(fit, table),
        **normal_limits(fit),
        "stat_kind": "z value" if fit.df_test is None else "t value",
        **{name: row[name] for name in ("deviance", "null_deviance", "df_residual", "dispersion")},
        "pearson_chisq": row["pearson"],
        "loglik": row["log_lik"],
        "aic": row["aic"],
        "bic": row["bic"],
        **robust_errors(fit_of, args),
    }
    if args["drop1"]:
        answer["drop1"] = _drop1(fit)
    if args["sequential"]:
        answer["sequential"] = _sequential(fit)
    if args["newdata"]:
        new = _newdata(args, data)
        link, response = fit.predict(new, "link"), fit.predict(new)
        answer["predict"] = {
            "link": link["estimate"],
            "link_se": link["std_error"],
            "response": response["estimate"],
        }
    return answer


def coefficients(fit: Any) -> pd.DataFrame:
    table = fit.tidy()
    return table[~table["is_reference"].astype(bool)]


def common(fit: Any, table: pd.DataFrame) -> dict[str, Any]:
    return {
        "n": fit.n,
        "terms": table["term"].tolist(),
        "coef": table["estimate"],
        "se": table["std_error"],
        "stat": table["statistic"],
        "p": table["p_value"],
        "vcov": fit.vcov().to_numpy().tolist(),
    }


def normal_limits(fit: Any) -> dict[str, Any]:
    """R's confint.default."""
    limits = fit.confint(limits="normal")
    return {"wald_lower": limits["conf_low"], "wald_upper": limits["conf_high"]}


def robust_errors(fit_of: Any, args: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if args["hc"]:
        answer["hc_se"] = {k: coefficients(fit_of(robust=k))["std_error"] for k in args["hc"]}
    if args["cluster"]:
        clustered = f"cluster({args['cluster']})"
        answer["cluster_se_hc1"] = coefficients(fit_of(clustered))["std_error"]
        plain = fit_of(clustered, "CR0")
        answer["cluster_se_hc0_no_adjust"] = coefficients(plain)["std_error"]
    return answer


def _newdata(args: Any, data: Any) -> pd.DataFrame:
    new = pd.DataFrame(args["newdata"])
    for name in args.get("factors") or {}:
        new[name] = pd.Categorical(new[name], data[name].cat.categories)
    return new


def _drop1(fit: fs.GLM) -> dict[str, Any]:
    table = fit.drop1()
    names = ("lrt", "pr_chi_") if fit.df_test is None else ("f_value", "pr_f_")
    return {
        "rows": table["term"].tolist(),
        "df": table["df"],
        "deviance": table["deviance"],
        "aic": table["aic"],
        **dict(zip(names, (table["statistic"], table["p_value"]), strict=True)),
    }


def _sequential(fit: fs.GLM) -> dict[str, Any]:
    table = fit.anova()
    answer = {
        "rows": table["term"].tolist(),
        "df": table["df"],
        "resid_df": table["df_residual"],
        "resid_dev": table["deviance"],
    }
    if fit.df_test is None:
        return {**answer, "deviance": table["statistic"], "pr_chi_": table["p_value"]}
    fall = -table["deviance"].diff()
    return {**answer, "deviance": fall, "f": table["statistic"], "pr_f_": table["p_value"]}


def linear(args: Any, data: Any, case: Any) -> dict[str, Any]:
    """A linear model whose terms are listed; called by the adapter of linear models."""
    assert args["family"] == "lm"
    assert not args["offset"]

    def fit_of(extra: str = "", robust: Any = None) -> fs.LinearModel:
        return fs.lm(listed(args, extra), data, robust=robust, weights=args["weights"])

    fit = fit_of()
    table, row = coefficients(fit), fit.glance().iloc[0]
    answer = {
        **common(fit, table),
        **normal_limits(fit),
        "stat_kind": "t value",
        "r2": row["r_squared"],
        "adj_r2": row["r_squared_adjusted"],
        "sigma": row["sigma"],
        "t_lower": table["conf_low"],
        "t_upper": table["conf_high"],
        "loglik": row["log_lik"],
        "aic": row["aic"],
        "bic": row["bic"],
        **robust_errors(fit_of, args),
    }
    if args["newdata"]:
        predicted = fit.predict(_newdata(args, data))
        answer["predict"] = {
            "link": predicted["estimate"],
            "link_se": predicted["std_error"],
            "response": predicted["estimate"],
        }
    if args["drop1"]:
        dropped = fit.drop1()
        answer["drop1"] = {
            "rows": dropped["term"].tolist(),
            "df": dropped["df"],
            "sum_of_sq": dropped["sum_sq"],
            "rss": dropped["rss"],
            "aic": dropped["aic"],
            "f_value": dropped["statistic"],
            "pr_f_": dropped["p_value"],
        }
    if args["sequential"]:
        added = fit.anova()
        answer["sequential"] = {
            "rows": added["term"].tolist(),
            **{name: added[name] for name in ("df", "sum_sq", "mean_sq")},
            "f_value": added["statistic"],
            "pr_f_": added["p_value"],
        }
    return answer


@adapter("marginal_means")
def marginal(args: Any, data: Any, case: Any) -> dict[str, Any]:
    fit: Any
    if args["family"] == "lm":
        fit = fs.lm(listed(args), data)
    else:
        fit = fs.glm(listed(args), data, **family_of(args["family"]))
    means = fs.emmeans(
        fit, data, args["over"], by=args["by"] or (), averaging=args["averaging_weights"]
    )
    pairs = {"pairwise": "all", "trt.vs.ctrl": "reference"}[args["contrasts"]]
    corrected = {each: means.contrasts(pairs=pairs, p_adjust=each) for each in args["adjust"]}
    table, response = means.tidy(), means.tidy(type="response")
    first = next(iter(corrected.values()))
    names = [_contrast(row) for row in first.itertuples()]
    answer = {
        "levels": {name: means.levels[name].tolist() for name in means.levels},
        "emmean": table["estimate"],
        "se": table["std_error"],
        "df": table["df"],
        "lower": table["conf_low"],
        "upper": table["conf_high"],
        "response_scale": {
            "value": response["estimate"],
            "se": response["std_error"],
            "lower": response["conf_low"],
            "upper": response["conf_high"],
        },
        "contrast": names,
        "estimate": first["estimate"],
        "contrast_se": first["std_error"],
        "contrast_df": first["df"],
        "statistic": first["statistic"],
        "adjusted": {
            each: {"p": t["p_adjusted"], "lower": t["conf_low"], "upper": t["conf_high"]}
            for each, t in corrected.items()
        },
    }
    if args["by"]:
        answer["contrast_by"] = [label.partition("=")[2] for label in first["strata"]]
    return answer


def _contrast(row: Any) -> str:
    """R puts the factor's name before levels that are numbers."""
    pairs = [label.partition("=") for label in (row.group1, row.group2)]
    return " - ".join(level if not level.isdigit() else name + level for name, _, level in pairs)
