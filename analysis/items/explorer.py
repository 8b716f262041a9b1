"""Explorer. Survival by FaceAge groups that the reader chooses."""

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._present import need
from items._quoted import quoted

TABLES = ("maastro",)
FEWEST = 10  # deaths on either side of a cut-point
CAP = 7  # years of follow-up
SETTINGS = ("faceage_above", "year", "cut_point", "first", "last", "width", "step")
# first limit and width of the bins of FaceAge, width of those of time, in years: fine to coarse
GRIDS = ((45, 5, 0.25), (45, 5, 0.5), (45, 10, 0.5), (55, 10, 0.5), (55, 10, 1.0))
FEW = 0.05  # of the patients of a bin of FaceAge, who may be lost in counts that are withheld


def make(data, settings):
    """Count deaths and censorings by bins of FaceAge and time: all that is shown."""
    cohort = fs.curate(data["maastro"], "maastro", follow_up_cap=CAP)
    lowest, width, step = grid(cohort.rows, settings.rules("maastro").minimum)
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
            "Deaths and censorings of {n} patients by {width} years of FaceAge and {step} years of "
            "follow-up: all that the explorer computes from. Every time is the end of its bin."
        ),
        numbers={
            "n": len(cohort.rows),
            "width": width,
            "step": step,
            "first": int(cuts["cut_point"].min()),
            "last": int(cuts["cut_point"].max()),
        },
        tables={"one_cut_point": cuts, "counts": count(cohort.rows, above(lowest, width), step)},
        values=quoted(lowest_hr=ordered, highest_hr=ordered.tail(1)),
        flow=cohort.flow,
        columns={
            "faceage_above": "lower limit of the bin of FaceAge, years, up to that of the next",
            "cut_point": "FaceAge from which patients are above, years",
            "year": "end of the bin of follow-up, years",
        },
        roles=dict.fromkeys(SETTINGS, "setting"),
        methods=(
            "Kaplan-Meier curves, the log-rank test and the Cox model with Efron's treatment of "
            "ties are computed in the browser from these counts. They differ from those of Figure "
            "3a in the time alone, which is known to its bin."
        ),
    )


def above(lowest, width):
    """Lower limits of the bins of FaceAge; each ends where the next begins."""
    return (0, *range(lowest, 95, width))


def grid(rows, minimum):
    """The finest bins in whose small counts, which are withheld, few patients are lost."""
    for lowest, width, step in GRIDS:
        counts = count(rows, above(lowest, width), step).set_index("faceage_above")
        counts = counts[["n_event", "n_censor"]].stack().groupby("faceage_above")
        lost = counts.agg(lambda n: n[n < minimum].sum())
        if (lost <= FEW * counts.sum()).all():
            return lowest, width, step
    return need(False, "counts by FaceAge and time that are large enough to be shown")


def one_cut_point(rows):
    """Hazard ratio of patients above each limit of a bin against those below it."""
    fits = {}
    for limit in above(45, 5)[1:]:
        both = rows.assign(above=(rows["faceage"] >= limit).astype(int))
        deaths = both.groupby("above")["death"].sum()
        if len(deaths) == 2 and deaths.min() >= FEWEST:
            fits[limit] = fs.coxph("Surv(years, death) ~ above", both)
    if not fits:
        return pd.DataFrame()
    table = fs.bind_tidy(fits, exponentiate=True)
    shown = ["cut_point", "estimate", "conf_low", "conf_high", "p_value", "scale"]
    return table.assign(cut_point=table["model"].astype(int))[shown]


def count(rows, limits, step):
    """One row per bin of FaceAge and time, those without an event or a censoring included."""
    bins = pd.cut(rows["faceage"], [*limits, np.inf], labels=list(limits)).astype(int)
    ends = np.maximum(np.ceil(rows["years"] / step - 1e-9), 1) * step
    died = rows["death"].astype(bool)
    every = pd.MultiIndex.from_product(
        [limits, np.arange(1, round(CAP / step) + 1) * step], names=["faceage_above", "year"]
    )
    keys = pd.DataFrame({"faceage_above": bins, "year": ends})
    table = {
        name: keys[which].value_counts().reindex(every, fill_value=0)
        for name, which in {"n_event": died, "n_censor": ~died}.items()
    }
    return pd.DataFrame(table).reset_index()
