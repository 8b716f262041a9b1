"""One-sided tests, several groups, strata, repeated ratings and pairs."""

from __future__ import annotations

from typing import Any

import pandas as pd

import faceage_stats as fs

from . import adapter


def row(test: Any, **more: Any) -> dict[str, Any]:
    """The row of a test under R's names."""
    return {
        "statistic": test.statistic,
        "df": test.df,
        "p": test.p_value,
        "estimate": test.estimate,
        "conf_int": [test.conf_low, test.conf_high],
        "n": test.n,
        **more,
    }


def in_levels(args: Any, data: Any) -> Any:
    """The rows of the groups that a case names, in its order."""
    column = data[args["group"]].astype("Int64" if args["levels"][0].isdigit() else str)
    group = pd.Categorical(column.astype("string"), args["levels"])
    return data.assign(**{args["group"]: group}).dropna(subset=[args["group"]])


def by_group(args: Any) -> str:
    return f"{args['outcome']} ~ {args['group']}"


@adapter("correlation_test")
def correlation(args: Any, data: Any, case: Any) -> dict[str, Any]:
    options = {name: args[name] for name in ("method", "alternative", "conf_level", "exact")}
    return row(fs.cor_test(f"~ {args['x']} + {args['y']}", data, **options))


@adapter("proportion_test")
def proportions(args: Any, data: Any, case: Any) -> dict[str, Any]:
    test = fs.prop_test(
        args["successes"],
        args["totals"],
        p=args["null_p"],
        alternative=args["alternative"],
        correct=args["continuity_correction"],
        conf_level=args["conf_level"],
    )
    several = len(args["totals"]) > 1
    return row(test, estimate=test.cells()["estimate"] if several else test.estimate)


@adapter("proportion_trend")
def trend(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return row(fs.prop_trend_test(args["successes"], args["totals"], scores=args["scores"]))


@adapter("variance_ratio_test")
def variance_ratio(args: Any, data: Any, case: Any) -> dict[str, Any]:
    test = fs.var_test(
        by_group(args),
        in_levels(args, data),
        ratio=args["null_ratio"],
        alternative=args["alternative"],
        conf_level=args["conf_level"],
    )
    return row(test, df=[test.df, test.df_residual])


@adapter("chisq_goodness_of_fit")
def goodness_of_fit(args: Any, data: Any, case: Any) -> dict[str, Any]:
    test = fs.chisq_test(args["counts"], p=args["probabilities"])
    cells = test.cells()
    return row(
        test,
        expected_counts=cells["expected"],
        standardised_residuals=cells["std_residual"],
    )


@adapter("mantel_haenszel")
def mantel_haenszel(args: Any, data: Any, case: Any) -> dict[str, Any]:
    if "rows" in args:
        factors, stratum = (args["rows"], args["columns"]), args["strata"]
        options = {"correct": args["correct"]}
    else:
        factors, stratum = (args["row"], args["column"]), args["stratum"]
        options = {"correct": args["continuity_correction"], "exact": args["exact"]}
    test = fs.mantelhaen_test(f"~ {' + '.join(factors)} | {stratum}", data, **options)
    levels = {name: list(each.unique()) for name, each in test.cells().items()}
    shared = row(test, conf_level=test.conf_level, alternative=test.alternative)
    if "rows" in args:
        return {**shared, "estimate": {"common odds ratio": test.estimate}}
    return {
        **shared,
        "dim": [len(levels[name]) for name in ("level1", "level2", "strata")],
        "levels_row": levels["level1"],
        "levels_column": levels["level2"],
    }


@adapter("mcnemar_k")
def mcnemar(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return row(fs.mcnemar_test(args["table"], correct=args["continuity_correction"]))


@adapter("fisher_exact_r_by_c")
def fisher(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return row(fs.fisher_test(args["table"]))


@adapter("cochran_q")
def cochran(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return row(fs.cochran_q_test(data, args["columns"]))


@adapter("friedman")
def friedman(args: Any, data: Any, case: Any) -> dict[str, Any]:
    test = fs.friedman_test(data, args["columns"])
    return row(test, kendall_w=test.estimate)


@adapter("bartlett_test")
def bartlett(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return row(fs.bartlett_test(by_group(args), in_levels(args, data)))


@adapter("fligner_test")
def fligner(args: Any, data: Any, case: Any) -> dict[str, Any]:
    return row(fs.fligner_test(by_group(args), in_levels(args, data)))


@adapter("tost")
def equivalence(args: Any, data: Any, case: Any) -> dict[str, Any]:
    if args["paired"]:
        formula = f"Pair({args['outcome']}, {args['outcome2']}) ~ 1"
    else:
        formula, data = by_group(args), in_levels(args, data)
    test = fs.tost(
        formula,
        data,
        low=args["low"],
        high=args["high"],
        var_equal=args["equal_variances"],
        sig_level=args["alpha"],
    )
    bounds, whole = test.tidy(), test.glance().iloc[0]
    return {
        "difference": whole["estimate"],
        "df": whole["df"],
        "t_lower": bounds["statistic"][0],
        "p_lower": bounds["p_value"][0],
        "t_upper": bounds["statistic"][1],
        "p_upper": bounds["p_value"][1],
        "p_tost": whole["p_value"],
        "conf_int": [whole["conf_low"], whole["conf_high"]],
    }


def pairs(test: Any) -> dict[str, Any]:
    """A table of pairs: R's first group is the earlier level, ours the later one."""
    table = test.tidy().rename(columns={"group1": "group2", "group2": "group1"})
    return {name: column.tolist() for name, column in table.items()}


@adapter("pairwise_t")
def pairwise_t(args: Any, data: Any, case: Any) -> dict[str, Any]:
    options = {"p_adjust": args["adjust"], "pool_sd": args["pooled_sd"]}
    return pairs(fs.pairwise_t_test(by_group(args), in_levels(args, data), **options))


@adapter("pairwise_wilcox")
def pairwise_wilcox(args: Any, data: Any, case: Any) -> dict[str, Any]:
    data = in_levels(args, data)
    return pairs(fs.pairwise_wilcox_test(by_group(args), data, p_adjust=args["adjust"]))


@adapter("dunn")
def dunn(args: Any, data: Any, case: Any) -> dict[str, Any]:
    found = pairs(fs.dunn_test(by_group(args), in_levels(args, data), p_adjust=args["adjust"]))
    return {**found, "z": found["statistic"], "p": found["p_value"]}


@adapter("games_howell")
def games_howell(args: Any, data: Any, case: Any) -> dict[str, Any]:
    data, level = in_levels(args, data), args["conf_level"]
    found = pairs(fs.games_howell_test(by_group(args), data, conf_level=level))
    names = {"q": "statistic", "p": "p_adjusted", "lower": "conf_low", "upper": "conf_high"}
    return {**found, **{r: found[ours] for r, ours in names.items()}}
