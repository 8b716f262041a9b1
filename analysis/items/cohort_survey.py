"""Reader survey: who was judged, and by whom."""

from functools import partial

import faceage_stats as fs
from items._cohort import CHECKS, labels, printed, readable

TABLES = ("survey",)
COLUMNS = ["age", "faceage", "gap", "sex", "years", "death"]


def make(data, settings):
    """Table 1 of the patients judged, and what each group of readers answered."""
    survey = data["survey"]
    patients = survey.drop_duplicates("patient_id")
    patients = patients.assign(gap=patients["faceage"] - patients["age"])
    table = fs.table_one(
        readable(patients), columns=COLUMNS, schema="survey", labels=labels(COLUMNS)
    )
    return fs.Item(
        caption="{n} patients judged by {n_reader} readers in {n_arm} arms. Mean (SD) or n (%).",
        answer="{n} patients were judged by {n_reader} readers in {n_arm} arms.",
        checks=CHECKS,
        numbers={
            "n": len(patients),
            "n_reader": survey["reader_id"].nunique(),
            "n_arm": survey["arm"].nunique(),
        },
        tables={
            "characteristics": partial(printed, table),
            "readings": readings(survey),
            "characteristics_numbers": table,
        },
        columns={
            "occupation": "occupation of the reader",
            "arm": "what the reader was shown",
            "n_reader": "readers",
            "n_rating": "readings with a rating",
            "n_call": "readings with an alive-or-dead call at 6 months",
            "n_age_guess": "readings with a guess of age",
        },
        roles={"n_arm": "setting"},
    )


def readings(survey):
    """Readers and answers by occupation and arm."""
    grouped = survey.groupby(["occupation", "arm"], observed=True)
    return grouped.agg(
        n_reader=("reader_id", "nunique"),
        n_rating=("rating", "count"),
        n_call=("call_dead_6mo", "count"),
        n_age_guess=("age_guess", "count"),
    ).reset_index()
