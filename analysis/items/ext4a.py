"""Extended figure 4a. Age gap by smoking within each tumour site."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._classes import frequent
from items._present import adjusters, curate, need, varying
from items._quoted import quoted
from items._sites import SITES

TABLES = ("maastro",)


def make(data, settings):
    """Pairwise differences of smoking classes within sites, and their interaction."""
    cohort = curate(data["maastro"], "maastro", complete=["smoking"])
    gaps, pairs = [], []
    for site, label in SITES.items():
        rows = frequent(cohort.rows[cohort.rows["site"] == site], "smoking")
        if rows["smoking"].nunique() < 2:
            continue
        fit = fs.age_gap(rows, by="smoking", unit="months")
        gaps.append(fit.tidy().assign(cohort=label))
        pairs.append(fit.contrasts(pairs="all").assign(cohort=label))
    need(pairs, "two classes of smoking in a tumour site")
    table = pd.concat(pairs, ignore_index=True)
    # one family: every pair in every site
    table = fs.adjust_family(table, family="smoking, every pair in every site")
    table["label"] = table["group1"] + " - " + table["group2"]
    names = ["cohort", "group1", "group2", "label"]
    shown = table[[*names, "estimate", "conf_low", "conf_high", "p_value", "n"]]
    together = interaction(cohort.rows)
    figure = partial(
        fs.figures.forest,
        shown.assign(group=shown["cohort"]), effect="Difference of mean age gap (months)",
        label="label", group="group", ratio=False, width="double",
    )  # fmt: skip
    return fs.Item(
        figure=fs.Figure(figure, label="Extended figure 4a"),
        caption=(
            "Difference of the mean age gap between smoking classes within tumour sites, "
            "{n} patients whose smoking is known, with 95% confidence intervals "
            "(Welch); the p values beside them are not adjusted."
        ),
        answer=(
            "The difference between smoking classes "
            "{smoking_by_site:p<0.05|is not the same in every site|does not clearly depend on the "
            "tumour site} (interaction {smoking_by_site:p}, {n} patients)."
        ),
        checks=(
            "The interaction is an F test of a linear model with age and sex; the pairs within "
            "sites are Welch's tests and assume no equal variances."
        ),
        numbers={"n": len(cohort.rows)},
        tables={
            "differences": table.drop(columns="label"),
            "gaps": pd.concat(gaps, ignore_index=True),
            "interaction": together,
        },
        values=quoted(smoking_by_site=together),
        source_data=shown,
        flow=cohort.flow,
        columns={"label": "the two classes compared, first minus second"},
        notes=(
            "p values are adjusted over every pair in every site (Holm). The interaction test asks "
            "whether the difference between smoking classes is the same in every site, given age "
            "and sex (F test of the added terms, least squares)."
        ),
    )


def interaction(rows):
    """F test of smoking x site in a linear model of the gap."""
    if len(varying(rows, ["smoking", "site"])) < 2:
        return pd.DataFrame(columns=["term", "p_value"])  # one site: no interaction
    others = " + ".join(["age", *adjusters(rows, ["sex"])])
    larger, smaller = (fs.lm(f"gap ~ {others} + smoking {sign} site", rows) for sign in "*+")
    return larger.f_test(smaller).assign(term="smoking x site")
