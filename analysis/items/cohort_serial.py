"""Serial photographs: who is analysed."""

from items._cohort import describe
from items._present import curate

TABLES = ("serial_photos",)
COLUMNS = ["age", "faceage1", "faceage2", "far", "interval_days", "sex", "race", "diagnosis",
           "years", "death"]  # fmt: skip


def make(data, settings):
    """Flow from pairs of photographs to the analysis set, and Table 1 by interval class."""
    cohort = curate(data["serial_photos"], "serial_photos")
    caption = (
        "{n} patients with two photographs, in classes of 10-365, 366-730 "
        "and 731-1,460 days between them. Face Aging Rate (FAR): change of FaceAge divided by "
        "that time."
    )
    answer = "{n} patients have two photographs that are 10 to 1,460 days apart."
    return describe(
        cohort.rows, COLUMNS, by="interval_class", schema="serial_photos",
        medians={"far", "interval_days"}, flow=cohort.flow, caption=caption,
        answer=answer, numbers={"n": len(cohort.rows)},
    )  # fmt: skip
