"""Limits of agreement."""

from faceage_stats.association.agreement.bland_altman import bland_altman

from . import adapter


@adapter("bland_altman")
def limits(args, data, case):
    options = {name: args[name] for name in ("agreement", "conf_level")}
    fit = bland_altman(data, args["x"], args["y"], **options)
    approximate = bland_altman(data, args["x"], args["y"], approximate=True, **options)
    table, glance = fit.tidy().set_index("term"), fit.glance().iloc[0]
    low, high = table.loc["limit_low"], table.loc["limit_high"]
    _, low_1986, high_1986 = approximate.tidy().to_dict("records")
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
        "loa_se_sqrt3n": low_1986["std_error"],
        "loa_lower_ci_sqrt3n": [low_1986["conf_low"], low_1986["conf_high"]],
        "loa_upper_ci_sqrt3n": [high_1986["conf_low"], high_1986["conf_high"]],
    }
