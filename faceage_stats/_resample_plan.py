"""What a resampling draws: rows or clusters, within strata, or the shuffle of one column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._columns import column, require_columns
from faceage_stats._levels import group_codes
from faceage_stats.errors import InputError

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """What is drawn: `units` are lists of rows, `strata` are lists of units."""

    kind: str
    units: tuple[np.ndarray, ...] | None
    strata: tuple[np.ndarray, ...]
    permute: str | None

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        kind: str,
        stratify: str | None,
        cluster: str | None,
        permute: str | None,
    ) -> Plan:
        if kind not in ("bootstrap", "permutation"):
            raise InputError(f"kind is {kind!r}; choose 'bootstrap' or 'permutation'.")
        if (kind == "permutation") != (permute is not None):
            raise InputError("permute= names the column of a permutation, and of nothing else.")
        if kind == "permutation" and cluster is not None:
            raise InputError("a permutation within clusters is stratify=, not cluster=.")
        require_columns([c for c in (stratify, cluster, permute) if c], frame, "resample()")
        if not len(frame):
            raise InputError("the data have no rows to resample.")
        level = _codes(frame, stratify)
        if cluster is None:
            return cls(kind, None, _positions(level), permute)
        code = _codes(frame, cluster)
        units = _positions(code)
        first = np.array([level[rows[0]] for rows in units])
        mixed = sum(bool((level[rows] != level[rows[0]]).any()) for rows in units)
        if mixed:
            raise InputError(
                f"'{stratify}' varies within {mixed} clusters of '{cluster}'; stratify by a column "
                "that is constant within a cluster."
            )
        return cls(kind, tuple(units), _positions(first), permute)

    def rows(self, rng: np.random.Generator) -> np.ndarray:
        """Draw the positions of the rows of one bootstrap sample."""
        # what Generator.choice does, without its checks: they cost as much as a small estimate
        drawn = np.concatenate([m[rng.integers(0, len(m), len(m))] for m in self.strata])
        if self.units is not None:
            drawn = np.concatenate([self.units[unit] for unit in drawn])
        return drawn

    def shuffled(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Shuffle the permuted column within the strata."""
        shuffled = np.arange(len(frame))
        for members in self.strata:
            shuffled[members] = rng.permutation(members)
        values = frame[self.permute].take(shuffled).to_numpy()
        return frame.assign(**{str(self.permute): pd.Series(values, index=frame.index)})

    def without(self, n_rows: int) -> Iterator[np.ndarray]:
        """Give the rows without those of each unit in turn, for the jackknife."""
        units = self.units or tuple(np.array([row]) for row in range(n_rows))
        everything = np.arange(n_rows)
        return (np.delete(everything, unit) for unit in units)


def _codes(frame: pd.DataFrame, name: str | None) -> np.ndarray:
    if name is None:
        return np.zeros(len(frame), np.int64)
    codes = group_codes(column(frame, name, "resample()"))[0]
    n_missing = int((codes < 0).sum())
    if n_missing:
        raise InputError(f"'{name}' is missing in {n_missing} rows; resampling needs it.")
    return codes


def _positions(codes: np.ndarray) -> tuple[np.ndarray, ...]:
    """Rows of each code, in order."""
    order = np.argsort(codes, kind="stable")
    return tuple(np.split(order, np.cumsum(np.bincount(codes))[:-1]))
