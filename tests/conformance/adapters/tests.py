"""Classical tests: R's names for the fields on the left, ours on the right."""

import math

import pandas as pd

from faceage_stats.association.classical.aov import aov
from faceage_stats.association.classical.correlation import cor_test
from faceage_stats.association.classical.correlation_comparison import cor_diff_test
from faceage_stats.association.classical.counts import (
    chisq_test,
    fisher_test,
    mcnemar_test,
)
from faceage_stats.association.classical.effect_size import hedges_g, smd, smd_categorical
from faceage_stats.association.classical.means import oneway_test, t_test
from faceage_stats.association.classical.normality import shapiro_test
from faceage_stats.association.classical.partial_cor import partial_cor
from faceage_stats.association.classical.proportions import binom_test, prop_test
from faceage_stats.association.classical.ranks import kruskal_test, wilcox_test
from faceage_stats.association.classical.spread import levene_test, var_test
from faceage_stats.association.regression.lm import lm

from . import adapter, only


def _htest(test, case, estimates=(), statistic="statistic"):
    """Our row under the names that R prints; `estimates` maps R's labels to ours."""
    expected = case["expected"]
    row = {
        "statistic": test.statistic,
        "df": test.df,
        "p": test.p_value,
        "se": test.std_error,
        "estimate": dict(estimates),
        "conf_int": [test.conf_low, test.conf_high],
        "conf_level": test.conf_level,
        "alternative": test.alternative or "two.sided",
    }
    return {key: row[key] for key in expected if key in row}


def _finite(limits):
    return [limit if limit is None or math.isfinite(limit) else None for limit in limits]


def _two_groups(args, data):
    order = [args["group1"], args["group2"]]
    kept = data[data[args["group"]].isin(order)].copy()
    kept[args["group"]] = pd.Categorical(kept[args["group"]], categories=order)
    return f"{args['value']} ~ {args['group']}", kept


@adapter("t_test")
def welch_student_paired(args, data, case):
    options = {
        "alternative": args.get("alternative", "two.sided"),
        "conf_level": args.get("conf_level", 0.95),
    }
    if args["paired"]:
        test = t_test(f"Pair({args['x']}, {args['y']}) ~ 1", data, **options)
        estimates = {"mean difference": test.estimate}
    else:
        where = f"{args['value']} where {args['group']} == {{}}".format
        only(args, x=where(args["group1"]), y=where(args["group2"]))
        formula, kept = _two_groups(args, data)
        test = t_test(formula, kept, var_equal=args["var_equal"], **options)
        estimates = {"mean of x": test.estimate1, "mean of y": test.estimate2}
    row = _htest(test, case, estimates)
    return {**row, "conf_int": _finite(row["conf_int"])}


@adapter("t_test_one_sample")
def one_sample(args, data, case):
    test = t_test(f"{args['value']} ~ 1", data, mu=args["mu"], conf_level=args["conf_level"])
    return _htest(test, case, {"mean of x": test.estimate})


@adapter("pearson", "spearman", "kendall")
def correlation(args, data, case):
    test = cor_test(
        f"~ {args['x']} + {args['y']}",
        data,
        method=args["analysis"],
        exact=args.get("exact"),
        continuity=args.get("continuity", False),
        conf_level=args.get("conf_level", 0.95),
    )
    label = {"pearson": "cor", "spearman": "rho", "kendall": "tau"}[args["analysis"]]
    return _htest(test, case, {label: test.estimate})


@adapter("partial_correlation")
def partial(args, data, case):
    given = [args["given"]] if isinstance(args["given"], str) else args["given"]
    formula = f"~ {args['x']} + {args['y']} | {' + '.join(given)}"
    test = partial_cor(formula, data, method=args["method"])
    values = {
        "n": test.n,
        "estimate": test.estimate,
        "t": test.statistic,
        "df": test.df,
        "p": test.p_value,
        "conf_int": [test.conf_low, test.conf_high],
    }
    return {key: values[key] for key in case["expected"]}


@adapter("independent_correlations_fisher_z")
def fisher_z(args, data, case):
    parts = [data[data[args["group"]] == args[g]] for g in ("group1", "group2")]
    tests = [cor_test(f"~ {args['x']} + {args['y']}", part) for part in parts]
    test = cor_diff_test(tests[0].estimate, tests[0].n, tests[1].estimate, tests[1].n)
    return {
        "r1": tests[0].estimate,
        "r2": tests[1].estimate,
        "n1": tests[0].n,
        "n2": tests[1].n,
        "z": test.statistic,
        "p": test.p_value,
    }


@adapter("kruskal_wallis")
def kruskal(args, data, case):
    return _htest(kruskal_test(f"{args['value']} ~ {args['group']}", data), case)


@adapter("anova_tukey")
def anova(args, data, case):
    fit = aov(f"{args['value']} ~ {args['group']}", data)
    table, pairs = fit.tidy(), fit.tukey()
    return {
        "df": table["df"].tolist(),
        "sum_sq": table["sum_sq"].tolist(),
        "mean_sq": table["mean_sq"].tolist(),
        "f": table["statistic"].iloc[0],
        "p": table["p_value"].iloc[0],
        "eta_squared": fit.eta_squared,
        "tukey": {
            "comparison": (pairs["group1"].astype(str) + "-" + pairs["group2"]).tolist(),
            "diff": pairs["estimate"].tolist(),
            "lower": pairs["conf_low"].tolist(),
            "upper": pairs["conf_high"].tolist(),
            "p_adjusted": pairs["p_adjusted"].tolist(),
        },
    }


@adapter("anova_welch")
def welch_anova(args, data, case):
    test = oneway_test(f"{args['value']} ~ {args['group']}", data)
    return {**_htest(test, case), "df": {"num df": test.df, "denom df": test.df_residual}}


@adapter("chisq")
def chisq(args, data, case):
    test = chisq_test(f"~ {args['rows']} + {args['columns']}", data, correct=args["correct"])
    wide = test.cells().set_index(["level1", "level2"])
    return {
        **_htest(test, case),
        "observed": wide["observed"].unstack(sort=False).to_numpy(),
        "expected_counts": wide["expected"].unstack(sort=False).to_numpy(),
    }


@adapter("fisher_exact")
def fisher(args, data, case):
    test = fisher_test(f"~ {args['rows']} + {args['columns']}", data)
    return _htest(test, case, {"odds ratio": test.estimate})


@adapter("shapiro_wilk")
def shapiro(args, data, case):
    return _htest(shapiro_test(data[args["value"]]), case)


@adapter("variance_ratio_f")
def variance_ratio(args, data, case):
    formula, kept = _two_groups(args, data)
    test = var_test(formula, kept)
    row = _htest(test, case, {"ratio of variances": test.estimate})
    return {**row, "df": {"num df": test.df, "denom df": test.df_residual}}


@adapter("levene")
def levene(args, data, case):
    test = levene_test(f"{args['value']} ~ {args['group']}", data, center=args["center"])
    return {"f": test.statistic, "df1": test.df, "df2": test.df_residual, "p": test.p_value}


@adapter("mcnemar")
def mcnemar(args, data, case):
    test = mcnemar_test(data.eval(args["x"]), data.eval(args["y"]), correct=args["correct"])
    return _htest(test, case)


@adapter("binomial_exact")
def binomial(args, data, case):
    test = binom_test(args["x"], args["n"], args["p0"])
    row = _htest(test, case, {"probability of success": test.estimate})
    return {**row, "df": test.n}  # R's htest keeps the number of trials there


@adapter("proportion_wilson", "two_proportions")
def proportions(args, data, case):
    test = prop_test(args["x"], args["n"], correct=args["correct"])
    if test.estimate1 is None:
        estimates = {"p": test.estimate}
    else:
        estimates = {"prop 1": test.estimate1, "prop 2": test.estimate2}
    return _htest(test, case, estimates)


@adapter("standardized_mean_difference")
def standardized_difference(args, data, case):
    formula, kept = _two_groups(args, data)
    _, n1, n2 = lm(formula, kept).tidy()["n"]  # of the intercept, and of each group
    return {
        "n1": n1,
        "n2": n2,
        "smd_average_variance": smd(formula, kept).estimate,
        "cohen_d_pooled": hedges_g(formula, kept, correct=False).estimate,
        "hedges_g": hedges_g(formula, kept).estimate,
    }


@adapter("standardized_mean_difference_binary")
def standardized_difference_binary(args, data, case):
    _, kept = _two_groups(args, data)
    counts = chisq_test(f"~ {args['group']} + {args['value']}", kept).cells()
    first, second = (part["observed"] for _, part in counts.groupby("level1", sort=False))
    share = prop_test([first.iloc[1], second.iloc[1]], [first.sum(), second.sum()])
    return {
        "p1": share.estimate1,
        "p2": share.estimate2,
        "smd": smd_categorical(first, second).estimate,
    }


@adapter("wilcoxon_rank_sum")
def rank_sum(args, data, case):
    only(args, hodges_lehmann=True)
    formula, kept = _two_groups(args, data)
    test = wilcox_test(formula, kept, exact=args["exact"], correct=args.get("correct", True))
    return _htest(test, case, {"difference in location": test.estimate})


@adapter("wilcoxon_signed_rank")
def signed_rank(args, data, case):
    only(args, hodges_lehmann=True)
    test = wilcox_test(
        f"Pair({args['x']}, {args['y']}) ~ 1",
        data,
        exact=args["exact"],
        correct=args.get("correct", True),
    )
    return _htest(test, case, {"(pseudo)median": test.estimate})
