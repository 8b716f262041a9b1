"""UTKFace: who is in the reference."""

import faceage_stats as fs
from items._cohort import describe

TABLES = ("utk",)
COLUMNS = ["age", "faceage", "gap", "sex", "race"]


def make(data, settings):
    """Flow of the photographs and Table 1 by sex."""
    cohort = fs.curate(data["utk"], "utk")
    older = fs.curate(data["utk"], "utk", min_age=60)
    caption = (
        "{n} photographs enter technical validation, {n_older} of "
        "people aged 60 or more the reference for age gaps."
    )
    return describe(
        cohort.rows, COLUMNS, by="sex", flow=cohort.flow, caption=caption, answer=caption,
        numbers={"n": len(cohort.rows), "n_older": len(older.rows)},
        more={"flow_of_the_reference": older.flow.tidy()},
    )  # fmt: skip
