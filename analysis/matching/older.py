"""What the matched cohort of patients of 60 or more must give, and what is turned to that end."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import faceage_stats as fs
from faceage_stats.cohorts.synthetic import older
from faceage_stats.cohorts.synthetic.matched import SEED
from faceage_stats.reporting.agreement import standard_error
from faceage_stats.reporting.paper import paper_values
from items import discordance
from matching.goals import goal
from matching.knobs import Knob, Study

__all__ = ["OLDER"]

Vector = NDArray[np.float64]
PRINTED = paper_values().set_index("id").to_dict("index")
EARLY = "faceage60_or_30day_gap_ge10"  # printed with its p value
RATIOS = [*discordance.IDS.values(), *older.ODDS]
SHARES = ["faceage60_share_older", "faceage60_median_faceage", "faceage60_median_age"]


def _realised(design: older.Design) -> Vector:
    """Logarithm of every ratio, standard error of the first odds ratio, share and medians."""
    table = older.build(SEED, older.N, design)[0]["older_rt"]
    rows = fs.curate(table, "older_rt").rows
    hazards = discordance.fit(rows, discordance.COVARIATES).tidy(exponentiate=True)
    early = [discordance.early_death(rows, days) for days in older.DAYS]
    ratios = pd.concat([*(_of(hazards, t) for t in discordance.IDS),
                        *(_of(odds, discordance.OLDER) for odds in early)])  # fmt: skip
    low, high = ratios.iloc[len(discordance.IDS)][["conf_low", "conf_high"]]
    share = 100 * (rows["gap"] > 0).mean()
    medians = rows["faceage"].median(), rows["age"].median()
    error = standard_error(low, high, log=True)
    return np.array([*np.log(ratios["estimate"]), error, share, *medians])


def _of(table: pd.DataFrame, term: str) -> pd.DataFrame:
    return table[table["term"] == term]


def _margin(value: Vector) -> float:
    """How far inside the rounding of every printed number, p values beside one left out."""
    logs, rest = value[: len(RATIOS)], value[len(RATIOS) + 1 :]
    halves = np.repeat([0.005, 0.5], [len(RATIOS), len(SHARES)])
    printed = np.array([PRINTED[name]["estimate"] for name in [*RATIOS, *SHARES]])
    found = np.concatenate([np.exp(logs), rest])
    return float(np.min(1 - np.abs(found - printed) / halves))


OLDER = Study(
    "older_rt",
    older.DESIGN,
    [
        *(Knob((who, "later"), 0.03, 0.1) for who in ("older", "younger")),
        *(Knob(("older", days), 0.05, 0.2) for days in ("30 days", "60 days")),
        Knob(("shape",), 0.02, 0.1),
        Knob(("gap", "mean"), 0.1, 0.5, log=False),
    ],
    _realised,
    np.array(
        [*(np.log(PRINTED[name]["estimate"]) for name in RATIOS), goal(EARLY)[1],
         *(PRINTED[name]["estimate"] for name in SHARES)]
    ),
    np.array([0.002, 0.002, 0.002, 0.002, 0.0015, 0.2, 0.3, 0.3]),
    _margin,
)  # fmt: skip
