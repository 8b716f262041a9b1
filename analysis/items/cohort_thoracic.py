"""Thoracic cancer: who is analysed."""

from items._cohort import describe, received
from items._present import curate

TABLES = ("thoracic",)
COLUMNS = ["age", "faceage", "gap", "sex", "stage", "smoker", "ecog", "histology", "years",
           "death"]  # fmt: skip


def make(data, settings):
    """Flow from the table as received to the analysis set, and Table 1 by intent of treatment."""
    cohort = curate(data["thoracic"], "thoracic")
    return describe(
        cohort.rows, COLUMNS, by="intent", schema="thoracic", flow=cohort.flow,
        **received(cohort),
    )  # fmt: skip
