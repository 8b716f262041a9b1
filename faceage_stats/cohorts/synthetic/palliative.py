"""The palliative cohort: metastatic cancer at a palliative radiotherapy consultation, in years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic.gap import CANCER_GAP, COHORT_GAP, GapModel
from faceage_stats.cohorts.synthetic.truth import hazard_terms, planted_gap, weibull

__all__ = ["DESIGN", "N", "Design", "Draw", "build", "draw_patients"]

N = 717
MODEL = "multivariable clinical"

CANCER = {  # proportion, proportion of women, mean age
    "breast": (0.17, 0.99, 60.0),
    "prostate": (0.12, 0.0, 70.0),
    "lung": (0.33, 0.48, 65.0),
    "colorectal": (0.07, 0.45, 61.0),
    "gynaecological": (0.05, 1.0, 61.0),
    "other": (0.26, 0.38, 62.0),
}
AGE_SD = 11.0
ECOG = {0: 0.12, 1: 0.38, 2: 0.29, 3: 0.17, 4: 0.04}
# A latent disease burden ties the bad signs together; it has no direct effect on survival.
LOADING_ECOG = 0.75
COUNTS = {  # log mean at average burden, effect of one SD of burden
    "prior_chemo_courses": (0.15, 0.35),
    "prior_rt_courses": (-0.65, 0.15),
    "hospital_admissions": (-0.75, 0.85),
    "er_admissions": (-0.95, 0.75),
}
METS = {  # probit of the proportion at average burden, effect of one SD of burden
    "mets_bone": (0.20, 0.10),
    "mets_lung": (-0.45, 0.25),
    "mets_liver": (-0.80, 0.85),
    "mets_brain": (-0.75, 0.25),
    "mets_spine": (-0.25, 0.20),
    "mets_lymph": (-0.20, 0.20),
    "mets_adrenal": (-1.35, 0.45),
    "mets_other": (-0.60, 0.35),
}
SYNCHRONOUS = 0.38  # metastatic at diagnosis
MEAN_TO_FIRST, MEAN_TO_CONSULT = 3.2, 1.4

RATIOS = {
    "faceage per decade": 1.117,
    "lung cancer": 1.60,
    "prostate cancer": 0.85,
    "other cancer (gynaecological included)": 1.70,
    "ecog 2": 1.65,
    "ecog 3-4": 2.60,
    "any prior palliative RT": 1.15,
    "any hospital admission": 1.65,
    "any ER admission": 1.25,
    "liver metastases": 1.70,
    "brain metastases": 1.40,
    "spine metastases": 1.10,
    "adrenal metastases": 1.30,
    "other metastases": 1.20,
    "more than 2 courses of palliative chemotherapy": 1.0,
    "years to first metastasis, per year": 0.97,
    "years from metastasis to consult, per year": 0.95,
}
IDS = {"faceage per decade": "faceage_palliative_hr_adjusted"}
SHAPE, SCALE = 0.95, 2.6
CENTRE = 70.0
FOLLOW_UP = (0.8, 6.0)
DROPOUT = 0.05
GAP = GapModel(COHORT_GAP["palliative"], -0.30, {"ecog": 0.8}, noise_sd=6.5)
MISSING = {
    "ecog": 0.02,
    "prior_chemo_courses": 0.01,
    "hospital_admissions": 0.02,
    "years_to_first_metastasis": 0.02,
    "years_metastasis_to_consult": 0.02,
}


@dataclass(frozen=True)
class Design:
    """What may differ between cohorts of this kind; the margins do not."""

    ratios: Mapping[str, float]
    gap: GapModel
    scale: float = SCALE  # years, of the baseline hazard
    high_risk_hr: float = 1.0  # of TEACHH's group C by age, beyond its components
    raised_hr: float = 1.0  # of patients whom FaceAge over 60 raises to a higher group
    exchanged: tuple[tuple[int, int], ...] = ()  # patients who change places in their outcome


DESIGN = Design(RATIOS, GAP)


class Draw(NamedTuple):
    """Complete covariates, the log-hazard, and the time of death before censoring (years)."""

    patients: pd.DataFrame
    log_hazard: np.ndarray
    death_years: np.ndarray


def build(
    seed: int, n: int, design: Design = DESIGN
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The table, and what was planted."""
    drawn = draw_patients(seed, n, design)
    table = drawn.patients.copy()
    rng = draw.stream(seed, "palliative", "blanks")
    for column, rate in MISSING.items():
        table[column] = draw.blank(rng, table[column], rate, driver=table["age"])
    return {"palliative": table}, _truth(design)


def draw_patients(seed: int, n: int, design: Design = DESIGN) -> Draw:
    """The cohort before any value is lost (the reader survey draws its patients from here)."""
    patients = _covariates(seed, n, design)
    log_hazard = pd.Series(0.0, patients.index)
    for term, values in _columns(patients).items():
        log_hazard = log_hazard + np.log(design.ratios[term]) * values
    by_age, by_faceage = (_teachh_group(patients, name) for name in ("age", "faceage"))
    log_hazard = log_hazard + np.log(design.high_risk_hr) * (by_age == 2)
    log_hazard = log_hazard + np.log(design.raised_hr) * (by_faceage > by_age)
    times = draw.weibull_times(
        draw.stream(seed, "palliative", "survival"), log_hazard, shape=SHAPE, scale=design.scale
    )
    days, death = draw.follow_up(
        draw.stream(seed, "palliative", "censoring"),
        times,
        window=FOLLOW_UP,
        dropout_per_year=DROPOUT,
    )
    years, death, times = draw.exchange(
        np.column_stack([draw.to_years(days), death, times]), design.exchanged
    ).T
    patients = patients.assign(years=years, death=death.astype(np.int64))
    return Draw(patients, log_hazard.to_numpy(), times)


def _teachh_group(patients: pd.DataFrame, age: str) -> np.ndarray:
    """TEACHH's group by age, or by FaceAge in its place: 0 is A, 1 is B, 2 is C."""
    points = (
        (~patients["cancer_type"].isin(["breast", "prostate"])).astype(int)
        + (patients["ecog"] >= 2)
        + (patients[age] > 60)
        + (patients["prior_chemo_courses"] >= 2)
        + (patients["hospital_admissions"] >= 1)
        + patients["mets_liver"]
    )
    return np.digitize(points, [2, 5])


def _covariates(seed: int, n: int, design: Design) -> pd.DataFrame:
    def rng(component: str) -> np.random.Generator:
        return draw.stream(seed, "palliative", component)

    cancer = draw.draw_levels(rng("cancer"), {name: row[0] for name, row in CANCER.items()}, n)
    women = {name: {"F": row[1], "M": 1 - row[1]} for name, row in CANCER.items()}
    age_mean = np.array([CANCER[name][2] for name in cancer])
    age = np.round(draw.scaled_beta(rng("age"), age_mean, AGE_SD, low=30, high=97), 2)
    burden = rng("burden").normal(size=n)
    ecog = _ecog(rng("ecog"), burden)
    expected_age = sum(proportion * mean for proportion, _, mean in CANCER.values())
    columns = {"ecog": (ecog, draw.mean_level(ECOG))}
    table = {
        "patient_id": draw.identifiers("PAL", n),
        "faceage": design.gap.faceage(rng("faceage"), age, expected_age, columns),
        "age": age,
        "sex": draw.draw_by_group(rng("sex"), cancer, women),
        "cancer_type": cancer,
        "ecog": ecog,
    }
    for name, (log_mean, effect) in COUNTS.items():
        mean = np.exp(log_mean + effect * burden - effect**2 / 2)
        table[name] = np.minimum(rng(name).poisson(mean), 20)
    for name, (probit, effect) in METS.items():
        table[name] = (probit + effect * burden + rng(name).normal(size=n) > 0).astype(np.int64)
    table |= _intervals(rng("intervals"), n)
    return pd.DataFrame(table)


def _ecog(rng: np.random.Generator, burden: np.ndarray) -> np.ndarray:
    """ECOG 0-4 in exactly the planted proportions, correlated with the burden."""
    unexplained = np.sqrt(1 - LOADING_ECOG**2)
    latent = LOADING_ECOG * burden + unexplained * rng.normal(size=len(burden))
    edges = special.ndtri(np.cumsum(list(ECOG.values()))[:-1])
    return np.asarray(np.searchsorted(edges, latent))


def _intervals(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Diagnosis to first metastasis, and from there to the consultation (years)."""
    to_first = np.minimum(rng.exponential(MEAN_TO_FIRST, n), 20.0)
    to_first = np.where(rng.random(n) < SYNCHRONOUS, 0.0, to_first)
    to_consult = np.minimum(rng.exponential(MEAN_TO_CONSULT, n), 8.0)
    return {
        "years_to_first_metastasis": np.round(to_first, 2),
        "years_metastasis_to_consult": np.round(to_consult, 2),
    }


def _columns(patients: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns of the published model, by their name in `RATIOS`."""
    cancer, ecog = patients["cancer_type"], patients["ecog"]
    return {
        "faceage per decade": (patients["faceage"] - CENTRE) / 10,
        "lung cancer": cancer == "lung",
        "prostate cancer": cancer == "prostate",
        "other cancer (gynaecological included)": cancer.isin(["other", "gynaecological"]),
        "ecog 2": ecog == 2,
        "ecog 3-4": ecog >= 3,
        "any prior palliative RT": patients["prior_rt_courses"] > 0,
        "any hospital admission": patients["hospital_admissions"] > 0,
        "any ER admission": patients["er_admissions"] > 0,
        "liver metastases": patients["mets_liver"],
        "brain metastases": patients["mets_brain"],
        "spine metastases": patients["mets_spine"],
        "adrenal metastases": patients["mets_adrenal"],
        "other metastases": patients["mets_other"],
        "more than 2 courses of palliative chemotherapy": patients["prior_chemo_courses"] > 2,
        "years to first metastasis, per year": patients["years_to_first_metastasis"],
        "years from metastasis to consult, per year": patients["years_metastasis_to_consult"],
    }


def _truth(design: Design) -> dict[str, Any]:
    gap = [planted_gap(CANCER_GAP)] if design.gap == GAP else []
    extra = {
        "TEACHH group C by age, beyond its components": design.high_risk_hr,
        "raised to a higher group by FaceAge over 60": design.raised_hr,
    }
    ratios = {**design.ratios, **{term: hr for term, hr in extra.items() if hr != 1}}
    return {
        "planted": [*hazard_terms(ratios, model=MODEL, ids=IDS), *gap],
        "gap": design.gap.truth(),
        "baseline": weibull(
            SHAPE,
            design.scale,
            "breast or colorectal cancer, ECOG 0-1, no admission, no prior palliative RT, none of "
            "the listed metastases, metastatic at diagnosis, FaceAge 70",
        ),
        "censoring": {"closure_years_uniform": list(FOLLOW_UP), "dropout_per_year": DROPOUT},
        "margins": {
            "cancer_type": {
                name: {"proportion": row[0], "female": row[1], "age_mean": row[2]}
                for name, row in CANCER.items()
            },
            "age_sd": AGE_SD,
            "ecog": ECOG,
            "counts_log_mean_and_burden_effect": COUNTS,
            "metastases_probit_and_burden_effect": METS,
            "synchronous_metastases": SYNCHRONOUS,
        },
        "missing": {"rates": MISSING, "mechanism": "at random given age"},
        "notes": [
            "The TEACHH medians (A 19.9, B 5.0, C 1.7 months) are aimed at, not planted: the "
            "factors act through the hazard ratios above. Chemotherapy courses and age over 60 "
            "have no direct effect; they go with the disease burden and with FaceAge.",
            "'Other cancer' holds gynaecological cancer, as in the public code; breast and "
            "colorectal cancer are the reference.",
            "n counts rows; the complete-case analysis uses fewer.",
            "Margins other than the gap, and all coefficients without an id, are assumptions.",
        ],
    }
