"""What R calls differently: names of arguments, functions and parts of a fit, with ours."""

from __future__ import annotations

import re
from collections.abc import Collection

from faceage_stats._near import did_you_mean

__all__ = [
    "ARGUMENTS",
    "FIGURES",
    "FORMULA",
    "FUNCTIONS",
    "PARTS",
    "here_for_argument",
    "here_for_part",
]

# Of an argument: names here, of which the first that the function takes is offered; or a sentence.
ARGUMENTS: dict[str, tuple[str, ...] | str] = {
    "adjust": ("p_adjust",),
    "cencode": "Censoring is 0, or the first level of a categorical",
    "cengroup": ("censoring_groups",),
    "break_time_by": ("times",),
    "cluster": "Write cluster(id) into the formula, where the function has it",
    "conf_int": ("conf_level", "Limits are always there"),
    "control": "Fits iterate to convergence by themselves",
    "corstr": ("correlation",),
    "dist": ("distribution",),
    "etype": ("cause",),
    "failcode": ("cause",),
    "legend_labs": "Labels are the levels of the column: rename them in the data",
    "level": ("conf_level",),
    "method": ("ties", "p_adjust", "p_method", "limits"),
    "model": "A fit keeps what its methods need",
    "na_action": "Rows with a missing value in a column used are left out and counted: n_missing",
    "nonnormal": ("medians",),
    "offset": "Write offset(x) into the formula",
    "p_adjust_method": ("p_adjust",),
    "pmethod": ("p_method",),
    "pval": ("p_value",),
    "palette": ("colors",),
    "plot": "A result is drawn by faceage_stats.figures",
    "ret": "Every column is in the table",
    "rmap": "Name the columns: age=, sex=, start=",
    "se_fit": "Standard errors are in the table",
    "specs": ("over",),
    "std_err": ("variance",),
    "strata": ("by", "Write strata(x) into the formula"),
    "subset": 'Pass the rows wanted as data: df[df["age"] > 65]',
    "times": "At chosen times: fit.at(times)",
    "within": "The formula names it: outcome ~ visit",
    "x": "A fit keeps what its methods need; two samples come first, without names",
    "xlim": ("max_time", "limits"),
    "y": "A fit keeps what its methods need; two samples come first, without names",
}

# Of a function; "fit." begins what a result has, and "fs." what the package has.
FUNCTIONS = {
    "AIC": 'fit.glance()["aic"]',
    "Anova": "fit.drop1(), of each term within no other",
    "BIC": 'fit.glance()["bic"]',
    "CreateTableOne": "fs.table_one",
    "Score": "fs.time_roc, fs.brier",
    "ancova": "fs.lm",
    "TukeyHSD": "fs.aov(...).tukey()",
    "contrast": "fs.emmeans(...).contrasts()",
    "coeftest": 'fs.lm(..., robust="HC3")',
    "cph": "fs.risk_model",
    "coxme": 'fs.coxph("... + cluster(id)")',
    "cutLM": "fs.landmark",
    "drop1": "fit.drop1()",
    "fitted": 'fit.augment()["fitted"]',
    "geeglm": "fs.gee",
    "ggforest": "fs.figures.forest",
    "ggsurvplot": "fs.figures.km",
    "glmer": "fs.gee, of the mean of the population",
    "kaplan_meier": "fs.survfit",
    "log_rank": "fs.survdiff",
    "logLik": 'fit.glance()["log_lik"]',
    "logrank": "fs.survdiff",
    "lrm": "fs.logistic",
    "lrtest": "fs.anova",
    "maxstat": "fs.maxstat_test",
    "mice": "fs.impute",
    "model_matrix": "fit.frame.x",
    "nobs": "fit.n",
    "pairs": "fs.emmeans(...).contrasts()",
    "poisson_test": "fs.smr",
    "pool": "fs.pool_rubin",
    "power_roc_test": "fs.roc_power",
    "quantile": "fit.quantile([0.25, 0.5])",
    "rcorr_cens": "fs.concordance",
    "survSplit": "fs.surv_split",
    "svycoxph": 'fs.coxph(..., weights="w")',
    "svyglm": 'fs.glm(..., weights="w", robust="HC0")',
    "wald_test": "fit.wald_test",
    "weightit": "fs.ipw",
}

# Of a figure.
FIGURES = {
    "boxplot": "gap_by_group",
    "ggadjustedcurves": "adjusted",
    "ggcoxzph": "zph_plot",
    "ggforest": "forest",
    "ggroc": "roc",
    "ggsurvplot": "km",
    "love_plot": "balance",
    "schoenfeld": "zph_plot",
    "survfit": "km",
}

# Of a function in a formula.
FORMULA = {
    "Error": "Repeated measurements: rm_anova() or lmer()",
    "cbind": "Give the share of events as the outcome and the size of the group as weights",
    "frailty": "There is no frailty: cluster(id) gives standard errors for groups",
    "interaction": "Combinations of two factors: a:b",
    "lspline": "A piecewise line: x + pmax(x - 65, 0)",
    "mean": "A column centred: scale(x, scale = FALSE)",
    "median": "Write its value",
    "nsk": "Use ns(x, df = 3)",
    "pspline": "A smooth curve: ns(x, df = 4) or rcs(x, 4)",
    "quantile": "Write the values: cut(x, c(40, 60, 90))",
    "ridge": "Penalised fits: coxnet()",
    "s": "A smooth curve: ns(x, df = 4) or rcs(x, 4)",
    "tcut": "Age bands are told to pyears() as age= and breaks=",
}

# Of a part or a method of a fit.
PARTS = {
    "AIC": 'glance()["aic"]',
    "BIC": 'glance()["bic"]',
    "coefficients": "coef, or tidy()",
    "deviance": "glance(), where there is one",
    "aic": 'glance()["aic"]',
    "bic": 'glance()["bic"]',
    "fitted": 'augment()["fitted"]',
    "fitted_values": 'augment()["fitted"]',
    "lower": 'tidy()["conf_low"]',
    "logLik": 'glance()["log_lik"]',
    "log_lik": 'glance()["log_lik"]',
    "loglik": 'glance()["log_lik"]',
    "model_matrix": "frame.x",
    "n_risk": 'tidy()["n_risk"]',
    "nevent": "n_event",
    "nobs": "n",
    "p_value": 'tidy()["p_value"]',
    "plot": "Figures take it: figures.km(fit), figures.forest(fit)",
    "print": "It prints itself, and as a table: fit.summary()",
    "pvalue": 'glance()["p_value"]',
    "r_squared": "glance(), where there is one",
    "ranef": "augment()",
    "residuals": "augment(), where they are kept",
    "rmean": "rmst(tau)",
    "sigma": "glance(), where there is one",
    "surv": 'tidy()["estimate"]',
    "table": "glance(), median()",
    "time": 'tidy()["time"]',
    "update": "Call the function again, with the other formula",
    "upper": 'tidy()["conf_high"]',
    "var": "vcov()",
}


def here_for_argument(name: str, known: Collection[str]) -> str:
    """Say what stands for an argument that a function does not take, as R or as near spelling.

    Examples
    --------
    >>> here_for_argument("corstr", ["formula", "correlation"])
    " Did you mean 'correlation'?"
    >>> here_for_argument("se_fit", ["newdata"])
    ' Standard errors are in the table.'
    """
    told = ARGUMENTS.get(name, ())
    for each in (told,) if isinstance(told, str) else told:
        if each in known:
            return f" Did you mean {each!r}?"
        if " " in each:
            return f" {each}."
    return did_you_mean(name, known)


def here_for_part(name: str, owner: type) -> str:
    """Say what a fit has in place of a part that it lacks.

    Examples
    --------
    >>> here_for_part("update", dict)
    ' Call the function again, with the other formula.'
    >>> here_for_part("value", dict)
    " Did you mean 'values'?"
    """
    told = PARTS.get(name, "")
    if told[:1].isupper():
        return f" {told}."
    fields = getattr(owner, "__dataclass_fields__", {})
    if told and (hasattr(owner, first := re.split(r"\W", told)[0]) or first in fields):
        return f" Here: fit.{told}."
    return did_you_mean(name, [each for each in dir(owner) if not each.startswith("_")])
