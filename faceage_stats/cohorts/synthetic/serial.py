"""Patients with two photographs: the Face Aging Rate and survival from the second, in days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic.truth import hazard_terms, weibull

__all__ = ["DESIGN", "N", "Design", "build"]

N = 2276
MODEL = "interval + sex + race + diagnosis, within an interval class"

# interval class: proportion, first and last day, hazard ratio of FAR > 1 against FAR <= 1
CLASSES = {
    "short": (0.50, 10, 365, 1.25),
    "mid": (0.25, 366, 730, 1.37),
    "long": (0.25, 731, 1460, 1.65),
}
IDS = {f"FAR > 1 vs <= 1, {name} interval": f"far_{name}_ahr" for name in CLASSES}
SEX = {"F": 0.50, "M": 0.50}
RACE = {"white": 0.85, "black": 0.06, "asian": 0.05, "other": 0.04}
DIAGNOSIS = {  # proportion, hazard ratio against breast
    "breast": (0.24, 1.0),
    "gi": (0.10, 2.0),
    "gu": (0.17, 1.1),
    "lung": (0.23, 2.2),
    "hn": (0.07, 1.5),
    "other": (0.19, 1.6),
}
RATIOS = {
    "interval, per year": 0.92,
    "male sex": 1.15,
    "race black vs white": 1.10,
    "race asian vs white": 0.90,
    "race other vs white": 1.05,
}
SHAPE, SCALE = 0.90, 20.0  # years
FIRST_PHOTO, CLOSURE = "2012-01-01", "2023-12-31"
LAST_ENTRY_DAYS = 180  # the second photograph is at least this long before closure
DROPOUT = 0.04
AGE_MEAN, AGE_SD = 62.0, 12.0
GAP, SLOPE, FACE_SD = 3.0, -0.20, 5.5
AGEING_MEAN, AGEING_SD, PHOTO_SD = 1.15, 0.6, 1.2  # years per year, and noise of one photograph
MISSING_RACE = 0.03


@dataclass(frozen=True)
class Design:
    """What may differ between cohorts of this kind; the margins do not."""

    far_hr: Mapping[str, float]  # of FAR > 1 against FAR <= 1, by interval class
    class_hr: Mapping[str, float]  # of the class itself


DESIGN = Design({name: row[3] for name, row in CLASSES.items()}, dict.fromkeys(CLASSES, 1.0))


def build(
    seed: int, n: int, design: Design = DESIGN
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The table, and what was planted."""
    rng = partial(draw.stream, seed, "serial")
    name, interval = _interval(rng("interval"), n)
    closure = pd.Timestamp(CLOSURE)
    span = (closure - pd.Timestamp(FIRST_PHOTO)).days - interval - LAST_ENTRY_DAYS
    start = np.floor(rng("entry").random(n) * span).astype(np.int64)
    photo1 = pd.Timestamp(FIRST_PHOTO) + pd.to_timedelta(start, unit="D")
    photo2 = photo1 + pd.to_timedelta(interval, unit="D")
    patients = _patients(rng, n, interval)
    far = (patients["faceage2"] - patients["faceage1"]) / (interval / DAYS_PER_YEAR)
    step = np.log([design.far_hr[c] for c in name]) * (far > 1).to_numpy()
    step = step + np.log([design.class_hr[c] for c in name])
    times = draw.weibull_times(
        rng("survival"), step + _clinical(patients, interval), shape=SHAPE, scale=SCALE
    )
    days, death = draw.follow_up(
        rng("censoring"),
        times,
        window=np.asarray((closure - photo2).days, float) / DAYS_PER_YEAR,
        dropout_per_year=DROPOUT,
    )
    patients.insert(1, "photo1_on", photo1)
    patients.insert(2, "photo2_on", photo2)
    patients.insert(3, "interval_days", interval)
    table = patients.assign(time_days=days, death=death)
    table["race"] = draw.blank(rng("blanks"), table["race"], MISSING_RACE)
    return {"serial_photos": table}, _truth(design)


def _interval(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Interval class, and a whole number of days that is uniform in it."""
    name = draw.draw_levels(rng, {c: row[0] for c, row in CLASSES.items()}, n)
    first = np.array([CLASSES[c][1] for c in name])
    last = np.array([CLASSES[c][2] for c in name])
    return name, first + np.floor(rng.random(n) * (last - first + 1)).astype(np.int64)


def _patients(
    rng: Callable[[str], np.random.Generator], n: int, interval: np.ndarray
) -> pd.DataFrame:
    """Covariates, and FaceAge at both photographs: a true rate of ageing plus photograph noise."""
    age = draw.scaled_beta(rng("age"), np.full(n, AGE_MEAN), AGE_SD, low=20, high=97)
    face = age + GAP + SLOPE * (age - AGE_MEAN) + FACE_SD * rng("face").normal(size=n)
    rate = rng("ageing").normal(AGEING_MEAN, AGEING_SD, n)
    noise = rng("photographs").normal(0, PHOTO_SD, (2, n))
    later = face + rate * interval / DAYS_PER_YEAR
    return pd.DataFrame(
        {
            "patient_id": draw.identifiers("SER", n),
            "faceage1": np.round(face + noise[0], 2),
            "faceage2": np.round(later + noise[1], 2),
            "age": np.round(age, 2),
            "sex": draw.draw_levels(rng("sex"), SEX, n),
            "race": draw.draw_levels(rng("race"), RACE, n),
            "diagnosis": draw.draw_levels(
                rng("diagnosis"), {k: v[0] for k, v in DIAGNOSIS.items()}, n
            ),
        }
    )


def _clinical(patients: pd.DataFrame, interval: np.ndarray) -> np.ndarray:
    """Log-hazard of everything but the Face Aging Rate."""
    race = {level: RATIOS.get(f"race {level} vs white", 1.0) for level in RACE}
    diagnosis = {level: ratio for level, (_, ratio) in DIAGNOSIS.items()}
    total = np.log(RATIOS["male sex"]) * (patients["sex"] == "M")
    total += np.log(patients["race"].map(race)) + np.log(patients["diagnosis"].map(diagnosis))
    years = interval / DAYS_PER_YEAR
    return np.asarray(total + np.log(RATIOS["interval, per year"]) * years, float)


def _truth(design: Design) -> dict[str, Any]:
    ratios = {f"FAR > 1 vs <= 1, {name} interval": hr for name, hr in design.far_hr.items()}
    ratios |= RATIOS
    ratios |= {f"diagnosis {k} vs breast": v[1] for k, v in DIAGNOSIS.items() if k != "breast"}
    return {
        "planted": hazard_terms(ratios, model=MODEL, ids=IDS),
        "face_aging_rate": {
            "definition": "(faceage2 - faceage1) / (interval_days / 365.25)",
            "true_rate_mean": AGEING_MEAN,
            "true_rate_sd": AGEING_SD,
            "noise_sd_of_one_photograph": PHOTO_SD,
        },
        "interval_classes": {
            name: {"proportion": row[0], "days": [row[1], row[2]]} for name, row in CLASSES.items()
        },
        "baseline": weibull(
            SHAPE, SCALE, "white woman with breast cancer, FAR at most 1, interval near 0"
        ),
        "censoring": {"closure_on": CLOSURE, "dropout_per_year": DROPOUT},
        "margins": {
            "age_mean": AGE_MEAN,
            "age_sd": AGE_SD,
            "sex": SEX,
            "race": RACE,
            "diagnosis": {name: proportion for name, (proportion, _) in DIAGNOSIS.items()},
        },
        "missing": {"rates": {"race": MISSING_RACE}, "mechanism": "completely at random"},
        "notes": [
            "The published ratio is planted as the contrast of a rate above 1 with one of at most "
            "1; the abstract does not state the contrast.",
            "Age and FaceAge have no direct effect here: the published model contains neither.",
            "All coefficients without an id are assumptions.",
        ],
    }
