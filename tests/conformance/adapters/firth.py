"""Firth-penalised Cox and logistic regression."""

from __future__ import annotations

import warnings
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
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ordinary = fs.coxph(formula, data, ties="breslow")
    monotone = any(issubclass(w.category, InfiniteCoefficientWarning) for w in caught)
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
        "ordinary_cox_monotone_likelihood": monotone,
        "ordinary_cox_breslow_coef": None if monotone else ordinary.coef,
    }


@adapter("firth_logistic")
def logistic(args: Any, data: pd.DataFrame, case: Any) -> dict[str, Any]:
    fit = logistf(f"{args['outcome']} ~ {' + '.join(args['terms'])}", data)
    profile, wald = (fit.tidy(conf_level=args["conf_level"], method=m) for m in ("profile", "wald"))
    glance = fit.glance().iloc[0]
    x = np.column_stack([np.ones(fit.n), fit.frame.x])
    return {
        "n": glance["n"],
        "n_events": glance["n_event"],
        "terms": profile["term"],
        "coef": profile["estimate"],
        "se": profile["std_error"],
        "se_augmented": _augmented_se(x, fit),
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
        "ordinary_ml_converged": _ordinary_converges(x, fit.event),
    }


def _augmented_se(x: np.ndarray, fit: Any) -> np.ndarray:
    """What logistf 1.24.1 and later print."""
    p = fit.augment()["fitted"].to_numpy()
    w = p * (1 - p)
    hat = w * np.einsum("ij,jk,ik->i", x, fit.vcov().to_numpy(), x)
    return np.sqrt(np.diag(np.linalg.inv(x.T @ ((w * (1 + hat))[:, None] * x))))


def _ordinary_converges(x: np.ndarray, y: np.ndarray) -> bool:
    """The case's rule: R's glm converges with no coefficient beyond 10."""
    import statsmodels.api as sm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.GLM(y, x, family=sm.families.Binomial()).fit(maxiter=25)
    return bool(fit.converged and np.abs(fit.params).max() < 10)
