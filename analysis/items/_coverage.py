"""What many draws say of an estimate: bias, spread, and how often its interval holds the truth."""

import json

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats.errors import FaceageError


def committed_draws(maker):
    """The draws that a script of analysis/ wrote, and its record; refused of another generator."""
    record = json.loads(maker.MADE_FROM.read_text(encoding="utf-8"))
    if record["generator"] != maker.generator_sha256():
        raise FaceageError(
            f"analysis/drawn/{maker.DRAWS.name} is of another generator: run "
            f"`python analysis/{maker.__name__}.py`, and commit what it writes."
        )
    return pd.read_csv(maker.DRAWS), record


def performance(draws, by, ratios=()):
    """Bias, spread and coverage of each estimate.

    Draws are ``planted estimate conf_low conf_high``; `by` names each estimate by a pair of
    columns, the second of which is a hazard ratio where it is one of `ratios`.
    """
    rows = []
    for names, each in draws.groupby(by, sort=False):
        planted = each["planted"].iloc[0]
        scale, back = (np.log, np.exp) if names[-1] in ratios else (np.asarray, np.asarray)
        error = scale(each["estimate"]) - scale(planted)
        held = (each["conf_low"] <= planted) & (planted <= each["conf_high"])
        rows.append(
            {
                **dict(zip(by, names, strict=True)), "planted": planted,
                "mean_estimate": float(back(scale(each["estimate"]).mean())),
                "bias": error.mean(), "bias_std_error": error.std() / np.sqrt(len(each)),
                "empirical_std_error": error.std(), **proportion(held),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def proportion(held):
    """Share of the draws, with its exact interval."""
    test = fs.binom_test(int(held.sum()), len(held)).tidy().iloc[0]
    return {**test[["estimate", "conf_low", "conf_high"]], "n": len(held)}


def percent(share):
    """A proportion as a number of percent, to one decimal."""
    return round(100 * float(share), 1)
