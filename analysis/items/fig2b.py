"""Figure 2b. Age gap by smoking."""

from functools import partial

import faceage_stats as fs
from items._classes import frequent
from items._present import curate, need, varying

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
    figure = partial(
        fs.figures.gap_by_group, years, points=settings.points("maastro"), width="double"
    )
    return fs.Item(
        figure=figure,
        caption=(
            "FaceAge minus age by smoking in {n} patients whose smoking is "
            "known. Box: quartiles and median; whiskers: 5th and 95th percentile; diamond: mean. "
            "At the right: difference of means from the first class with 95% confidence "
            "interval (Welch)."
        ),
        numbers={"n": len(rows)},
        tables={
            "gaps": months.tidy(),
            "pairwise": pairs,
            "pairwise_corrected_for_age": months.corrected().contrasts(pairs="all"),
            "adjusted_for_age_sex_site": months.adjusted(varying(rows, COVARIATES)),
            "trend": months.trend(),
        },
        values=values(pairs),
        source_data=partial(fs.figures.gap_by_group_data, years),
        flow=cohort.flow,
        notes=(
            "Tables are in months. Smokers differ from others in tumour site, and with it in age: "
            "the adjusted table compares them at equal age, sex and site (least squares, HC3 "
            "standard errors)."
        ),
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
