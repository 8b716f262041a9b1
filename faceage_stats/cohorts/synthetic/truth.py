"""What was planted: records that go into `<cohort>.truth.json` beside the table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["hazard_terms", "planted", "planted_gap", "weibull"]


def planted(
    term: str,
    estimate: float,
    *,
    model: str,
    quantity: str = "hazard_ratio",
    unit: str = "ratio",
    paper_id: str | None = None,
) -> dict[str, Any]:
    """One planted value; `paper_id` is the published value, None when there is none."""
    record: dict[str, Any] = {
        "id": paper_id,
        "quantity": quantity,
        "term": term,
        "model": model,
        "estimate": estimate,
        "unit": unit,
        "source": "published" if paper_id else "ours",
    }
    if quantity == "hazard_ratio":
        record["log_estimate"] = math.log(estimate)
    return record


def hazard_terms(
    ratios: Mapping[str, float], *, model: str, ids: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """One record per term of a proportional-hazards model; `ids` maps term to published id."""
    ids = ids or {}
    return [planted(term, hr, model=model, paper_id=ids.get(term)) for term, hr in ratios.items()]


def planted_gap(pooled: float) -> dict[str, Any]:
    """The published gap of all cancer patients against the reference, planted over 3 cohorts."""
    return planted(
        "cancer minus non-cancer reference",
        pooled,
        model="maastro, thoracic and palliative pooled at their published sizes",
        quantity="mean_age_gap_difference",
        unit="years",
        paper_id="faceage_gap_cancer_vs_reference",
    )


def weibull(shape: float, scale: float, reference: str) -> dict[str, Any]:
    """Describe the baseline hazard, and the median survival that it gives the reference patient."""
    return {
        "family": "weibull",
        "hazard": "(shape / scale) * (t / scale)**(shape - 1)",
        "shape": shape,
        "scale_years": scale,
        "reference_patient": reference,
        "median_years_of_reference_patient": scale * math.log(2) ** (1 / shape),
    }
