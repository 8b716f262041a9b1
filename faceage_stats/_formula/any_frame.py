"""Frames of either outcome, every special accepted: for callers that do not say what they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._formula.design import Design
from faceage_stats._formula.frame import (
    ModelFrame,
    SurvivalFrame,
    model_frame,
    survival_frame,
)
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.outcome import BinaryFrame, binary_frame
from faceage_stats._formula.parse import split_formula
from faceage_stats._formula.sides import Special
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats._surv import Surv

__all__ = ["AnyFrame", "any_binary_frame", "any_frame", "any_group_frame"]

_ALL: frozenset[Special] = frozenset({"strata", "cluster", "offset"})


@dataclass(frozen=True)
class AnyFrame:
    """The fields of a frame, with either `surv` or `y`."""

    design: Design
    x: np.ndarray
    surv: Surv | None
    y: np.ndarray | None
    strata: np.ndarray | None
    strata_labels: tuple[str, ...]
    cluster: np.ndarray | None
    weights: np.ndarray | None
    offset: np.ndarray | None
    rows: np.ndarray
    index: pd.Index
    n_missing: int

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.rows)


def any_frame(
    formula: str,
    data: Any,
    *,
    weights: str | None = None,
    cluster: str | None = None,
    states: bool = False,
) -> AnyFrame:
    """Evaluate a formula on data, whatever its outcome and specials."""
    frame: SurvivalFrame | ModelFrame
    if split_formula(formula)[0].startswith("Surv"):
        frame = survival_frame(
            formula, data, allow=_ALL, weights=weights, cluster=cluster, states=states
        )
    else:
        frame = model_frame(formula, data, allow=_ALL, weights=weights, cluster=cluster)
    return AnyFrame(**{"surv": None, "y": None, **vars(frame)})


def any_group_frame(
    formula: str, data: Any, *, weights: str | None = None, cluster: str | None = None
) -> tuple[AnyFrame, GroupFrame | None]:
    """Evaluate ``outcome ~ groups``; the groups are None for ``~ 1``."""
    data = as_pandas(data)
    left, right = split_formula(formula)
    survival = left.startswith("Surv")
    if not survival:
        data, formula = data.assign(_event_=0), f"Surv({left}, _event_) ~ {right}"
    frame, groups = survival_groups(formula, data, allow=_ALL, weights=weights, cluster=cluster)
    y = None if survival else frame.surv.time
    fields = {**vars(frame), "surv": frame.surv if survival else None, "y": y}
    return AnyFrame(**fields), None if groups.labels == ("all",) else groups


def any_binary_frame(formula: str, data: Any, levels: Sequence[Any] | None = None) -> BinaryFrame:
    """Evaluate ``outcome ~ columns`` for a binary outcome, whatever its specials."""
    return binary_frame(formula, data, levels, allow=_ALL)
