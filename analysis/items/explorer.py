"""Explorer. Survival by FaceAge groups that the reader chooses."""

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._present import need
from items._quoted import quoted

TABLES = ("maastro",)
FEWEST = 10  # deaths on either side of a cut-point
CAP = 7  # years of follow-up
STEP = 0.25  # years
ABOVE = (0, *range(45, 95, 5))  # lower limits of the FaceAge bins; each ends where the next begins


def make(data, settings):
    """Count deaths and censorings by bin of FaceAge and quarter of a year: all that is shown."""
    cohort = fs.curate(data["maastro"], "maastro", follow_up_cap=CAP)
    cuts = one_cut_point(cohort.rows)
    need(len(cuts), f"a cut-point with {FEWEST} deaths on either side")
    ordered = cuts.sort_values("estimate")
    return fs.Item(
        answer=(
            "One cut-point anywhere from {first} to {last} years gives hazard ratios of those "
            "above it against those below between {lowest_hr} and {highest_hr}: where it lies "
            "decides how large the difference looks."
        ),
        checks=(
            "The hazard ratios assume proportional hazards within the groups; the curves and the "
            "log-rank test do not."
        ),
        caption=(
            "Deaths and censorings of {n} patients by bin of FaceAge and quarter of a year: all "
            "that the explorer computes from. Every time is the end of its quarter."
        ),
        numbers={
            "n": len(cohort.rows),
            "first": int(cuts["cut_point"].min()),
            "last": int(cuts["cut_point"].max()),
        },
        tables={"one_cut_point": cuts, "counts": count(cohort.rows)},
        values=quoted(lowest_hr=ordered, highest_hr=ordered.tail(1)),
        flow=cohort.flow,
        columns={
            "faceage_above": "lower limit of the bin of FaceAge, years, up to that of the next",
            "cut_point": "FaceAge from which patients are above, years",
            "year": "end of the quarter of follow-up, years",
        },
        roles=dict.fromkeys(("faceage_above", "year", "cut_point", "first", "last"), "setting"),
        methods=(
            "Kaplan-Meier curves, the log-rank test and the Cox model with Efron's treatment of "
            "ties are computed in the browser from these counts. They differ from those of Figure "
            "3a in the time alone, which is known to a quarter of a year."
        ),
    )


def one_cut_point(rows):
    """Hazard ratio of patients above each limit of a bin against those below it."""
    fits = {}
    for limit in ABOVE[1:]:
        both = rows.assign(above=(rows["faceage"] >= limit).astype(int))
        deaths = both.groupby("above")["death"].sum()
        if len(deaths) == 2 and deaths.min() >= FEWEST:
            fits[limit] = fs.coxph("Surv(years, death) ~ above", both)
    if not fits:
        return pd.DataFrame()
    table = fs.bind_tidy(fits, exponentiate=True)
    shown = ["cut_point", "estimate", "conf_low", "conf_high", "p_value", "scale"]
    return table.assign(cut_point=table["model"].astype(int))[shown]


def count(rows):
    """One row per bin and quarter, those without an event or a censoring included."""
    bins = pd.cut(rows["faceage"], [*ABOVE, np.inf], labels=list(ABOVE)).astype(int)
    quarters = np.maximum(np.ceil(rows["years"] / STEP - 1e-9), 1) * STEP
    died = rows["death"].astype(bool)
    every = pd.MultiIndex.from_product(
        [ABOVE, np.arange(1, round(CAP / STEP) + 1) * STEP], names=["faceage_above", "year"]
    )
    keys = pd.DataFrame({"faceage_above": bins, "year": quarters})
    table = {
        name: keys[which].value_counts().reindex(every, fill_value=0)
        for name, which in {"n_event": died, "n_censor": ~died}.items()
    }
    return pd.DataFrame(table).reset_index()
