"""Firth-penalised Cox and logistic regression."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats.errors import InfiniteCoefficientWarning
from faceage_stats.survival.firth.coxphf import coxphf
from faceage_stats.survival.firth.logistf import logistf

from . import adapter


@adapter("firth_cox")
def cox(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    formula = f"Surv({args['time']}, {args['event']}) ~ {' + '.join(args['terms'])}"
    fit = coxphf(formula, data, ties=args["ties"])
    level = args["conf_level"]
    profile, wald = (
        fit.tidy(exponentiate=True, conf_level=level, method=m) for m in ("profile", "wald")
    )
    glance = fit.glance().iloc[0]
    finite, ordinary = _ordinary(lambda: fs.coxph(formula, data, ties="breslow"))
    return {
        "n": glance["n"],
        "n_events": glance["n_event"],
        "terms": profile["term"],
        "coef": fit.coef,
        "se": profile["std_error"],
        "hr": profile["estimate"],
        "profile_hr_low": profile["conf_low"],
        "profile_hr_high": profile["conf_high"],
        "penalized_lr_p": profile["p_value"],
        "wald_hr_low": wald["conf_low"],
        "wald_hr_high": wald["conf_high"],
        "wald_p": wald["p_value"],
        "global_penalized_lr_chisq": glance["statistic_log"],
        "global_df": glance["df"],
        "global_p": glance["p_value_log"],
        "vcov": fit.vcov().to_numpy().tolist(),
        "ordinary_cox_monotone_likelihood": not finite,
        "ordinary_cox_breslow_coef": ordinary.coef if finite else None,
    }


@adapter("firth_logistic")
def logistic(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    formula = f"{args['outcome']} ~ {' + '.join(args['terms'])}"
    fit = logistf(formula, data)
    profile, wald = (fit.tidy(conf_level=args["conf_level"], method=m) for m in ("profile", "wald"))
    glance = fit.glance().iloc[0]
    finite, _ = _ordinary(lambda: fs.logistic(formula, data))
    return {
        "n": glance["n"],
        "n_events": glance["n_event"],
        "terms": profile["term"],
        "coef": profile["estimate"],
        "se": profile["std_error"],
        "se_augmented": np.sqrt(np.diag(fit.vcov(augmented=True))),
        "profile_conf_low": profile["conf_low"],
        "profile_conf_high": profile["conf_high"],
        "penalized_lr_chisq": profile["statistic"],
        "penalized_lr_p": profile["p_value"],
        "wald_conf_low": wald["conf_low"],
        "wald_conf_high": wald["conf_high"],
        "wald_p": wald["p_value"],
        "global_penalized_lr_chisq": glance["statistic_log"],
        "global_df": glance["df"],
        "global_p": glance["p_value_log"],
        "ordinary_ml_converged": finite,
    }


def _ordinary(fit_of: Callable[[], Any]) -> tuple[bool, Any]:
    """Whether no coefficient of the fit without a penalty runs to infinity, and that fit."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = fit_of()
    return not any(issubclass(w.category, InfiniteCoefficientWarning) for w in caught), fit
