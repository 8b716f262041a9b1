"""Audit of the reported numbers against their intervals."""

import faceage_stats as fs
from faceage_stats.reporting.audit import audit
from faceage_stats.reporting.paper import paper_values

TABLES = ()


def make(data, settings):
    """Recompute standard error, z and p from every published estimate and interval."""
    checked = audit(paper_values())
    flagged = checked[checked["flags"] != ""]
    first = ["id", "estimate", "conf_low", "conf_high", "decimals", "p_reported"]
    shown = [*first, "implied_p", "implied_p_low", "implied_p_high", "asymmetry", "flags"]
    return fs.Item(
        answer=(
            "Of {n_checked} published estimates with an interval, {n_flagged} disagree with it "
            "beyond rounding."
        ),
        checks=(
            "That intervals are symmetric on the log scale of a ratio is checked for each "
            "(column asymmetry); rounding is allowed for in every printed digit."
        ),
        numbers={"n_checked": len(checked), "n_flagged": len(flagged)},
        caption=(
            f"{len(checked)} published estimates come with an interval; {len(flagged)} disagree "
            "with it beyond rounding."
        ),
        tables={
            "flagged": flagged[[*first, "flags"]],
            "all_checked": checked[shown],
        },
        columns={
            "id": "identifier of the published value",
            "decimals": "decimals that were printed",
            "p_reported": "p value as printed",
            "implied_p": "p value that estimate and interval imply",
            "implied_p_low": "smallest implied p value that rounding allows",
            "implied_p_high": "largest implied p value that rounding allows",
            "asymmetry": "distance of the estimate from the middle of its interval, in widths",
            "flags": "what disagrees beyond rounding; empty when nothing does",
        },
    )
