"""Write a display item to its folder: figures, tables, values and provenance, all or nothing.

A folder ``results/<item>/`` holds only what the item's inputs determine, so that the same inputs
give the same bytes; run times belong in a log elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats._glossary import GLOSSARY
from faceage_stats._spreadsheet import harmless_frame
from faceage_stats.cohorts.disclosure.suppress import COUNT_COLUMNS, suppress
from faceage_stats.errors import InputError
from faceage_stats.reporting.store.item import DEFAULT_VARIANT, VALUE_COLUMNS, Item
from faceage_stats.reporting.store.publish import publish, write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_item", "write_unavailable"]


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
        From :func:`faceage_stats.reporting.provenance.provenance.provenance`.
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
        From :func:`faceage_stats.reporting.provenance.provenance.provenance`.

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
        released = harmless_frame(_whole_counts(disclosed))
        text = released.to_csv(index=False, lineterminator="\n")
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
