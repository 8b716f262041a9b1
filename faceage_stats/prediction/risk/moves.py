"""Patients whose risk, or category of risk, changes when a new risk replaces an old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faceage_stats._scalar import check_numbers
from faceage_stats.errors import InputError
from faceage_stats.prediction.risk.risks import Pair, risk_category

__all__ = ["IDI_NAME", "Moves", "check_cuts"]

IDI_NAME = "integrated discrimination improvement"


def check_cuts(cuts: Sequence[float] | None) -> np.ndarray | None:
    """Limits of the risk categories, increasing inside 0 to 1."""
    if cuts is None:
        return None
    limits = check_numbers("cuts", cuts)
    inside = (limits > 0) & (limits < 1)
    if not len(limits) or not inside.all() or (np.diff(limits) <= 0).any():
        raise InputError("cuts must increase inside 0 to 1, e.g. [0.1, 0.2].")
    return limits


@dataclass(frozen=True)
class Moves:
    """Categories of risk, or the risks themselves without cuts, and which patients move."""

    name: str
    old: np.ndarray
    new: np.ndarray

    @classmethod
    def of(cls, risks: Pair, cuts: np.ndarray | None) -> Moves:
        """Compare the risks, or their categories."""
        if cuts is None:
            return cls("continuous net reclassification improvement", *risks)
        categories = (risk_category(risk, cuts) for risk in risks)
        return cls("category net reclassification improvement", *categories)

    @property
    def up(self) -> np.ndarray:
        """True where the new one is higher."""
        return np.asarray(self.new > self.old)

    @property
    def down(self) -> np.ndarray:
        """True where the new one is lower."""
        return np.asarray(self.new < self.old)

    def categories(self, who: np.ndarray | None = None) -> Pair:
        """Old and new category of some, or of all."""
        return Pair(self.old, self.new) if who is None else Pair(self.old[who], self.new[who])
