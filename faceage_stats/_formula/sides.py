"""Columns beside the design: strata, cluster, offset and weights, and who may use them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._columns import evaluate, numeric
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.parse import RightSide
from faceage_stats.errors import FormulaError, InputError

__all__ = ["SideColumns", "Special", "one_cluster", "refuse_unused"]

Special = Literal["strata", "cluster", "offset"]


def refuse_unused(right: RightSide, allow: Set[Special], where: str) -> None:
    """Refuse the specials that a caller does not use: ignored in silence, they would mislead.

    Parameters
    ----------
    right : RightSide
    allow : set of {"strata", "cluster", "offset"}
        What the caller uses.
    where : str
        The caller and the formula, as the message begins.

    Raises
    ------
    FormulaError

    Examples
    --------
    >>> from faceage_stats._formula.parse import parse_right
    >>> refuse_unused(parse_right("age + cluster(id)"), {"offset"}, "`died ~ age + cluster(id)`")
    Traceback (most recent call last):
    faceage_stats.errors.FormulaError: `died ~ age + cluster(id)`: cluster(id) is not used here \
and would be ignored. Remove it.
    """
    for name, text in right.specials.items():
        if name not in allow:
            raise FormulaError(f"{where}: {text} is not used here and would be ignored. Remove it.")


def one_cluster(in_formula: str | None, argument: str | None) -> str | None:
    _refuse_values(cluster=argument)
    if in_formula is not None and argument is not None and in_formula != argument:
        raise FormulaError(
            f"cluster is given twice: cluster({in_formula}) in the formula and "
            f"cluster={argument!r}. Keep one."
        )
    return argument if in_formula is None else in_formula


@dataclass(frozen=True)
class SideColumns:
    """Columns beside the design: strata, cluster, weights, offset."""

    strata: list[pd.Series]
    names: tuple[str, ...]
    cluster: pd.Series | None
    weights: np.ndarray | None
    offset: np.ndarray | None
    missing: np.ndarray

    @classmethod
    def read(
        cls, right: RightSide, data: pd.DataFrame, weights: str | None, cluster: str | None
    ) -> SideColumns:
        _refuse_values(weights=weights, cluster=cluster)
        strata = [evaluate(name, data, "strata()") for name in right.strata]
        ids = evaluate(cluster, data, "cluster") if cluster is not None else None
        w = _weights(weights, data) if weights is not None else None
        offset = None
        if right.offset is not None:
            offset = numeric(evaluate(right.offset, data, "offset()"), right.offset, "offset")
        missing = np.zeros(len(data), bool)
        for series in [*strata, *([ids] if ids is not None else [])]:
            missing |= series.isna().to_numpy()
        for array in (w, offset):
            if array is not None:
                missing |= np.isnan(array)
        return cls(strata, right.strata, ids, w, offset, missing)

    def strata_codes(self, rows: np.ndarray) -> tuple[np.ndarray | None, tuple[str, ...]]:
        if not self.strata:
            return None, ()
        frame = GroupFrame.of(self.names, [series.iloc[rows] for series in self.strata])
        return frame.codes, frame.labels

    def cluster_codes(self, rows: np.ndarray) -> np.ndarray | None:
        if self.cluster is None:
            return None
        return pd.factorize(self.cluster.iloc[rows])[0].astype(np.int64)


def _refuse_values(**columns: Any) -> None:
    """Refuse vectors where the name of a column is expected, so that missing rows are counted."""
    for argument, name in columns.items():
        if name is not None and not isinstance(name, str):
            raise InputError(
                f"{argument} is a {type(name).__name__}; name the column of data that holds it."
            )


def _weights(name: str, data: pd.DataFrame) -> np.ndarray:
    values = numeric(evaluate(name, data, "weights"), name, "weights")
    n_negative = int((values < 0).sum())
    if n_negative:
        raise InputError(f"weights '{name}' are negative in {n_negative} rows; they must be >= 0.")
    return values
