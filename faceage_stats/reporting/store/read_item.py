"""Read a display item from its folder of results."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats._spreadsheet import restored_frame
from faceage_stats.errors import InputError
from faceage_stats.reporting.store.item import VALUE_COLUMNS

__all__ = ["StoredFigure", "StoredItem", "read_item"]


@dataclass(frozen=True)
class StoredFigure:
    """One figure: its files are `path` and the same with ``.png``; its words beside it."""

    path: Path
    caption: str
    label: str
    alt: str


@dataclass(frozen=True, eq=False)
class StoredItem:
    """What :func:`read_item` finds in a results folder; its tables are read when asked for.

    Attributes
    ----------
    name : str
        Name of the folder.
    folder : Path
        The folder itself.
    order : sequence of str
        Names of the tables, as they are shown.
    figures : dict of str to StoredFigure
        ``figure*.svg`` by stem, in the order in which they are shown.
    tables : dict of str to DataFrame
        By table name.
    values : DataFrame
        Columns of ``VALUE_COLUMNS``.
    source_data, flow : DataFrame or None
        As written.
    caption, answer, checks, methods, notes : str
        As written.
    columns : dict of str to str
        Description of every column.
    provenance : dict
        See :func:`faceage_stats.reporting.provenance.provenance.provenance`.
    unavailable : str
        Why the item could not be made, and how to get its data; empty when it was made.
    disclosure : dict
        The rules under which it was released; empty where nothing was withheld.
    withheld : tuple of str
        What was withheld, in words.
    """

    name: str
    folder: Path
    order: Sequence[str]
    figures: dict[str, StoredFigure]
    values: pd.DataFrame
    caption: str
    answer: str
    checks: str
    methods: str
    notes: str
    columns: dict[str, str]
    provenance: dict[str, Any]
    unavailable: str = ""
    disclosure: dict[str, Any] = field(default_factory=dict)
    withheld: Sequence[str] = ()

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by its name."""
        return {name: _read_csv(self.folder / f"table_{name}.csv") for name in self.order}

    @cached_property
    def source_data(self) -> pd.DataFrame | None:
        """What the figures draw."""
        return _read_if_there(self.folder / "source_data.csv")

    @cached_property
    def flow(self) -> pd.DataFrame | None:
        """How many rows each step kept."""
        return _read_if_there(self.folder / "flow.csv")


def read_item(folder: str | Path) -> StoredItem:
    """Read what :func:`write_item` wrote.

    Parameters
    ----------
    folder : path
        ``results/<item>``.

    Returns
    -------
    StoredItem
        Figures as paths, everything else as values; missing numbers are NaN again and infinite
        ones infinite.

    Raises
    ------
    InputError
        If the folder holds no item.
    """
    folder = Path(folder)
    if not (folder / "item.json").is_file():
        raise InputError(f"{folder.name} holds no item.json; run the item first.")
    texts = json.loads((folder / "item.json").read_text(encoding="utf-8"))
    values = pd.DataFrame(json.loads((folder / "values.json").read_text(encoding="utf-8")))
    values = values.reindex(columns=list(VALUE_COLUMNS))
    numeric = [*("estimate", "conf_low", "conf_high", "p_value", "n", "n_event")]
    values[numeric] = values[numeric].astype(float)
    figures = {
        stem: StoredFigure(folder / f"{stem}.svg", **words)
        for words in texts.pop("figures")
        for stem in [words.pop("stem")]
    }
    fields = {f.name for f in dataclasses.fields(StoredItem)}
    return StoredItem(
        **{key: text for key, text in texts.items() if key in fields},
        folder=folder,
        figures=figures,
        values=values,
        provenance=json.loads((folder / "provenance.json").read_text(encoding="utf-8")),
    )


def _read_if_there(path: Path) -> pd.DataFrame | None:
    return _read_csv(path) if path.is_file() else None


def _read_csv(path: Path) -> pd.DataFrame:
    """What was written, to the last digit; apostrophes before formulas are taken away."""
    return restored_frame(pd.read_csv(path, float_precision="round_trip"))
