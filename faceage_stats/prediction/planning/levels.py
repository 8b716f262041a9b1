"""The significance level of a planned test, in one tail."""

from __future__ import annotations

from typing import Literal

from faceage_stats._near import check_option
from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError

__all__ = ["PowerAlternative", "upper_level"]

PowerAlternative = Literal["two.sided", "one.sided"]


def upper_level(sig_level: float, alternative: PowerAlternative) -> float:
    """Give the level in the upper tail."""
    check_option("alternative", alternative, PowerAlternative)
    if not 0 < check_number("sig_level", sig_level) < 1:
        raise InputError(f"sig_level is {sig_level}; it must lie between 0 and 1.")
    return sig_level / 2 if alternative == "two.sided" else sig_level
