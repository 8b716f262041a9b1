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
    caption, answer, checks, methods, notes : str
        With the released numbers in their places.
    figures : mapping of name to Figure
        Drawn from released numbers, in order; a single one has the empty name.
    captions, labels, alts : mapping of name to str
        Of each of the figures: its caption, its place in the paper, and what it shows in words.
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
    answer: str
    checks: str
    methods: str
    notes: str
    figures: Mapping[str, Figure]
    captions: Mapping[str, str]
    labels: Mapping[str, str]
    alts: Mapping[str, str]
    frames: Mapping[str, pd.DataFrame]
    tables: tuple[str, ...]
    values: pd.DataFrame
    columns: Mapping[str, str]
    rules: Rules
    withheld: tuple[str, ...]
