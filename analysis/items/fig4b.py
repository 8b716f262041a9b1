"""Figure 4b. Survival of patients whom a reader expected to be alive or dead at six months."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._quoted import quoted
from items._survey import STUDY, known

TABLES = ("survey",)
CAP = 2  # years of follow-up
CALLS = {0: "expected alive", 1: "expected dead"}


def make(data, settings):
    """Kaplan-Meier curves by the call of the physician of median AUC; tests of every reader."""
    photo = known(data["survey"]).query("arm == 'photo'")
    rows = capped(photo).assign(call=photo["call_dead_6mo"].map(CALLS))
    reader = median_reader(photo)
    shown = rows[rows["reader_id"] == reader]
    km = fs.survfit("Surv(years, death) ~ call", data=shown)
    test = fs.survdiff("Surv(years, death) ~ call", data=shown)
    every = every_reader(rows)
    return fs.Item(
        figure=fs.Figure(
            partial(
                fs.figures.km,
                km,
                p_value=test.p_value,
                time_label="Years since consultation",
                max_time=CAP,
            ),
            label="Figure 4b",
        ),
        caption=(
            "Survival of {n} patients by the call of one reader ({reader}, the physician of median "
            "AUC) from the photograph alone: alive or dead at six months. Kaplan-Meier estimates "
            f"with log-transformed 95% confidence bands, follow-up capped at {CAP} years."
        ),
        answer=(
            "Patients whom this reader expected to be dead at six months "
            "{call_hr:vs 1|die sooner|die later|do not clearly die sooner}: hazard ratio {call_hr} "
            "against those expected alive ({call_hr:p}, {n} patients)."
        ),
        checks=(
            "The hazard ratio assumes proportional hazards; the restricted mean in the "
            "[table](fig4b-table-this-reader-restricted-mean) does not."
        ),
        numbers={"n": len(shown), "reader": reader},
        tables={
            "this_reader": partial(fs.SurvFit.median, km),
            "this_reader_restricted_mean": km.rmst(CAP),
            "every_reader": every,
        },
        values=quoted(call_hr=every[every["reader"] == reader]),
        source_data=partial(fs.figures.km_data, km),
        notes="The published figure shows one reader as well; the table has all of them.",
    )


def capped(rows):
    """Cut time and event together at the cap."""
    beyond = rows["years"] > CAP
    return rows.assign(years=rows["years"].mask(beyond, CAP), death=rows["death"].mask(beyond, 0))


def median_reader(photo):
    """The physician whose AUC is the median; of two in the middle the lower one."""
    physicians = photo[photo["occupation"] != "lay"]
    auc = fs.reader_auc("dead ~ rating", physicians, **STUDY).tidy()
    ranked = auc.sort_values("estimate", ignore_index=True)["reader"]
    return ranked[(len(ranked) - 1) // 2]


def every_reader(rows):
    """Hazard ratio and log-rank test of every reader's call."""
    records = []
    for reader, answers in rows.groupby("reader_id"):
        fit = fs.coxph("Surv(years, death) ~ call", data=answers)
        hr = fit.tidy(exponentiate=True).query("level == 'expected dead'").iloc[0]
        test = fs.survdiff("Surv(years, death) ~ call", data=answers)
        records.append(
            {"reader": reader, **hr[["estimate", "conf_low", "conf_high", "n", "n_event",
                                      "scale"]],
             "statistic": test.statistic, "df": test.df, "p_value": test.p_value}
        )  # fmt: skip
    return pd.DataFrame(records)
