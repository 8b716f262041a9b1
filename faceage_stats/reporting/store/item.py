"""One display item: what ``analysis/items/<item>.py`` returns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from faceage_stats._result import Result
from faceage_stats.cohorts.disclosure.roles import Role
from faceage_stats.errors import InputError
from faceage_stats.reporting.store.figure import Figure

if TYPE_CHECKING:
    from faceage_stats.reporting.store.figure import Drawing

    Table = pd.DataFrame | Result | partial[pd.DataFrame]

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

    Numbers are handed over before anything is drawn or printed from them: ``release`` first
    applies the rules of disclosure control to them. A figure, and a table that is made from a fit,
    is therefore a ``functools.partial``: a function and the results that it takes.

    Attributes
    ----------
    caption : str
        Caption with n and method; Markdown. ``{name}`` stands for one of `numbers`. It may be
        empty where every figure has a caption of its own.
    figure : functools.partial, fs.Figure, or mapping of name to fs.Figure, optional
        How the figure is drawn, as ``partial(fs.figures.km, fit)``; several in the order in which
        they are shown, each with its caption. A figure that is drawn already is taken where
        nothing is withheld.
    alt : str
        What the figure shows, in words; needed for figures that carry no ``alt_text``.
    answer : str
        What the item found, in one sentence. Names are ids of `values`, printed as
        :class:`faceage_stats.reporting.store.quoted.Quoted` says, or names of `numbers`.
    checks : str
        Which assumptions were checked and what came out; Markdown with names as in `answer`.
    tables : mapping of name to DataFrame, result or partial
        Written as ``table_<name>.csv``, full precision where nothing is withheld.
    values : DataFrame
        Numbers that other pages quote or compare: columns of ``VALUE_COLUMNS``; ``id`` is that
        of the published value where one exists. ``variant`` distinguishes an ``as_published``
        reproduction of a published error from the corrected result (``default``).
    source_data : DataFrame, result or partial, optional
        What the figure draws: aggregates, never one row per patient of a real cohort.
    flow : optional
        Curation flow of the cohort; anything with ``tidy()``.
    methods, notes : str
        Method in a paragraph, and remarks (published errors, deviations); Markdown with names of
        `numbers`.
    numbers : mapping of name to number or text
        Counts that the texts mention; a small one is printed as "fewer than".
    columns : mapping of column name to description
        Describes the columns that the glossary does not have.
    roles : mapping of column name to role
        What the numeric ones among them are: count, estimate, proportion, setting ...

    Raises
    ------
    InputError
        No caption, one figure of several without its own, values with unknown or missing columns
        or a repeated id, a table that is none, or a name that cannot be part of a file name.

    See Also
    --------
    release : What is done with it next.

    Examples
    --------
    >>> hr = pd.DataFrame({"term": ["faceage10"], "estimate": [1.15], "n": [4906]})
    >>> item = Item(caption="Hazard ratio per decade (n = {n}).", numbers={"n": 4906},
    ...             tables={"hr": hr})
    >>> sorted(item.tables)
    ['hr']
    """

    caption: str = ""
    figure: Drawing | Figure | Mapping[str, Figure] | None = None
    alt: str = ""
    answer: str = ""
    checks: str = ""
    tables: Mapping[str, Table] = field(default_factory=dict)
    values: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["id", "estimate"]))
    source_data: Table | None = None
    flow: Any = None
    methods: str = ""
    notes: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_captions(self.caption, self.figures())
        for name, table in self.tables.items():
            if not isinstance(table, pd.DataFrame | Result | partial):
                raise InputError(
                    f"Item: tables[{name!r}] is a {type(table).__name__}; give a DataFrame, such "
                    "as fit.tidy(), a fit, or a partial that makes the table."
                )
        names = [*self.tables, *self.figures()]
        bad = [repr(name) for name in names if name and not _SLUG.fullmatch(name)]
        if bad:
            raise InputError(f"Item: {', '.join(bad)} cannot be part of a file name: use a-z0-9_-.")
        _check_values(self.values)

    def __repr__(self) -> str:
        """Say in a few lines what the item holds."""
        lines = [self.caption]
        lines += [f"  figure {name}".rstrip() for name in self.figures()]
        lines += [f"  table {name}" for name in self.tables]
        return "\n".join([*lines, f"  {len(self.values)} values"])

    def figures(self) -> dict[str, Figure]:
        """Figures by name, in order; a single one has the empty name and the item's caption."""
        if self.figure is None:
            return {}
        if isinstance(self.figure, Mapping):
            return dict(self.figure)
        single = self.figure if isinstance(self.figure, Figure) else Figure(self.figure)
        return {"": replace(single, caption=single.caption or self.caption)}

    def frames(self) -> dict[str, Table]:
        """What becomes a CSV: file name without suffix to table."""
        frames: dict[str, Table] = {f"table_{name}": table for name, table in self.tables.items()}
        if self.source_data is not None:
            frames["source_data"] = self.source_data
        if self.flow is not None:
            frames["flow"] = self.flow.tidy()
        return frames


def _check_captions(caption: str, figures: Mapping[str, Any]) -> None:
    """Refuse an item that does not say what it shows."""
    drawn = [name for name, figure in figures.items() if not isinstance(figure, Figure)]
    if drawn:
        raise InputError(
            f"Item: figures {', '.join(map(repr, drawn))} have no caption; write each of several "
            "as fs.Figure(draw, caption=)."
        )
    silent = [name for name, figure in figures.items() if not figure.caption.strip()]
    if silent or not (caption.strip() or figures):
        of = f" (figure {', '.join(silent)})" if any(silent) else ""
        raise InputError(f"Item: the caption is empty{of}; say what is shown, n and method.")


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
