"""Margins of the maastro cohort: its tumour groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = [
    "BMI_MEAN",
    "BMI_SD",
    "OTHER_CODES",
    "SITES",
    "Site",
    "average",
    "margins",
    "mean_given_smoking",
]


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
BMI_MEAN, BMI_SD = 26.3, 4.5


def average(value: Callable[[Site], float]) -> float:
    """Mean over the sites of a number that belongs to a site."""
    total = sum(site.weight for site in SITES.values())
    return sum(site.weight * value(site) for site in SITES.values()) / total


def mean_given_smoking(value: Any, smoking: int) -> float:
    """Mean of a site's number among never (0), former (1) or current (2) smokers."""
    proportion = average(lambda site: site.smoking[smoking])
    return average(lambda site: site.smoking[smoking] * value(site)) / proportion


def margins() -> dict[str, Any]:
    """As the truth of a cohort has them."""
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
