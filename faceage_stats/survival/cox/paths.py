"""The survival that a Cox model predicts for a patient whose covariates change on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._columns import column, numeric
from faceage_stats._compiled import FloatArray
from faceage_stats._formula.parse import split_formula
from faceage_stats._formula.variables import group_column
from faceage_stats._surv import surv_arguments, surv_text
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.baseline import Baseline, BaselineAt
from faceage_stats.survival.cox.fit import CoxFit

__all__ = ["Path", "Piece", "patients", "read_intervals"]


class Piece(NamedTuple):
    """A time on the path: (start, stop], a stratum, covariates and their risk."""

    start: float
    stop: float
    base: Baseline
    x: FloatArray
    risk: float

    def within(self, times: FloatArray) -> FloatArray:
        """Move times before or after the piece to its ends."""
        return np.clip(times, self.start, self.stop)

    def gained(self, times: FloatArray) -> BaselineAt:
        """What the baseline has gained since the start of the piece."""
        ends, start = self.base.at(self.within(times)), self.base.at(np.array([self.start]))
        return BaselineAt(*(end - first for end, first in zip(ends, start, strict=True)))


@dataclass(frozen=True)
class Path:
    """Pieces one after the other; the survival is 1 where the first begins."""

    group: Any
    pieces: tuple[Piece, ...]

    @property
    def label(self) -> str:
        """The strata on the way."""
        return ", ".join(dict.fromkeys(piece.base.label for piece in self.pieces))

    @property
    def grid(self) -> FloatArray:
        """Every distinct follow-up time of the strata, while the patient is in them."""
        grids = [
            p.base.grid[(p.base.grid > p.start) & (p.base.grid <= p.stop)] for p in self.pieces
        ]
        return np.concatenate(grids)

    def hazard(
        self, times: FloatArray, variance: FloatArray, mean: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Cumulative hazard at times, and its variance; missing after the last piece.

        The hazard of each piece is multiplied by its own risk, and its derivative by the
        coefficients is summed up before it is squared.
        """
        cumhaz, own = np.zeros(len(times)), np.zeros(len(times))
        slope = np.zeros((len(times), len(mean)))
        for piece in self.pieces:
            gained = piece.gained(times)
            cumhaz += piece.risk * gained.cumhaz
            own += piece.risk**2 * gained.variance
            shift = gained.cumhaz[:, None] * (piece.x - mean) - gained.mean_integral
            slope += piece.risk * shift
        total = own + np.einsum("ij,jk,ik->i", slope, variance, slope)
        cumhaz[times > self.pieces[-1].stop] = np.nan
        return cumhaz, total

    def numbers(self, times: FloatArray) -> dict[str, FloatArray]:
        """Count the patients of the fit at increasing times, each piece in its stratum."""
        found = {name: np.zeros(len(times)) for name in ("n_risk", "n_event", "n_censor")}
        for piece in self.pieces:
            inside = (times > piece.start) & (times <= piece.stop)
            found["n_risk"][inside] = piece.base.numbers(times)["n_risk"][inside]
            ends = piece.base.numbers(np.append(piece.start, piece.within(times)))
            for name in ("n_event", "n_censor"):
                found[name] += ends[name][1:]
        return found


def read_intervals(fit: CoxFit, newdata: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Read start and stop of each row, from the columns that the formula of the fit names."""
    nodes = surv_arguments(split_formula(fit.formula)[0])
    if len(nodes) != 3:
        raise InputError(
            f"survfit(): id= takes rows of (start, stop], and `{fit.formula}` has no start. Fit "
            "Surv(start, stop, event), or leave id out: one curve per row."
        )
    found = []
    for node in nodes[:2]:
        values = numeric(group_column(node, newdata, "survfit()"), surv_text(node), "time")
        found.append(np.asarray(values, float))
    return found[0], found[1]


def patients(
    name: str, newdata: pd.DataFrame, start: FloatArray, stop: FloatArray
) -> Iterator[tuple[Any, np.ndarray]]:
    """Give each patient's rows in order of time; gaps, overlaps and empty rows are refused."""
    ids = column(newdata, name, "survfit(): id")
    n_missing = int((ids.isna() | np.isnan(start) | np.isnan(stop)).sum())
    if n_missing:
        raise InputError(f"survfit(): id, start or stop is missing in {n_missing} rows of newdata.")
    for label in dict.fromkeys(newdata[name]):
        rows = np.flatnonzero(newdata[name] == label)
        rows = rows[np.argsort(start[rows], kind="stable")]
        if (stop[rows] <= start[rows]).any() or (start[rows][1:] != stop[rows][:-1]).any():
            raise InputError(
                f"survfit(): the rows of {name} {label!r} in newdata are not (start, stop] one "
                "after the other: one is empty, or there is a gap or an overlap."
            )
        yield label, rows
