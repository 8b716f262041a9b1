"""Harvard thoracic: who is analysed."""

import faceage_stats as fs
from items._cohort import describe, received

TABLES = ("thoracic",)
COLUMNS = ["age", "faceage", "gap", "sex", "stage", "smoker", "ecog", "histology", "years",
           "death"]  # fmt: skip


def make(data, settings):
    """Flow from the table as received to the analysis set, and Table 1 by intent of treatment."""
    cohort = fs.curate(data["thoracic"], "thoracic")
    return describe(
        cohort.rows, COLUMNS, by="intent", schema="thoracic", flow=cohort.flow,
        **received(cohort),
    )  # fmt: skip
