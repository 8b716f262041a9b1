"""Paired difference of two C indices with a U-statistic variance."""

from __future__ import annotations

from typing import Any

from faceage_stats.survival.concordance.comparison import concordance_test

from . import adapter, only
from .r_order import first_minus_second
from .survfit import survival_formula


@adapter("compare_c")
def compare_c(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(args, higher_marker="higher risk (a leading minus means: negate the column)")
    data = data.assign(a=_risk(args["marker_a"], data), b=_risk(args["marker_b"], data))
    formula = survival_formula(args, "a + b", data)
    test = concordance_test(formula, data=data, reverse=True, method="u-statistic")
    row = first_minus_second(test.tidy(conf_level=args["conf_level"])).iloc[0]
    return {
        "n": test.n,
        "n_events": test.n_event,
        "c_a": row["estimate1"],
        "c_b": row["estimate2"],
        "var_a": test.covariance[0, 0],
        "var_b": test.covariance[1, 1],
        "covariance": test.covariance[0, 1],
        "difference": row["estimate"],
        "var_difference": row["std_error"] ** 2,
        "se_difference": row["std_error"],
        "z": row["statistic"],
        "p": row["p_value"],
        "conf_low": row["conf_low"],
        "conf_high": row["conf_high"],
    }


def _risk(marker: str, data: Any) -> Any:
    """A leading minus negates the column."""
    column = data[marker.removeprefix("-")].astype(float)
    return -column if marker.startswith("-") else column
