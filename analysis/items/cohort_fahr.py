"""FAHR-Face test cohorts: who is analysed."""

import pandas as pd

import faceage_stats as fs
from items._cohort import describe

TABLES = ("harvard_rt", "maastro_rt")
COLUMNS = ["age", "faceage", "fahr_faceage", "fahr_survival", "sex", "cancer_group", "years",
           "death"]  # fmt: skip


def make(data, settings):
    """Flows of the development and the independent cohort, and Table 1 of both."""
    cohorts = {name: fs.curate(data[name], "fahr_rt") for name in TABLES}
    rows = pd.concat([cohort.rows for cohort in cohorts.values()], ignore_index=True)
    figures = {name: fs.figures.consort(cohort.flow) for name, cohort in cohorts.items()}
    development, independent = (f"{len(cohort.rows):,}" for cohort in cohorts.values())
    caption = (
        f"{development} patients in the development cohort, {independent} in the independent "
        "one. The sizes of the synthetic cohorts are assumed."
    )
    return describe(
        rows, settings, TABLES, COLUMNS, by="cohort", schema="fahr_rt", figure=figures,
        caption=caption,
    )  # fmt: skip
