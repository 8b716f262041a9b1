"""One display item: what ``analysis/items/<item>.py`` returns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from faceage_stats._glossary import GLOSSARY
from faceage_stats.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DEFAULT_VARIANT", "VALUE_COLUMNS", "Item"]

# columns of `Item.values`, in the order of values.json
VALUE_COLUMNS = (
    *("id", "variant", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value"),
    *("n", "n_event"),
)
DEFAULT_VARIANT = "default"
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, eq=False)
class Item:
    """One display item: what ``analysis/items/<item>.py`` returns.

    Attributes
    ----------
    caption : str
        Caption with n and method; Markdown.
    figure : matplotlib Figure, or mapping of name to Figure, optional
        Drawn from `source_data`.
    alt : str
        What the figure shows, in words; needed for figures that carry no ``alt_text``.
    tables : mapping of name to DataFrame
        Written as ``table_<name>.csv``, full precision.
    values : DataFrame
        Numbers that other pages quote or compare: columns of ``VALUE_COLUMNS``; ``id`` is that
        of the published value where one exists. ``variant`` distinguishes an ``as_published``
        reproduction of a published error from the corrected result (``default``).
    source_data : DataFrame, optional
        What the figure draws: aggregates, never one row per patient of a real cohort.
    flow : optional
        Curation flow of the cohort; anything with ``tidy()``.
    methods, notes : str
        Method in a paragraph, and remarks (published errors, deviations); Markdown.
    columns : mapping of column name to description
        Describes the columns that the glossary does not have.
    totals : mapping of table name to columns
        Within equal values of these columns the counts of a table add up to a known total
        (``by`` of ``suppress``, the disclosure control). By default the levels of each
        ``variable`` do (within ``group``, ``model``, ``metric``), otherwise all rows.

    Raises
    ------
    InputError
        A figure without alternative text, an empty caption, values with unknown or missing
        columns or a repeated id, a table name that cannot be part of a file name, or a column
        that nothing describes.

    Examples
    --------
    >>> hr = pd.DataFrame({"term": ["faceage10"], "estimate": [1.15], "n": [4906]})
    >>> item = Item(caption="Hazard ratio per decade (n = 4,906).", tables={"hr": hr})
    >>> sorted(item.tables)
    ['hr']
    """

    caption: str
    figure: Figure | Mapping[str, Figure] | None = None
    alt: str = ""
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    values: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["id", "estimate"]))
    source_data: pd.DataFrame | None = None
    flow: Any = None
    methods: str = ""
    notes: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.caption.strip():
            raise InputError("Item: the caption is empty; say what is shown, n and method.")
        if not all(text.strip() for text in self.alts().values()):
            raise InputError("Item: a figure needs alt=, what it shows in words.")
        for name, table in self.tables.items():
            if not isinstance(table, pd.DataFrame):
                raise InputError(
                    f"Item: tables[{name!r}] is a {type(table).__name__}; give a DataFrame, such "
                    "as fit.tidy()."
                )
        names = [*self.tables, *self.figures()]
        bad = [repr(name) for name in names if name and not _SLUG.fullmatch(name)]
        if bad:
            raise InputError(f"Item: {', '.join(bad)} cannot be part of a file name: use a-z0-9_-.")
        _check_values(self.values)
        self.column_descriptions()

    def __repr__(self) -> str:
        """Say in a few lines what the item holds."""
        lines = [self.caption]
        lines += [f"  figure {name}".rstrip() for name in self.figures()]
        lines += [f"  table {n}: {len(t)} rows x {t.shape[1]}" for n, t in self.tables.items()]
        return "\n".join([*lines, f"  {len(self.values)} values"])

    def figures(self) -> dict[str, Figure]:
        """Figures by name; a single one has the empty name."""
        if self.figure is None:
            return {}
        return dict(self.figure) if isinstance(self.figure, Mapping) else {"": self.figure}

    def alts(self) -> dict[str, str]:
        """What each figure shows, in words: its ``alt_text``, otherwise `alt`."""
        return {n: getattr(f, "alt_text", "") or self.alt for n, f in self.figures().items()}

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every CSV of the item: file name without suffix to table."""
        frames = {f"table_{name}": table for name, table in self.tables.items()}
        if self.source_data is not None:
            frames["source_data"] = self.source_data
        if self.flow is not None:
            frames["flow"] = self.flow.tidy()
        return frames

    def column_descriptions(self) -> dict[str, str]:
        """Describe every column of the item's CSV files."""
        used = dict.fromkeys(column for frame in self.frames().values() for column in frame)
        described = {**GLOSSARY, **self.columns}
        unknown = [repr(column) for column in used if column not in described]
        if unknown:
            raise InputError(
                f"Item: columns {', '.join(unknown)} are not in the glossary; describe them in "
                "columns=."
            )
        return {str(column): described[str(column)] for column in used}


def _check_values(values: pd.DataFrame) -> None:
    unknown = [repr(column) for column in values if column not in VALUE_COLUMNS]
    absent = [column for column in ("id", "estimate") if column not in values]
    if unknown or absent:
        raise InputError(
            f"Item: values need id and estimate, and allow {', '.join(VALUE_COLUMNS)}; "
            f"unknown: {', '.join(unknown) or 'none'}; missing: {', '.join(absent) or 'none'}."
        )
    keys = [column for column in ("id", "variant", "term") if column in values]
    repeated = int(values.duplicated(keys).sum())
    if repeated or values["id"].isna().any():
        raise InputError(f"Item: values have {repeated} repeated or missing {' + '.join(keys)}.")
