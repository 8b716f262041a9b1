"""Two Fenwick trees side by side: sums over the ranks below one, while weights change."""

from __future__ import annotations

from typing import NamedTuple

from faceage_stats._compiled import FloatArray, compiled

__all__ = ["PAST", "RISK", "Below", "add", "below"]

RISK, PAST = range(2)  # columns: of the rows at risk, and of the events already met


@compiled()
def add(trees: FloatArray, position: int, at_risk: float, past: float) -> None:
    """Add to one cell of both Fenwick trees."""
    i = position + 1
    while i < len(trees):
        trees[i, RISK] += at_risk
        trees[i, PAST] += past
        i += i & -i


class Below(NamedTuple):
    """Sums of the cells before a position, in both trees."""

    risk: float
    past: float


@compiled()
def below(trees: FloatArray, position: int) -> Below:
    """Sum the cells before a position."""
    risk = past = 0.0
    i = position
    while i > 0:
        risk += trees[i, RISK]
        past += trees[i, PAST]
        i -= i & -i
    return Below(risk, past)
