"""C index of markers and fits, paired comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np

from faceage_stats.survival.concordance.comparison import concordance_test
from faceage_stats.survival.concordance.concordance import concordance
from faceage_stats.survival.cox.coxph import coxph

from . import adapter, only
from .r_order import first_minus_second
from .survfit import survival_formula


@adapter("concordance_marker")
def marker(args: Any, data: Any, case: Any) -> dict[str, Any]:
    result = concordance(
        survival_formula(args, args["formula"].partition("~")[2].strip(), data),
        data,
        timewt=args["timewt"],
        ymin=args.get("ymin"),
        ymax=args.get("ymax"),
        reverse=args["higher_marker_means_worse"],
        weights=args.get("weights"),
        cluster=args.get("cluster"),
    )
    return _single(result)


@adapter("concordance_cox_fit")
def cox_fit(args: Any, data: Any, case: Any) -> dict[str, Any]:
    formula = survival_formula(args, args["formula"].partition("~")[2].strip(), data)
    fit = coxph(formula, data, ties=args["ties"], cluster=args.get("cluster"))
    return _single(concordance(fit, timewt=args["timewt"], ymax=args.get("ymax")))


def _single(result: Any) -> dict[str, Any]:
    row = result.tidy().iloc[0]
    return {
        "n": result.glance()["n"].iloc[0],
        "concordance": row["estimate"],
        "var": row["std_error"] ** 2,
        "se": row["std_error"],
        "counts": {
            "concordant": row["concordant"],
            "discordant": row["discordant"],
            "tied.x": row["tied_x"],
            "tied.y": row["tied_y"],
            "tied.xy": row["tied_xy"],
        },
        "somers_d": 2 * row["estimate"] - 1,
    }


@adapter("concordance_paired_markers")
def paired_markers(args: Any, data: Any, case: Any) -> dict[str, Any]:
    for k in ("1", "2"):
        only(
            args, ties="efron", **{f"terms{k}": [{"kind": "numeric", "column": args[f"marker{k}"]}]}
        )
    formula = survival_formula(args, f"{args['marker1']} + {args['marker2']}", data)
    options = {"timewt": args["timewt"], "ymax": args.get("ymax")}
    return _paired(concordance_test(formula, data=data, reverse=True, **options))


@adapter("concordance_paired_fits")
def paired_fits(args: Any, data: Any, case: Any) -> dict[str, Any]:
    formulas = [" + ".join(map(_term, args[key])) for key in ("terms1", "terms2")]
    fits = [
        coxph(survival_formula(args, right, data), data, ties=args["ties"]) for right in formulas
    ]
    return _paired(concordance_test(*fits, timewt=args["timewt"], ymax=args.get("ymax")))


def _term(term: Any) -> str:
    """A term of `args.terms` as formula text."""
    kind = term["kind"]
    if kind in ("numeric", "factor"):
        return str(term["column"])
    if kind == "scaled":
        return f"I({term['column']} / {term['divide_by']})"
    if kind == "power":
        return f"I({term['column']} ** {term['exponent']})"
    if kind == "interaction":
        return ":".join(term["of"])
    if kind == "ns":
        knots, boundary = term["knots"], term["boundary_knots"]
        return f"ns({term['column']}, knots={knots}, boundary_knots={boundary})"
    return f"{kind}({term['column']})"


def _paired(test: Any) -> dict[str, Any]:
    row = first_minus_second(test.tidy()).iloc[0]
    return {
        "n": test.n,
        "concordance": test.concordance,
        "se": np.sqrt(np.diag(test.covariance)),
        "vcov": test.covariance,
        "difference": row["estimate"],
        "difference_se": row["std_error"],
        "z": row["statistic"],
        "p": row["p_value"],
        "difference_lower95": row["conf_low"],
        "difference_upper95": row["conf_high"],
    }
