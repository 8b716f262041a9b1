"""The Cox models that the matched maastro cohort must give, figures 3b and 3c."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.cohorts.synthetic.adjustment import LIMITS
from matching.slopes import Cox, Outcome

__all__ = [
    "CRUDE", "LAST_DAY", "NAMES", "REST", "Model", "models", "numbers", "outcome", "rest", "slopes",
]  # fmt: skip

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]
LAST_DAY = int(7 * DAYS_PER_YEAR)  # deaths after it are not counted
PARTS = {"maastro": None, "breast": "MAM", "gi": "GE", "gu": "URO", "lung": "LON"}
REST = ("KNO", "other")  # of which no ratio was published
STEPS = {"uva": 1, "age": 2, "age_sex": 3, "age_sex_site": 8}  # covariates, FaceAge the first
SITES = ["GE", "URO", "LON", "KNO", "other"]  # against breast
GROUPS = range(2, len(LIMITS) + 2)  # of FaceAge, against the first
CRUDE = [f"faceage_group{k}_hr_uva" for k in GROUPS]
ADJUSTED = [f"faceage_group{k}_hr_mva" for k in GROUPS]
MOVED = ("faceage", "age", "male")  # covariates that single patients have more or less of


@dataclass(frozen=True, eq=False)
class Model:
    """A fit: ids of its first terms, its patients, and which columns are those of `MOVED`."""

    names: list[str]
    rows: NDArray[np.bool_]
    fit: Cox
    moved: dict[int, int]


def outcome(patients: pd.DataFrame) -> tuple[Whole, Whole, Whole]:
    """FaceAge group, days and deaths within the follow-up that counts."""
    days = patients["time_days"].to_numpy()
    band = np.digitize(patients["faceage"], LIMITS, right=True)
    death = patients["death"].to_numpy() * (days <= LAST_DAY)
    return band, np.minimum(days, LAST_DAY + 1), death.astype(np.int64)


def models(patients: pd.DataFrame) -> list[Model]:
    """All of them, ages in decades, the last two those of the FaceAge groups."""
    band, days, death = outcome(patients)
    ages = [patients[name].to_numpy() / 10 for name in MOVED[:2]]
    male = (patients["sex"] == "M").to_numpy(float)
    sites = [(patients["group"] == site).to_numpy(float) for site in SITES]
    everyone = np.ones(len(patients), bool)
    found = []
    for part, site in PARTS.items():
        rows = everyone if site is None else (patients["group"] == site).to_numpy()
        here = Outcome(days[rows], death[rows])
        for step, count in STEPS.items():
            if count <= len(STEPS) or site is None:
                x = np.column_stack([*ages, male, *sites][:count])[rows]
                moved = {k: k for k in range(min(count, len(MOVED)))}
                found.append(Model([f"faceage_{part}_hr_{step}"], rows, Cox(here, x), moved))
    here, groups = Outcome(days, death), np.eye(len(LIMITS) + 1)[band][:, 1:]
    adjusted = np.column_stack([groups, ages[1], male, *sites])
    k = groups.shape[1]
    return [
        *found,
        Model(ADJUSTED, everyone, Cox(here, adjusted), {k: 1, k + 1: 2}),
        Model(CRUDE, everyone, Cox(here, groups), {}),
    ]


def rest(patients: pd.DataFrame) -> list[Model]:
    """FaceAge given age and sex in each tumour group of `REST`."""
    _, days, death = outcome(patients)
    x = np.column_stack([*(patients[name] / 10 for name in MOVED[:2]), patients["sex"] == "M"])
    moved = {k: k for k in range(len(MOVED))}
    rows = [(patients["group"] == site).to_numpy() for site in REST]
    return [Model([s], r, Cox(Outcome(days[r], death[r]), x[r].astype(float)), moved)
            for s, r in zip(REST, rows, strict=True)]  # fmt: skip


NAMES = [
    *(
        f"faceage_{part}_hr_{step}"
        for part, site in PARTS.items()
        for step, count in STEPS.items()
        if count <= len(STEPS) or site is None
    ),
    *ADJUSTED,
]


def numbers(found: list[Model]) -> Vector:
    """Log ratio and standard error of each id."""
    pairs = [
        (model.fit.log_ratios[term], model.fit.errors[term])
        for model in found
        for term in range(len(model.names))
    ]
    return np.ravel(pairs)


def slopes(found: list[Model]) -> Vector:
    """Derivative of each number by each of `MOVED`, of every patient: number, covariate, row."""
    rows = []
    for model in found:
        columns = list(model.moved)
        for term in range(len(model.names)):
            fit = model.fit
            for each in (
                fit.ratio_slopes(fit.variance[term], columns), fit.error_slopes(term, columns)
            ):  # fmt: skip
                row = np.zeros((len(MOVED), len(model.rows)))
                row[np.ix_(list(model.moved.values()), np.flatnonzero(model.rows))] = each
                rows.append(row)
    return np.array(rows)
