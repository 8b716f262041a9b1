"""UTKFace: who is in the reference."""

import faceage_stats as fs

TABLES = ("utk",)
COLUMNS = ["age", "faceage", "gap", "sex", "race"]


def make(data, settings):
    """Flow of the photographs and Table 1 by sex."""
    cohort = fs.curate(data["utk"], "utk")
    older = fs.curate(data["utk"], "utk", min_age=60)
    figure = fs.figures.consort(cohort.flow)
    table = fs.table_one(cohort.rows, by="sex", columns=COLUMNS)
    table = table.suppressed(settings.threshold(*TABLES))
    printed = table.display().to_frame()
    return fs.Item(
        figure=figure,
        caption=(
            f"{len(cohort.rows):,} photographs enter technical validation, "
            f"{len(older.rows):,} of people aged 60 or more the reference for age gaps."
        ),
        tables={"characteristics": printed, "characteristics_numbers": table.tidy()},
        flow=cohort.flow,
        columns=dict.fromkeys(printed, "printed cell"),
    )
