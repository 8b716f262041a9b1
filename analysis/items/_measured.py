"""People whose marker is measured with error, and what the same analysis finds without it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

import faceage_stats as fs

N = 400
ERROR_SD = 4.0  # of one photograph, years
AGE, GAP_SD = (65.0, 9.0), 6.0
HAZARD, FOLLOW_UP = 0.10, (2.0, 8.0)
PER_YEAR, AGE_PER_YEAR = 0.04, 0.02  # log hazard; of FaceAge given age: 1.49 per decade
GRIP_PER_YEAR, GRIP_SD = -0.3, 4.0
RATE, INTERVAL, RATE_EFFECT = (1.0, 3.0), (2.0, 4.0), 0.08  # years per year; years; log hazard


@dataclass(frozen=True)
class Study:
    """An analysis, the column that is measured with error, and how large the error is."""

    name: str
    fit: Callable[[pd.DataFrame], Any]
    marker: str
    error_sd: float | str
    planted: float | None  # None: known from very many people without error
    term: str | None = None
    given: str = "1"
    methods: tuple[str, ...] = ("regression calibration",)


STUDIES = (
    Study("Cox model: log hazard ratio per year of FaceAge",
          lambda d: fs.coxph("Surv(years, death) ~ faceage + age", d),
          "faceage", ERROR_SD, PER_YEAR, "faceage", "age", ("regression calibration", "SIMEX")),
    Study("Linear model: grip strength per year of FaceAge",
          lambda d: fs.lm("grip ~ faceage + age", d),
          "faceage", ERROR_SD, GRIP_PER_YEAR, "faceage", "age"),
    Study("Face Aging Rate: log hazard ratio per year a year",
          lambda d: fs.coxph("Surv(years, death) ~ rate + age", d),
          "rate", "rate_error_sd", RATE_EFFECT, "rate", "age"),
    Study("FaceAge in the place of age: gain of the C index",
          lambda d: fs.concordance_test("Surv(years, death) ~ age + faceage", d, reverse=True),
          "faceage", ERROR_SD, None, methods=("SIMEX",)),
)  # fmt: skip


def people(rng: np.random.Generator, n: int = N, *, error: bool = True) -> pd.DataFrame:
    """FaceAge and a rate of ageing with error or without, grip strength and survival."""
    age = rng.normal(*AGE, n)
    faceage = age + rng.normal(0, GAP_SD, n)
    rate, interval = rng.normal(*RATE, n), rng.uniform(*INTERVAL, n)
    log_hazard = (
        PER_YEAR * (faceage - AGE[0]) + AGE_PER_YEAR * (age - AGE[0]) + RATE_EFFECT * (rate - 1)
    )
    death = rng.exponential(np.exp(-log_hazard) / HAZARD)
    end = rng.uniform(*FOLLOW_UP, n)
    grip = 40 + GRIP_PER_YEAR * (faceage - AGE[0]) + rng.normal(0, GRIP_SD, n)
    rate_error_sd = ERROR_SD * np.sqrt(2) / interval
    noise = rng.normal(size=(2, n)) * float(error)
    return pd.DataFrame(
        {"age": age, "faceage": faceage + ERROR_SD * noise[0], "grip": grip,
         "rate": rate + rate_error_sd * noise[1], "rate_error_sd": rate_error_sd,
         "years": np.minimum(death, end), "death": (death <= end).astype(int)}
    )  # fmt: skip


def row_of(study: Study, table: pd.DataFrame) -> pd.Series:
    """The row of a tidy table that a study is about."""
    return table.iloc[0] if study.term is None else table[table["term"] == study.term].iloc[0]


def estimates(study: Study, rows: pd.DataFrame, seed: int, n_resamples: int) -> pd.DataFrame:
    """What the analysis finds as it is, and corrected; without `n_resamples` not by SIMEX."""
    known = {"marker": study.marker, "error_sd": study.error_sd}
    if "regression calibration" in study.methods:
        both = fs.regression_calibration(study.fit, rows, given=study.given, **known)
        found = {"none": both.fit, "regression calibration": both}
    else:
        found = {"none": study.fit(rows)}
    if "SIMEX" in study.methods and n_resamples:
        found["SIMEX"] = fs.simex(study.fit, rows, n_resamples=n_resamples, seed=seed, **known)
    columns = ["estimate", "conf_low", "conf_high"]
    parts = {method: row_of(study, fit.tidy())[columns] for method, fit in found.items()}
    return pd.DataFrame(parts).T.rename_axis("method").reset_index()


@lru_cache
def truth(study: Study) -> float:
    """What was planted, or what a million people without error give."""
    if study.planted is not None:
        return study.planted
    rows = people(np.random.default_rng(20261130), 1_000_000, error=False)
    return float(row_of(study, study.fit(rows).tidy())["estimate"])
