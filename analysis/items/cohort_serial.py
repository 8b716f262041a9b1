"""Serial photographs: who is analysed."""

import faceage_stats as fs

TABLES = ("serial_photos",)
COLUMNS = ["age", "faceage1", "faceage2", "far", "interval_days", "sex", "race", "diagnosis",
           "years", "death"]  # fmt: skip


def make(data, settings):
    """Flow from pairs of photographs to the analysis set, and Table 1 by interval class."""
    cohort = fs.curate(data["serial_photos"], "serial_photos")
    table = fs.table_one(
        cohort.rows, by="interval_class", columns=COLUMNS, schema="serial_photos", medians={"far"}
    )
    table = table.suppressed(settings.threshold(*TABLES))
    printed = table.display().to_frame()
    figure = fs.figures.consort(cohort.flow)
    return fs.Item(
        figure=figure,
        caption=(
            f"{len(cohort.rows):,} patients with two photographs, in classes of 10-365, 366-730 "
            "and 731-1,460 days between them. Face Aging Rate (FAR): change of FaceAge divided by "
            "that time."
        ),
        tables={"characteristics": printed, "characteristics_numbers": table.tidy()},
        flow=cohort.flow,
        columns=dict.fromkeys(printed, "printed cell"),
    )
