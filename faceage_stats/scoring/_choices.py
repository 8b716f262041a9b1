"""Values of the scorer's options, in a separate module so that help is quick."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

__all__ = [
    "DEFAULT_MODEL",
    "ON_SEVERAL",
    "RULES",
    "RULES_WITHOUT_DATES",
    "Device",
    "OnSeveral",
    "Rule",
]

DEFAULT_MODEL = "dlib-age"  # what scores where no model is named
Device: TypeAlias = Literal["auto", "cpu", "cuda", "tensorrt"]
OnSeveral: TypeAlias = Literal["confident", "largest", "error"]
Rule: TypeAlias = Literal["first", "nearest", "mean", "median"]
ON_SEVERAL: tuple[str, ...] = get_args(OnSeveral)
RULES: tuple[str, ...] = get_args(Rule)
RULES_WITHOUT_DATES = ("first", "mean", "median")  # `nearest` also needs a date per patient
