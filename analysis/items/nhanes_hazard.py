"""Real people: hazard ratio per decade of a biological age of blood, step by step."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.words import in_words
from items._marker import OUTCOME, STEP_COLUMNS, functional_form, hazard_steps

TABLES = ("nhanes",)
MARKER, NAME = "phenoage", "PhenoAge"
COVARIATES = "age10 + sex"
STEPS = {
    "univariable": ((), "uva"),
    "+ age": (("age10",), "age"),
    "+ sex": (("age10", "sex"), "adjusted"),
}
PERIODS = {1: "0 to 5 years", 2: "5 to 10 years", 3: "after 10 years"}
FACTORS = {"sex": "Sex", "age_band": "Age, years"}
EFFECT = f"HR per decade of {NAME}"
KNOTS, LANDMARK = 4, 2


def make(data, settings):
    """Adjusted hazard ratios, their assumptions, subgroups, and what else might explain them."""
    cohort = fs.curate(data["nhanes"], "nhanes")
    rows, formula = cohort.rows, f"{OUTCOME} ~ {MARKER}10 + {COVARIATES}"
    hr = hazard_steps(rows, f"{MARKER}10", STEPS)
    main = fs.coxph(formula, data=rows)
    later = fs.coxph(formula, data=fs.landmark(rows, LANDMARK).rows)
    subgroups = fs.subgroup_forest(formula, rows, by=list(FACTORS))
    by_gap = formula.replace(f"{MARKER}10", "gap10")  # the same model, given age
    curve, form = functional_form(
        rows, fs.coxph(by_gap, data=rows), by_gap, "gap", knots=KNOTS, reference=0
    )
    other = {**by_period(rows, formula), "Landmark at 2 years": later}
    row, zph = hr.iloc[-1], fs.cox_zph(main).tidy()
    shown = ["model", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event",
             "lr_statistic", "lr_p_value", "scale"]  # fmt: skip
    people = " of {n} people ({n_event} deaths), with 95% confidence interval."
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(fs.figures.forest, hr, effect=EFFECT, label="model"),
                caption=f"{EFFECT} for death, adjusted step by step,{people}",
                label="Hazard ratios, step by step",
            ),
            "subgroups": fs.Figure(
                partial(
                    fs.figures.forest,
                    in_groups(subgroups.tidy(exponentiate=True)),
                    effect=EFFECT, label="level", group="factor",
                ),
                caption=f"The same by sex and by age, adjusted for age and sex,{people}",
                label="Hazard ratios by subgroup",
            ),
            "spline": fs.Figure(
                partial(
                    fs.figures.effect_curve, curve.assign(n=main.n), group="model",
                    x_label=f"{NAME} − age (years)", effect="Hazard ratio against a gap of 0",
                ),
                caption=f"The gap as a spline beside the straight line, given age and sex,{people}",
                label="The gap as a spline",
            ),
        },
        answer=(
            "A decade of PhenoAge {nhanes_hr_adjusted:vs 1|raises|lowers|does not clearly change} "
            "the hazard of death given age and sex: HR {nhanes_hr_adjusted}."
        ),
        checks=(
            "Proportional hazards, all terms together: {nhanes_ph:p}. A spline of the gap against "
            "a straight line: {nhanes_form:p}."
        ),
        numbers={"n": main.n, "n_event": main.n_event},
        tables={
            "hazard_ratios": hr[shown],
            "proportional_hazards": zph,
            "by_period_and_landmark": fs.side_by_side(other, [f"{MARKER}10"], exponentiate=True),
            "subgroups": subgroups.tidy(exponentiate=True),
            "interactions": subgroups.tests(),
            "functional_form": form,
            "influence": fs.influence(main),
            "e_value": fs.e_value(*row[["estimate", "conf_low", "conf_high"]]).tidy(),
        },
        values=values(hr, zph, form),
        source_data=hr[shown],
        flow=cohort.flow,
        columns={"x": "PhenoAge minus age, years", **STEP_COLUMNS},
        roles={"x": "setting"},
    )  # fmt: skip


def in_groups(hr):
    """Subgroups under their factor, in words; all people stand above them."""
    return hr.assign(factor=hr["variable"].map(FACTORS), level=hr["level"].map(in_words))


def by_period(rows, formula):
    """The adjusted model within periods of follow-up."""
    split = fs.surv_split(
        f"{OUTCOME} ~ {MARKER}10 + {COVARIATES}", rows, cut=[5, 10], start="start",
        episode="period",
    )  # fmt: skip
    late = formula.replace("Surv(years", "Surv(start, years")
    return {n: fs.coxph(late, data=split[split["period"] == k]) for k, n in PERIODS.items()}


def values(hr, zph, form):
    """The hazard ratio of every step, and the tests of the assumptions."""
    ratios = hr.assign(id="nhanes_hr_" + hr["step_id"], quantity="hazard_ratio")
    tests = [
        table.tail(1).assign(id=name, quantity="statistic", estimate=table["statistic"].iloc[-1])
        for name, table in {"nhanes_ph": zph, "nhanes_form": form}.items()
    ]
    rows = pd.concat([ratios, *tests], ignore_index=True)
    return rows[["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value", "n",
                 "n_event"]]  # fmt: skip
