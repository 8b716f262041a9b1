"""Figure 2b. Age gap by smoking."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._classes import frequent
from items._present import adjusters, curate, need
from items._quoted import quoted

TABLES = ("maastro",)
COVARIATES = ("age", "sex", "site")


def make(data, settings):
    """Gap of never, former and current smokers, every pair, crude and adjusted."""
    cohort = curate(data["maastro"], "maastro", complete=["smoking"])
    rows = frequent(cohort.rows, "smoking")
    need(rows["smoking"].nunique() > 1, "two classes of smoking")
    first = rows["smoking"].cat.categories[0]
    years = fs.age_gap(rows, by="smoking", reference=first)
    months = fs.age_gap(rows, by="smoking", reference=first, unit="months")
    pairs = months.contrasts(pairs="all")
    adjusted = months.adjusted(adjusters(rows, COVARIATES))
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(
                    fs.figures.gap_by_group,
                    years,
                    points=settings.points("maastro"),
                    width="double",
                ),
                caption=(
                    "FaceAge minus age by smoking in {n} patients whose smoking is known. Box: "
                    "quartiles and median; whiskers: 5th and 95th percentile; diamond: mean. At "
                    "the right: difference of means from the first class with 95% confidence "
                    "interval (Welch)."
                ),
                label="Figure 2b",
            ),
            "months": fs.Figure(
                partial(
                    fs.figures.forest,
                    pairs.assign(label=pairs["group1"] + " - " + pairs["group2"]),
                    effect="Difference of mean age gap (months)",
                    label="label",
                    ratio=False,
                    width="double",
                ),
                caption=(
                    "Difference of mean gap in months between every pair of classes, {n} patients, "
                    "with 95% confidence intervals (Welch)."
                ),
                label="Figure 2b, differences in months",
            ),
        },
        answer=(
            "Current smokers look {faceage_gap_current_vs_never:.0} months older for their age "
            "than people who never smoked ({faceage_gap_current_vs_never:p}), former smokers "
            "{gap_former_vs_never:.0} months. At equal age, sex and tumour site the difference of "
            "current smokers is {gap_current_adjusted:.0} months."
        ),
        checks=(
            "Welch's test assumes neither equal variances nor, with so many patients, normal gaps. "
            "That smokers differ in age, sex and site is what the [adjusted "
            "table](fig2b-table-adjusted-for-age-sex-site) takes into account (HC3 standard "
            "errors)."
        ),
        numbers={"n": len(rows)},
        tables={
            "gaps": months.tidy(),
            "pairwise": pairs,
            "pairwise_corrected_for_age": months.corrected().contrasts(pairs="all"),
            "adjusted_for_age_sex_site": adjusted,
            "trend": months.trend(),
        },
        values=pd.concat([values(pairs), also(pairs, adjusted)]),
        source_data=partial(fs.figures.gap_by_group_data, years),
        flow=cohort.flow,
        notes=(
            "Tables are in months. Smokers differ from others in tumour site, and with it in age: "
            "the adjusted table compares them at equal age, sex and site (least squares, HC3 "
            "standard errors)."
        ),
    )


def also(pairs, adjusted):
    """The other differences that the answer names."""
    return quoted(
        gap_former_vs_never=pairs.query("group1 == 'former' and group2 == 'never'"),
        gap_current_adjusted=adjusted.query("quantity == 'difference' and group == 'current'"),
    )


def values(pairs):
    """The published difference of current from never smokers, in months."""
    row = pairs[(pairs["group1"] == "current") & (pairs["group2"] == "never")]
    row = row.assign(
        id="faceage_gap_current_vs_never",
        quantity="age_gap_difference",
        term="current minus never smoker",
    )
    return row[["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value", "n"]]
