"""The maastro cohort: curative radiotherapy, all tumour sites, follow-up in days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic.gap import CANCER_GAP, COHORT_GAP, GapModel
from faceage_stats.cohorts.synthetic.truth import hazard_terms, planted, planted_gap, weibull

__all__ = ["DESIGN", "N", "Design", "build"]

N = 4906  # patients of the published analysis; the rows flagged `exclude` come on top
DCIS_PROPORTION = 94 / 4906
MONTHS_CURRENT_MINUS_NEVER = 33.0
MODEL = "age + sex + tumour group"


@dataclass(frozen=True)
class Site:
    """Margins of one tumour group."""

    weight: float
    female: float
    age: tuple[float, float]  # mean, standard deviation
    smoking: tuple[float, float, float]  # never, former, current
    ecog: tuple[float, float, float, float]  # 0 to 3
    hazard_ratio: float  # against breast

    def smoking_weights(self) -> dict[str, float]:
        """Chance of each smoking class."""
        return dict(zip(("never", "former", "current"), self.smoking, strict=True))

    def ecog_weights(self) -> dict[int, float]:
        """Chance of each ECOG grade."""
        return dict(enumerate(self.ecog))


SITES: dict[str, Site] = {
    "MAM": Site(0.36, 0.995, (62.0, 10.5), (0.52, 0.30, 0.18), (0.74, 0.23, 0.025, 0.005), 1.0),
    "GE": Site(0.16, 0.38, (66.0, 10.0), (0.36, 0.45, 0.19), (0.45, 0.43, 0.10, 0.02), 8.0),
    "URO": Site(0.16, 0.04, (69.0, 7.5), (0.34, 0.50, 0.16), (0.66, 0.29, 0.045, 0.005), 1.7),
    "LON": Site(0.13, 0.40, (65.5, 9.5), (0.04, 0.54, 0.42), (0.30, 0.50, 0.16, 0.04), 15.0),
    "KNO": Site(0.11, 0.27, (62.5, 9.5), (0.17, 0.42, 0.41), (0.44, 0.44, 0.10, 0.02), 7.5),
    "other": Site(0.08, 0.55, (62.0, 12.5), (0.42, 0.36, 0.22), (0.38, 0.44, 0.14, 0.04), 13.0),
}
MEN_CODES = {"HEM": 20, "NEU": 15, "DER": 10, "SAR": 7, "ALG": 5, "UNK": 3}
OTHER_CODES = {"M": {"GYN": 0, **MEN_CODES}, "F": {"GYN": 90, **MEN_CODES}}

AGE_HR, MALE_HR = 1.28, 1.20
SHAPE, SCALE = 1.05, 80.0
CENTRE = 65.0  # years; the reference patient of the baseline hazard
FOLLOW_UP = (1.0, 9.5)
DROPOUT = 0.015
GAP_SLOPE, GAP_ECOG, GAP_BMI, GAP_NOISE = -0.30, 0.8, -0.04, 6.3
FORMER_PROPORTION = 0.4  # of the direct effect of current smoking
BMI_MEAN, BMI_SD = 26.3, 4.5
MISSING = {"smoking": 0.08, "bmi": 0.10, "ps": 0.05}


@dataclass(frozen=True)
class Design:
    """The effects that are planted, which a coverage study also leaves out."""

    faceage_hr: float = 1.151  # per decade
    months_of_smoking: float = MONTHS_CURRENT_MINUS_NEVER


DESIGN = Design()


def build(
    seed: int, n: int, design: Design = DESIGN
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The table in the raw codings of the treating centre, and what was planted."""
    n_dcis = round(n * DCIS_PROPORTION)
    patients = _patients(seed, n, n_dcis)
    gap = GapModel(
        COHORT_GAP["maastro"],
        GAP_SLOPE,
        {**_smoking_effects(design), "ecog": GAP_ECOG, "bmi": GAP_BMI},
        GAP_NOISE,
    )
    patients["faceage"] = _faceage(seed, gap, patients)
    patients["time_days"], patients["death"] = _outcome(seed, patients, design)
    table = _raw(seed, patients)
    return {"maastro": table}, _truth(gap, table, design, n, n_dcis)


def _average(value: Callable[[Site], float]) -> float:
    """Mean over the sites of a number that belongs to a site."""
    total = sum(site.weight for site in SITES.values())
    return sum(site.weight * value(site) for site in SITES.values()) / total


def _mean_given_smoking(value: Any, smoking: int) -> float:
    """Mean of a site's number among never (0), former (1) or current (2) smokers."""
    proportion = _average(lambda site: site.smoking[smoking])
    return _average(lambda site: site.smoking[smoking] * value(site)) / proportion


def _smoking_effects(design: Design) -> dict[str, float]:
    """Direct effects that make the crude difference current minus never as published.

    Smokers differ in site, hence in age and ECOG, both of which move the gap; within a site
    smoking is independent of both, so that the indirect part is a weighted mean over sites.
    """

    def indirect(site: Site) -> float:
        return GAP_SLOPE * site.age[0] + GAP_ECOG * draw.mean_level(site.ecog_weights())

    crude = design.months_of_smoking / 12
    current = crude - (_mean_given_smoking(indirect, 2) - _mean_given_smoking(indirect, 0))
    return {"former": FORMER_PROPORTION * current, "current": current}


def _patients(seed: int, n: int, n_dcis: int) -> pd.DataFrame:
    """Site, sex, age, smoking, ECOG and BMI of the patients, the DCIS rows last."""
    weights = {name: site.weight for name, site in SITES.items()}
    group = draw.draw_levels(draw.stream(seed, "maastro", "site"), weights, n)
    group = np.concatenate([group, np.full(n_dcis, "MAM")])
    total = len(group)
    mean = np.array([SITES[name].age[0] for name in group])
    sd = np.array([SITES[name].age[1] for name in group])
    age = draw.scaled_beta(draw.stream(seed, "maastro", "age"), mean, sd, low=18, high=98)
    sexes = {name: {"F": site.female, "M": 1 - site.female} for name, site in SITES.items()}
    smoking = {name: site.smoking_weights() for name, site in SITES.items()}
    ecog = {name: site.ecog_weights() for name, site in SITES.items()}
    bmi = draw.scaled_beta(
        draw.stream(seed, "maastro", "bmi"), np.full(total, BMI_MEAN), BMI_SD, low=14, high=60
    )
    return pd.DataFrame(
        {
            "group": group,
            "age": np.round(age, 2),
            "sex": draw.draw_by_group(draw.stream(seed, "maastro", "sex"), group, sexes),
            "smoking": draw.draw_by_group(draw.stream(seed, "maastro", "smoking"), group, smoking),
            "ecog": draw.draw_by_group(draw.stream(seed, "maastro", "ecog"), group, ecog),
            "bmi": np.round(bmi, 1),
            "exclude": np.repeat([0, 1], [n, n_dcis]),
        }
    )


def _faceage(seed: int, gap: GapModel, patients: pd.DataFrame) -> np.ndarray:
    """FaceAge from the gap model, centred on the design's expectations."""
    ecog = _average(lambda site: draw.mean_level(site.ecog_weights()))
    columns = {
        "former": ((patients["smoking"] == "former").to_numpy(), _average(lambda s: s.smoking[1])),
        "current": (
            (patients["smoking"] == "current").to_numpy(),
            _average(lambda s: s.smoking[2]),
        ),
        "ecog": (patients["ecog"].to_numpy(), ecog),
        "bmi": (patients["bmi"].to_numpy(), BMI_MEAN),
    }
    expected_age = _average(lambda site: site.age[0])
    rng = draw.stream(seed, "maastro", "faceage")
    return gap.faceage(rng, patients["age"].to_numpy(), expected_age, columns)


def _outcome(seed: int, patients: pd.DataFrame, design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Days and death from proportional hazards in FaceAge, age, sex and tumour group."""
    site = np.log([SITES[name].hazard_ratio for name in patients["group"]])
    log_hazard = (
        np.log(design.faceage_hr) * (patients["faceage"].to_numpy() - CENTRE) / 10
        + np.log(AGE_HR) * (patients["age"].to_numpy() - CENTRE) / 10
        + np.log(MALE_HR) * (patients["sex"] == "M").to_numpy()
        + site
    )
    rng = draw.stream(seed, "maastro", "survival")
    years = draw.weibull_times(rng, log_hazard, shape=SHAPE, scale=SCALE)
    censoring = draw.stream(seed, "maastro", "censoring")
    return draw.follow_up(censoring, years, window=FOLLOW_UP, dropout_per_year=DROPOUT)


def _raw(seed: int, patients: pd.DataFrame) -> pd.DataFrame:
    """Raw codings with their blemishes: rare codes, passive smokers, typing errors, blanks."""
    n = len(patients)
    age = patients["age"]
    codes = draw.draw_by_group(
        draw.stream(seed, "maastro", "rare codes"), patients["sex"], OTHER_CODES
    )
    rng = draw.stream(seed, "maastro", "blemishes")
    passive = (patients["smoking"] == "never") & (rng.random(n) < 0.03)
    # a lost decimal point: 26.3 becomes 263
    typed = np.where(rng.random(n) < 0.003, patients["bmi"] * 10, patients["bmi"])
    smoking = patients["smoking"].astype(object).mask(passive, "passive")
    order = draw.stream(seed, "maastro", "row order").permutation(n)
    table = pd.DataFrame(
        {
            "faceage": patients["faceage"],
            "age": age,
            "sex": patients["sex"],
            "site": np.where(patients["group"] == "other", codes, patients["group"]),
            "exclude": patients["exclude"],
            "smoking": draw.blank(rng, smoking, MISSING["smoking"], driver=age),
            "bmi": draw.blank(rng, np.round(typed, 1), MISSING["bmi"]),
            "ps": draw.blank(rng, patients["ecog"], MISSING["ps"], driver=age),
            "time_days": patients["time_days"],
            "death": patients["death"],
        }
    ).iloc[order]
    table.insert(0, "patient_id", draw.identifiers("MAA", n))
    return table.reset_index(drop=True)


def _truth(
    gap: GapModel, table: pd.DataFrame, design: Design, n: int, n_dcis: int
) -> dict[str, Any]:
    ratios = {
        "faceage per decade": design.faceage_hr,
        "age per decade": AGE_HR,
        "male sex": MALE_HR,
    }
    ratios |= {
        f"tumour group {name} vs MAM": site.hazard_ratio
        for name, site in SITES.items()
        if name != "MAM"
    }
    crude = planted(
        "current minus never smoker",
        design.months_of_smoking,
        model="unadjusted",
        quantity="age_gap_difference",
        unit="months",
        paper_id="faceage_gap_current_vs_never",
    )
    ids = {"faceage per decade": "faceage_maastro_hr_adjusted"}
    same = planted(
        "faceage per decade",
        design.faceage_hr,
        model=MODEL,
        paper_id="faceage_maastro_hr_age_sex_site",
    )
    return {
        "planted": [
            *hazard_terms(ratios, model=MODEL, ids=ids),
            same,
            planted_gap(CANCER_GAP),
            crude,
        ],
        "gap": gap.truth(),
        "baseline": weibull(SHAPE, SCALE, "woman with breast cancer, age and FaceAge 65"),
        "censoring": {"closure_years_uniform": list(FOLLOW_UP), "dropout_per_year": DROPOUT},
        "margins": _margins(),
        "missing": {
            "rates": MISSING,
            "mechanism": "smoking and ps at random given age, bmi completely at random",
            "passive_smokers": int((table["smoking"] == "passive").sum()),
            "bmi_above_100": int((table["bmi"] > 100).sum()),
        },
        "n_analysis": n,
        "n_dcis_rows": n_dcis,
        "site_codes": draw.count_of(table["site"]),
        "notes": [
            "One hazard ratio per decade of FaceAge holds in every tumour group; the published "
            "values within breast, GI, GU and lung are not planted, nor are the univariable and "
            "FaceAge-group values, which follow from the planted model and the margins.",
            "The seven rare site codes (pooled as other) share one hazard.",
            f"n counts the patients of the analysis; {n_dcis} rows flagged `exclude` are added.",
            "Margins other than the gap, and all coefficients without an id, are assumptions.",
        ],
    }


def _margins() -> dict[str, Any]:
    groups = {
        name: {
            "proportion": site.weight,
            "female": site.female,
            "age_mean": site.age[0],
            "age_sd": site.age[1],
            "smoking_never_former_current": list(site.smoking),
            "ecog_0_to_3": list(site.ecog),
        }
        for name, site in SITES.items()
    }
    return {"tumour_groups": groups, "bmi_mean": BMI_MEAN, "bmi_sd": BMI_SD}
