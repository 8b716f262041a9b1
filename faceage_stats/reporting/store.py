"""One display item on disk: figures, tables, values and where they came from, all or nothing.

A folder ``results/<item>/`` holds only what the item's inputs determine, so that the same inputs
give the same bytes; run times belong in a log elsewhere.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats._result import GLOSSARY
from faceage_stats.cohorts.disclosure import COUNT_COLUMNS, suppress
from faceage_stats.errors import InputError
from faceage_stats.reporting.publish import publish, write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "VALUE_COLUMNS",
    "Item",
    "StoredItem",
    "read_item",
    "write_item",
    "write_unavailable",
]

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
        of the published value where one exists. ``variant`` tells an ``as_published``
        reproduction of a slip from our own result (``default``).
    source_data : DataFrame, optional
        What the figure draws: aggregates, never one row per patient of a real cohort.
    flow : optional
        Curation flow of the cohort; anything with ``tidy()``.
    methods, notes : str
        Method in a paragraph, and remarks (slips, deviations); Markdown.
    columns : mapping of column name to description
        Describes the columns that the glossary does not have.
    totals : mapping of table name to columns
        Within equal values of these columns the counts of a table add up to a known total
        (``by`` of :func:`faceage_stats.cohorts.disclosure.suppress`). By default the levels of
        each ``variable`` do (within ``group``, ``model``, ``metric``), otherwise all rows.

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
        names = [*self.tables, *self.figures()]
        bad = [repr(name) for name in names if name and not _SLUG.fullmatch(name)]
        if bad:
            raise InputError(f"Item: {', '.join(bad)} cannot be part of a file name: use a-z0-9_-.")
        _check_values(self.values)
        self.column_descriptions()

    def figures(self) -> dict[str, Figure]:
        """Figures by name; a single one has the empty name."""
        if self.figure is None:
            return {}
        return dict(self.figure) if isinstance(self.figure, Mapping) else {"": self.figure}

    def alts(self) -> dict[str, str]:
        """What each figure shows, in words: its own ``alt_text``, otherwise `alt`."""
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


@dataclass(frozen=True, eq=False)
class StoredItem:
    """What :func:`read_item` finds in a results folder.

    Attributes
    ----------
    name : str
        Name of the folder.
    figures : dict of str to Path
        ``figure*.svg`` by stem.
    tables : dict of str to DataFrame
        By table name.
    values : DataFrame
        Columns of ``VALUE_COLUMNS``.
    source_data, flow : DataFrame or None
        As written.
    caption, methods, notes : str
        As written.
    alt : dict of str to str
        What each figure shows, in words, by stem.
    columns : dict of str to str
        Description of every column.
    provenance : dict
        See :func:`faceage_stats.reporting.provenance.provenance`.
    unavailable : str
        Why the item could not be made, and how to get its data; empty when it was made.
    """

    name: str
    figures: dict[str, Path]
    tables: dict[str, pd.DataFrame]
    values: pd.DataFrame
    source_data: pd.DataFrame | None
    flow: pd.DataFrame | None
    caption: str
    alt: dict[str, str]
    methods: str
    notes: str
    columns: dict[str, str]
    provenance: dict[str, Any]
    unavailable: str = ""


def write_item(
    item: Item, folder: str | Path, *, provenance: Mapping[str, Any], threshold: int = 5
) -> Path:
    """Write an item to its folder, replacing what was there only when all of it is written.

    Parameters
    ----------
    item : Item
        What to write.
    folder : path
        ``results/<item>``; its parent is made when absent.
    provenance : mapping
        From :func:`faceage_stats.reporting.provenance.provenance`.
    threshold : int
        Counts from 1 to ``threshold - 1`` are suppressed in every table, in the values and in the
        source data, with what would reveal them; 0 for cohorts that are synthetic or public.

    Returns
    -------
    pathlib.Path
        The folder: ``figure*.svg``, ``figure*.png``, ``table_<name>.csv``, ``values.json``,
        ``source_data.csv``, ``flow.csv``, ``item.json`` and ``provenance.json``, which lists the
        SHA-256 of the other files.

    Raises
    ------
    InputError
        If `folder` is a file.
    """
    return publish(
        Path(folder),
        lambda draft: _write_files(item, draft, Path(folder).name, threshold),
        provenance,
    )


def write_unavailable(folder: str | Path, *, reason: str, provenance: Mapping[str, Any]) -> Path:
    """Record that an item could not be made because its data are not there.

    Parameters
    ----------
    folder : path
        ``results/<item>``; an item made earlier is replaced, so that no stale figure stays.
    reason : str
        What is missing and how to get it; Markdown.
    provenance : mapping
        From :func:`faceage_stats.reporting.provenance.provenance`.

    Returns
    -------
    pathlib.Path
        The folder: ``item.json``, ``values.json`` (empty) and ``provenance.json``.

    Raises
    ------
    InputError
        If `folder` is a file, or `reason` is empty.
    """
    if not reason.strip():
        raise InputError("write_unavailable: say what is missing and how to get it.")

    def write(draft: Path) -> None:
        texts = dict.fromkeys(("caption", "methods", "notes"), "")
        described: dict[str, Any] = {"columns": {}, "order": [], "alt": {}, "unavailable": reason}
        write_json(draft / "item.json", {"name": Path(folder).name, **texts, **described})
        write_json(draft / "values.json", [])

    return publish(Path(folder), write, provenance)


def _write_files(item: Item, draft: Path, name: str, threshold: int) -> None:
    alts: dict[str, str] = {}
    for figure_name, figure in item.figures().items():
        stem = f"figure_{figure_name}" if figure_name else "figure"
        alts[stem] = item.alts()[figure_name]
        _save_figure(figure, draft / stem, alts[stem])
    descriptions = item.column_descriptions()
    for stem, frame in item.frames().items():
        disclosed = _disclose(frame, threshold, item.totals.get(stem.removeprefix("table_")))
        for column in disclosed.columns.difference(frame.columns):
            descriptions[column] = GLOSSARY[column]
        text = _whole_counts(disclosed).to_csv(index=False, lineterminator="\n")
        (draft / f"{stem}.csv").write_text(text, encoding="utf-8", newline="")
    values = item.values.copy()
    if "variant" not in values:
        values["variant"] = DEFAULT_VARIANT
    values["variant"] = values["variant"].astype(object).fillna(DEFAULT_VARIANT)
    values = _whole_counts(_disclose(values, threshold))
    ordered = values[[c for c in VALUE_COLUMNS if c in values]]
    write_json(draft / "values.json", ordered.astype(object).to_dict(orient="records"))
    texts = {key: getattr(item, key) for key in ("caption", "methods", "notes")}
    described = {"columns": descriptions, "order": list(item.tables), "alt": alts}
    write_json(draft / "item.json", {"name": name, **texts, **described})


def _disclose(frame: pd.DataFrame, threshold: int, by: Sequence[str] | None = None) -> pd.DataFrame:
    """Suppress small counts where the table has any; what was suppressed before stays marked."""
    if threshold <= 1 or not any(column in frame for column in COUNT_COLUMNS):
        return frame
    if by is None:
        keys = ("variable", "group", "model", "metric") if "variable" in frame else ()
        by = [key for key in keys if key in frame]
    disclosed = suppress(frame, threshold=threshold, by=by)
    if "suppressed" in frame:
        disclosed["suppressed"] |= frame["suppressed"].astype(bool)
    return disclosed


def _whole_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts as integers even beside missing ones, so that 573 is not written as 573.0."""
    whole = {}
    for column in [c for c in COUNT_COLUMNS if c in frame]:
        numbers = pd.to_numeric(frame[column], errors="coerce")
        if bool((numbers.isna() | (numbers % 1 == 0)).all()) and not np.isinf(numbers).any():
            whole[column] = numbers.astype("Int64")
    return frame.assign(**whole)


def _save_figure(figure: Figure, stem: Path, alt: str) -> None:
    """Write SVG and PNG, the alternative text being their description."""
    from faceage_stats.reporting.figures import save

    figure.alt_text = alt  # type: ignore[attr-defined]
    save(figure, stem)


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
    fields = {f.name for f in dataclasses.fields(StoredItem)}
    return StoredItem(
        **{key: text for key, text in texts.items() if key in fields},
        figures={path.stem: path for path in sorted(folder.glob("figure*.svg"))},
        tables={table: pd.read_csv(folder / f"table_{table}.csv") for table in texts["order"]},
        values=values,
        source_data=_read_csv(folder / "source_data.csv"),
        flow=_read_csv(folder / "flow.csv"),
        provenance=json.loads((folder / "provenance.json").read_text(encoding="utf-8")),
    )


def _read_csv(path: Path) -> pd.DataFrame | None:
    return pd.read_csv(path) if path.is_file() else None
