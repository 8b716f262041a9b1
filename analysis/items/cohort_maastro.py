"""Radiotherapy with curative intent: who is analysed."""

from items._cohort import describe, received
from items._present import curate

TABLES = ("maastro",)
COLUMNS = ["age", "faceage", "gap", "sex", "smoking", "bmi", "ps", "years", "death"]


def make(data, settings):
    """Flow from the table as received to the analysis set, and Table 1 by tumour site."""
    cohort = curate(data["maastro"], "maastro")
    return describe(
        cohort.rows, COLUMNS, by="site", schema="maastro", flow=cohort.flow,
        **received(cohort),
    )  # fmt: skip
