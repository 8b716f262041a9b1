"""Harvard thoracic: who is analysed."""

import faceage_stats as fs

TABLES = ("thoracic",)
COLUMNS = ["age", "faceage", "gap", "sex", "stage", "smoker", "ecog", "histology", "years", "death"]


def make(data, settings):
    """Flow from the table as received to the analysis set, and Table 1 by intent of treatment."""
    cohort = fs.curate(data["thoracic"], "thoracic")
    table = fs.table_one(cohort.rows, by="intent", columns=COLUMNS, schema="thoracic")
    table = table.suppressed(settings.threshold(*TABLES))
    printed = table.display().to_frame()
    figure = fs.figures.consort(cohort.flow)
    return fs.Item(
        figure=figure,
        caption=(
            f"From {len(data['thoracic']):,} rows as received to {len(cohort.rows):,} patients. "
            "Table 1: mean (SD) or n (%); SMD is the standardised mean difference, averaged over "
            "the pairs of groups."
        ),
        tables={"characteristics": printed, "characteristics_numbers": table.tidy()},
        flow=cohort.flow,
        columns=dict.fromkeys(printed, "printed cell"),
    )
