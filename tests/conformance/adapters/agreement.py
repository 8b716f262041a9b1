"""Limits of agreement."""

import math

from scipy import stats

from faceage_stats.association.agreement.bland_altman import bland_altman

from . import adapter


@adapter("bland_altman")
def limits(args, data, case):
    fit = bland_altman(
        data,
        args["x"],
        args["y"],
        agreement=args["agreement"],
        conf_level=args["conf_level"],
    )
    table, glance = fit.tidy().set_index("term"), fit.glance().iloc[0]
    # Bland and Altman's 1986 approximation, from the same standard deviation
    approximate = glance["std_dev"] * math.sqrt(3 / glance["n"])
    half_width = stats.t.ppf(0.5 + args["conf_level"] / 2, glance["n"] - 1) * approximate
    low, high = table.loc["limit_low"], table.loc["limit_high"]
    return {
        "n": glance["n"],
        "bias": table.loc["bias", "estimate"],
        "sd": glance["std_dev"],
        "loa_lower": low["estimate"],
        "loa_upper": high["estimate"],
        "bias_ci": table.loc["bias", ["conf_low", "conf_high"]].tolist(),
        "loa_se": low["std_error"],
        "loa_lower_ci": [low["conf_low"], low["conf_high"]],
        "loa_upper_ci": [high["conf_low"], high["conf_high"]],
        "loa_se_sqrt3n": approximate,
        "loa_lower_ci_sqrt3n": [low["estimate"] - half_width, low["estimate"] + half_width],
        "loa_upper_ci_sqrt3n": [high["estimate"] - half_width, high["estimate"] + half_width],
    }
