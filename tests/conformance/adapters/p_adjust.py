"""Multiple testing."""

from faceage_stats._p_adjust import p_adjust

from . import adapter


@adapter("p_adjust")
def adjust(args, data, case):
    return {
        method: p_adjust(args["p"], method, n=args["n"]).tolist() for method in case["expected"]
    }
