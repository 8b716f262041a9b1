"""PhenoAge by its published coefficients."""

from __future__ import annotations

from typing import Any

import faceage_stats as fs

from . import adapter, only


@adapter("phenoage")
def biological_age_of_blood(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(args)
    options = {name: args[name] for name in ("divisor", "cap", "calibrate_creatinine")}
    found = fs.phenoage(data, **options)
    return {
        "phenoage": found["phenoage"],
        "uncapped": found["phenoage_uncapped"],
        "mortality10": found["mortality10"],
    }
