"""Coverage. What the headline tests do in 200 cohorts that were not matched to the papers."""

from functools import partial

import pandas as pd

import coverage_draws
import faceage_stats as fs
from items._coverage import committed_draws, percent, performance, proportion

TABLES = ()
READS = "committed draws of the unmatched generator"
SIMULATES = True
FILES = ("analysis/drawn/*", "analysis/coverage_draws.py")
LEVEL = 0.05
LABEL = "Synthetic data, not matched"
NAMES = {
    "maastro": "MAASTRO",
    "thoracic": "Thoracic",
    "palliative": "Palliative",
    "survey": "Readers",
    "genotyped": "Genotyped",
    "harvard_rt": "FAHR-Face, Harvard",
    "serial": "Serial photographs",
}
RATIOS = "decade|quartile|FAR, "  # terms that are hazard ratios


def make(data, settings):
    """Bias and coverage where the effect was planted, rejections where it was not."""
    draws, record = committed_draws(coverage_draws)
    terms = draws["term"].drop_duplicates()
    ratios = set(terms[terms.str.contains(RATIOS)])
    planted = draws[(draws["effect"] == "planted") & draws["planted"].notna()]
    estimates = performance(planted, ["cohort", "term"], ratios)
    rejections = type_one(draws[draws["effect"] == "none"])
    shown = pd.concat(
        [
            estimates.assign(label=name_of(estimates), group="Intervals that hold the truth"),
            rejections.assign(label=name_of(rejections), group="True null hypotheses rejected"),
        ]
    )
    return fs.Item(
        figure=fs.Figure(
            partial(drawn, shown.drop(columns=["n", "cohort", "term"])),
            label="Intervals that hold the truth",
        ),
        caption=(
            "Of {n} cohorts of each kind, drawn with seeds of their own and the published sizes: "
            "proportion whose 95% interval holds what was planted, and proportion that reject a "
            "null hypothesis that is true; with exact 95% intervals for the number of cohorts."
        ),
        answer=(
            "Over {n} cohorts the 95% intervals hold what was planted in {lowest}% to {highest}% "
            "of them, and tests at 5% reject a true null hypothesis in {least}% to {most}%."
        ),
        checks=(
            "With {n} cohorts a coverage of 95% is estimated within 3 points. The Monte Carlo "
            "error of a bias stands beside it."
        ),
        numbers={
            "n": int(record["seeds"]),
            "lowest": percent(estimates["estimate"].min()),
            "highest": percent(estimates["estimate"].max()),
            "least": percent(rejections["estimate"].min()),
            "most": percent(rejections["estimate"].max()),
        },
        tables={"bias_and_coverage": estimates, "type_i_error": rejections},
        columns={
            "planted": "value in the model that drew the cohorts; of ratios the ratio",
            "mean_estimate": "mean of the estimates; of ratios the geometric mean",
            "bias": "mean of estimate minus planted; of ratios of their logarithms",
            "bias_std_error": "Monte Carlo error of the bias",
            "empirical_std_error": "standard deviation of the estimates; of ratios of logarithms",
            "estimate": "proportion of the cohorts",
            "n": "cohorts drawn",
        },
        roles={"n": "setting", "planted": "setting"},
        notes=(
            "These cohorts are drawn from the generator as it is, not matched to the published "
            "values: a cohort made to give an estimate says nothing of how estimates vary."
        ),
    )  # fmt: skip


def drawn(table):
    """The proportions, with the mark that their cohorts are synthetic."""
    figure = fs.figures.forest(
        table, effect="Proportion of cohorts", label="label", group="group", ratio=False,
        null=0.95, width="double",
    )  # fmt: skip
    figure.axes[0].axvline(0.05, color="#767676", lw=0.6, ls=(0, (3, 2)), zorder=1)
    fs.figures.mark_synthetic(figure, LABEL)
    return figure


def name_of(table):
    """What a row is of."""
    return (
        table["cohort"].map(NAMES)
        + ": "
        + table["term"].str.replace("faceage", "FaceAge").str.replace("_", ", ")
    )


def type_one(draws):
    """How often a test at 5% rejects a true null hypothesis."""
    rows = [
        {"cohort": cohort, "term": term, **proportion(each["p_value"] < LEVEL)}
        for (cohort, term), each in draws.groupby(["cohort", "term"], sort=False)
    ]
    return pd.DataFrame(rows)
