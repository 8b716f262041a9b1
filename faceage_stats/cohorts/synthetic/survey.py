"""The reader survey: palliative patients judged by physicians and lay readers, in long form.

Ratings follow the model of Roe and Metz (1997): a normal latent score with variance components
of reader, case and their interactions with the arm, the same in the dead and the living.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic import palliative
from faceage_stats.cohorts.synthetic.truth import planted

__all__ = ["DESIGN", "N", "Design", "build"]

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
VARIANCE = {"case": 0.30, "reader_case": 0.20, "arm_case": 0.15, "residual": 0.35,
            "reader": 0.010, "reader_arm": 0.005}  # fmt: skip
AGE_GUESS = {"reader_bias_sd": 2.0, "share_of_gap": 0.35, "noise_sd": 5.0}


@dataclass(frozen=True)
class Design:
    """What may differ between surveys of this kind; the readers do not."""

    patients: palliative.Design
    auc: Mapping[str, float]
    variance: Mapping[str, float]
    later: Mapping[str, float]  # added to the score of those who died after six months
    apart: Mapping[str, float]  # factor of what readers differ by in an arm
    attempt: str = ""  # names the draw of the answers, where several are made


DESIGN = Design(palliative.DESIGN, AUC, VARIANCE, dict.fromkeys(AUC, 0.0), dict.fromkeys(AUC, 1.0))


def build(
    seed: int, n: int, design: Design = DESIGN
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The long table of answers, and what was planted."""
    patients = _patients(seed, n, design.patients)
    readers = [
        (f"{occupation}-{number}", occupation)
        for occupation, count in READERS.items()
        for number in range(1, count + 1)
    ]

    dead = patients["dead_6mo"].to_numpy()
    later = (patients["death"].to_numpy() == 1) & ~dead
    normal = partial(_normal, seed, design)
    case = normal("case", n)
    answers = []
    for arm in design.auc:
        arm_case = normal("arm_case", n, f"{arm}/case")
        for reader, occupation in readers:
            if occupation == "lay" and arm != "photo":
                continue
            own = _latent(normal, arm, reader, dead, design.apart[arm])
            auc = AUC_LAY if occupation == "lay" else design.auc[arm]
            signal = _separation(auc) * (dead - 0.5) + design.later[arm] * later
            latent = case + arm_case + own + signal
            answers.append(_answers(seed, arm, reader, occupation, latent, patients))
    table = pd.concat(answers, ignore_index=True).drop(columns="dead_6mo")
    return {"survey": table}, _truth(patients, design)


def _normal(seed: int, design: Design, source: str, size: int, component: str = "") -> np.ndarray:
    """Draws of one component with the variance of its source."""
    rng = draw.stream(seed, "survey", f"{design.attempt}{component or source}")
    return rng.normal(0, np.sqrt(design.variance[source]), size)


def _patients(seed: int, n: int, design: palliative.Design) -> pd.DataFrame:
    """Patients of the synthetic palliative cohort of this seed, with their true state."""
    drawn = palliative.draw_patients(seed, max(n, palliative.N), design)
    model = 1 - np.exp(-((HORIZON / design.scale) ** palliative.SHAPE) * np.exp(drawn.log_hazard))
    cohort = drawn.patients.assign(
        faceage_risk=np.round(model, 4), dead_6mo=drawn.death_years <= HORIZON
    )
    rows = draw.stream(seed, "survey", "patients").choice(len(cohort), size=n, replace=False)
    columns = ["patient_id", "faceage", "faceage_risk", "age", "sex", "years", "death", "dead_6mo"]
    return cohort.loc[np.sort(rows), columns].reset_index(drop=True)


def _separation(auc: float) -> float:
    """Distance between the means of the dead and the living that gives this expected AUC."""
    spread = 1 + VARIANCE["reader"] + VARIANCE["reader_arm"]
    return float(special.ndtri(auc) * np.sqrt(2 * spread))


def _latent(
    normal: Callable[..., np.ndarray], arm: str, reader: str, dead: np.ndarray, apart: float
) -> np.ndarray:
    """The part of the latent score that belongs to this reader (variances as in the header)."""
    by_state = normal("reader", 2, f"{reader}/state")
    by_state = apart * (by_state + normal("reader_arm", 2, f"{arm}/{reader}/state"))
    case = normal("reader_case", len(dead), f"{reader}/case")
    residual = normal("residual", len(dead), f"{arm}/{reader}")
    return np.asarray(by_state[dead.astype(int)] + case + residual)


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


def _changed(design: Design) -> dict[str, Any]:
    """What only matched surveys have in their latent scores."""
    return {
        "added_if_died_later": dict(design.later),
        "readers_apart_by_arm": dict(design.apart),
    }


def _truth(patients: pd.DataFrame, design: Design) -> dict[str, Any]:
    values = [
        planted(
            "physicians",
            auc,
            model=arm,
            quantity="auc",
            unit="auc",
            paper_id=IDS[arm],
        )
        for arm, auc in design.auc.items()
    ]
    lay = planted("lay readers", AUC_LAY, model="photo", quantity="auc", unit="auc")
    return {
        "planted": [*values, lay],
        "latent_model": {
            "family": "Roe-Metz, equal variances in the dead and the living",
            "outcome": "death within 0.5 years, before censoring",
            "variance": dict(design.variance),
            **({} if design == DESIGN else _changed(design)),
            "separation": {arm: _separation(auc) for arm, auc in design.auc.items()},
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
