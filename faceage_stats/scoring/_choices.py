"""Values of the scorer's options, in a separate module so that help is quick."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

__all__ = [
    "DEFAULT_MODEL",
    "ON_SEVERAL",
    "RULES_WITHOUT_DATES",
    "Device",
    "OnSeveral",
    "RuleWithoutDates",
]

DEFAULT_MODEL = "dlib-age"  # what scores where no model is named
Device: TypeAlias = Literal["auto", "cpu", "cuda", "tensorrt"]
OnSeveral: TypeAlias = Literal["confident", "largest", "error"]
ON_SEVERAL: tuple[str, ...] = get_args(OnSeveral)
RuleWithoutDates: TypeAlias = Literal["first", "mean", "median"]  # `nearest` needs dates too
RULES_WITHOUT_DATES: tuple[str, ...] = get_args(RuleWithoutDates)
