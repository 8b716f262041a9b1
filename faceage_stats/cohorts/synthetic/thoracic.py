"""The thoracic cohort: lung and other thoracic cancers, all stages, follow-up in years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic.gap import CANCER_GAP, COHORT_GAP, GapModel
from faceage_stats.cohorts.synthetic.truth import hazard_terms, planted_gap, weibull

__all__ = ["DESIGN", "N", "Design", "build"]

N = 573
MODEL = "multivariable clinical"

SEX = {"F": 0.52, "M": 0.48}
SMOKING = {0: 0.13, 1: 0.60, 2: 0.27}
ECOG = {0: 0.28, 1: 0.49, 2: 0.16, 3: 0.06, 4: 0.01}
STAGE = {1: 0.13, 2: 0.07, 3: 0.06, 4: 0.08, 5: 0.24, 6: 0.12, 7: 0.30}
GRADE = {1: 0.13, 2: 0.35, 3: 0.49, 4: 0.03}
ETHNICITY = {"white": 0.87, "black": 0.05, "asian": 0.05, "other": 0.03}
INTENT = {  # by stage IV or not
    False: {
        "radical": 0.62,
        "adjuvant": 0.16,
        "preoperative": 0.13,
        "preoperative_adjuvant": 0.01,
        "palliative": 0.08,
    },
    True: {
        "radical": 0.25,
        "adjuvant": 0.03,
        "preoperative": 0.02,
        "preoperative_adjuvant": 0.0,
        "palliative": 0.70,
    },
}
HISTOLOGY = {
    "adenocarcinoma": 0.48,
    "adenosquamous": 0.02,
    "squamous": 0.20,
    "small_cell": 0.11,
    "mixed_small_cell": 0.02,
    "large_cell": 0.06,
    "large_cell_neuroendocrine": 0.02,
    "atypical_carcinoid": 0.01,
    "adenoid_cystic": 0.005,
    "thymoma": 0.025,
    "metastasis": 0.02,
    "no_pathology": 0.02,
    "other": 0.01,
}
NSCLC = ("adenocarcinoma", "adenosquamous", "squamous")
SCLC = ("small_cell", "mixed_small_cell")

RATIOS = {
    "faceage per decade": 1.148,
    "age per decade": 1.0,
    "male sex": 1.20,
    "smoking ever": 1.25,
    "ecog > 1": 1.60,
    "stage II": 1.30,
    "stage III": 1.60,
    "stage IV": 2.20,
    "grade > 1": 1.20,
    "ethnicity non-white": 0.85,
    "intent curative": 0.60,
    "histology SCLC": 1.30,
    "histology other": 0.85,
}
IDS = {"faceage per decade": "faceage_thoracic_hr_adjusted"}
SHAPE, SCALE = 1.10, 4.6
CENTRE = 70.0
FOLLOW_UP = (1.5, 8.0)
DROPOUT = 0.03
AGE_MEAN, AGE_SD = 66.0, 10.5
GAP = GapModel(
    COHORT_GAP["thoracic"], -0.30, {"ever smoker": 1.8, "ecog": 0.8, "male": -0.3}, noise_sd=6.5
)
EFFECT_VARIANCE = {
    "ever smoker": SMOKING[0] * (1 - SMOKING[0]),
    "ecog": sum(p * (grade - draw.mean_level(ECOG)) ** 2 for grade, p in ECOG.items()),
    "male": SEX["M"] * SEX["F"],
}
MISSING = {"clinical_stage": 0.02, "smoking": 0.02, "ecog": 0.03, "grade": 0.05, "ethnicity": 0.02}


@dataclass(frozen=True)
class Design:
    """What may differ between cohorts of this kind; the margins do not."""

    ratios: Mapping[str, float]
    gap: GapModel
    scale: float = SCALE  # years, of the baseline hazard


DESIGN = Design(RATIOS, GAP)


def build(
    seed: int, n: int, design: Design = DESIGN
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The table, and what was planted."""
    patients = _patients(seed, n, design)
    log_hazard = pd.Series(0.0, patients.index)
    for term, values in _columns(patients).items():
        log_hazard = log_hazard + np.log(design.ratios[term]) * values
    times = draw.weibull_times(
        draw.stream(seed, "thoracic", "survival"), log_hazard, shape=SHAPE, scale=design.scale
    )
    days, death = draw.follow_up(
        draw.stream(seed, "thoracic", "censoring"),
        times,
        window=FOLLOW_UP,
        dropout_per_year=DROPOUT,
    )
    table = patients.assign(years=draw.to_years(days), death=death)
    rng = draw.stream(seed, "thoracic", "blanks")
    for column, rate in MISSING.items():
        driver = table["age"] if column in ("ecog", "grade") else None
        table[column] = draw.blank(rng, table[column], rate, driver=driver)
    return {"thoracic": table}, _truth(design)


def _patients(seed: int, n: int, design: Design) -> pd.DataFrame:
    """Complete covariates, FaceAge included."""

    def rng(component: str) -> np.random.Generator:
        return draw.stream(seed, "thoracic", component)

    stage = draw.draw_levels(rng("stage"), STAGE, n)
    age = draw.scaled_beta(rng("age"), np.full(n, AGE_MEAN), AGE_SD, low=20, high=96)
    table = pd.DataFrame(
        {
            "patient_id": draw.identifiers("THO", n),
            "age": np.round(age, 2),
            "sex": draw.draw_levels(rng("sex"), SEX, n),
            "clinical_stage": stage,
            "smoking": draw.draw_levels(rng("smoking"), SMOKING, n),
            "ecog": draw.draw_levels(rng("ecog"), ECOG, n),
            "grade": draw.draw_levels(rng("grade"), GRADE, n),
            "ethnicity": draw.draw_levels(rng("ethnicity"), ETHNICITY, n),
            "intent": draw.draw_by_group(rng("intent"), stage == 7, INTENT),
            "histology": draw.draw_levels(rng("histology"), HISTOLOGY, n),
        }
    )
    columns = {
        "ever smoker": ((table["smoking"] > 0).to_numpy(), 1 - SMOKING[0]),
        "ecog": (table["ecog"].to_numpy(), draw.mean_level(ECOG)),
        "male": ((table["sex"] == "M").to_numpy(), SEX["M"]),
    }
    faceage = design.gap.faceage(rng("faceage"), table["age"].to_numpy(), AGE_MEAN, columns)
    table.insert(1, "faceage", faceage)
    return table


def _columns(patients: pd.DataFrame) -> dict[str, pd.Series]:
    """Age, and the columns of the published model, by their name in `RATIOS`."""
    stage, histology = patients["clinical_stage"], patients["histology"]
    return {
        "faceage per decade": (patients["faceage"] - CENTRE) / 10,
        "age per decade": (patients["age"] - CENTRE) / 10,
        "male sex": patients["sex"] == "M",
        "smoking ever": patients["smoking"] > 0,
        "ecog > 1": patients["ecog"] > 1,
        "stage II": stage.isin([3, 4]),
        "stage III": stage.isin([5, 6]),
        "stage IV": stage == 7,
        "grade > 1": patients["grade"] > 1,
        "ethnicity non-white": patients["ethnicity"] != "white",
        "intent curative": patients["intent"] != "palliative",
        "histology SCLC": histology.isin(SCLC),
        "histology other": ~histology.isin(NSCLC + SCLC),
    }


def _truth(design: Design) -> dict[str, Any]:
    gap = [planted_gap(CANCER_GAP)] if design.gap == GAP else []
    return {
        "planted": [*hazard_terms(design.ratios, model=MODEL, ids=IDS), *gap],
        "gap": design.gap.truth(),
        "baseline": weibull(
            SHAPE,
            design.scale,
            "white woman, never smoker, ECOG 0-1, stage I, grade 1, palliative intent, NSCLC, "
            "FaceAge 70",
        ),
        "censoring": {"closure_years_uniform": list(FOLLOW_UP), "dropout_per_year": DROPOUT},
        "margins": {
            "age_mean": AGE_MEAN,
            "age_sd": AGE_SD,
            "sex": SEX,
            "smoking": SMOKING,
            "ecog": ECOG,
            "clinical_stage": STAGE,
            "grade": GRADE,
            "ethnicity": ETHNICITY,
            "intent_stage_I_to_III": INTENT[False],
            "intent_stage_IV": INTENT[True],
            "histology": HISTOLOGY,
        },
        "missing": {
            "rates": MISSING,
            "mechanism": "ecog and grade at random given age, the others completely at random",
        },
        "notes": [
            "Age has no effect on survival given FaceAge and the clinical covariates; with age in "
            "place of FaceAge the association is the weaker one that age carries for FaceAge.",
            "n counts rows; the complete-case analysis uses fewer.",
            "Margins other than the gap, and all coefficients without an id, are assumptions.",
        ],
    }
