"""Markers with error: regression calibration, SIMEX, replicates, Deming regression."""

from __future__ import annotations

from typing import Any

import faceage_stats as fs

from . import adapter

MODELS = {"cox": fs.coxph, "linear": fs.lm, "logistic": fs.logistic}


def model_of(args: Any) -> Any:
    """The model as a function of the data, its covariates and the columns that it uses."""
    covariates = args["covariates"] or []
    terms = " + ".join([args["error_prone"], *covariates])
    if args["model"] == "cox":
        outcome, used = f"Surv({args['time']}, {args['event']})", [args["time"], args["event"]]
    else:
        outcome, used = args["outcome"], [args["outcome"]]
    fit = MODELS[args["model"]]
    return (lambda d: fit(f"{outcome} ~ {terms}", d)), covariates, [*used, args["error_prone"]]


@adapter("regression_calibration")
def calibrated(args: Any, data: Any, case: Any) -> dict[str, Any]:
    fit_fn, covariates, used = model_of(args)
    found = fs.regression_calibration(
        fit_fn,
        data.dropna(subset=[*used, *covariates]),
        marker=args["error_prone"],
        given=" + ".join(covariates) or "1",
        reliability=args["reliability"],
    )
    table, about = found.tidy(), found.glance().iloc[0]
    return {
        "n": about["n"],
        "error_variance": about["error_sd"] ** 2,
        "calibration_slope": found.calibration_slope,
        "xhat_first6": found.marker_expected.head(6),
        "naive_coef": table["estimate_uncorrected"],
        "naive_se": found.fit.tidy()["std_error"],
        "corrected_coef": table["estimate"],
        "corrected_se_calibration_fixed": table["std_error"],
    }


@adapter("simex")
def extrapolated(args: Any, data: Any, case: Any) -> dict[str, Any]:
    fit_fn, _, _ = model_of(args)
    assert args["standard_normal_errors"]  # the table beside the first
    found = fs.simex(
        fit_fn,
        data,
        marker=args["error_prone"],
        error_sd=args["error_sd"],
        added_variance=args["lambda"],
        extrapolation=args["extrapolation"],
        errors=case["data2"].to_numpy(),
    )
    table, path = found.tidy(), found.path
    added = path[path["added_variance"] > 0]
    return {
        "terms": ["x_" if term == args["error_prone"] else term for term in table["term"]],
        "naive": table["estimate_uncorrected"],
        "mean_coef_by_lambda": [
            part["estimate"] for _, part in added.groupby("added_variance", sort=True)
        ],
        "simex": table["estimate"],
    }


@adapter("reliability_from_replicates")
def replicates(args: Any, data: Any, case: Any) -> dict[str, Any]:
    pair, outcome = list(args["replicates"]), args["outcome"]
    rows = data.dropna(subset=[*pair, outcome])
    rows = rows.assign(mean_of_two=rows[pair].mean(axis=1))
    repeats, agreement = fs.repeatability(rows, pair), fs.icc(rows, pair).tidy()
    icc = dict(zip(agreement["term"], agreement["estimate"], strict=True))
    reliability = icc["ICC1k"]
    found = fs.regression_calibration(
        lambda d: fs.lm(f"{outcome} ~ mean_of_two", d),
        rows,
        marker="mean_of_two",
        reliability=reliability,
    )
    slope, about = found.tidy().iloc[1], found.glance().iloc[0]
    correlation = fs.disattenuate(fs.cor_test(f"~ {outcome} + mean_of_two", rows), reliability)
    return {
        "n": about["n"],
        "error_variance": repeats.tidy()["estimate"].iloc[0] ** 2,
        "true_variance": about["true_sd"] ** 2,
        "reliability_single": icc["ICC1"],
        "reliability_mean_of_two": reliability,
        "naive_slope": slope["estimate_uncorrected"],
        "corrected_slope": slope["estimate"],
        "naive_correlation": correlation["estimate_uncorrected"].item(),
        "corrected_correlation": correlation["estimate"].item(),
    }


@adapter("deming_regression")
def line(args: Any, data: Any, case: Any) -> dict[str, Any]:
    ratio = args["error_variance_ratio_y_over_x"]
    table = fs.deming(f"{args['y']} ~ {args['x']}", data, error_ratio=ratio).tidy()
    return {
        "n": table["n"].iloc[0],
        "intercept": table["estimate"].iloc[0],
        "slope": table["estimate"].iloc[1],
        "jackknife_se": table["std_error"],
        "lower": table["conf_low"],
        "upper": table["conf_high"],
    }
