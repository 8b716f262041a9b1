"""A marker measured with error. What error does to an effect, and what two corrections repair."""

from functools import partial

import error_draws
import faceage_stats as fs
from items._coverage import committed_draws, percent, performance
from items._measured import ERROR_SD, N

TABLES = ()
READS = "committed draws of people whose marker has error"
SIMULATES = True
FILES = ("analysis/drawn/errors*", "analysis/error_draws.py")
METHODS = {
    "none": "As measured",
    "regression calibration": "Regression calibration",
    "SIMEX": "SIMEX",
}


def make(data, settings):
    """Bias and coverage of every study, as measured and corrected."""
    draws, record = committed_draws(error_draws)
    table = performance(draws, ["study", "method"])
    table["method"] = table["method"].map(METHODS)
    table["study"] = table["study"].astype(object)
    table["n_people"] = N
    corrected = table[table["method"] != METHODS["none"]]
    ranges = {
        name: table.loc[table["method"] == METHODS[method], "estimate"]
        for name, method in {"rc": "regression calibration", "simex": "SIMEX"}.items()
    }
    return fs.Item(
        figure=fs.Figure(partial(
            fs.figures.forest, table.drop(columns=["n", "n_people"]), label="method",
            group="study", effect="Proportion of intervals", ratio=False, null=0.95,
            width="double",
        ), label="Intervals that hold the effect"),
        caption=(
            "Proportion of {n} samples of {n_people} people whose 95% interval holds "
            "the effect of the marker without error, with exact 95% intervals for the number "
            "of samples. The error of one photograph has a standard deviation of {error_sd} years."
        ),
        answer=(
            "The 95% intervals of a marker that is taken as it was measured hold its effect in "
            "{none_low}% to {none_high}% of {n} samples, those of regression calibration in "
            "{rc_low}% to {rc_high}%. Those of SIMEX hold it in {simex_high}% where no other "
            "correction can be had (the gain of a C index), and in {simex_low}% in the Cox model, "
            "whose trend the quadratic one follows in part."
        ),
        checks=(
            "With {n} samples a coverage of 95% is estimated within 1.4 points. The Monte Carlo "
            "error of a bias stands beside it."
        ),
        numbers={
            "n": int(record["seeds"]), "n_people": N, "error_sd": int(ERROR_SD),
            "none_low": percent(table.drop(corrected.index)["estimate"].min()),
            "none_high": percent(table.drop(corrected.index)["estimate"].max()),
            **{f"{name}_low": percent(share.min()) for name, share in ranges.items()},
            **{f"{name}_high": percent(share.max()) for name, share in ranges.items()},
        },
        tables={"bias_and_coverage": table},
        source_data=table,
        columns={
            "study": "what is estimated",
            "planted": "effect of the marker without error",
            "mean_estimate": "mean of the estimates",
            "bias": "mean of estimate minus planted",
            "bias_std_error": "Monte Carlo error of the bias",
            "empirical_std_error": "standard deviation of the estimates",
            "estimate": "proportion of the samples",
            "n": "samples drawn",
            "n_people": "people in each sample",
        },
        roles={"n": "setting", "n_people": "setting", "planted": "setting"},
    )  # fmt: skip
