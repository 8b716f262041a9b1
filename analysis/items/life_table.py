"""FaceAge in place of age in the life table. Observed against expected deaths."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._present import adjusters, curate, need, used_levels
from items._quoted import quoted

TABLES = ("maastro",)
LIFE_TABLE = True  # of config.yaml
OUTCOME = "Surv(years, death)"
TIMES = (1, 3, 5)  # years
SIMULATED = "a simulated life table, of no country"
PATTERN = (
    " With your own life table in place of the simulated one the level of the ratios means "
    "something; here only their pattern does."
)
CLOCKS = {"age": "Age enters the table", "faceage": "FaceAge enters the table"}
LOOKS = ["5 years younger or more", "within 5 years", "5 years older or more"]


def make(data, settings):
    """Observed against expected deaths by how old patients look, for both ages."""
    cohort = curate(data["maastro"], "maastro")
    gap = pd.cut(cohort.rows["gap"], [-np.inf, -5, 5, np.inf], labels=LOOKS)
    patients = used_levels(cohort.rows.assign(looks=gap).dropna(subset=["looks", "sex"]))
    need(patients["looks"].nunique() > 1, "patients who look older or younger than they are")
    rates = fs.read_table(settings.life_table) if settings.life_table else fs.simulated_rates()
    rates = rates.assign(sex=rates["sex"].replace({"F": "female", "M": "male"}))
    simulated = settings.life_table is None
    found = {clock: against(patients, rates, clock) for clock in CLOCKS}
    ratios, flat, curves = (
        pd.concat(parts, ignore_index=True) for parts in zip(*found.values(), strict=True)
    )
    return fs.Item(
        answer=(
            "Entered by age, the ratios of observed to expected deaths "
            "{same_by_age:p<0.05|differ|do not clearly differ} between patients who look younger "
            "and older than they are ({same_by_age:p}); entered by FaceAge, they "
            "{same_by_faceage:p<0.05|differ|do not clearly differ} ({same_by_faceage:p}; {n} "
            "patients)."
        ),
        checks=(
            "Deaths are counts of independent patients, so that the limits are exact; whether the "
            "rates of the table are those of these patients can not be checked here."
        ),
        figure=fs.Figure(partial(draw, ratios), label="Observed over expected deaths"),
        caption=(
            "Standardised mortality ratio of {n} patients by how old they look for their age, with "
            "exact 95% confidence intervals. Expected deaths are those of "
            + (SIMULATED if simulated else "the life table of the population")
            + ", entered by age or by FaceAge. Where the right age enters, the ratio is the same "
            "however old a patient looks."
        ),
        numbers={"n": len(patients)},
        tables={"mortality_ratios": ratios, "same_ratio": flat, "survival": curves},
        values=quoted(
            **{f"same_by_{clock}": flat[flat["group"] == name] for clock, name in CLOCKS.items()}
        ),
        source_data=ratios,
        flow=cohort.flow,
        columns={
            "group": "Age by which the life table is entered",
            "level": "FaceAge less age",
            "observed": "Observed deaths",
            "expected": "Expected deaths",
            "estimate": "Standardised mortality ratio, or observed survival",
            "predicted": "Expected survival",
        },
        notes=(
            "The tests are likelihood-ratio tests of a Poisson model of death with the expected "
            "number as an offset: of one ratio for all three groups."
            + (PATTERN if simulated else "")
        ),
    )


def draw(ratios):
    """Forest plot of the ratios; a group without deaths has none to draw."""
    drawn = ratios[ratios["estimate"] > 0]
    if drawn.empty:
        raise fs.errors.DisclosureError("every ratio is one of few deaths")
    return fs.figures.forest(
        drawn,
        effect="Observed / expected deaths",
        label="level",
        group="group",
        width="double",
    )


def against(patients, rates, clock):
    """Ratios by how old patients look, the test that they are one, and expected survival."""
    call = {"rates": rates, "age": clock, "sex": "sex", "time_unit": "years"}
    ratios = fs.smr(f"{OUTCOME} ~ looks", patients, **call).tidy()
    ratios = ratios.assign(group=CLOCKS[clock], level=ratios["strata"].str.removeprefix("looks="))
    ratios = ratios.drop(columns=["strata", "person_years"])
    expected = fs.survexp(f"{OUTCOME} ~ 1", patients, times=TIMES, **call)
    rows = patients.assign(expected=expected.augment()["cumhaz"])
    terms = " + ".join([*adjusters(rows, []), "looks"])
    model = fs.glm(f"death ~ {terms} + offset(log(expected))", rows[rows["expected"] > 0],
                   family="poisson")  # fmt: skip
    flat = model.anova().tail(1)[["statistic", "df", "p_value"]].assign(group=CLOCKS[clock])
    observed = fs.survfit(f"{OUTCOME} ~ 1", patients).at(TIMES)
    curve = expected.tidy()[["time"]].assign(
        group=CLOCKS[clock],
        estimate=observed["estimate"].to_numpy(),
        predicted=expected.tidy()["estimate"].to_numpy(),
    )
    return ratios[["group", "level", *ratios.columns[:-2]]], flat, curve
