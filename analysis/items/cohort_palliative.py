"""Harvard palliative: who is analysed."""

import faceage_stats as fs
from items._cohort import describe, received

TABLES = ("palliative",)
COLUMNS = ["age", "faceage", "gap", "sex", "ecog", "prior_chemo_courses", "hospital_admissions",
           "years", "death"]  # fmt: skip


def make(data, settings):
    """Flow from the table as received to the analysis set, and Table 1 by cancer type."""
    cohort = fs.curate(data["palliative"], "palliative")
    return describe(
        cohort.rows, COLUMNS, by="cancer_type", schema="palliative", flow=cohort.flow,
        **received(cohort),
    )  # fmt: skip
