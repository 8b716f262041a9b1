"""Rubin's rules: one quantity, and fits of imputed data sets."""

import math

import pandas as pd

import faceage_stats as fs
from faceage_stats.association.missing.pool import pool_rubin, pool_scalar
from faceage_stats.association.regression.lm import lm
from faceage_stats.association.regression.logistic import logistic

from . import adapter
from .linear_model import r_terms

MODELS = {"coxph": fs.coxph, "glm": logistic, "lm": lm}


@adapter("rubin_pool")
def pooled_estimates(args, data, case):
    df_complete = math.inf if args["dfcom"] is None else args["dfcom"]
    n, k = args.get("n"), args.get("k")
    assert n is None or df_complete in (math.inf, n - k)
    fit = pool_scalar(args["estimates"], args["ses"], df_complete=df_complete)
    row = fit.tidy(conf_level=args.get("conf_level", 0.95)).iloc[0]
    names = {
        "estimate": "estimate",
        "se": "std_error",
        "df": "df",
        "riv": "riv",
        "lambda": "lambda",
        "fmi": "fmi",
        "t": "statistic",
        "p": "p_value",
        "lower": "conf_low",
        "upper": "conf_high",
    }
    variances = {name: getattr(fit.pool, name)[0] for name in ("within", "between", "total")}
    return {"m": fit.m, **variances, **{key: row[column] for key, column in names.items()}}


@adapter("pooled_fits")
def pooled_fits(args, data, case):
    fit_model, column = MODELS[args["model"]], args["imputation_column"]
    parts = [part for _, part in data.groupby(column)]
    assert args.get("m") in (None, len(parts))
    fits = [fit_model(args["formula"], part) for part in parts]
    pooled = pool_rubin(fits)

    def coefficients(fit, **options):
        table = fit.tidy(**options)
        return table[~table.get("is_reference", pd.Series(False, table.index)).astype(bool)]

    table = coefficients(pooled, conf_level=args.get("conf_level", 0.95))
    names = {
        "estimate": "estimate",
        "se": "std_error",
        "statistic": "statistic",
        "df": "df",
        "p": "p_value",
        "lower95": "conf_low",
        "upper95": "conf_high",
        "riv": "riv",
        "fmi": "fmi",
    }
    return {
        "terms": r_terms(table["term"].tolist(), args["formula"]),
        "per_imputation_coef": [fit.coef.tolist() for fit in fits],
        "per_imputation_se": [coefficients(fit)["std_error"].tolist() for fit in fits],
        "dfcom": [pooled.df_complete] * len(table),
        **{key: table[name].tolist() for key, name in names.items()},
    }
