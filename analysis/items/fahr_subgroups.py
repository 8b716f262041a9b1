"""FAHR-FaceSurvival. Its hazard ratio within every subgroup."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.formats import format_p
from faceage_stats.reporting.words import in_words
from items._present import stratified
from items._quoted import quoted

TABLES = ("harvard_rt",)
# one standard deviation of the score, so that its hazard ratio has a readable unit
FORMULA = "Surv(years, death) ~ score + fahr_faceage10 + age10 + sex + race + cancer_group"
FACTORS = {"sex": "Sex", "age_band": "Age, years", "race": "Race", "cancer_group": "Cancer group"}


def make(data, settings):
    """Adjusted Cox models within every level, and the interaction with every factor."""
    cohort = fs.curate(data["harvard_rt"], "fahr_rt")
    score = cohort.rows["fahr_survival"]
    bands = pd.cut(
        cohort.rows["age"], [0, 50, 60, 70, 80, 130], right=False,
        labels=["Below 50", "50-59", "60-69", "70-79", "80 and above"],
    )  # fmt: skip
    rows = cohort.rows.assign(score=(score - score.mean()) / score.std(), age_band=bands)
    fit = fs.subgroup_forest(stratified(FORMULA, rows), rows, by=list(FACTORS))
    tests = fit.tests()
    hr = fit.tidy(exponentiate=True)
    return fs.Item(
        figure=fs.Figure(partial(draw, hr, tests), label="Hazard ratios by subgroup"),
        caption=(
            "Hazard ratio of death per standard deviation of FAHR-FaceSurvival with 95% confidence "
            "interval, adjusted for FAHR-FaceAge, age, sex, race and cancer group, within "
            "subgroups of {n} patients. The interaction is a likelihood-ratio test, Holm-adjusted "
            "over the factors. Cox models, Efron's treatment of ties."
        ),
        answer=(
            "The hazard ratio of FAHR-FaceSurvival "
            "{smallest_interaction:p<0.05|differs|does not clearly differ} between the levels of "
            "any factor: the smallest adjusted p value of the interactions is "
            "{smallest_interaction:p} ({n} patients)."
        ),
        checks=(
            "The interactions are likelihood-ratio tests, adjusted over the factors "
            "([table](fahr-subgroups-table-interactions)). Models within a level have "
            "fewer deaths, which their intervals show."
        ),
        numbers={"n": int(fit.glance()["n"].iloc[0])},
        tables={"hazard_ratios": hr, "interactions": tests},
        values=smallest(tests),
        source_data=hr,
        flow=cohort.flow,
    )


def smallest(tests):
    """The interaction with the smallest adjusted p value; its statistic is its estimate."""
    first = tests.sort_values("p_adjusted").head(1)
    return quoted(
        smallest_interaction=first.assign(estimate=first["statistic"], p_value=first["p_adjusted"])
    )


def draw(hr, tests):
    """Forest plot with the interaction beside the name of each factor."""
    headings = {}
    for test in tests.itertuples():
        p = format_p(test.p_adjusted, name=True)
        headings[test.variable] = f"{FACTORS[test.variable]} (interaction {p})"
    shown = hr.assign(factor=hr["variable"].map(headings), level=hr["level"].map(in_words))
    return fs.figures.forest(
        shown.drop(columns="p_value"), effect="HR per standard deviation of FAHR-FaceSurvival",
        label="level", group="factor", width="double",
    )  # fmt: skip
