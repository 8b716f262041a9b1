"""What several photographs of one patient become, and which photographs have a score."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["DEMONSTRATION", "SCORED", "Rule"]

Rule: TypeAlias = Literal["first", "nearest", "mean", "median"]
SCORED = ("ok", "several_faces")  # statuses that carry a score
DEMONSTRATION = "demo"  # the model with random weights
