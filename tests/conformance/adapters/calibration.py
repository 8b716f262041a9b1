"""Calibration of predicted risks, binary and survival."""

from __future__ import annotations

from typing import Any

from faceage_stats.prediction.risk.calibration import calibration

from . import adapter, only


@adapter("calibration_binary")
def binary(args: Any, data: Any, case: Any) -> dict[str, Any]:
    result = calibration(f"{args['outcome']} ~ {args['probability']}", data, n_resamples=0)
    table = result.tidy().set_index("quantity")
    estimate, p_value, se = table["estimate"], table["p_value"], table["std_error"]
    return {
        "n": result.n,
        "n_events": result.n_event,
        "c_statistic": estimate["c_statistic_binned"],
        "dxy": estimate["somers_dxy_binned"],
        "brier": estimate["brier"],
        "brier_scaled": estimate["brier_scaled"],
        "r2_nagelkerke_at_given_probabilities": estimate["r_squared_nagelkerke"],
        "spiegelhalter_z": estimate["spiegelhalter_z"],
        "spiegelhalter_p": p_value["spiegelhalter_z"],
        "intercept_with_slope": estimate["intercept_with_slope"],
        "intercept_with_slope_se": se["intercept_with_slope"],
        "slope": estimate["slope"],
        "slope_se": se["slope"],
        "calibration_in_the_large": estimate["intercept"],
        "calibration_in_the_large_se": se["intercept"],
        "mean_predicted": estimate["mean_predicted"],
        "mean_observed": estimate["mean_observed"],
        "unreliability_chisq": estimate["unreliability"],
        "unreliability_df": table["df"]["unreliability"],
        "unreliability_p": p_value["unreliability"],
        "intercept_lr_chisq": estimate["intercept_lr_test"],
        "slope_given_intercept_lr_chisq": estimate["slope_given_intercept_lr_test"],
    }


@adapter("calibration_survival")
def survival(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(args, ties="efron")
    result = calibration(
        f"Surv({args['time']}, {args['event']}) ~ {args['risk']}",
        data,
        times=args["horizon"],
        lp=args["linear_predictor"],
        groups=args["n_groups"],
        n_resamples=0,
    )
    table = result.tidy().set_index("quantity")
    slope = table.loc["slope"]
    names = {"mean_predicted_risk": "predicted", "observed_risk": "estimate"}
    names |= {"observed_se": "std_error", "group": "group", "n": "n"}
    groups = result.groups().to_dict(orient="records")
    return {
        "n": result.n,
        "n_events": result.n_event,
        "slope": slope["estimate"],
        "slope_se": slope["std_error"],
        "slope_conf_low": slope["conf_low"],
        "slope_conf_high": slope["conf_high"],
        "slope_minus_1": table.loc["slope_minus_1", "estimate"],
        "test_slope_1_z": slope["statistic"],
        "test_slope_1_p": slope["p_value"],
        "observed_risk": table.loc["observed_risk", "estimate"],
        "observed_risk_se": table.loc["observed_risk", "std_error"],
        "mean_predicted_risk": table.loc["mean_predicted", "estimate"],
        "expected_to_observed": 1 / table.loc["observed_expected_ratio", "estimate"],
        "groups": [{new: group[old] for new, old in names.items()} for group in groups],
    }
