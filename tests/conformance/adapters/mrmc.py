"""Multi-reader multi-case analysis."""

from __future__ import annotations

from typing import Any

from faceage_stats.prediction.readers.mrmc import MRMC, mrmc

from . import adapter, only
from .r_order import first_minus_second


@adapter("mrmc")
def mrmc_case(args: Any, data: Any, case: Any) -> dict[str, Any]:
    only(args, metric="empirical_auc")
    fixed = {"readers": args["readers"], "cases": args["cases"]}
    fixed = next((name for name, kind in fixed.items() if kind == "fixed"), None)
    data = data.assign(**{args["truth"]: (data[args["truth"]] == args["positive"]).astype(int)})
    fit = mrmc(
        f"{args['truth']} ~ {args['rating']}",
        data,
        reader=args["reader"],
        case=args["case"],
        modality=args["modality"],
        covariance=args["covariance"],
        fixed=fixed,
    )
    level = args["conf_level"]
    answer = _counts_and_components(fit, level)
    answer["modality_means"] = _records(fit.tidy(conf_level=level), {"std_error": "se"})
    renamed = {"modality1": "modality_a", "modality2": "modality_b", "std_error": "se",
               "p_value": "p"}  # fmt: skip
    answer["differences"] = _records(
        first_minus_second(fit.contrasts(conf_level=level), "modality"), renamed
    )
    if fixed == "readers":
        answer["reader_auc"] = _records(fit.readers(conf_level=level), {"std_error": "se"})
        # the reference takes the 95% limits of these whatever the level of the case
        each = first_minus_second(fit.reader_contrasts(conf_level=0.95), "modality")
        answer["reader_differences"] = _records(each, {**renamed, "statistic": "z"})
    return answer


def _counts_and_components(fit: MRMC, level: float) -> dict[str, Any]:
    overview = fit.glance().iloc[0]
    c = fit.components().set_index("quantity")["estimate"]
    readers = fit.readers(conf_level=level)
    test = fit.analysis.test()
    chi_squared = fit.analysis.fixed == "readers"
    return {
        "n_modalities": len(fit.study.modalities),
        "n_readers": overview["n_reader"],
        "n_positive": overview["n_event"],
        "n_negative": overview["n"] - overview["n_event"],
        "auc": _records(readers, {"estimate": "auc"}),
        "mean_squares": {name: c[name] for name in c.index if name.startswith("ms_")},
        "auc_covariance_order": _records(readers, {}),
        "auc_covariance": fit.vcov().to_numpy(),
        "auc_se": readers["std_error"],
        "or_components": {
            "error_variance": c["error_variance"],
            "cov1_same_reader_other_modality": c["cov1"],
            "cov2_other_reader_same_modality": c["cov2"],
            "cov3_other_reader_other_modality": c["cov3"],
            "reader_variance": c["reader_variance"],
            "modality_reader_variance": c["modality_reader_variance"],
        },
        "global_test": {
            **({"chisq": test.statistic, "df": test.df} if chi_squared else
               {"F": test.statistic, "df1": test.df, "df2": test.df_residual}),
            "p": test.p_value,
            "denominator": test.denominator,
        },
    }  # fmt: skip


def _records(table: Any, names: dict[str, str]) -> list[dict[str, Any]]:
    return table.rename(columns=names).to_dict(orient="records")
