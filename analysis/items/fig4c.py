"""Figure 4c. Guessed age, FaceAge, and both together as predictors of six-month survival."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import need
from items._quoted import quoted
from items._survey import STUDY, known, labelled, names_of

TABLES = ("survey",)
ARMS = ("guess", "guess_faceage")
LABELS = {"guess": "Guessed age", "guess_faceage": "Guessed age and FaceAge"}


def make(data, settings):
    """AUC of the readers' guesses, alone and averaged with FaceAge, and of FaceAge alone."""
    photo = known(data["survey"]).query("arm == 'photo' and age_guess.notna()")
    need(len(photo), "guesses of age from the photograph")
    fit = fs.reader_auc("dead ~ guess", arms(photo), group="occupation", **STUDY)
    auc = fit.tidy()
    fixed = single_ages(photo)
    halves = by_half(auc)
    mean = fs.mrmc("dead ~ guess", arms(photo), **STUDY)
    gain = mean.contrasts()
    return fs.Item(
        figure=fs.Figure(
            partial(
                fs.figures.reader_dots, auc, means=mean.tidy(), labels=names_of(auc, LABELS),
                label="AUC for death within six months",
                references=dict(zip(fixed["marker"], fixed["estimate"], strict=True)),
            ),
            label="Figure 4c",
        ),
        caption=(
            "AUC for death within six months of the ages that {n_reader} readers guessed from "
            "photographs of {n} patients, alone and averaged with FaceAge; lines: FaceAge and age "
            "alone. Diamonds: mean over readers, readers and patients random (Obuchowski-Rockette)."
        ),
        answer=(
            "The guessed age alone has a mean AUC of {auc_guess} for death within six months, "
            "averaged with FaceAge of {auc_guess_faceage}; FaceAge changes it by "
            "{auc_guess_gain:.3}, an interval that {auc_guess_gain:vs 0|lies above|lies below|"
            "holds} zero ({auc_guess_gain:p}; {n_reader} readers of {n} patients)."
        ),
        checks=(
            "Readers and patients are both counted as random; the [signed-rank "
            "tests](fig4c-table-signed-rank) over readers take the patients as given."
        ),
        numbers={name: int(mean.glance()[name][0]) for name in ("n_reader", "n")},
        tables={
            "readers": auc,
            "signed_rank": labelled(
                {half: signed_rank(auc[auc["reader"].isin(readers)], fixed)
                 for half, readers in halves.items()}, "group"
            ),
            "means": mean.tidy(),
            "differences": gain,
            "ages_alone": fixed,
        },
        values=quoted(
            auc_guess=mean.tidy().query("modality == 'guess'"),
            auc_guess_faceage=mean.tidy().query("modality == 'guess_faceage'"),
            auc_guess_gain=gain,
        ),
        source_data=auc,
        columns={"term": "what is compared"},
        notes=(
            "The guess and FaceAge are averaged in years; the public code adds them in decades. "
            "Readers are halved by the AUC of their guesses, so the lower half gains in part "
            "by regression to the mean."
        ),
    )  # fmt: skip


def arms(rows):
    """The same answers twice: the guess, and its average with FaceAge."""
    both = (rows["age_guess"] + rows["faceage"]) / 2
    return pd.concat(
        [
            rows.assign(arm="guess", guess=rows["age_guess"]),
            rows.assign(arm="guess_faceage", guess=both),
        ]
    )


def single_ages(rows):
    """AUC of FaceAge and of age, which need no reader."""
    patients = rows.drop_duplicates("patient_id")
    names = {"FaceAge alone": "faceage", "Age alone": "age"}
    fits = {
        name: fs.roc(f"dead ~ {column}", patients, direction="<") for name, column in names.items()
    }
    table = pd.concat([fit.tidy().assign(marker=name) for name, fit in fits.items()])
    return table[["marker", "estimate", "std_error", "conf_low", "conf_high"]]


def by_half(auc):
    """All readers, and the upper and lower half by the AUC of their guesses."""
    ranked = auc[auc["modality"] == "guess"].sort_values("estimate")["reader"].tolist()
    middle = len(ranked) // 2
    return {"all readers": ranked, "lower half": ranked[:middle], "upper half": ranked[middle:]}


def signed_rank(auc, fixed):
    """Wilcoxon signed-rank tests over readers: with and without FaceAge, and each against it."""
    wide = auc.pivot(index="reader", columns="modality", values="estimate")
    alone = fixed.set_index("marker")["estimate"]["FaceAge alone"]
    differences = {
        "guess and FaceAge - guess": wide["guess_faceage"] - wide["guess"],
        "guess - FaceAge alone": wide["guess"] - alone,
        "guess and FaceAge - FaceAge alone": wide["guess_faceage"] - alone,
    }
    tests = [
        fs.wilcox_test(d.to_numpy()).tidy().assign(term=term) for term, d in differences.items()
    ]
    return pd.concat(tests, ignore_index=True).rename(columns={"n": "n_reader"})
