"""The result protocol: every fit is a frozen object with tidy(), glance() and augment()."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats.errors import InputError

__all__ = ["GLOSSARY", "Result", "bind_tidy", "frozen_result", "normal_interval"]

R = typing.TypeVar("R")

# One vocabulary for every tidy() and glance(); a test refuses a column that is not here.
GLOSSARY: dict[str, str] = {
    "term": "model term, as R names it (a factor level is variable + level)",
    "variable": "column or expression that the term comes from",
    "level": "level of a factor that the term stands for",
    "is_reference": "True for the reference level, whose estimate is fixed",
    "estimate": "the estimated quantity, on the scale stated in `scale` or by the method",
    "std_error": "standard error of the estimate (on the log scale when exponentiated)",
    "robust_se": "standard error from the sandwich estimator",
    "statistic": "test statistic",
    "df": "degrees of freedom of the statistic",
    "df_residual": "denominator or residual degrees of freedom",
    "p_value": "two-sided p value, unless `alternative` says otherwise",
    "p_adjusted": "p value after adjustment over the family named in `family`",
    "conf_low": "lower confidence limit",
    "conf_high": "upper confidence limit",
    "conf_level": "confidence level of the interval",
    "method": "name of the method",
    "alternative": "alternative hypothesis",
    "unit": "unit of the estimate",
    "scale": "scale of the estimate",
    "n": "number of observations used",
    "n_event": "number of events",
    "n_missing": "rows dropped because a used column was missing",
    "n_risk": "number at risk just before the time",
    "n_censor": "number censored",
    "n_enter": "number entering (left truncation)",
    "time": "time, in the unit of the time column",
    "strata": "stratum or group of a survival curve",
    "cause": "cause of the event, among competing ones",
    "naive_se": "standard error from the information alone",
    "row": "position of the row in the data given (from 0)",
    "group": "group",
    "group1": "first group of a comparison",
    "group2": "second group of a comparison",
    "observed": "observed number of events",
    "expected": "expected number of events",
    "model": "label of the fit, as given to bind_tidy",
    "marker": "marker or model being assessed",
    "marker1": "first marker of a comparison",
    "marker2": "second marker of a comparison",
    "log_lik": "log (partial) likelihood",
    "log_lik_null": "log (partial) likelihood without covariates",
    "aic": "Akaike's information criterion",
    "bic": "Schwarz's criterion (n_event in place of n for Cox models)",
    "concordance": "Harrell's concordance of the fit",
    "concordance_se": "infinitesimal-jackknife standard error of the concordance",
    "concordance1": "concordance of the first marker",
    "concordance2": "concordance of the second marker",
    "concordant": "pairs ordered alike by marker and follow-up (weighted)",
    "discordant": "pairs ordered against each other (weighted)",
    "tied_x": "comparable pairs with equal markers",
    "tied_y": "pairs of events at one time, markers different",
    "tied_xy": "pairs of events at one time with equal markers",
    "orientation": "what a higher marker means",
    "timewt": "time weight of the concordance",
    "mean": "mean",
    "mean_low": "lower confidence limit of the mean",
    "mean_high": "upper confidence limit of the mean",
    "fraction": "share of the group",
    "q05": "5th percentile",
    "q1": "lower quartile",
    "q25": "lower quartile",
    "apparent": "performance on the data that the model was fitted to",
    "optimism": "mean excess of performance in bootstrap samples over that on the data",
    "bias": "mean of the bootstrap draws minus the estimate",
    "n_replicate": "replicates of a resampling",
    "n_failed": "replicates without an estimate",
    "median": "median",
    "q3": "upper quartile",
    "q75": "upper quartile",
    "q95": "95th percentile",
    "rmst": "restricted mean survival time",
    "rmst_se": "standard error of the restricted mean",
    "rmtl": "restricted mean time lost: tau minus the restricted mean survival time",
    "tau": "restriction time",
    "cumhaz": "cumulative hazard",
    "cumhaz_se": "standard error of the cumulative hazard",
    "prob": "probability of a quantile: share that has had the event",
    "statistic_log": "likelihood-ratio statistic of all coefficients",
    "p_value_log": "p value of the likelihood-ratio test of all coefficients",
    "statistic_wald": "Wald statistic of all coefficients",
    "p_value_wald": "p value of the Wald test of all coefficients",
    "statistic_sc": "score statistic of all coefficients",
    "p_value_sc": "p value of the score test of all coefficients",
    "statistic_robust": "robust score statistic of all coefficients",
    "p_value_robust": "p value of the robust score test of all coefficients",
    "ties": "how tied event times are handled",
    "iterations": "Newton iterations until convergence",
    "n_merged": "distinct times merged with a neighbour that differs only by rounding error",
    "n_column": "columns tried in a screen",
    "n_no_estimate": "columns of a screen without an estimate",
    "n_not_converged": "fits of a screen that did not converge",
    "family": "the family of tests over which p values were adjusted",
    "estimate1": "first of the two quantities that the estimate compares",
    "estimate2": "second of the two quantities that the estimate compares",
    "std_dev": "standard deviation",
    "metric": "measure of accuracy",
    "riv": "relative increase in variance due to missing values",
    "lambda": "share of the variance due to missing values",
    "fmi": "fraction of missing information",
    "df_complete": "degrees of freedom were nothing missing",
    "n_imputation": "number of imputed data sets",
    "r_hat": "spread between chains over that within them; near 1 when they agree",
    "risk_ratio": "risk ratio that the estimate is close to",
    "e_value": "risk ratio that a confounder needs with exposure and outcome to explain the estimate",
    "dfbetas": "largest change that leaving out one patient makes, in standard errors",
    "n_beyond": "patients whose change exceeds 2 / sqrt(n) standard errors",
    "n_out": "number of patients taken out together",
    "change": "difference of the coefficient from the first model, in its standard errors",
    "n_repeat": "repeated measurements of each subject",
    "n_subject": "number of subjects",
    "std_error_null": "standard error under the null hypothesis",
    "r_squared_adjusted": "share of the variance explained, adjusted for the number of coefficients",
    "null_value": "value under the null hypothesis",
    "quantity": "what the estimate is of",
    "p_adjust_method": "method of adjustment for multiple tests",
    "sum_sq": "sum of squares",
    "mean_sq": "mean square",
    "eta_squared": "share of the variance between groups",
    "r_squared": "share of the variance explained",
    "sigma": "residual standard deviation",
    "agreement": "share of differences that the limits of agreement hold",
    "n_resamples": "number of bootstrap resamples",
    "seed": "seed of the random numbers",
    "id": "identifier of a value, that of the published one where there is one",
    "modality": "what the readers were shown (arm)",
    "reader": "reader",
    "n_reader": "number of readers",
    "n_skipped": "cases that readers did not rate, summed over readers and modalities",
    "n_unknown": "cases left out because their true state is not known",
    "points": "points of a risk score",
    "gain": "difference of the mean AUCs to be found",
    "power": "probability of a significant result",
    "item": "item of a checklist",
    "variant": "default, or as_published where a known slip is reproduced",
    "cohort": "name of the cohort",
    "step": "step of the curation",
    "reason": "why rows were left out or changed",
    "n_before": "rows before the step",
    "n_excluded": "rows left out",
    "n_changed": "rows that stay with another value: set to missing, pooled or cut",
    "n_after": "rows after the step",
    "threshold": "cut point of a marker or risk; at or beyond it counts as positive",
    "sensitivity": "share of cases that are positive",
    "specificity": "share of controls that are negative",
    "direction": "< when a higher marker means positive, > when a lower one does",
    "positive": "level of the outcome that counts as the event",
    "negative": "level of the outcome without the event",
    "n_case": "number of cases",
    "n_control": "number of controls",
    "n_other": "number that had a competing event",
    "predicted": "mean predicted risk",
    "deviance": "-2 log-likelihood",
    "null_deviance": "deviance of the model with the intercept only",
    "brier": "mean squared difference between outcome and predicted risk",
    "r_squared_nagelkerke": "share of the largest possible gain in likelihood per row, after Nagelkerke",
    "r_squared_mcfadden": "share of the null deviance that the model explains",
    "null_se": "standard error under the null hypothesis",
    "null_statistic": "statistic from null_se",
    "null_p_value": "p value from null_se",
    "tp_rate": "true positives, as a share of all patients",
    "fp_rate": "false positives, as a share of all patients",
    "net_intervention_avoided": "treatments spared per patient against treating all, no event missed",
    "prevalence": "share with the event",
    "suppressed": "True where a small count, or what would reveal one, was left out",
    "smd": "standardised mean difference",
    "smd_se": "standard error of the standardised difference",
    "smd_low": "lower confidence limit of the standardised difference",
    "smd_high": "upper confidence limit of the standardised difference",
    "paper": "publication that reports the value",
    "display_item": "figure, table or section that reports the value",
    "p_reported": "p value as printed",
    "source_note": "where the printed value was read",
    "decimals": "decimals printed",
    "interval_of": "id of the reported value whose interval was used",
    "implied_se": "standard error that the interval implies",
    "implied_se_low": "smallest standard error within rounding",
    "implied_se_high": "largest standard error within rounding",
    "implied_statistic": "z that estimate and interval imply",
    "implied_p": "p value that estimate and interval imply",
    "implied_p_low": "smallest implied p value within rounding",
    "implied_p_high": "largest implied p value within rounding",
    "asymmetry": "midpoint of the limits minus the estimate, on the scale of the interval",
    "flags": "what does not agree beyond rounding; empty when all does",
    "published_estimate": "published estimate",
    "published_conf_low": "published lower confidence limit",
    "published_conf_high": "published upper confidence limit",
    "published_p": "published p value, as printed",
    "planted": "value planted in the synthetic cohort",
    "recovered_estimate": "estimate from the rows of the cohort",
    "recovered_conf_low": "lower confidence limit from the rows",
    "recovered_conf_high": "upper confidence limit from the rows",
    "recovered_p": "p value from the rows",
    "recovered_n": "number of rows used",
    "status": "what the comparison shows",
    "difference": "difference of the two measurements",
    "gene": "gene symbol",
    "p_holm": "p value adjusted by Holm's method",
    "p_bh": "p value adjusted by the method of Benjamini and Hochberg",
    "q_value": "Storey's q value",
    "p_maxt": "p value adjusted over all genes by permutation (step-down max-T)",
    "p_permutation": "permutation p value of the gene alone",
    "log_odds": "log odds that the effect is not zero (limma's B)",
    "sigma_post": "posterior residual standard deviation",
    "df_prior": "prior degrees of freedom of the residual variances",
    "s2_prior": "prior residual variance",
    "gene_set": "gene set",
    "n_gene": "genes of the set that were tested",
    "n_absent": "genes of the set that were not",
    "correlation": "mean correlation between the residuals of the genes of a set",
    "n_set": "number of sets",
    "variant_id": "variant",
    "n_variant": "number of variants",
    "n_rare": "variants with few copies of the allele",
    "n_constant": "variants without variation, left out",
    "rho": "share of the burden in the mixture of burden test and SKAT",
    "allele_frequency": "frequency of the counted allele",
    "maf": "minor allele frequency",
    "hwe_p": "exact p value of Hardy-Weinberg proportions",
    "missing_share": "share of missing values",
    "passed": "True where every filter is passed",
    "n_passed": "variants that pass every filter",
    "n_missing_variant": "variants with too many missing values",
    "n_hwe": "variants out of Hardy-Weinberg proportions",
    "n_unmatched_table": "patients of the wide table without clinical data",
    "n_unmatched_data": "patients of the clinical data without a row in the wide table",
    "pi0": "estimated share of true null hypotheses",
    "n_test": "number of tests",
    "note": "why an estimate is missing or to be read with care",
    "n_factor": "number of factors that divide the patients",
    "n_level": "number of subgroups",
    "n_fold": "folds of a cross-fitting",
    "n_feature": "number of features",
    "penalty": "weight of the penalty on the coefficients",
    "n_nonzero": "coefficients that are not 0",
    "deviance_ratio": "share of the null deviance that the model explains",
    "log_lik_cv": "cross-validated log partial likelihood per event",
    "fold": "fold of the cross-fitting that held the row out",
    "score_ranking": "out-of-fold score of the ranking head",
    "score_cox": "out-of-fold score of the Cox elastic net",
}


class Result:
    """Base of the frozen result dataclasses; subclasses define the three methods."""

    def tidy(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """One row per term, group or time."""
        raise NotImplementedError

    def glance(self) -> pd.DataFrame:
        """One row for the whole fit."""
        raise NotImplementedError

    def augment(self) -> pd.DataFrame:
        """One row per observation used."""
        raise NotImplementedError(f"{type(self).__name__} has no row-wise values")

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, ready for JSON: {"tidy": [...], "glance": {...}}."""
        return {
            "tidy": self.tidy().to_dict(orient="records"),
            "glance": self.glance().iloc[0].to_dict(),
        }

    def _title(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        with pd.option_context("display.width", 120, "display.max_columns", 30):
            body = self.tidy().to_string(index=False, float_format=lambda v: f"{v:.6g}")
        return f"{self._title()}\n{body}"

    def _repr_html_(self) -> str:
        import html

        body = self.tidy().to_html(index=False, float_format=lambda v: f"{v:.4g}", border=0)
        return f"<p><strong>{html.escape(self._title())}</strong></p>{body}"


def normal_interval(
    estimate: Any, std_error: Any, conf_level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric normal limits: estimate -/+ z * std_error."""
    if not 0 < conf_level < 1:
        raise InputError(f"conf_level is {conf_level}; it must lie between 0 and 1, e.g. 0.95.")
    half_width = stats.norm.ppf(0.5 + conf_level / 2) * np.asarray(std_error, float)
    estimate = np.asarray(estimate, float)
    return estimate - half_width, estimate + half_width


def bind_tidy(fits: Mapping[str, Result], **tidy_options: Any) -> pd.DataFrame:
    """Stack the tidy tables of several fits, labelled in a first column `model`.

    Parameters
    ----------
    fits : mapping of label to fit
        The label becomes the value of `model`; order is kept.
    **tidy_options
        Passed to every fit's ``tidy`` (``exponentiate=True``, ``conf_level=0.9`` ...).

    Returns
    -------
    pandas.DataFrame
        Column ``model``, then the columns of ``tidy()``.
    """
    frames = []
    for label, fit in fits.items():
        frame = fit.tidy(**tidy_options)
        frame.insert(0, "model", label)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@typing.dataclass_transform(frozen_default=True)
def frozen_result(cls: type[R]) -> type[R]:
    """`dataclass(frozen=True)` that keeps the printing of `Result`."""
    return dataclasses.dataclass(frozen=True, repr=False, eq=False)(cls)
