"""Figure 3b. Hazard ratios of the FaceAge groups."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import curate, model, need
from items._quoted import quoted

TABLES = ("maastro",)
CAP = 7  # years of follow-up
STEPS = {
    "univariable": ((), "uva"),
    "adjusted for age, sex and site": (("age10", "sex", "site"), "mva"),
}


def make(data, settings):
    """Cox models of the FaceAge groups against 65 and below, before and after adjustment."""
    cohort = curate(data["maastro"], "maastro", follow_up_cap=CAP)
    rows = cohort.rows
    need(rows["faceage_group"].nunique() > 1, "patients in two FaceAge groups")
    fits = {
        step: fs.coxph(
            f"Surv(years, death) ~ {model(rows, ['faceage_group'], covariates)}", data=rows
        )
        for step, (covariates, _) in STEPS.items()
    }
    hr = fs.bind_tidy(fits, exponentiate=True).query("variable == 'faceage_group'")
    zph = fs.cox_zph(fits["adjusted for age, sex and site"]).tidy()
    figure = partial(
        fs.figures.forest,
        hr,
        effect="HR against FaceAge 65 and below",
        label="level",
        group="model",
    )
    return fs.Item(
        figure=fs.Figure(figure, label="Figure 3b"),
        caption=(
            f"Hazard ratios of death within {CAP} years of {{n}} patients by "
            "FaceAge group, with 95% confidence intervals. Cox models, Efron's treatment of ties."
        ),
        answer=(
            "Against FaceAge 65 and below, patients of FaceAge above 85 have a hazard ratio of "
            "{faceage_group4_hr_uva}; at equal age, sex and site of {faceage_group4_hr_mva} "
            "({faceage_group4_hr_mva:p}), an interval that "
            "{faceage_group4_hr_mva:vs 1|excludes|excludes|holds} 1."
        ),
        checks=(
            "Proportional hazards, score test: {zph_groups:p} over all terms of the adjusted model "
            "([table](fig3b-table-proportional-hazards))."
        ),
        numbers={"n": fits["univariable"].n},
        tables={"hazard_ratios": hr, "proportional_hazards": zph},
        values=pd.concat([values(hr), also(zph)]),
        source_data=hr,
        notes=(
            "In the public figure code two printed interval limits differ from the plotted ones; "
            "the [audit](audit.md) shows them."
        ),
    )


def also(zph):
    """The test of all terms together; its statistic is its estimate."""
    together = zph[zph["term"] == "GLOBAL"]
    return quoted(zph_groups=together.assign(estimate=together["statistic"]))


def values(hr):
    """Recovered values under the ids of the published ones."""
    numbers = hr[~hr["is_reference"].astype(bool)].copy()
    number = {level: i + 2 for i, level in enumerate(numbers["level"].unique())}
    numbers["id"] = [
        f"faceage_group{number[row.level]}_hr_{STEPS[row.model][1]}" for row in numbers.itertuples()
    ]
    return numbers[["id", "term", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event"]]
