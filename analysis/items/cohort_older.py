"""Patients of 60 or more: who is analysed."""

from items._cohort import describe
from items._present import curate

TABLES = ("older_rt",)
COLUMNS = ["age", "faceage", "gap", "sex", "intent", "diagnosis", "years", "death"]


def make(data, settings):
    """Table 1 by class of the gap."""
    cohort = curate(data["older_rt"], "older_rt")
    return describe(
        cohort.rows, COLUMNS, by="discordance", schema="older_rt", flow=cohort.flow,
        caption=(
            "{n} patients of 60 or more with curative or palliative radiotherapy, by FaceAge minus "
            "age, years."
        ),
        answer="{n} patients of 60 or more are analysed.",
        numbers={"n": len(cohort.rows)},
    )  # fmt: skip
