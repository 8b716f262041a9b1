"""Figure 4d. Physicians with the photograph, with the chart, and with the FaceAge risk model."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._forest import uncounted
from items._present import need
from items._quoted import quoted
from items._survey import HORIZON, STUDY, known, labelled, names_of

TABLES = ("survey",)
LABELS = {
    "photo": "Photograph",
    "photo_chart": "Photograph and chart",
    "photo_chart_faceage": "Photograph, chart and FaceAge risk model",
}
DOTS = (
    "Dots: physicians; diamonds: mean with 95% confidence interval, physicians and patients random "
    "(Obuchowski-Rockette, Hillis's degrees of freedom)."
)
IDS = {
    "photo": "faceage_readers_auc_photo",
    "photo_chart": "faceage_readers_auc_chart",
    "photo_chart_faceage": "faceage_readers_auc_chart_faceage",
}


def make(data, settings):
    """AUC and C index over the three arms, tested over readers and over readers and patients."""
    rows = known(data["survey"]).query("occupation != 'lay'")
    need(set(LABELS) <= set(rows["arm"]), "physicians in all three arms")
    arms = {arm: label for arm, label in LABELS.items() if (rows["arm"] == arm).any()}
    each = fs.reader_auc("dead ~ rating", rows, group="occupation", **STUDY)
    fits = comparisons(rows)
    auc, c_index = fits["AUC"], fits["C index"]
    alone = risk_model_alone(rows)
    average = fs.reader_auc("dead ~ rating", rows, **STUDY)
    by_reader = c_index.readers().merge(each.tidy()[["modality", "group", "reader"]])
    by_reader = by_reader.assign(n=int(c_index.glance()["n"].iloc[0]))
    size = auc.glance().iloc[0]
    gains = gain_by_skill(rows)
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(
                    dots, each.tidy(), auc.tidy(), alone, "AUC", "AUC for death within six months"
                ),
                caption=(
                    "AUC of {n_reader} physicians who judged {n} patients ({n_event} dead by six "
                    "months, {n_missing} excluded because of earlier censoring) in three arms. "
                    f"{DOTS}"
                ),
                label="Figure 4d, AUC",
            ),
            "c_index": fs.Figure(
                partial(dots, by_reader, c_index.tidy(), alone, "C index", "C index"),
                caption=(
                    f"C index of the same {{n_reader}} physicians, all {{n_all}} patients. {DOTS}"
                ),
                label="Figure 4d, C index",
            ),
            "curves": fs.Figure(
                partial(
                    fs.figures.roc_curves,
                    average.curve(seed=settings.seed).assign(n=int(size["n"])),
                    labels=arms,
                ),
                caption=(
                    "ROC curve of the average physician in each arm, {n} patients: sensitivities "
                    "averaged at equal specificity, with 95% confidence bands."
                ),
                label="Average curves by arm",
            ),
            "gain_by_skill": fs.Figure(
                partial(
                    uncounted,
                    gains,
                    label="reader",
                    effect="AUC with the FaceAge risk model minus AUC with the chart",
                    ratio=False,
                    width="double",
                ),
                caption=(
                    "Gain of each physician from the FaceAge risk model, paired within {n} "
                    "patients, with DeLong's 95% confidence interval. Physicians in the order of "
                    "their AUC with the chart alone, the weakest first."
                ),
                label="Gain by the physician's own skill",
            ),
        },
        answer=(
            "The mean AUC of {n_reader} physicians is {faceage_readers_auc_photo} with the "
            "photograph, {faceage_readers_auc_chart} with the chart and "
            "{faceage_readers_auc_chart_faceage} with the FaceAge risk model. The model's gain "
            "over the chart, {readers_gain:.3}, "
            "{readers_gain:vs 0|lies above zero|lies below zero|has an interval that holds zero} "
            "when physicians and patients are both random ({readers_gain:p}), and is "
            "{readers_gain_signed_rank:p} by the signed-rank test of the paper, which takes the "
            "patients as given."
        ),
        checks=(
            "Readers or patients as the only random part: [table](fig4d-table-fixed-readers-or-"
            "cases). Censoring: the AUC weighted for it is among the [means](fig4d-table-means)."
        ),
        numbers={
            **{name: int(size[name]) for name in ("n_reader", "n", "n_event", "n_missing")},
            "n_all": int(size["n"] + size["n_missing"]),
        },
        tables={
            "means": labelled({k: fit.tidy() for k, fit in fits.items()}, "metric"),
            "differences": labelled({k: fit.contrasts() for k, fit in fits.items()}, "metric"),
            "signed_rank": labelled(
                {"AUC": over_readers(each), "C index": over_readers(c_index)}, "metric"
            ),
            "fixed_readers_or_cases": other_designs(rows),
            "readers": each.tidy(),
            "readers_c_index": by_reader,
            "gain_by_skill": gains,
            "risk_model_alone": alone,
            "power_of_a_new_study": power(auc),
        },
        roles={"one_minus_specificity": "setting"},
        values=pd.concat(
            [
                values(auc, fits["AUC, patients who died only (as published)"]),
                also(auc.contrasts(), over_readers(each)),
            ]
        ),
        source_data=each.tidy(),
        columns={
            "gain": "difference of the mean AUCs",
            "n_case": "patients, with the same proportion of deaths",
            "power": "power at a two-sided level of 0.05",
        },
        notes=(
            "The public code keeps only patients whose death was observed, and its script of the C "
            "index uses another list of readers than that of the AUC. The signed-rank test takes "
            "the patients as given: it generalises to other physicians judging the same patients."
        ),
    )


def gain_by_skill(rows):
    """Gain of each physician from the risk model, the one of smallest AUC with the chart first."""
    tables = []
    for reader, answers in rows.groupby("reader_id", observed=True):
        wide = answers.pivot(index="patient_id", columns="arm", values="rating")
        wide["dead"] = answers.drop_duplicates("patient_id").set_index("patient_id")["dead"]
        fit = fs.roc("dead ~ photo_chart + photo_chart_faceage", wide, direction="<")
        counts = {"n": int(wide["dead"].notna().sum()), "n_event": int(wide["dead"].sum())}
        tables.append(fit.contrasts().assign(reader=reader, **counts))
    table = pd.concat(tables, ignore_index=True).sort_values("estimate2", ignore_index=True)
    return table[["reader", "marker1", "marker2", "estimate1", "estimate2", "estimate",
                  "std_error", "conf_low", "conf_high", "p_value", "n", "n_event"]]  # fmt: skip


def comparisons(rows):
    """Every measure of the three arms, readers and patients random."""
    formula, deaths = "Surv(years, death) ~ rating", rows[rows["death"] == 1]
    return {
        "AUC": fs.mrmc("dead ~ rating", rows, **STUDY),
        "C index": fs.reader_survival(formula, rows, **STUDY),
        "AUC, weighted for censoring": fs.reader_survival(formula, rows, times=HORIZON, **STUDY),
        "AUC, patients who died only (as published)": fs.mrmc("dead ~ rating", deaths, **STUDY),
    }


def dots(readers, means, alone, metric, label):
    """Readers over arms, with the risk model alone as a line where the table has it."""
    lines = alone.set_index("metric")["estimate"]
    references = {"FaceAge risk model alone": lines[metric]} if metric in lines else {}
    return fs.figures.reader_dots(
        readers,
        means=means,
        labels=names_of(readers, LABELS),
        label=label,
        references=references,
    )


def other_designs(rows):
    """The comparison of arms when readers, or patients, are the only ones of interest."""
    fits = {
        label: fs.mrmc("dead ~ rating", rows, fixed=fixed, **STUDY)
        for label, fixed in {"fixed readers": "readers", "fixed patients": "cases"}.items()
    }
    return labelled({k: fit.contrasts() for k, fit in fits.items()}, "method")


def risk_model_alone(rows):
    """AUC and C index of the FaceAge risk model, without a physician."""
    columns = ["metric", "estimate", "std_error", "conf_low", "conf_high"]
    if "faceage_risk" not in rows:  # the column is optional
        return pd.DataFrame(columns=columns)
    patients = rows.drop_duplicates("patient_id")
    auc = fs.roc("dead ~ faceage_risk", patients, direction="<").tidy().assign(metric="AUC")
    c_index = fs.concordance("Surv(years, death) ~ faceage_risk", patients, reverse=True)
    table = pd.concat([auc, c_index.tidy().assign(metric="C index")], ignore_index=True)
    return table[columns]


def power(pilot):
    """Power of a new study of two arms, with the variances found here."""
    return fs.reader_power(pilot, [0.05, 0.1], n_reader=[5, 10, 20], n_case=[100, 200, 400]).tidy()


def over_readers(fit):
    """Signed-rank tests, whose n are readers."""
    return fit.signed_rank().rename(columns={"n": "n_reader"})


def also(differences, signed_rank):
    """The gain of the risk model over the chart, by both analyses."""
    arms = "modality1 == 'photo_chart_faceage' and modality2 == 'photo_chart'"
    return quoted(
        readers_gain=differences.query(arms), readers_gain_signed_rank=signed_rank.query(arms)
    )


def values(auc, published):
    """Recovered values under the ids of the published ones, ours and as the public code counts."""
    tables = {"default": auc.tidy(), "as_published": published.tidy()}
    table = pd.concat([t.assign(variant=v) for v, t in tables.items()], ignore_index=True)
    table = table.assign(id=table["modality"].map(IDS), quantity="auc", term="physicians")
    return table[["id", "variant", "quantity", "term", "estimate", "conf_low", "conf_high"]]
