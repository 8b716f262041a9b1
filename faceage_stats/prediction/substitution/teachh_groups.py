"""Groups of two TEACHH scores against each other: cross table, reclassification, Cox models.

`rows` are those of `TEACHHSubstitution`: ``time event``, and ``group_<name>`` of each score.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from faceage_stats.prediction.risk.reclassification import idi, nri
from faceage_stats.prediction.substitution.teachh_score import GROUPS
from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["cross_classified", "group_cox", "net_reclassification"]

_BETWEEN = (0.25, 0.75)  # between the ranks of neighbouring groups
_COLUMNS = ["time", "quantity", "estimate", "std_error", "statistic", "p_value", "conf_low",
            "conf_high"]  # fmt: skip


def group_cox(rows: pd.DataFrame, name: str) -> CoxPH:
    """Cox model of the groups of one score, B being the reference."""
    return coxph(f'Surv(time, event) ~ C(group_{name}, ref="B")', rows)


def cross_classified(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Counts of every pair of groups: ``group1 group2 n n_event``."""
    counts = rows.groupby([f"group_{name}" for name in names], observed=False)["event"]
    table = counts.agg(["size", "sum"]).reset_index()
    table.columns = pd.Index(["group1", "group2", "n", "n_event"])
    return table.astype({"group1": str, "group2": str})


def net_reclassification(
    rows: pd.DataFrame, names: Sequence[str], times: Sequence[float], conf_level: float
) -> pd.DataFrame:
    """NRI of the groups and IDI of the risks that belong to them, second score against first."""
    formula = "Surv(time, event) ~ " + " + ".join(f"risk_{name}" for name in names)
    parts = []
    for time in times:
        groups = nri(formula, _ranks(rows, names), cuts=_BETWEEN, times=time)
        risks = idi(formula, _risks(rows, names, time), times=time)
        parts += [fit.tidy(conf_level=conf_level).assign(time=time) for fit in (groups, risks)]
    return pd.concat(parts, ignore_index=True)[_COLUMNS]


def _ranks(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Groups as the numbers 0, 1/2, 1, which `_BETWEEN` separates."""
    last = len(GROUPS) - 1
    ranks = {f"risk_{name}": rows[f"group_{name}"].cat.codes / last for name in names}
    return rows.assign(**ranks)


def _risks(rows: pd.DataFrame, names: Sequence[str], time: float) -> pd.DataFrame:
    """Risk of death by `time` in the group of each patient, from the Cox model."""
    columns = {}
    for name in names:
        group = rows[f"group_{name}"]
        levels = [level for level in GROUPS if (group == level).any()]
        newdata = pd.DataFrame({f"group_{name}": pd.Categorical(levels, group.cat.categories)})
        survival = group_cox(rows, name).survfit(newdata).at([time])["estimate"].to_numpy()
        risk = dict(zip(levels, 1 - survival, strict=True))
        columns[f"risk_{name}"] = group.astype(object).map(risk).astype(float)
    return rows.assign(**columns)
