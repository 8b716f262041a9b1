"""The reader survey: palliative patients judged by physicians and lay readers, in long form.

Ratings follow the model of Roe and Metz (1997): a normal latent score with variance components
of reader, case and their interactions with the arm, the same in the dead and the living.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic import palliative
from faceage_stats.cohorts.synthetic.truth import planted

__all__ = ["N", "build"]

N = 100
READERS = {"staff": 5, "resident": 3, "lay": 2}
HORIZON = 0.5  # years
AUC = {"photo": 0.61, "photo_chart": 0.74, "photo_chart_faceage": 0.80}
AUC_LAY = 0.57  # photograph alone, an assumption
IDS = {
    "photo": "faceage_readers_auc_photo",
    "photo_chart": "faceage_readers_auc_chart",
    "photo_chart_faceage": "faceage_readers_auc_chart_faceage",
}
# case, reader x case, arm x case and residual sum to 1; readers differ by truth state
CASE, READER_CASE, ARM_CASE, RESIDUAL = 0.30, 0.20, 0.15, 0.35
READER, READER_ARM = 0.010, 0.005
AGE_GUESS = {"reader_bias_sd": 2.0, "share_of_gap": 0.35, "noise_sd": 5.0}


def build(seed: int, n: int) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The long table of answers, and what was planted."""
    patients = _patients(seed, n)
    readers = [
        (f"{occupation}-{number}", occupation)
        for occupation, count in READERS.items()
        for number in range(1, count + 1)
    ]
    case = draw.stream(seed, "survey", "case").normal(0, np.sqrt(CASE), n)
    answers = []
    for arm in AUC:
        arm_case = draw.stream(seed, "survey", f"{arm}/case").normal(0, np.sqrt(ARM_CASE), n)
        for reader, occupation in readers:
            if occupation == "lay" and arm != "photo":
                continue
            latent = case + arm_case + _latent(seed, arm, reader, occupation, patients)
            answers.append(_answers(seed, arm, reader, occupation, latent, patients))
    table = pd.concat(answers, ignore_index=True).drop(columns="dead_6mo")
    return {"survey": table}, _truth(patients)


def _patients(seed: int, n: int) -> pd.DataFrame:
    """Patients of the synthetic palliative cohort of this seed, with their true state."""
    drawn = palliative.draw_patients(seed, max(n, palliative.N))
    model = 1 - np.exp(
        -((HORIZON / palliative.SCALE) ** palliative.SHAPE) * np.exp(drawn.log_hazard)
    )
    cohort = drawn.patients.assign(
        faceage_risk=np.round(model, 4), dead_6mo=drawn.death_years <= HORIZON
    )
    rows = draw.stream(seed, "survey", "patients").choice(len(cohort), size=n, replace=False)
    columns = ["patient_id", "faceage", "faceage_risk", "age", "sex", "years", "death", "dead_6mo"]
    return cohort.loc[np.sort(rows), columns].reset_index(drop=True)


def _separation(auc: float) -> float:
    """Distance between the means of the dead and the living that gives this expected AUC."""
    return float(special.ndtri(auc) * np.sqrt(2 * (1 + READER + READER_ARM)))


def _latent(
    seed: int, arm: str, reader: str, occupation: str, patients: pd.DataFrame
) -> np.ndarray:
    """The part of the latent score that belongs to this reader (variances as in the header)."""
    n = len(patients)
    dead = patients["dead_6mo"].to_numpy()
    by_state = draw.stream(seed, "survey", f"{reader}/state").normal(0, np.sqrt(READER), 2)
    by_state = by_state + draw.stream(seed, "survey", f"{arm}/{reader}/state").normal(
        0, np.sqrt(READER_ARM), 2
    )
    case = draw.stream(seed, "survey", f"{reader}/case").normal(0, np.sqrt(READER_CASE), n)
    residual = draw.stream(seed, "survey", f"{arm}/{reader}").normal(0, np.sqrt(RESIDUAL), n)
    auc = AUC_LAY if occupation == "lay" else AUC[arm]
    score = _separation(auc) * (dead - 0.5) + by_state[dead.astype(int)] + case + residual
    return np.asarray(score)


def _answers(
    seed: int, arm: str, reader: str, occupation: str, latent: np.ndarray, patients: pd.DataFrame
) -> pd.DataFrame:
    """Rating in percent, the call at 50%, and in the first arm a guess of the age."""
    rating = np.round(100 * special.ndtr(latent)).astype(np.int64)
    table = patients.assign(
        reader_id=reader,
        occupation=occupation,
        arm=arm,
        rating=rating,
        call_dead_6mo=(rating >= 50).astype(np.int64),
        age_guess=np.nan,
    )
    if arm == "photo":
        rng = draw.stream(seed, "survey", f"{reader}/age guess")
        bias = rng.normal(0, AGE_GUESS["reader_bias_sd"])
        noise = rng.normal(0, AGE_GUESS["noise_sd"], len(patients))
        gap = patients["faceage"] - patients["age"]
        guess = patients["age"] + bias + AGE_GUESS["share_of_gap"] * gap + noise
        table["age_guess"] = guess.round().clip(18, 110)
    order = [
        "patient_id",
        "reader_id",
        "occupation",
        "arm",
        "rating",
        "call_dead_6mo",
        "age_guess",
    ]
    return table[order + [c for c in patients.columns if c != "patient_id"]].astype(
        {"age_guess": "Int64"}
    )


def _truth(patients: pd.DataFrame) -> dict[str, Any]:
    values = [
        planted(
            "physicians",
            auc,
            model=arm,
            quantity="auc",
            unit="auc",
            paper_id=IDS[arm],
        )
        for arm, auc in AUC.items()
    ]
    lay = planted("lay readers", AUC_LAY, model="photo", quantity="auc", unit="auc")
    return {
        "planted": [*values, lay],
        "latent_model": {
            "family": "Roe-Metz, equal variances in the dead and the living",
            "outcome": "death within 0.5 years, before censoring",
            "variance": {
                "case": CASE,
                "reader_case": READER_CASE,
                "arm_case": ARM_CASE,
                "residual": RESIDUAL,
                "reader": READER,
                "reader_arm": READER_ARM,
            },
            "separation": {arm: _separation(auc) for arm, auc in AUC.items()},
            "rating": "100 * standard normal distribution function of the score, rounded",
        },
        "age_guess": AGE_GUESS,
        "readers": READERS,
        "n_dead_6mo_before_censoring": int(patients["dead_6mo"].sum()),
        "censoring": "as in the palliative cohort of the same seed",
        "missing": {"rates": {}, "mechanism": "none: every reader answered for every patient"},
        "notes": [
            "An AUC is planted as the expectation over readers and cases; with 100 patients the "
            "cases alone move the observed value by about 0.05.",
            "Lay readers saw photographs only. faceage_risk is the probability of death within "
            "six months under the planted palliative model, known exactly only here.",
            "Patients come from the synthetic palliative cohort of the same seed.",
            "Values without an id are assumptions.",
        ],
    }
