"""Linear model, and two correlations with a shared variable."""

import re

from faceage_stats.association.classical.correlation import cor_test
from faceage_stats.association.classical.correlation_comparison import cor_dependent_test
from faceage_stats.association.regression.lm import lm

from . import adapter
from .glm import linear


def r_terms(names, formula):
    """R writes factor(x)2 where a level stands for a column that the formula makes a factor."""
    for column in re.findall(r"\bfactor\((\w+)\)", formula):
        names = [
            ":".join(
                re.sub(rf"^{column}(?=.)", f"factor({column})", part) for part in name.split(":")
            )
            for name in names
        ]
    return names


@adapter("linear_model")
def linear_model(args, data, case):
    if "formula" not in args:
        return linear(args, data, case)
    fit = lm(args["formula"], data)
    table, row = fit.tidy(), fit.glance().iloc[0]
    table = table[~table["is_reference"].astype(bool)]
    return {
        "terms": r_terms(table["term"].tolist(), args["formula"]),
        "coef": table["estimate"].to_numpy(),
        "se": table["std_error"].to_numpy(),
        "t": table["statistic"].to_numpy(),
        "p": table["p_value"].to_numpy(),
        "lower95": table["conf_low"].to_numpy(),
        "upper95": table["conf_high"].to_numpy(),
        "sigma": row["sigma"],
        "df_residual": row["df_residual"],
        "r_squared": row["r_squared"],
        "adj_r_squared": row["r_squared_adjusted"],
        "f": row["statistic"],
        "f_df1": row["df"],
        "f_df2": row["df_residual"],
        "loglik": row["log_lik"],
        "aic": row["aic"],
        "bic": row["bic"],
        "n": row["n"],
    }


@adapter("dependent_correlations_williams")
def williams(args, data, case):
    test = cor_dependent_test(f"{args['shared']} ~ {args['x1']} + {args['x2']}", data)
    rows = data.dropna(subset=[args["x1"], args["x2"], args["shared"]])
    return {
        "n": test.n,
        "r12": test.estimate1,
        "r13": test.estimate2,
        "r23": cor_test(f"~ {args['x1']} + {args['x2']}", rows).estimate,
        "t": test.statistic,
        "p": test.p_value,
    }
