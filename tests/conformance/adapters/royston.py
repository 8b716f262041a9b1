"""Royston and Sauerbrei's D."""

from __future__ import annotations

from typing import Any

from faceage_stats.prediction.risk.royston import royston
from faceage_stats.survival.cox.coxph import coxph

from . import adapter, only

SHARED = "tied linear predictors share the mean of their normal scores"


@adapter("royston_sauerbrei")
def separation(args: Any, data: Any, case: Any) -> dict[str, Any]:
    left = f"Surv({args['time']}, {args['event']})"
    ties = args["ties"] == SHARED
    if args["linear_predictor"]:
        only(args, cox_ties="efron")
        return _values(royston(f"{left} ~ {args['linear_predictor']}", data, ties=ties))
    fit = coxph(f"{left} ~ {' + '.join(args['terms'])}", data, ties=args["cox_ties"])
    result, adjusted = royston(fit, ties=ties), royston(fit, ties=ties, adjust=True)
    return {
        **_values(result),
        "r2_nagelkerke": result.r2_nagelkerke,
        "adjusted": {"d": adjusted.d, "d_se": adjusted.d_se, "r2_d": adjusted.r2_d},
        "coef": fit.coef.to_numpy(),
    }


def _values(result: Any) -> dict[str, Any]:
    names = ("n", "d", "d_se", "r2_d", "r2_kent_oquigley", "gonen_heller_c")
    values = {name: getattr(result, name) for name in names}
    return {**values, "n_events": result.n_event}
