"""The words that the scorer's options take, apart from the code so that help is quick."""

from __future__ import annotations

__all__ = ["ON_SEVERAL", "RULES", "RULES_WITHOUT_DATES"]

ON_SEVERAL = ("confident", "largest", "error")
RULES_WITHOUT_DATES = ("first", "mean", "median")  # `nearest` needs a date per patient besides
RULES = ("first", "nearest", "mean", "median")
