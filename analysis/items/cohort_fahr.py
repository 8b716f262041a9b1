"""FAHR-Face test cohorts: who is analysed."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._cohort import describe

TABLES = ("harvard_rt", "maastro_rt")
NAMES = {"harvard_rt": "development", "maastro_rt": "independent"}
COLUMNS = ["age", "faceage", "fahr_faceage", "fahr_survival", "sex", "cancer_group", "years",
           "death"]  # fmt: skip


def make(data, settings):
    """Flows of the development and the independent cohort, and Table 1 of both."""
    cohorts = {name: fs.curate(data[name], "fahr_rt") for name in TABLES}
    rows = pd.concat([cohort.rows for cohort in cohorts.values()], ignore_index=True)
    figures = {
        name: fs.Figure(
            partial(fs.figures.consort, cohort.flow),
            caption=f"Flow of the {{n_{NAMES[name]}}} patients of the {NAMES[name]} cohort.",
            label=f"Flow, {NAMES[name]} cohort",
        )
        for name, cohort in cohorts.items()
    }
    caption = (
        "{n_development} patients in the development cohort, {n_independent} in the independent "
        "one. The sizes of the synthetic cohorts are assumed."
    )
    answer = (
        "{n_development} patients of the development cohort and {n_independent} of the "
        "independent one are analysed."
    )
    sizes = (len(cohort.rows) for cohort in cohorts.values())
    return describe(
        rows, COLUMNS, by="cohort", schema="fahr_rt", figure=figures, caption=caption,
        answer=answer, numbers=dict(zip(("n_development", "n_independent"), sizes, strict=True)),
    )  # fmt: skip
