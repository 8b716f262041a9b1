"""MAASTRO: who is analysed."""

import faceage_stats as fs

TABLES = ("maastro",)
COLUMNS = ["age", "faceage", "gap", "sex", "smoking", "bmi", "ps", "years", "death"]


def make(data, settings):
    """Flow from the table as received to the analysis set, and Table 1 by tumour site."""
    cohort = fs.curate(data["maastro"], "maastro")
    table = fs.table_one(cohort.rows, by="site", columns=COLUMNS, schema="maastro")
    table = table.suppressed(settings.threshold(*TABLES))
    printed = table.display().to_frame()
    figure = fs.figures.consort(cohort.flow)
    return fs.Item(
        figure=figure,
        caption=(
            f"From {len(data['maastro']):,} rows as received to {len(cohort.rows):,} patients. "
            "Table 1: mean (SD) or n (%); SMD is the standardised mean difference, averaged over "
            "the pairs of groups."
        ),
        tables={"characteristics": printed, "characteristics_numbers": table.tidy()},
        flow=cohort.flow,
        columns=dict.fromkeys(printed, "printed cell"),
    )
