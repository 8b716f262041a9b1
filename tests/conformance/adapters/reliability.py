"""Agreement of repeated measurements and of raters."""

from typing import get_args

from faceage_stats.association.agreement.icc import icc
from faceage_stats.association.agreement.kappa import Weights, kappa
from faceage_stats.association.agreement.lin_ccc import lin_ccc

from . import adapter


@adapter("icc")
def intraclass_correlation(args, data, case):
    assert "subject" not in args or data[args["subject"]].is_unique  # a row each
    fit = icc(data, args["raters"], conf_level=args.get("conf_level", 0.95))
    names = {
        "icc": "estimate",
        "f": "statistic",
        "df1": "df",
        "df2": "df_residual",
        "p": "p_value",
        "lower": "conf_low",
        "upper": "conf_high",
    }
    return {
        row["term"]: {key: row[column] for key, column in names.items()}
        for row in fit.tidy().to_dict(orient="records")
    }


@adapter("cohen_kappa")
def cohen(args, data, case):
    answer = {}
    assert args.get("weights") in (None, *get_args(Weights))
    # R's sort(unique(c(rater1, rater2))) are the categories, text as well
    seen = set(data[args["rater1"]].dropna()) | set(data[args["rater2"]].dropna())
    levels = sorted(seen)
    for weights in get_args(Weights):
        fit = kappa(f"~ {args['rater1']} + {args['rater2']}", data, weights=weights, levels=levels)
        row = fit.tidy().iloc[0]
        answer["n"], answer["categories"] = row["n"], list(fit.counts.index)
        answer[weights] = {
            "kappa": row["estimate"],
            "se": row["std_error"],
            "var": row["std_error"] ** 2,
            "se_null": row["std_error_null"],
            "lower95": row["conf_low"],
            "upper95": row["conf_high"],
            "z": row["statistic"],
            "p": row["p_value"],
        }
    return answer


@adapter("lin_concordance")
def concordance_correlation(args, data, case):
    fit = lin_ccc(f"~ {args['x']} + {args['y']}", data, conf_level=args.get("conf_level", 0.95))
    row = fit.tidy().iloc[0]
    return {
        "n": fit.n,
        "ccc": fit.estimate,
        "pearson": fit.pearson,
        "bias_correction": fit.accuracy,
        "z_se": fit.std_error_z,
        "conf_int": [row["conf_low"], row["conf_high"]],
    }
