"""The maastro cohort: curative radiotherapy, all tumour sites, follow-up in days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic.adjustment import LIMITS, adjusted_by, stretched
from faceage_stats.cohorts.synthetic.gap import CANCER_GAP, COHORT_GAP, GapModel
from faceage_stats.cohorts.synthetic.maastro_sites import (
    BMI_MEAN,
    BMI_SD,
    OTHER_CODES,
    SITES,
    Site,
    average,
    margins,
    mean_given_smoking,
)
from faceage_stats.cohorts.synthetic.truth import hazard_terms, planted, planted_gap, weibull

__all__ = ["DESIGN", "N", "Design", "build", "draw_patients"]

N = 4906  # patients of the published analysis; the rows flagged `exclude` come on top
DCIS_PROPORTION = 94 / 4906
MONTHS_CURRENT_MINUS_NEVER = 33.0
MODEL = "age + sex + tumour group"


AGE_HR, MALE_HR = 1.28, 1.20
SHAPE, SCALE = 1.05, 80.0
CENTRE = 65.0  # years; the reference patient of the baseline hazard
FOLLOW_UP = (1.0, 9.5)
DROPOUT = 0.015
GAP_SLOPE, GAP_ECOG, GAP_BMI, GAP_NOISE = -0.30, 0.8, -0.04, 6.3
FORMER_PROPORTION = 0.4  # of the direct effect of current smoking
MISSING = {"smoking": 0.08, "bmi": 0.10, "ps": 0.05}


@dataclass(frozen=True)
class Design:
    """The effects that are planted, which a coverage study leaves out and a match adjusts."""

    faceage_hr: float = 1.151  # per decade
    months_of_smoking: float = MONTHS_CURRENT_MINUS_NEVER
    scale: float = SCALE
    gap_mean: float = COHORT_GAP["maastro"]
    gap_noise: float = GAP_NOISE
    # hazard ratios of a tumour group, where they differ: against breast, per decade of FaceAge,
    # per decade of age, of men
    site_hr: Mapping[str, float] = field(default_factory=dict)
    faceage_in: Mapping[str, float] = field(default_factory=dict)
    age_in: Mapping[str, float] = field(default_factory=dict)
    male_in: Mapping[str, float] = field(default_factory=dict)
    # of the gap in a tumour group: per year of age, beyond that in all; men minus women
    slope_in: Mapping[str, float] = field(default_factory=dict)
    men_in: Mapping[str, float] = field(default_factory=dict)
    # years of FaceAge that are stretched to a limit of its groups
    limits: Mapping[str, float] = field(default_factory=lambda: {str(x): x for x in LIMITS})
    adjusted: str = ""  # file of adjusted draws


DESIGN = Design()


def build(
    seed: int, n: int, design: Design = DESIGN
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The table in the raw codings of the treating centre, and what was planted."""
    patients = draw_patients(seed, n, design)
    if design.adjusted:
        patients = adjusted_by(design.adjusted, patients)
    table = _raw(seed, patients)
    return {"maastro": table}, _truth(table, design, n)


def draw_patients(seed: int, n: int, design: Design = DESIGN) -> pd.DataFrame:
    """Complete patients before any adjustment, the rows to be excluded last."""
    patients = _patients(seed, n, _dcis(n))
    drawn = _faceage(seed, _gap(design), patients)
    patients["faceage"] = stretched(drawn, design.limits)
    patients["time_days"], patients["death"] = _outcome(seed, patients, design)
    return patients


def _dcis(n: int) -> int:
    return round(n * DCIS_PROPORTION)


def _gap(design: Design) -> GapModel:
    own = {f"age in {site}": slope for site, slope in design.slope_in.items()}
    own |= {f"men in {site}": years for site, years in design.men_in.items()}
    effects = {**_smoking_effects(design), "ecog": GAP_ECOG, "bmi": GAP_BMI, **own}
    return GapModel(design.gap_mean, GAP_SLOPE, effects, design.gap_noise)


def _smoking_effects(design: Design) -> dict[str, float]:
    """Direct effects that make the crude difference current minus never as published.

    Smokers differ in site, hence in age and ECOG, both of which move the gap; within a site
    smoking is independent of both, so that the indirect part is a weighted mean over sites.
    """

    def indirect(site: Site) -> float:
        return GAP_SLOPE * site.age[0] + GAP_ECOG * draw.mean_level(site.ecog_weights())

    crude = design.months_of_smoking / 12
    current = crude - (mean_given_smoking(indirect, 2) - mean_given_smoking(indirect, 0))
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
    ecog = average(lambda site: draw.mean_level(site.ecog_weights()))
    columns = {
        "former": ((patients["smoking"] == "former").to_numpy(), average(lambda s: s.smoking[1])),
        "current": (
            (patients["smoking"] == "current").to_numpy(),
            average(lambda s: s.smoking[2]),
        ),
        "ecog": (patients["ecog"].to_numpy(), ecog),
        "bmi": (patients["bmi"].to_numpy(), BMI_MEAN),
        **_of_sites(patients),
    }
    expected_age = average(lambda site: site.age[0])
    rng = draw.stream(seed, "maastro", "faceage")
    return gap.faceage(rng, patients["age"].to_numpy(), expected_age, columns)


def _of_sites(patients: pd.DataFrame) -> dict[str, tuple[np.ndarray, float]]:
    """Age and sex in each tumour group, about its means."""
    found = {}
    for name, site in SITES.items():
        here, male = patients["group"] == name, patients["sex"] == "M"
        found[f"age in {name}"] = ((here * (patients["age"] - site.age[0])).to_numpy(), 0.0)
        found[f"men in {name}"] = ((here * (male - (1 - site.female))).to_numpy(), 0.0)
    return found


def _outcome(seed: int, patients: pd.DataFrame, design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Days and death from proportional hazards in FaceAge, age, sex and tumour group."""
    group = patients["group"]
    site = np.log([design.site_hr.get(name, SITES[name].hazard_ratio) for name in group])
    faceage = np.log([design.faceage_in.get(name, design.faceage_hr) for name in group])
    age = np.log([design.age_in.get(name, AGE_HR) for name in group])
    male = np.log([design.male_in.get(name, MALE_HR) for name in group])
    log_hazard = (
        faceage * (patients["faceage"].to_numpy() - CENTRE) / 10
        + age * (patients["age"].to_numpy() - CENTRE) / 10
        + male * (patients["sex"] == "M").to_numpy()
        + site
    )
    rng = draw.stream(seed, "maastro", "survival")
    years = draw.weibull_times(rng, log_hazard, shape=SHAPE, scale=design.scale)
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


_ONE_RATIO = (
    "One hazard ratio per decade of FaceAge holds in every tumour group; the published values "
    "within breast, GI, GU and lung are not planted, nor are the univariable and FaceAge-group "
    "values, which follow from the planted model and the margins."
)
_ADJUSTED = (
    "The effects are those that the rows were drawn with. Then single patients were adjusted until "
    "the estimates were the published ones: some deaths and censorings, days of censoring, pairs "
    "that exchanged their follow-up, and everyone's FaceAge and age, mostly by less than a year."
)


def _planted_alone(design: Design) -> list[dict[str, Any]]:
    """Published values that this cohort gives on average."""
    crude = planted(
        "current minus never smoker",
        design.months_of_smoking,
        model="unadjusted",
        quantity="age_gap_difference",
        unit="months",
        paper_id="faceage_gap_current_vs_never",
    )
    name = "faceage_maastro_hr_age_sex_site"
    return [planted("faceage per decade", design.faceage_hr, model=MODEL, paper_id=name), crude]


def _by_site(term: str, ratio: float, given: Mapping[str, float]) -> dict[str, float]:
    """One ratio, or one for each tumour group where they differ."""
    return {f"{term} in {site}": each for site, each in given.items()} or {term: ratio}


def _truth(table: pd.DataFrame, design: Design, n: int) -> dict[str, Any]:
    ratios = {
        **_by_site("faceage per decade", design.faceage_hr, design.faceage_in),
        **_by_site("age per decade", AGE_HR, design.age_in),
        **_by_site("male sex", MALE_HR, design.male_in),
    }
    ratios |= {
        f"tumour group {name} vs MAM": design.site_hr.get(name, site.hazard_ratio)
        for name, site in SITES.items()
        if name != "MAM"
    }
    ids = {"faceage per decade": "faceage_maastro_hr_adjusted"}
    alone = [] if design.adjusted else _planted_alone(design)
    return {
        "planted": [
            *hazard_terms(ratios, model=MODEL, ids=ids),
            *alone[:1],
            planted_gap(CANCER_GAP),
            *alone[1:],
        ],
        "gap": _gap(design).truth(),
        "baseline": weibull(SHAPE, design.scale, "woman with breast cancer, age and FaceAge 65"),
        "censoring": {"closure_years_uniform": list(FOLLOW_UP), "dropout_per_year": DROPOUT},
        "margins": margins(),
        "missing": {
            "rates": MISSING,
            "mechanism": "smoking and ps at random given age, bmi completely at random",
            "passive_smokers": int((table["smoking"] == "passive").sum()),
            "bmi_above_100": int((table["bmi"] > 100).sum()),
        },
        "n_analysis": n,
        "n_dcis_rows": _dcis(n),
        "site_codes": draw.count_of(table["site"]),
        "notes": [
            _ADJUSTED if design.adjusted else _ONE_RATIO,
            "The seven rare site codes (pooled as other) share one hazard.",
            f"n counts the patients of the analysis; {_dcis(n)} rows flagged `exclude` are added.",
            "Margins other than the gap, and all coefficients without an id, are assumptions.",
        ],
    }
