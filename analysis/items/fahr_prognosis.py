"""FAHR-FaceAge against FaceAge. Which of the two face ages predicts survival better."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import stratified
from items._quoted import quoted

TABLES = ("harvard_rt", "maastro_rt")
NAMES = {"harvard_rt": "Development", "maastro_rt": "Independent"}
# race is not recorded in a Dutch chart
COVARIATES = {
    "harvard_rt": "age10 + sex + race + cancer_group",
    "maastro_rt": "age10 + sex + cancer_group",
}
MARKERS = {"fahr_faceage10": "FAHR-FaceAge, per decade", "faceage10": "FaceAge, per decade"}
COUNTS = ("n", "n_event")
MODELS = {"covariates + fahr_faceage10": "FAHR-FaceAge", "covariates + faceage10": "FaceAge",
          "covariates + both": "both"}  # fmt: skip


def make(data, settings):
    """Cox models with one face age, the other, and both; paired differences of the C index."""
    cohorts = {name: fs.curate(data[name], "fahr_rt").rows for name in TABLES}
    fits = {
        name: fs.marker_substitution(
            stratified(f"Surv(years, death) ~ {COVARIATES[name]}", rows),
            rows,
            marker="fahr_faceage10",
            other="faceage10",
        )
        for name, rows in cohorts.items()
    }
    hr = stacked({name: fit.tidy(exponentiate=True) for name, fit in fits.items()})
    zph = stacked({name: fit.zph() for name, fit in fits.items()})
    drawn = hr[hr["term"].isin(MARKERS) & hr["model"].isin(MODELS)].copy()
    drawn["model"] = "Model with " + drawn["model"].map(MODELS)
    drawn["label"] = drawn["term"].map(MARKERS)
    drawn["group"] = drawn["cohort"] + ": " + drawn["model"]
    figure = partial(
        fs.figures.forest,
        drawn.drop(columns="model"), effect="Hazard ratio of death", label="label", group="group",
        width="double",
    )  # fmt: skip
    counts = {name: fit.glance().iloc[0] for name, fit in fits.items()}
    people = "; ".join(
        f"{{n_{name}}} in {NAMES[name]} ({{n_event_{name}}} deaths)" for name in TABLES
    )
    return fs.Item(
        figure=fs.Figure(figure, label="Hazard ratios of FAHR-FaceAge and of FaceAge"),
        caption=(
            "Hazard ratios of death per decade of FAHR-FaceAge and of FaceAge with 95% confidence "
            "intervals, each alone and both together, adjusted for age, sex, race (development "
            f"cohort) and cancer group. Patients with complete covariates: {people}. Cox models, "
            "Efron's treatment of ties."
        ),
        answer=(
            "In the development cohort a decade of FAHR-FaceAge has a hazard ratio of "
            "{fahr_faceage_hr} and a decade of FaceAge {faceage_hr}, each in a model without the "
            "other. FAHR-FaceAge {fahr_given_faceage:p<0.05|adds|does not clearly add} to FaceAge "
            "({fahr_given_faceage:p}), and FaceAge "
            "{faceage_given_fahr:p<0.05|adds|does not clearly add} to FAHR-FaceAge "
            "({faceage_given_fahr:p})."
        ),
        checks=(
            "Proportional hazards, score test over all terms of the model with both: {fahr_zph:p} "
            "in the development and {fahr_zph_independent:p} in the independent cohort "
            "([table](fahr-prognosis-table-proportional-hazards))."
        ),
        numbers={f"{c}_{name}": int(row[c]) for name, row in counts.items() for c in COUNTS},
        tables={
            "hazard_ratios": hr,
            "likelihood_ratio_tests": stacked({n: fit.tests() for n, fit in fits.items()}),
            "concordance_differences": stacked({n: fit.contrasts() for n, fit in fits.items()}),
            "models": stacked({n: fit.fits() for n, fit in fits.items()}),
            "proportional_hazards": zph,
        },
        values=also(hr, stacked({n: fit.tests() for n, fit in fits.items()}), zph),
        source_data=drawn,
        columns={"label": "face age", "cohort": "cohort"},
        notes=(
            "C indices are those of the patients that the models were fitted to; with so few "
            "coefficients and so many deaths their optimism is small."
        ),
    )


def also(hr, tests, zph):
    """What the answer and the checks name; the statistic of a test is its estimate."""
    hr, tests = hr[hr["cohort"] == "Development"], tests[tests["cohort"] == "Development"]
    tests = tests[tests["group1"] != "covariates"].assign(estimate=tests["statistic"])
    whole = zph[(zph["term"] == "GLOBAL") & (zph["model"] == "covariates + both")]
    whole = whole.assign(estimate=whole["statistic"])
    markers = {"fahr_faceage_hr": "fahr_faceage10", "faceage_hr": "faceage10"}
    return quoted(
        **{
            name: hr[(hr["model"] == f"covariates + {term}") & (hr["term"] == term)]
            for name, term in markers.items()
        },
        fahr_given_faceage=tests[tests["term"] == "fahr_faceage10"],
        faceage_given_fahr=tests[tests["term"] == "faceage10"],
        fahr_zph=whole[whole["cohort"] == "Development"],
        fahr_zph_independent=whole[whole["cohort"] == "Independent"],
    )


def stacked(frames):
    """Tables of both cohorts, labelled."""
    return pd.concat([f.assign(cohort=NAMES[n]) for n, f in frames.items()], ignore_index=True)
