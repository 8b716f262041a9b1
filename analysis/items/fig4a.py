"""Figure 4a. How well each reader predicts six-month survival from the photograph alone."""

from functools import partial

import faceage_stats as fs
from items._quoted import quoted
from items._survey import HORIZON, OCCUPATIONS, STUDY, known, labelled

TABLES = ("survey",)
BAND = 4  # fewest readers whose average curve gets a band
COLUMNS = {
    "one_minus_specificity": "proportion of survivors called dead, the same for all readers",
    "variable": "what was answered",
}


def make(data, settings):
    """AUC of every reader with DeLong's interval, and the average curve of each occupation."""
    photo = known(data["survey"]).query("arm == 'photo'")
    fit = fs.reader_auc("dead ~ rating", photo, group="occupation", **STUDY)
    auc = named(fit.tidy().sort_values(["group", "reader"], ignore_index=True))
    occupations = named(fit.groups())
    counts = fit.glance().iloc[0]
    weighted = fs.reader_survival(
        "Surv(years, death) ~ rating", photo, reader="reader_id", case="patient_id", times=HORIZON
    )
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(dots, auc),
                caption=(
                    "Area under the ROC curve of {n_reader} readers who rated, from the photograph "
                    "alone, the probability that a patient dies within six months; {n} patients, "
                    "{n_event} dead by then, {n_missing} left out because of earlier censoring. "
                    "DeLong intervals."
                ),
                label="Figure 4a",
            ),
            "curves": fs.Figure(
                partial(
                    average_curves,
                    named(fit.curve(seed=settings.seed)).assign(n=int(counts["n"])),
                    occupations,
                ),
                caption=(
                    "ROC curve of the average reader of each occupation, {n} patients: "
                    "sensitivities averaged at equal specificity; bands, from "
                    f"{BAND} readers on, count readers and patients as random."
                ),
                label="Average curves by occupation",
            ),
        },
        answer=(
            "From the photograph alone the mean AUC for death within six months is "
            "{auc_staff} for staff physicians, {auc_residents} for residents and {auc_lay} for "
            "lay readers; an interval that holds 0.5 is no better than chance."
        ),
        checks=(
            "Patients censored before six months have no known state: the "
            "[table weighted for censoring](fig4a-table-weighted-for-censoring) keeps them. How "
            "far readers agree is in the [table of agreement](fig4a-table-agreement)."
        ),
        numbers={name: int(counts[name]) for name in ("n_reader", "n", "n_event", "n_missing")},
        roles={"one_minus_specificity": "setting"},
        tables={
            "readers": auc,
            "occupations": occupations,
            "weighted_for_censoring": weighted.readers(),
            "public_code": published(photo),
            "agreement": agreement(photo),
        },
        values=quoted(
            auc_staff=occupations[occupations["group"] == "Staff physicians"],
            auc_residents=occupations[occupations["group"] == "Residents"],
            auc_lay=occupations[occupations["group"] == "Lay readers"],
        ),
        source_data=auc,
        columns=COLUMNS,
        notes=(
            "The public code keeps only patients whose death was observed; the [table of the "
            "public code](fig4a-table-public-code) repeats that, and the one before it weights for "
            "censoring instead."
        ),
    )


def named(table):
    """Occupations written out."""
    return table.assign(group=table["group"].astype(str).map(OCCUPATIONS))


def dots(auc):
    """AUC of every reader, by occupation, with the line of chance."""
    return fs.figures.forest(
        auc.drop(columns=["n", "n_event"]), effect="AUC", label="reader", group="group",
        ratio=False, null=0.5,
    )  # fmt: skip


def average_curves(curve, occupations):
    """ROC curve of each occupation's average reader; no band where readers are few."""
    labels = {
        row.group: f"{row.group}: mean AUC {row.estimate:.2f} ({row.n_reader} readers)"
        for row in occupations.itertuples()
    }
    few = curve["group"].map(occupations.set_index("group")["n_reader"]) < BAND
    curve = curve.assign(
        conf_low=curve["conf_low"].mask(few), conf_high=curve["conf_high"].mask(few)
    )
    order = curve["group"].map(list(labels).index)
    curve = curve.iloc[order.argsort(kind="stable")]
    return fs.figures.roc_curves(curve, group="group", labels=labels)


def agreement(rows):
    """Fleiss's kappa of the calls, and the intraclass correlation of the ratings."""
    columns = {"reader": "reader_id", "case": "patient_id"}
    calls = fs.reader_agreement(rows, "call_dead_6mo", kind="kappa", **columns).tidy()
    ratings = fs.reader_agreement(rows, "rating", kind="icc", **columns).tidy()
    return labelled({"call": calls, "rating": ratings}, "variable")


def published(rows):
    """AUC as the public code computes it: only patients with an observed death."""
    deaths = rows[rows["death"] == 1]
    fit = fs.reader_auc("dead ~ rating", deaths, group="occupation", **STUDY)
    return named(fit.tidy())
