"""Sample sizes and power of Cox models, and of prediction models."""

from __future__ import annotations

from typing import Any

from faceage_stats.prediction.planning.cox_power import cox_power
from faceage_stats.prediction.planning.cox_sample_size import (
    CoxSampleSize,
    cox_sample_size,
    cox_sample_size_pilot,
)
from faceage_stats.prediction.planning.pmsampsize import pmsampsize_binary, pmsampsize_survival
from faceage_stats.prediction.planning.roc_power import roc_power, roc_sample_size

from . import adapter


@adapter("cox_events_continuous_covariate")
def continuous(args: Any, data: Any, case: Any) -> dict[str, Any]:
    size = cox_sample_size(
        args["hr_per_unit"],
        sd=args["covariate_sd"],
        power=args["power"],
        sig_level=args["alpha"],
        r2_other=args["r2_other_covariates"],
        event_fraction=args["event_fraction"],
    )
    answer = _events(size)
    if size.n is not None:
        answer |= {"n_exact": size.n_exact, "n": size.n, "power_at_n": size.power_at(size.n)}
    return answer


def _events(size: CoxSampleSize) -> dict[str, Any]:
    return {"events_exact": size.n_event_exact, "events": size.n_event}


@adapter("cox_power_continuous_covariate")
def power(args: Any, data: Any, case: Any) -> dict[str, Any]:
    value = cox_power(
        args["n"],
        args["hr_per_unit"],
        sd=args["covariate_sd"],
        event_fraction=args["event_fraction"],
        r2_other=args["r2_other_covariates"],
        sig_level=args["alpha"],
    )
    return {"power": value}


@adapter("cox_events_binary_covariate")
def exposed(args: Any, data: Any, case: Any) -> dict[str, Any]:
    size = cox_sample_size(
        args["hr"],
        exposed=args["proportion_exposed"],
        power=args["power"],
        sig_level=args["alpha"],
        r2_other=args["r2_other_covariates"],
    )
    return _events(size)


@adapter("cox_sample_size_from_pilot")
def pilot(args: Any, data: Any, case: Any) -> dict[str, Any]:
    size = cox_sample_size_pilot(
        f"{args['covariate']} ~ {' + '.join(args['others'])}",
        data,
        failure=args["event"],
        hazard_ratio=args["hr_per_unit"],
        power=args["power"],
        sig_level=args["alpha"],
    )
    return {
        "n": size.n,
        "r2_other_covariates": size.r2_other,
        "covariate_variance": size.variance,
        "event_fraction": size.event_fraction,
        "power_at_pilot_n": size.power_at(len(data)),
    }


@adapter("prediction_model_sample_size")
def prediction_model(args: Any, data: Any, case: Any) -> dict[str, Any]:
    options = {
        ours: args[theirs]
        for ours, theirs in {
            "r2_cox_snell": "csrsquared",
            "r2_nagelkerke": "nagrsquared",
            "c_statistic": "cstatistic",
            "shrinkage": "shrinkage",
        }.items()
        if args.get(theirs) is not None
    }
    if args["outcome"] == "survival":
        size = pmsampsize_survival(
            args["parameters"],
            rate=args["rate"],
            times=args["timepoint"],
            mean_follow_up=args["meanfup"],
            **options,
        )
    else:
        size = pmsampsize_binary(args["parameters"], prevalence=args["prevalence"], **options)
    return {
        "n": size.n,
        "n_by_criterion": list(size.n_by_criterion),
        "events": size.n_event,
        "final_shrinkage": size.shrinkage[2],
        "r2_cox_snell": size.r2_cox_snell,
        "max_r2_cox_snell": size.r2_max,
        "nagelkerke_r2": size.r2_nagelkerke,
        "events_per_parameter_rounded": round(size.events_per_parameter, 2),
    }


@adapter("roc_power_one_curve")
def one_roc_curve(args, data, case):
    if "sig.level" not in set(args):  # the level is chosen here, not solved for
        return {}
    level, auc = args["sig.level"], args["auc"]
    given = {"auc": auc, "sig_level": level}
    if "power" in args:
        sizes = roc_sample_size(auc, power=args["power"], kappa=args["kappa"], sig_level=level)
        n_case, n_control = sizes.iloc[0]
        return {**given, "power": args["power"], "ncases": n_case, "ncontrols": n_control}
    n_case, n_control = args["ncases"], args["ncontrols"]
    power = roc_power(auc, n_case, n_control, sig_level=level)
    return {**given, "power": power, "ncases": n_case, "ncontrols": n_control}
