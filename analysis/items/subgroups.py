"""Subgroups. The hazard ratio of FaceAge within sex, site, age band, smoking and BMI class."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.formats import format_p
from faceage_stats.reporting.words import in_words
from items._present import curate, model, used_levels, varying
from items._quoted import quoted

TABLES = ("maastro",)
CAP = 7  # years of follow-up
COVARIATES = ("age10", "sex", "site")
FACTORS = {"sex": "Sex", "site": "Site", "age_band": "Age, years", "smoking": "Smoking",
           "bmi_class": "BMI class"}  # fmt: skip


def make(data, settings):
    """Adjusted Cox models within every level, and the interaction with every factor."""
    cohort = curate(data["maastro"], "maastro", follow_up_cap=CAP)
    bands = pd.cut(
        cohort.rows["age"], [0, 50, 60, 70, 80, 130], right=False,
        labels=["Below 50", "50-59", "60-69", "70-79", "80 and above"],
    )  # fmt: skip
    rows = used_levels(cohort.rows.assign(age_band=bands))
    formula = f"Surv(years, death) ~ {model(rows, ['faceage10'], COVARIATES)}"
    fit = fs.subgroup_forest(formula, rows, by=varying(rows, FACTORS))
    tests = fit.tests()
    hr = fit.tidy(exponentiate=True)
    return fs.Item(
        figure=fs.Figure(partial(draw, hr, tests), label="Hazard ratios by subgroup"),
        caption=(
            "Hazard ratio of death per decade of FaceAge with 95% confidence interval, adjusted "
            "for age, sex and site, within subgroups of {n} patients; follow-up capped at "
            f"{CAP} years. The interaction is a likelihood-ratio test of FaceAge by factor, "
            "Holm-adjusted over the factors. Cox models, Efron's treatment of ties."
        ),
        answer=(
            "The hazard ratio of FaceAge "
            "{smallest_interaction:p<0.05|differs|does not clearly differ} between the levels of "
            "any factor: the smallest adjusted p value of the interactions is "
            "{smallest_interaction:p} ({n} patients)."
        ),
        checks=(
            "The interactions are likelihood-ratio tests, adjusted over the factors "
            "([table](subgroups-table-interactions)). Models within a level have "
            "fewer deaths, which their intervals show."
        ),
        numbers={"n": int(fit.glance()["n"].iloc[0])},
        tables={"hazard_ratios": hr, "interactions": tests},
        values=pd.concat([values(hr), smallest(tests)]),
        source_data=hr,
        flow=cohort.flow,
    )


def draw(hr, tests):
    """Forest plot with the interaction beside the name of each factor."""
    headings = dict(FACTORS)
    for test in tests.itertuples():
        p = format_p(test.p_adjusted, name=True)
        headings[test.variable] = f"{FACTORS[test.variable]} (interaction {p})"
    shown = hr.assign(factor=hr["variable"].map(headings), level=hr["level"].map(in_words))
    return fs.figures.forest(
        shown.drop(columns="p_value"), effect="HR per decade of FaceAge", label="level",
        group="factor", width="double",
    )  # fmt: skip


def smallest(tests):
    """The interaction with the smallest adjusted p value; its statistic is its estimate."""
    first = tests.sort_values("p_adjusted").head(1)
    return quoted(
        smallest_interaction=first.assign(estimate=first["statistic"], p_value=first["p_adjusted"])
    )


def values(hr):
    """Recovered hazard ratio of every subgroup."""
    slug = (hr["variable"] + "_" + hr["level"]).str.lower()
    slug = slug.str.replace(r"[^a-z0-9]+", "_", regex=True)
    rows = hr.assign(id="faceage_subgroup_" + slug, quantity="hazard_ratio", term="faceage10")
    return rows[["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value", "n",
                 "n_event"]]  # fmt: skip
