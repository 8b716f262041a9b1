"""FaceAge as it changes. Hazard of the latest photograph, over the years of follow-up."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import HOSPITAL, curate, model
from items._quoted import quoted

TABLES = ("serial_photos",)
CUTS = (2, 4)  # years since the first photograph
PARTS = ["up to 2 years", "2 to 4 years", "after 4 years"]
COVARIATES = ("sex", "race", "diagnosis")
OUTCOME = "Surv(tstart, tstop, death)"


def make(data, settings):
    """Time-varying Cox models on intervals cut at the photographs."""
    cohort = curate(data["serial_photos"], "serial_photos")
    rows = intervals(cohort.rows)
    covariates = model(rows, ["I(age / 10)"], COVARIATES)
    terms = {"first photograph": "first10", "latest photograph": "latest10"}
    fits = {
        label: fs.coxph(f"{OUTCOME} ~ {term} + {covariates}", rows) for label, term in terms.items()
    }
    parts = fs.surv_split(f"{OUTCOME} ~ .", rows, cut=CUTS, episode="part")
    fits["by time"] = fs.coxph(f"{OUTCOME} ~ {covariates} + latest10:factor(part)", parts)
    fading = fs.coxph(f"{OUTCOME} ~ latest10 + {covariates} + tt(latest10)", rows, tt="x * log(t)")
    change = fading.tidy().query("term == 'tt(latest10)'")
    hr = fs.bind_tidy(fits, exponentiate=True)
    drawn = hr[hr["term"].str.contains("first10|latest10")]
    labels = [*terms, *(f"latest photograph, {part}" for part in PARTS)]
    shown = ["label", "estimate", "conf_low", "conf_high", "p_value", "scale"]
    drawn = drawn.assign(label=labels)[shown]
    return fs.Item(
        figure=fs.Figure(
            partial(
                fs.figures.forest,
                drawn,
                effect="Adjusted HR per decade of FaceAge",
                label="label",
                width="double",
            ),
            label="Hazard ratios by when a photograph was taken",
        ),
        caption=(
            "Hazard ratio of death per decade of FaceAge of {n} patients with two photographs, "
            "by time since the first one, at risk from the second one on, with 95% confidence "
            "intervals; adjusted for age, sex, race and diagnosis. The latest "
            "photograph is a time-varying covariate."
        ),
        answer=(
            "The hazard ratio per decade of FaceAge at equal age is {far_time_first} for the first "
            "photograph and {far_time_latest} for the latest; whether the effect fades is a "
            "change of {far_time_fading} in the log hazard ratio per unit of log time "
            "({far_time_fading:p})."
        ),
        checks=(
            "That the effect is the same at all times is what the [last "
            "table](far-time-table-change-with-log-time) tests, and what the rows by part of "
            "follow-up show."
        ),
        numbers={"n": fits["first photograph"].n},
        tables={
            "hazard_ratios": drawn,
            "models": pd.concat([fit.glance().assign(model=label) for label, fit in fits.items()])[
                ["model", "n", "n_event", "log_lik", "df", "aic", "concordance"]
            ],
            "change_with_log_time": change,
        },
        values=quoted(
            far_time_first=drawn[drawn["label"] == "first photograph"],
            far_time_latest=drawn[drawn["label"] == "latest photograph"],
            far_time_fading=change,
        ),
        source_data=drawn,
        flow=cohort.flow,
        columns={"label": "FaceAge of which photograph, and when"},
        notes=(
            "Rows are intervals of follow-up. The change is that of the log hazard ratio per unit "
            "of the logarithm of the years since the first photograph; 0 means that the effect "
            "neither fades nor grows."
        ),
    )


def intervals(patients):
    """Follow-up since the first photograph, at risk from the second, with the FaceAge seen last."""
    base = patients.assign(until=patients["interval_years"] + patients["years"])
    columns = ["patient_id", "age", "sex", "race", "diagnosis", *({HOSPITAL} & set(base))]
    first = base[columns].assign(first10=base["faceage1"] / 10)
    photos = pd.concat(
        [
            pd.DataFrame(
                {"patient_id": base["patient_id"], "year": 0.0, "faceage": base["faceage1"]}
            ),
            pd.DataFrame(
                {
                    "patient_id": base["patient_id"],
                    "year": base["interval_years"],
                    "faceage": base["faceage2"],
                }
            ),
        ]
    )
    rows = fs.tmerge(
        first, base, id="patient_id", tstart="interval_years", tstop="until",
        death="event(until, death)",
    )  # fmt: skip
    return fs.tmerge(rows, photos, id="patient_id", latest10="tdc(year, faceage / 10)")
