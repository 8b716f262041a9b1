"""A released item: what may be written; only `release` makes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from faceage_stats.cohorts.disclosure.rules import Rules

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Released"]


@dataclass(frozen=True, eq=False)
class Released:
    """An item after disclosure control, made by :func:`release`.

    Attributes
    ----------
    caption, methods, notes : str
        With the released numbers in their places.
    figures : mapping of name to Figure
        Drawn from released numbers; a single one has the empty name.
    alt : str
        What the figures without an ``alt_text`` show, in words.
    frames : mapping of file name without suffix to DataFrame
        Tables, source data and flow.
    tables : tuple of str
        Names of the tables, in order.
    values : DataFrame
        Columns of ``VALUE_COLUMNS``.
    columns : mapping of column to description
    rules : Rules
    withheld : tuple of str
        In words: how many counts and estimates, and which figures.
    """

    caption: str
    methods: str
    notes: str
    figures: Mapping[str, Figure]
    alt: str
    frames: Mapping[str, pd.DataFrame]
    tables: tuple[str, ...]
    values: pd.DataFrame
    columns: Mapping[str, str]
    rules: Rules
    withheld: tuple[str, ...]

    def alts(self) -> dict[str, str]:
        """What each figure shows, in words: its ``alt_text``, otherwise `alt`."""
        return {n: getattr(f, "alt_text", "") or self.alt for n, f in self.figures.items()}
