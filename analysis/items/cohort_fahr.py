"""FAHR-Face test cohorts: who is analysed."""

import pandas as pd

import faceage_stats as fs

TABLES = ("harvard_rt", "maastro_rt")
COLUMNS = [
    "age",
    "faceage",
    "fahr_faceage",
    "fahr_survival",
    "sex",
    "cancer_group",
    "years",
    "death",
]


def make(data, settings):
    """Flows of the development and the independent cohort, and Table 1 of both."""
    cohorts = {name: fs.curate(data[name], "fahr_rt") for name in TABLES}
    rows = pd.concat([cohort.rows for cohort in cohorts.values()], ignore_index=True)
    table = fs.table_one(rows, by="cohort", columns=COLUMNS, schema="fahr_rt")
    table = table.suppressed(settings.threshold(*TABLES))
    printed = table.display().to_frame()
    figures = {name: fs.figures.consort(cohort.flow) for name, cohort in cohorts.items()}
    return fs.Item(
        figure=figures,
        caption=(
            f"{len(cohorts['harvard_rt'].rows):,} patients in the development cohort, "
            f"{len(cohorts['maastro_rt'].rows):,} in the independent one. The sizes of the "
            "synthetic cohorts are ours."
        ),
        tables={"characteristics": printed, "characteristics_numbers": table.tidy()},
        columns=dict.fromkeys(printed, "printed cell"),
    )
