"""The FaceAge risk model: survival of palliative patients at fixed times."""

import math
from functools import partial

import pandas as pd

import faceage_stats as fs
from faceage_stats.reporting.words import in_words
from items._palliative import COVARIATES
from items._present import adjusters, curate
from items._quoted import quoted

TABLES = ("palliative",)
TIMES = (0.25, 0.5, 1.0)  # years
HORIZON = 0.5  # of the figures
CAP = 3  # years drawn
APPARENT = (
    "Apparent: of the {n} palliative patients ({n_event} deaths) that the model was fitted to."
)
QUARTERS = ("Q1 (lowest)", "Q2", "Q3", "Q4 (highest)")
COLUMNS = {
    "apparent": "in the patients that the model was fitted to",
    "optimism": "mean excess of the apparent performance in the bootstrap samples",
    "threshold": "risk from which treatment is chosen",
    "tp_rate": "proportion treated and dead by six months",
    "fp_rate": "proportion treated and alive at six months",
    "net_intervention_avoided": "treatments spared per patient, against treating all",
    "topic": "topic of the checklist",
    "report": "what the fit says, or what the authors are asked",
    "source": "fit, or authors",
}


def make(data, settings):
    """Fit the clinical model with FaceAge; validate it internally; compare with one without."""
    cohort = curate(data["palliative"], "palliative", complete=COVARIATES)
    rows = cohort.rows
    clinical = f"Surv(years, death) ~ {' + '.join(adjusters(rows, COVARIATES))}"
    model = fs.risk_model(f"{clinical} + faceage10", rows, times=TIMES)
    without = fs.risk_model(clinical, rows, times=TIMES)
    apparent = model.validate(rows, n_resamples=200, seed=settings.seed)
    scored = rows.assign(
        risk=1 - model.predict(rows)[f"survival_{HORIZON:g}"],
        risk_without=1 - without.predict(rows)[f"survival_{HORIZON:g}"],
    )
    benefit = fs.decision_curve(
        "Surv(years, death) ~ risk + risk_without", scored, [i / 50 for i in range(5, 41)],
        times=HORIZON, seed=settings.seed,
    )  # fmt: skip
    internal = model.optimism(200, seed=settings.seed).tidy()
    km = by_quarter(scored)
    counts = model.glance().iloc[0]
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(
                    fs.figures.calibration,
                    apparent.calibrations[HORIZON],
                    label="Six-month risk of death",
                ),
                caption=(
                    "Observed against predicted risk of death at six months, Cox model with "
                    f"FaceAge and the clinical covariates. {APPARENT}"
                ),
                label="Calibration at six months",
            ),
            "quarters": fs.Figure(
                partial(fs.figures.km, km, max_time=CAP, time_label="Years since consultation"),
                caption=(
                    "Survival by quarter of the predicted six-month risk. Kaplan-Meier estimates "
                    f"with log-transformed 95% confidence bands. {APPARENT}"
                ),
                label="Survival by quarter of risk",
            ),
            "net_benefit": fs.Figure(
                partial(
                    fs.figures.decision_curve,
                    benefit,
                    labels={"risk": "with FaceAge", "risk_without": "without FaceAge"},
                ),
                caption=(
                    "Net benefit of treating by the six-month risk, with and without FaceAge in "
                    f"the model. {APPARENT}"
                ),
                label="Net benefit",
            ),
        },
        answer=(
            "The model's C index is {risk_model_c_apparent:.3} in the {n} patients it was fitted "
            "to and {risk_model_c_corrected:.3} after correction for optimism; its calibration "
            "slope, 1 in the patients it was fitted to, is {risk_model_slope_corrected} after "
            "correction."
        ),
        checks=(
            "Calibration at fixed times is drawn and tabled ([performance]"
            "(risk-model-table-apparent-performance)); whether {n} patients suffice is in the "
            "[table of sample size](risk-model-table-sample-size)."
        ),
        numbers={"n": int(counts["n"]), "n_event": int(counts["n_event"])},
        tables={
            "coefficients": model.tidy(exponentiate=True).drop(columns="is_reference"),
            "internal_validation": internal,
            "apparent_performance": performance(apparent),
            "baseline_survival": model.baseline(),
            "points": model.points().tidy(),
            "survival_by_points": model.points().survival(),
            "survival_by_quarter": partial(fs.SurvFit.median, km),
            "sample_size": sample_size(model, rows),
            "tripod_ai": checklist(model, len(data["palliative"])),
        },
        values=also(internal),
        source_data=benefit.tidy(),
        flow=cohort.flow,
        columns=COLUMNS,
        roles={"threshold": "setting"},
    )


def performance(apparent):
    """Without the interval of the ICI: every draw of a mean of distances lies above it."""
    table = apparent.tidy()
    limits = ["conf_low", "conf_high"]
    return table.assign(**{name: table[name].mask(table["quantity"] == "ici") for name in limits})


def checklist(model, n_received):
    """TRIPOD+AI; the curation, not the fit, left out who has a missing covariate."""
    table, n = model.tripod(), int(model.glance()["n"].iloc[0])
    text = (
        f"Complete cases: {n_received - n} of {n_received} patients were excluded because a "
        "predictor or the outcome was missing."
    )
    report = table["report"].mask(table["item"] == "11", text)
    names = "|".join(sorted((*COVARIATES, "faceage10"), key=len, reverse=True))
    said = report.str.replace(rf"\b({names})\b", lambda m: in_words(m[0], short=True), regex=True)
    return table.assign(report=said)


def also(internal):
    """Performance before and after correction for optimism."""
    c, slope = (internal[internal["term"] == term] for term in ("concordance", "calibration slope"))
    return quoted(
        risk_model_c_apparent=c.assign(estimate=c["apparent"], conf_low=None, conf_high=None),
        risk_model_c_corrected=c,
        risk_model_slope_corrected=slope,
    )


def by_quarter(scored):
    """Kaplan-Meier curves of the quarters of predicted risk."""
    risk = pd.qcut(scored["risk"], 4, labels=list(QUARTERS)).cat.as_unordered()
    return fs.survfit("Surv(years, death) ~ risk_quarter", data=scored.assign(risk_quarter=risk))


def sample_size(model, rows):
    """Patients that a model of this size needs (Riley and others), from what was found here."""
    n, n_event, log_lik, log_lik_null = model.glance().iloc[0][
        ["n", "n_event", "log_lik", "log_lik_null"]
    ]
    r2 = 1 - math.exp(-2 * (log_lik - log_lik_null) / n)
    size = fs.pmsampsize_survival(
        len(model.fit.coef), rate=n_event / rows["years"].sum(), times=HORIZON,
        mean_follow_up=rows["years"].mean(), r2_cox_snell=r2,
    )  # fmt: skip
    return size.tidy()
