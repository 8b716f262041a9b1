"""Worked example. From a hospital's export and its photographs' scores to a hazard ratio."""

import re
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path

import pandas as pd

import faceage_stats as fs
from faceage_stats.errors import ReadingWarning
from items._quoted import quoted

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the export is that of the tests

TABLES = ()
READS = "an invented export"
SIMULATES = True
FILES = ("tests/messy_hospital.py", "book/your_cohort.md")
MAPPING = re.compile(r"```yaml\n(schema: maastro.*?)```", re.S)
MODEL = "Surv(years, death) ~ faceage10 + age10 + sex + site"
CAP = 7  # years of follow-up
LABEL = "Invented patients"
SCORES = {
    "model_version": "version of the model",
    "model_sha256": "SHA-256 of the model",
    "date": "date that decides",
    "within_days": "at most so many days from it",
    "n_photographs": "photographs",
    "n_scored": "photographs with a score",
    "n_used": "scores used",
    "n_without_patient": "photographs of nobody in the export",
}


def make(data, settings):
    """Write the export, apply the mapping that the page prints, and analyse what comes out."""
    from tests import messy_hospital

    with tempfile.TemporaryDirectory(prefix="faceage-") as folder:
        place = Path(folder)
        messy_hospital.write(place)
        page = (ROOT / "book" / "your_cohort.md").read_text(encoding="utf-8")
        (place / "hospital.yaml").write_text(MAPPING.search(page)[1], encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReadingWarning)  # one photograph is a visitor's
            prepared = fs.prepare(None, place / "hospital.yaml")
        checked = fs.plausibility(prepared.rows, "maastro")
    cohort = fs.curate(prepared.rows, follow_up_cap=CAP)
    fit = fs.coxph(MODEL, data=cohort.rows)
    scores = prepared.rows.attrs["scores"]
    hr = fit.tidy(exponentiate=True)
    return fs.Item(
        answer=(
            "{n_received} rows become {n} patients, and the invented hazard ratio of ten years of "
            "FaceAge is {worked_hr} at equal age, sex and site ({worked_hr:p})."
        ),
        checks=(
            "Medians, event rate and follow-up stand beside what is expected of them in the [table "
            "of plausibility](worked-example-table-is-it-plausible)."
        ),
        figure=fs.Figure(partial(consort, cohort.flow), label="Flow of patients"),
        caption=(
            "From {n_received} rows of the export to {n} patients, every rule of the mapping "
            "counted; {n_used} patients have a score of {n_photographs} photographs."
        ),
        numbers={
            "n_received": int(cohort.flow.tidy()["n_before"].iloc[0]),
            "n": len(cohort.rows),
            "n_used": scores["n_used"],
            "n_photographs": scores["n_photographs"],
        },
        tables={
            "hazard_ratios": hr[SHOWN],
            "is_it_plausible": checked.tidy(),
            "scores": pd.DataFrame(
                {
                    "what": [SCORES.get(key, key) for key in scores],
                    "value": map(str, scores.values()),
                }
            ),
        },
        values=quoted(worked_hr=hr[hr["term"] == "faceage10"]),
        flow=cohort.flow,
        columns={"what": "of the scores", "value": "as the biomarker table and the mapping say"},
    )


SHOWN = ["term", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event"]


def consort(flow):
    """The flow with the label that the patients are invented."""
    figure = fs.figures.consort(flow)
    fs.figures.mark_synthetic(figure, LABEL)
    return figure
