"""Patients of 60 or more with radiotherapy: classes of the age gap, and death early and late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic.gap import GapModel
from faceage_stats.cohorts.synthetic.truth import hazard_terms, planted, weibull

__all__ = ["DESIGN", "N", "Design", "build"]

N = 24556
MODEL = "gap class + age + sex + diagnosis + intent"
DIAGNOSIS = {  # of the 28 types: proportion, proportion of women, of palliative intent, HR
    "breast": (0.205, 0.99, 0.12, 1.0),
    "prostate": (0.165, 0.0, 0.13, 1.1),
    "lung": (0.175, 0.5, 0.35, 2.9),
    "mesothelioma": (0.006, 0.25, 0.5, 3.4),
    "thymus": (0.003, 0.5, 0.2, 1.3),
    "oesophagus": (0.025, 0.25, 0.2, 2.7),
    "stomach": (0.01, 0.4, 0.3, 2.9),
    "pancreas": (0.025, 0.5, 0.3, 3.8),
    "liver_and_bile": (0.012, 0.35, 0.35, 3.3),
    "colon": (0.02, 0.5, 0.6, 2.0),
    "rectum": (0.04, 0.4, 0.15, 1.7),
    "anus": (0.01, 0.65, 0.08, 1.5),
    "kidney": (0.015, 0.35, 0.7, 1.7),
    "bladder": (0.018, 0.25, 0.45, 2.4),
    "cervix": (0.008, 1.0, 0.15, 1.8),
    "uterus": (0.04, 1.0, 0.12, 1.5),
    "ovary": (0.006, 1.0, 0.7, 2.1),
    "vulva_and_vagina": (0.006, 1.0, 0.15, 1.9),
    "oral_cavity": (0.02, 0.45, 0.1, 2.0),
    "oropharynx": (0.025, 0.2, 0.06, 1.5),
    "larynx_and_hypopharynx": (0.018, 0.2, 0.08, 1.9),
    "thyroid": (0.006, 0.6, 0.3, 1.6),
    "skin": (0.03, 0.35, 0.15, 1.4),
    "melanoma": (0.02, 0.4, 0.45, 2.2),
    "sarcoma": (0.016, 0.45, 0.2, 1.8),
    "brain": (0.035, 0.45, 0.15, 4.2),
    "lymphoma": (0.03, 0.5, 0.25, 1.3),
    "myeloma": (0.011, 0.45, 0.8, 1.6),
}
AGE_FROM, AGE_SHAPE, AGE_SCALE, OLDEST = 60.0, 3.0, 3.75, 99.0
GAP = GapModel(3.1, -0.20, {}, noise_sd=7.9)
EDGES, DAYS = (-5.0, 10.0), (30, 60)  # of the classes of the gap; where their hazards change
# hazard ratio against a gap between the edges: up to 30 days, up to 60 days, later
YOUNGER = {"30 days": 0.84, "60 days": 0.86, "later": 0.903}
OLDER = {"30 days": 1.365, "60 days": 1.275, "later": 1.254}
RATIOS = {
    "gap <= -5 years": 0.90,
    "gap >= 10 years": 1.26,
    "age per decade": 1.35,
    "male sex": 1.15,
    "palliative intent": 5.0,
}
IDS = {"gap <= -5 years": "faceage60_hr_gap_le_minus5", "gap >= 10 years": "faceage60_hr_gap_ge10"}
ODDS = {"faceage60_or_30day_gap_ge10": (30, 1.38), "faceage60_or_60day_gap_ge10": (60, 1.33)}
CENTRE, SHAPE, SCALE = 70.0, 0.95, 19.0
FOLLOW_UP, DROPOUT = (0.05, 15.0), 0.03


@dataclass(frozen=True)
class Design:
    """What may differ between cohorts of this kind; the margins do not."""

    gap: GapModel = GAP
    older: Mapping[str, float] = field(default_factory=lambda: OLDER)
    younger: Mapping[str, float] = field(default_factory=lambda: YOUNGER)
    shape: float = SHAPE
    scale: float = SCALE  # years


DESIGN = Design()


def build(
    seed: int, n: int, design: Design = DESIGN
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The table, and what was planted."""
    rng = partial(draw.stream, seed, "older_rt")
    patients = _patients(rng, n, design.gap)
    gap = (patients["faceage"] - patients["age"]).to_numpy()[:, None]
    older, younger = list(design.older.values()), list(design.younger.values())
    ratio = np.where(gap >= EDGES[1], older, np.where(gap <= EDGES[0], younger, 1.0))
    years = _times(rng("survival"), _clinical(patients), ratio, design)
    days, death = draw.follow_up(
        rng("censoring"), years, window=FOLLOW_UP, dropout_per_year=DROPOUT
    )
    return {"older_rt": patients.assign(time_days=days, death=death)}, _truth(design)


def _patients(rng: Callable[[str], np.random.Generator], n: int, gap: GapModel) -> pd.DataFrame:
    years = rng("age").gamma(AGE_SHAPE, AGE_SCALE, n)
    age = np.minimum(AGE_FROM + years, OLDEST)
    kind = draw.draw_levels(rng("diagnosis"), {k: v[0] for k, v in DIAGNOSIS.items()}, n)
    women = {name: {"F": row[1], "M": 1 - row[1]} for name, row in DIAGNOSIS.items()}
    intent = {k: {"palliative": v[2], "curative": 1 - v[2]} for k, v in DIAGNOSIS.items()}
    return pd.DataFrame(
        {
            "patient_id": draw.identifiers("OLD", n),
            "faceage": gap.faceage(rng("faceage"), age, AGE_FROM + AGE_SHAPE * AGE_SCALE, {}),
            "age": np.round(age, 2),
            "sex": draw.draw_by_group(rng("sex"), kind, women),
            "diagnosis": kind,
            "intent": draw.draw_by_group(rng("intent"), kind, intent),
        }
    )


def _clinical(patients: pd.DataFrame) -> np.ndarray:
    """Log-hazard of everything but the gap."""
    total = np.log(RATIOS["age per decade"]) * (patients["age"] - CENTRE) / 10
    total += np.log(RATIOS["male sex"]) * (patients["sex"] == "M")
    total += np.log(RATIOS["palliative intent"]) * (patients["intent"] == "palliative")
    kinds = {name: row[3] for name, row in DIAGNOSIS.items()}
    return np.asarray(total + np.log(patients["diagnosis"].map(kinds)), float)


def _times(
    rng: np.random.Generator, log_hazard: np.ndarray, ratio: np.ndarray, design: Design
) -> np.ndarray:
    """Survival times (years) under a Weibull baseline and a hazard ratio that changes twice."""
    left = rng.exponential(size=len(log_hazard)) * np.exp(-log_hazard)
    # of the baseline's cumulative hazard
    edges = (np.array(DAYS) / DAYS_PER_YEAR / design.scale) ** design.shape
    reached = np.zeros_like(left)
    for part, width in enumerate(np.diff([0.0, *edges])):
        here = np.minimum(left / ratio[:, part], width)
        reached += here
        left -= here * ratio[:, part]
    return np.asarray(design.scale * (reached + left / ratio[:, -1]) ** (1 / design.shape))


def _truth(design: Design) -> dict[str, Any]:
    ratios = RATIOS | {f"diagnosis {k} vs breast": v[3] for k, v in DIAGNOSIS.items()}
    del ratios["diagnosis breast vs breast"]
    odds: list[dict[str, Any]] = []
    if design == DESIGN:  # under another one the ratios of a class are those by days alone
        odds = [
            planted(
                f"death within {days} days; gap >= 10 years", ratio,
                model=MODEL, quantity="odds_ratio", paper_id=name,
            )
            for name, (days, ratio) in ODDS.items()
        ]  # fmt: skip
    else:
        ratios = {term: ratio for term, ratio in ratios.items() if term not in IDS}
    return {
        "planted": [*hazard_terms(ratios, model=MODEL, ids=IDS), *odds],
        "gap": design.gap.truth(),
        "hazard_ratios_by_days": {
            "gap >= 10 years": dict(design.older), "gap <= -5 years": dict(design.younger)
        },
        "baseline": weibull(
            design.shape,
            design.scale,
            "woman of 70 with breast cancer, curative intent, gap between -5 and 10",
        ),
        "censoring": {"closure_years_uniform": list(FOLLOW_UP), "dropout_per_year": DROPOUT},
        "margins": {
            "age": {"from": AGE_FROM, "gamma_shape": AGE_SHAPE, "gamma_scale": AGE_SCALE},
            "diagnosis": {
                name: {"proportion": row[0], "female": row[1], "palliative": row[2]}
                for name, row in DIAGNOSIS.items()
            },
        },
        "missing": {"rates": {}, "mechanism": "none"},
        "notes": [
            "The hazard ratio of each class changes at 30 and at 60 days, so that the early odds "
            "ratios and the hazard ratio over all follow-up are those of the paper.",
            "The reference class, a gap between -5 and 10 years, is our reading of the abstract.",
            "Median age 70, median FaceAge 74 and 65 % with FaceAge above age are aimed at. The "
            "28 types, their proportions and all coefficients without an id are assumptions.",
        ],
    }  # fmt: skip
