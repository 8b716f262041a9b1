"""Harvard palliative: who is analysed."""

import faceage_stats as fs

TABLES = ("palliative",)
COLUMNS = [
    "age",
    "faceage",
    "gap",
    "sex",
    "ecog",
    "prior_chemo_courses",
    "hospital_admissions",
    "years",
    "death",
]


def make(data, settings):
    """Flow from the table as received to the analysis set, and Table 1 by cancer type."""
    cohort = fs.curate(data["palliative"], "palliative")
    table = fs.table_one(cohort.rows, by="cancer_type", columns=COLUMNS, schema="palliative")
    table = table.suppressed(settings.threshold(*TABLES))
    printed = table.display().to_frame()
    figure = fs.figures.consort(cohort.flow)
    return fs.Item(
        figure=figure,
        caption=(
            f"From {len(data['palliative']):,} rows as received to {len(cohort.rows):,} patients. "
            "Table 1: mean (SD) or n (%); SMD is the standardised mean difference, averaged over "
            "the pairs of groups."
        ),
        tables={"characteristics": printed, "characteristics_numbers": table.tidy()},
        flow=cohort.flow,
        columns=dict.fromkeys(printed, "printed cell"),
    )
