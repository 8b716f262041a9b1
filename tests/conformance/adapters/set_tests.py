"""Set tests of variants, and the Cauchy combination of p values."""

from pathlib import Path

import pandas as pd

import faceage_stats as fs

from ..cases_io import LAST_DIGIT, suite_folders
from . import adapter, only

BETA = {"all 1": None, "equal": None}  # any other text is the beta density (1, 25)


@adapter("set_test")
def set_test(args, data, case):
    only(args, missing_genotypes="replaced by twice the minor allele frequency of the observed")
    is_binary = bool(data[args["trait"]].dropna().isin((0, 1)).all())
    only(args, trait_type="binary" if is_binary else "quantitative")
    genotypes, variants = _table(args["genotypes"]), _table(args["snp_map"])
    sets = {g: variants.loc[variants["gene"] == g, "snp"].tolist() for g in args["genes"]}
    fit = fs.set_test(
        genotypes,
        data,
        f"{args['trait']} ~ {' + '.join(args['covariates']) or '1'}",
        sets=sets,
        test=args["test"],
        weights=BETA.get(args["weights"], (1, 25)),
        mac_threshold=args.get("mac_threshold") or 10,
        id=args["id"],
    )
    details = fit.details()
    rows = fit.tidy(p_adjust="none").to_dict("records")
    listed = {row["gene"] for row in case["expected"]["results"]}  # some are left out by the case
    return {
        "n": fit.n,
        "results": [_row(row, details, args["test"]) for row in rows if row["gene"] in listed],
    }


def _row(row, details, test):
    answer = {"gene": row["gene"], "n_snps": row["n_variant"], "p": row["p_value"]}
    if test in ("skat", "burden"):
        answer |= {"Q": row["statistic"], "p_package_default": row["p_value"]}
    if test == "acat_v":
        answer["n_snps_mac_at_most_10"] = row["n_rare"]
    if test in ("acat", "skat_o"):
        detail = details[details["gene"] == row["gene"]]
        p = detail["p_value"]
        if test == "acat":
            answer |= {"snp_p": p.tolist(), "min_p_bonferroni": fs.p_adjust(p, "bonferroni").min()}
        else:
            answer |= {"rho": detail["rho"].tolist(), "p_at_rho": p.tolist()}
            answer["rho_of_minimum"] = row["rho"]
    return answer


def _table(name: str) -> pd.DataFrame:
    """A second data file of the case, from whichever suite has it."""
    paths = [folder / name for folder in suite_folders()]
    found: Path = next(path for path in paths if path.is_file())
    return pd.read_csv(found, keep_default_na=False, na_values=[""], **LAST_DIGIT)


@adapter("acat")
def acat(args, data, case):
    return {"p": fs.acat(args["p_values"], args["weights"]).p_value}
