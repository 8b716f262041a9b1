"""Palliative radiotherapy: who is analysed."""

from items._cohort import describe, received
from items._present import curate

TABLES = ("palliative",)
COLUMNS = ["age", "faceage", "gap", "sex", "ecog", "prior_chemo_courses", "hospital_admissions",
           "years", "death"]  # fmt: skip


def make(data, settings):
    """Flow from the table as received to the analysis set, and Table 1 by cancer type."""
    cohort = curate(data["palliative"], "palliative")
    return describe(
        cohort.rows, COLUMNS, by="cancer_type", schema="palliative", flow=cohort.flow,
        **received(cohort),
    )  # fmt: skip
