"""The FAHR-Face test cohorts: two face scores, FaceAge and follow-up in years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic.truth import hazard_terms, weibull

__all__ = ["DESIGN", "N", "Design", "build_harvard", "build_maastro"]

N = {
    "harvard_rt": 5000,
    "maastro_rt": 2000,
}  # assumed: neither is published
PREFIX = {"harvard_rt": "HRT", "maastro_rt": "MRT"}
MODEL = "quartile + FAHR-FaceAge + age + sex + race + cancer group"

AGE_MEAN, AGE_SD = 63.0, 12.0
SEX = {"F": 0.52, "M": 0.48}
RACE = {"white": 0.84, "black": 0.07, "asian": 0.05, "other": 0.04}
CANCER = {  # proportion, hazard ratio against breast
    "breast": (0.27, 1.0),
    "gi": (0.13, 2.2),
    "gu": (0.16, 1.1),
    "lung": (0.19, 2.8),
    "hn": (0.10, 1.5),
    "other": (0.15, 2.0),
}
QUARTILES = {  # hazard ratios against the lowest
    "harvard_rt": {"second": 1.40, "third": 1.95, "fourth": 3.22},
    "maastro_rt": {"second": 1.35, "third": 1.80, "fourth": 2.60},
}
RATIOS = {
    "fahr_faceage per decade": 1.12,
    "age per decade": 1.10,
    "male sex": 1.15,
    "race black vs white": 1.10,
    "race asian vs white": 0.90,
    "race other vs white": 1.00,
}
SHAPE, SCALE = 0.90, 14.0
FOLLOW_UP, DROPOUT = (0.5, 9.0), 0.03
CENTRE = 65.0
# The log-risk score depends on age and on the cancer; given age it is independent of FAHR-FaceAge.
SCORE_SD, SCORE_AGE, SCORE_CANCER = 0.9, 0.30, 0.30
FAHR_GAP, FAHR_SLOPE, FAHR_SD = 3.0, -0.15, 5.5
FACEAGE_GAP, FACEAGE_SLOPE, FACEAGE_SD, SHARED = 4.5, -0.30, 6.5, 0.6
MISSING_RACE = 0.04


@dataclass(frozen=True)
class Design:
    """What may differ between cohorts of this kind; the margins do not."""

    quartiles: Mapping[str, Mapping[str, float]]
    ratios: Mapping[str, float]
    fahr_gap: float = FAHR_GAP
    shared: float = SHARED  # correlation of what both face ages see beyond age


DESIGN = Design(QUARTILES, RATIOS)


def build(
    seed: int, n: int, design: Design = DESIGN, *, cohort: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The table of one cohort, and what was planted."""
    patients = _patients(seed, n, cohort, design)
    development = patients
    if cohort != "harvard_rt":
        development = _patients(seed, N["harvard_rt"], "harvard_rt", design)
    cuts = np.round(np.quantile(development["fahr_survival"], [0.25, 0.5, 0.75]), 6)
    quartile = np.searchsorted(cuts, patients["fahr_survival"].to_numpy(), side="left")
    rng = partial(draw.stream, seed, cohort)
    times = draw.weibull_times(
        rng("survival"),
        np.log([1.0, *design.quartiles[cohort].values()])[quartile]
        + _clinical(patients, design.ratios),
        shape=SHAPE,
        scale=SCALE,
    )
    days, death = draw.follow_up(
        rng("censoring"), times, window=FOLLOW_UP, dropout_per_year=DROPOUT
    )
    table = patients.assign(years=draw.to_years(days), death=death)
    # a Dutch chart does not record race; the hazard there does not depend on it either
    rate = MISSING_RACE if cohort == "harvard_rt" else 1.0
    table["race"] = draw.blank(rng("blanks"), table["race"], rate)
    return {cohort: table}, _truth(cohort, cuts, design)


build_harvard = partial(build, cohort="harvard_rt")
build_maastro = partial(build, cohort="maastro_rt")


def _patients(seed: int, n: int, cohort: str, design: Design) -> pd.DataFrame:
    """Covariates and the three scores."""
    rng = partial(draw.stream, seed, cohort)
    cancer = draw.draw_levels(rng("cancer"), {k: v[0] for k, v in CANCER.items()}, n)
    race = draw.draw_levels(rng("race"), RACE, n)
    age = draw.scaled_beta(rng("age"), np.full(n, AGE_MEAN), AGE_SD, low=18, high=99)
    centred = age - AGE_MEAN
    noise = rng("fahr_faceage").normal(size=n)
    fahr = age + design.fahr_gap + FAHR_SLOPE * centred + FAHR_SD * noise
    alone = rng("faceage").normal(size=n)
    mixed = design.shared * noise + np.sqrt(1 - design.shared**2) * alone
    faceage = age + FACEAGE_GAP + FACEAGE_SLOPE * centred + FACEAGE_SD * mixed
    score = (
        SCORE_AGE * centred / AGE_SD
        + SCORE_CANCER * np.log([CANCER[name][1] for name in cancer])
        + SCORE_SD * rng("fahr_survival").normal(size=n)
    )
    return pd.DataFrame(
        {
            "patient_id": draw.identifiers(PREFIX[cohort], n),
            "cohort": cohort,
            "fahr_faceage": np.round(fahr, 2),
            "fahr_survival": np.round(score, 4),
            "faceage": np.round(faceage, 2),
            "age": np.round(age, 2),
            "sex": draw.draw_levels(rng("sex"), SEX, n),
            "race": race if cohort == "harvard_rt" else np.full(n, "white"),
            "cancer_group": cancer,
        }
    )


def _clinical(patients: pd.DataFrame, ratios: Mapping[str, float]) -> np.ndarray:
    """Log-hazard of everything but the quartile."""
    ages = np.log(ratios["fahr_faceage per decade"]) * (patients["fahr_faceage"] - CENTRE) / 10
    ages += np.log(ratios["age per decade"]) * (patients["age"] - CENTRE) / 10
    sex = np.log(ratios["male sex"]) * (patients["sex"] == "M")
    race = {level: ratios.get(f"race {level} vs white", 1.0) for level in RACE}
    cancer = {level: ratio for level, (_, ratio) in CANCER.items()}
    total = ages + sex + np.log(patients["race"].map(race))
    return np.asarray(total + np.log(patients["cancer_group"].map(cancer)), float)


def _truth(cohort: str, cuts: np.ndarray, design: Design) -> dict[str, Any]:
    ratios = {
        f"fahr_survival quartile {number} vs 1": ratio
        for number, ratio in enumerate(design.quartiles[cohort].values(), start=2)
    }
    ratios |= {
        term: ratio
        for term, ratio in design.ratios.items()
        if cohort == "harvard_rt" or not term.startswith("race")
    }
    ratios |= {f"cancer group {k} vs breast": v[1] for k, v in CANCER.items() if k != "breast"}
    ids = {}
    if cohort == "harvard_rt":
        ids = {"fahr_survival quartile 4 vs 1": "fahr_survival_q4_vs_q1"}
    return {
        "planted": hazard_terms(ratios, model=MODEL, ids=ids),
        "quartile_cut_points": {
            "values": cuts.tolist(),
            "from": "harvard_rt of the same seed; a score equal to a cut point is in the lower "
            "quartile",
        },
        "scores": {
            "fahr_faceage": {"gap": design.fahr_gap, "slope": FAHR_SLOPE, "noise_sd": FAHR_SD},
            "faceage": {
                "gap": FACEAGE_GAP,
                "slope": FACEAGE_SLOPE,
                "noise_sd": FACEAGE_SD,
                "correlation_of_noise_with_fahr_faceage": design.shared,
            },
            "fahr_survival": {
                "noise_sd": SCORE_SD,
                "per_sd_of_age": SCORE_AGE,
                "per_log_hazard_of_cancer_group": SCORE_CANCER,
            },
        },
        "baseline": weibull(
            SHAPE, SCALE, "white woman with breast cancer in quartile 1, age and FAHR-FaceAge 65"
        ),
        "censoring": {"closure_years_uniform": list(FOLLOW_UP), "dropout_per_year": DROPOUT},
        "margins": {
            "age_mean": AGE_MEAN,
            "age_sd": AGE_SD,
            "sex": SEX,
            "race": RACE if cohort == "harvard_rt" else "not recorded",
            "cancer_group": {name: proportion for name, (proportion, _) in CANCER.items()},
        },
        "missing": {
            "rates": {"race": MISSING_RACE if cohort == "harvard_rt" else 1.0},
            "mechanism": "completely at random (harvard_rt); race is not recorded in maastro_rt",
        },
        "notes": [
            f"The size, {N[cohort]} by default, is assumed: it is not published.",
            "FaceAge has no effect on survival given FAHR-FaceAge. Given age, FAHR-FaceAge and "
            "FAHR-FaceSurvival are independent, so that excluding one from the model hardly "
            "changes the other (by less than 1%).",
            "All coefficients without an id are assumptions.",
        ],
    }
