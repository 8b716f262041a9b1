"""Explorer. Survival by FaceAge groups that the reader chooses."""

import numpy as np
import pandas as pd

import faceage_stats as fs

TABLES = ("maastro",)
CAP = 7  # years of follow-up
STEP = 0.25  # years
ABOVE = (0, *range(45, 95, 5))  # lower limits of the FaceAge bins; each ends where the next begins


def make(data, settings):
    """Count deaths and censorings by bin of FaceAge and quarter of a year: all that is shown."""
    cohort = fs.curate(data["maastro"], "maastro", follow_up_cap=CAP)
    counts = count(cohort.rows)
    return fs.Item(
        caption=(
            "Deaths and censorings of {n} patients by bin of FaceAge and quarter of a year: all "
            "that the explorer computes from. Every time is the end of its quarter."
        ),
        numbers={"n": len(cohort.rows)},
        tables={"counts": counts},
        flow=cohort.flow,
        columns={
            "faceage_above": "lower limit of the bin of FaceAge, years, up to that of the next",
            "year": "end of the quarter of follow-up, years",
        },
        roles={"faceage_above": "setting", "year": "setting"},
        methods=(
            "Kaplan-Meier curves, the log-rank test and the Cox model with Efron's treatment of "
            "ties are computed in the browser from these counts. They differ from those of Figure "
            "3a in the time alone, which is known to a quarter of a year."
        ),
    )


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
