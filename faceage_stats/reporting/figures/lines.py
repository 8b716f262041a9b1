"""Line styles of several curves, so that they are told apart without colour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matplotlib.lines import Line2D

__all__ = ["dashes", "samples"]

_DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1.5, 1.5, 1.5)),
                            (0, (10, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (2, 3)))  # fmt: skip


def dashes(n: int) -> list[Any]:
    """Line styles of `n` curves; one curve is a solid line."""
    return [_DASHES[i % len(_DASHES)] for i in range(n)]


def samples(colors: Iterable[str], labels: Iterable[str]) -> list[Line2D]:
    """Lines for a legend, each in its colour and line style."""
    shown = list(zip(colors, labels, strict=True))
    return [
        Line2D([], [], color=colour, ls=ls, label=label)
        for (colour, label), ls in zip(shown, dashes(len(shown)), strict=True)
    ]
