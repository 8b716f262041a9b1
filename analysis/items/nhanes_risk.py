"""Real people: ten-year risk of death, developed in one half and validated in the other."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._marker import OUTCOME

TABLES = ("nhanes",)
MARKER, NAME = "phenoage", "PhenoAge"
HORIZON = 10
MODELS = {"age_and_sex": "age10 + sex", "with_marker": f"{MARKER}10 + age10 + sex"}
LABELS = {
    "age_and_sex": "Age and sex",
    "with_marker": f"{NAME}, age and sex",
    "published": f"Mortality score of {NAME}, as published",
}
THRESHOLDS = [i / 50 for i in range(2, 31)]


def make(data, settings):
    """Fit in one half; calibrate and decide in the other, beside the published score."""
    cohort = fs.curate(data["nhanes"], "nhanes")
    here, there = (cohort.rows[cohort.rows["open"] == half] for half in (1, 0))
    models = {
        name: fs.risk_model(f"{OUTCOME} ~ {right}", here, times=HORIZON)
        for name, right in MODELS.items()
    }
    validated = {
        LABELS[name]: model.validate(there, n_resamples=0) for name, model in models.items()
    }
    scored = there.assign(
        died=((there["death"] == 1) & (there["years"] <= HORIZON)).astype(int),
        published=there["mortality10"],
        **{name: 1 - m.predict(there)[f"survival_{HORIZON}"] for name, m in models.items()},
    )
    known = scored[scored["published"] < 1 - 1e-9]  # the logit of 1 is infinite
    published = fs.calibration("died ~ published", known, n_resamples=0)
    risks = {LABELS[name]: scored[[name]].to_numpy() for name in LABELS}
    brier = fs.brier(f"{OUTCOME} ~ 1", scored, HORIZON, risks=risks)
    benefit = fs.decision_curve(f"died ~ {' + '.join(LABELS)}", scored, THRESHOLDS, n_resamples=0)
    full = validated[LABELS["with_marker"]]
    calibrations = {
        "calibration": (full.calibrations[HORIZON], LABELS["with_marker"], "n_there"),
        "published": (published, LABELS["published"], "n_known"),
    }
    gains = brier.contrasts()
    drawn = gains.assign(model=gains["marker1"] + " − " + gains["marker2"])
    return fs.Item(
        figure={
            **{
                figure: fs.Figure(
                    partial(fs.figures.calibration, fit, label="Ten-year risk of death"),
                    caption=(
                        f"{name}: observed against predicted risk of death within {HORIZON} years "
                        f"in {{{people}}} people who were in no model."
                    ),
                    label=f"Calibration: {name}",
                )
                for figure, (fit, name, people) in calibrations.items()
            },
            "net_benefit": fs.Figure(
                partial(fs.figures.decision_curve, benefit, labels=LABELS),
                caption="Net benefit of acting by the ten-year risk, in {n_there} people.",
                label="Net benefit",
            ),
            "brier": fs.Figure(
                partial(
                    fs.figures.forest,
                    drawn,
                    effect="Difference of the Brier score",
                    label="model",
                    ratio=False,
                    width="double",
                ),
                caption=(
                    "Brier score of ten-year risks, new minus old (below 0 the new is better), "
                    "with 95% confidence interval, in {n_there} people."
                ),
                label="Gain in the Brier score",
            ),
        },
        caption=(
            "Ten-year risks of death in {n_there} people who were in no model; all were developed "
            "in {n_here} others."
        ),
        answer=(
            "Developed in one half of the people, the model predicts the other half with a "
            "calibration slope of {nhanes_slope} and an O/E of {nhanes_oe}; the published score, "
            "made in another survey, has an O/E of {nhanes_oe_published}."
        ),
        numbers={"n_here": len(here), "n_there": len(there), "n_known": len(known)},
        tables={
            "validation": fs.bind_tidy(validated),
            "published_score": published.tidy().assign(n=published.n),
            "groups_of_risk": full.calibrations[HORIZON].groups(),
            "brier": brier.tidy(),
            "brier_gains": gains,
            "net_benefit": benefit.tidy(),
            "index_of_prediction_accuracy": brier.ipa(),
            "coefficients": models["with_marker"].tidy(exponentiate=True),
        },
        values=values(full, published),
        source_data=drawn,
        flow=cohort.flow,
        columns={
            "threshold": "risk from which one would act",
            "tp_rate": "proportion above the threshold and dead by ten years",
            "fp_rate": "proportion above the threshold and alive at ten years",
            "net_intervention_avoided": "actions spared per person, against acting on all",
        },
        roles={"threshold": "setting"},
    )


def values(full, published):
    """Slope and O/E of the model, and O/E of the published score, in the other half."""
    ids = {"calibration slope": "nhanes_slope", "observed_expected_ratio": "nhanes_oe"}
    rows = full.tidy().assign(id=lambda d: d["quantity"].map(ids)).dropna(subset="id")
    other = published.tidy().query("quantity == 'observed_expected_ratio'")
    both = [rows, other.assign(id="nhanes_oe_published")]
    columns = ["id", "quantity", "estimate", "conf_low", "conf_high"]
    return pd.concat(both, ignore_index=True)[columns]
