"""FAHR-FaceAge and FAHR-FaceSurvival. What each adds to the other."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import stratified
from items._quoted import quoted

TABLES = ("harvard_rt", "maastro_rt")
NAMES = {"harvard_rt": "Development", "maastro_rt": "Independent"}
OUTCOME, COVARIATES = "Surv(years, death)", "age10 + sex + cancer_group"
MODELS = {
    "Clinical": "",
    "Clinical + FAHR-FaceAge": " + fahr_faceage10",
    "Clinical + FAHR-FaceSurvival": " + fahr_survival",
    "Clinical + both": " + fahr_faceage10 + fahr_survival",
}
CLASSES = ("neither", "FaceAge only", "FaceSurvival only", "both")
TIMES = (1.0, 3.0)  # years


def make(data, settings):
    """Correlation, joint model, gain in the independent cohort, and cross-classification."""
    cohorts = {name: fs.curate(data[name], "fahr_rt").rows for name in TABLES}
    joint = {
        name: fs.marker_substitution(
            f"{OUTCOME} ~ {COVARIATES}", rows, marker="fahr_faceage10", other="fahr_survival"
        )
        for name, rows in cohorts.items()
    }
    cuts = cohorts["harvard_rt"][["fahr_gap", "fahr_survival"]].median()
    cross = stacked({name: cross_classified(rows, cuts) for name, rows in cohorts.items()})
    figure = partial(
        fs.figures.forest,
        cross,
        effect="Adjusted HR against neither score high",
        label="level",
        group="cohort",
    )
    gain = external_gain(cohorts["harvard_rt"], cohorts["maastro_rt"])
    correlation = stacked({name: correlate(rows) for name, rows in cohorts.items()})
    models = stacked({name: coefficients(fit) for name, fit in joint.items()})
    return fs.Item(
        figure=fs.Figure(figure, label="Hazard ratios by which score is high"),
        caption=(
            "Hazard ratios of death of patients whose FAHR-FaceAge exceeds their age by more than "
            "the median, whose FAHR-FaceSurvival score is above the median, or both, against "
            "neither, with 95% confidence intervals; adjusted for age, sex and cancer group. "
            "{n_development} patients of the development cohort, whose medians are used, and "
            "{n_independent} of the independent one."
        ),
        answer=(
            "Given age the two scores "
            "{scores_given_age:vs 0|rise together|move apart|are not clearly correlated} "
            "(r {scores_given_age}). With both in one model of the development cohort, the hazard "
            "ratio is {joint_faceage} per decade of FAHR-FaceAge and {joint_survival} per unit of "
            "FAHR-FaceSurvival; in the independent cohort, where nothing was fitted, both together "
            "change the C index of the clinical model by {c_gain_both:.3} ({c_gain_both:p})."
        ),
        checks=(
            "The gains are external: models of the first cohort, applied to the second as they "
            "are. The [Brier scores](fahr-complementarity-table-brier) include their calibration."
        ),
        numbers={f"n_{name.lower()}": len(cohorts[table]) for table, name in NAMES.items()},
        tables={
            "correlation": correlation,
            "joint_model": models,
            "likelihood_ratio_tests": stacked({n: fit.tests() for n, fit in joint.items()}),
            **gain,
            "cross_classification": cross,
        },
        values=also(correlation, models, gain["concordance_differences"]),
        source_data=cross,
        notes=(
            "The gain in the C index, in AUC(t) and in the Brier score is that of models fitted to "
            "the development cohort and applied to the independent one as they are. AUC and Brier "
            "score weight patients by the inverse probability of not being censored."
        ),
    )


def also(correlation, models, gains):
    """What the answer names, of the development cohort; the gain is that of the other."""
    correlation = correlation[correlation["cohort"] == "Development"]
    both = models[(models["cohort"] == "Development") & (models["model"] == "covariates + both")]
    return quoted(
        scores_given_age=correlation[correlation["method"].str.contains("given age")],
        joint_faceage=both[both["term"] == "fahr_faceage10"],
        joint_survival=both[both["term"] == "fahr_survival"],
        c_gain_both=gains.query("marker1 == 'Clinical + both' and marker2 == 'Clinical'"),
    )


def correlate(rows):
    """Both scores: Pearson, Spearman, and Pearson given age."""
    pair = "~ fahr_faceage + fahr_survival"
    tests = [
        fs.cor_test(pair, rows),
        fs.cor_test(pair, rows, method="spearman", exact=False),
        fs.partial_cor(f"{pair} | age", rows),
    ]
    table = pd.concat([test.tidy() for test in tests], ignore_index=True)
    table["method"] = [*table["method"].head(2), "Pearson's correlation given age"]
    return table[["method", "estimate", "conf_low", "conf_high", "statistic", "p_value", "n"]]


def coefficients(fit):
    """Hazard ratios of the scores in the models with one and with both."""
    table = fit.tidy(exponentiate=True)
    scores = table["term"].isin(["fahr_faceage10", "fahr_survival"])
    return table[scores & table["model"].str.startswith("covariates")]


def external_gain(development, independent):
    """Fit on one cohort, measure on the other: C index, AUC(t), Brier score, with differences."""
    fits = {
        label: fs.coxph(f"{OUTCOME} ~ {COVARIATES}{score}", data=development)
        for label, score in MODELS.items()
    }
    rows = independent.assign(
        **{f"lp{i}": fit.predict(independent, reference="zero")["estimate"]
           for i, fit in enumerate(fits.values())}
    )  # fmt: skip
    names = {f"lp{i}": label for i, label in enumerate(fits)}
    formula = f"{OUTCOME} ~ {' + '.join(names)}"
    c = fs.concordance(formula, rows, reverse=True)
    risks = {label: risk_by(fit, independent) for label, fit in fits.items()}
    brier = fs.brier(f"{OUTCOME} ~ 1", independent, TIMES, risks=risks)
    auc = fs.time_roc(formula, rows, TIMES)
    tables = {
        "concordance": c.tidy(),
        "concordance_differences": fs.concordance_test(c).tidy(),
        "auc": auc.tidy(),
        "auc_differences": auc.contrasts(),
        "brier": brier.tidy(),
        "brier_differences": brier.contrasts(),
    }
    return {name: table.replace(names) for name, table in tables.items()}


def risk_by(fit, rows):
    """Predicted risk of death by each of the times, one column per time."""
    curves = fit.predict(rows, "survival", times=list(TIMES))
    return 1 - curves["estimate"].to_numpy().reshape(len(rows), len(TIMES))


def cross_classified(rows, cuts):
    """Hazard ratios of the four combinations of high and low scores."""
    old = (rows["fahr_gap"] > cuts["fahr_gap"]).astype(int)
    risky = (rows["fahr_survival"] > cuts["fahr_survival"]).astype(int)
    rows = rows.assign(scores=pd.Categorical.from_codes(old + 2 * risky, list(CLASSES)))
    formula = stratified(f"{OUTCOME} ~ scores + {COVARIATES}", rows)
    table = fs.coxph(formula, data=rows).tidy(exponentiate=True)
    return table[table["variable"] == "scores"]


def stacked(frames):
    """Tables of both cohorts, labelled."""
    return pd.concat([f.assign(cohort=NAMES[n]) for n, f in frames.items()], ignore_index=True)
