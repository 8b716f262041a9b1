"""Values of the scorer's options, in a separate module so that help is quick."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

__all__ = ["DEFAULT_MODEL", "ON_SEVERAL", "RULES_WITHOUT_DATES", "Device", "OnSeveral"]

DEFAULT_MODEL = "dlib-age"  # what scores where no model is named
Device: TypeAlias = Literal["auto", "cpu", "cuda", "tensorrt"]
OnSeveral: TypeAlias = Literal["confident", "largest", "error"]
ON_SEVERAL: tuple[str, ...] = get_args(OnSeveral)
RULES_WITHOUT_DATES = ("first", "mean", "median")  # `nearest` also needs a date per patient
