"""Write a display item to its folder: figures, tables, values and provenance, all or nothing.

A folder ``results/<item>/`` holds only what the item's inputs determine, so that the same inputs
give the same bytes; run times belong in a log elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats._spreadsheet import harmless_frame
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.roles import role_of
from faceage_stats.errors import DisclosureError, InputError
from faceage_stats.reporting.store.item import DEFAULT_VARIANT, VALUE_COLUMNS
from faceage_stats.reporting.store.publish import publish, write_json
from faceage_stats.reporting.store.released import Released

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["TEXTS", "write_item", "write_unavailable"]

TEXTS = ("caption", "answer", "checks", "methods", "notes")


def write_item(item: Released, folder: str | Path, *, provenance: Mapping[str, Any]) -> Path:
    """Write an item to its folder, replacing what was there only when all of it is written.

    Parameters
    ----------
    item : Released
        From :func:`faceage_stats.reporting.store.release.release`; nothing else is written.
    folder : path
        ``results/<item>``; its parent is made when absent.
    provenance : mapping
        From :func:`faceage_stats.reporting.provenance.provenance.provenance`.

    Returns
    -------
    pathlib.Path
        The folder: ``figure*.svg``, ``.png`` and ``.pdf``, ``table_<name>.csv``, ``values.json``,
        ``source_data.csv``, ``flow.csv``, ``item.json`` and ``provenance.json``, which lists the
        SHA-256 of the other files.

    Raises
    ------
    InputError
        If `folder` is a file, or `item` was not released.
    DisclosureError
        If the attacker recovers a small count, a time or a value from what was to be written.
    """
    if not isinstance(item, Released):
        raise InputError("write_item: give release(item, rules); an item is not written as it is.")

    def write(draft: Path) -> None:
        _write_files(item, draft, Path(folder).name)
        if item.rules.active:
            _refuse_findings(draft, Path(folder).name, item.rules.minimum)

    return publish(Path(folder), write, provenance)


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
        texts = dict.fromkeys(TEXTS, "")
        described: dict[str, Any] = {
            "columns": {}, "order": [], "figures": [], "unavailable": reason
        }  # fmt: skip
        write_json(draft / "item.json", {"name": Path(folder).name, **texts, **described})
        write_json(draft / "values.json", [])

    return publish(Path(folder), write, provenance)


def _write_files(item: Released, draft: Path, name: str) -> None:
    shown: list[dict[str, str]] = []
    for figure_name, figure in item.figures.items():
        stem = f"figure_{figure_name}" if figure_name else "figure"
        words = {"caption": item.captions, "label": item.labels, "alt": item.alts}
        shown.append({"stem": stem, **{k: texts[figure_name] for k, texts in words.items()}})
        _save_figure(figure, draft / stem, item.alts[figure_name], pdf=not item.rules.active)
    for stem, frame in item.frames.items():
        table = harmless_frame(_whole_counts(frame))
        text = table.to_csv(index=False, lineterminator="\n")
        (draft / f"{stem}.csv").write_text(text, encoding="utf-8", newline="")
    values = item.values.copy()
    if "variant" not in values:
        values["variant"] = DEFAULT_VARIANT
    values["variant"] = values["variant"].astype(object).fillna(DEFAULT_VARIANT)
    values = _whole_counts(values)
    ordered = values[[c for c in VALUE_COLUMNS if c in values]]
    write_json(draft / "values.json", ordered.astype(object).to_dict(orient="records"))
    texts = {key: getattr(item, key) for key in TEXTS}
    described = {"columns": item.columns, "order": item.tables, "figures": shown}
    if item.rules.active:
        described |= {"disclosure": item.rules.record(), "withheld": item.withheld}
    write_json(draft / "item.json", {"name": name, **texts, **described})


def _refuse_findings(draft: Path, name: str, minimum: int) -> None:
    """Attack what is about to be published; say where it leaks, never what."""
    found = attack(draft, minimum=minimum)
    if len(found):
        places = "; ".join(f"{row.kind}: {row.what} ({row.files})" for row in found.itertuples())
        raise DisclosureError(
            f"{name} is not written: {len(found)} numbers of few patients can be recovered from "
            f"it. {places}. Choose stricter rules, or leave the numbers out of the item.",
            found,
        )


def _whole_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts as integers even beside missing ones, so that 573 is not written as 573.0."""
    whole = {}
    for column in [str(c) for c in frame if role_of(str(c)) == "count"]:
        numbers = pd.to_numeric(frame[column], errors="coerce")
        if bool((numbers.isna() | (numbers % 1 == 0)).all()) and not np.isinf(numbers).any():
            whole[column] = numbers.astype("Int64")
    return frame.assign(**whole)


def _save_figure(figure: Figure, stem: Path, alt: str, *, pdf: bool) -> None:
    """Write SVG, PNG and PDF, the alternative text being their description.

    Of a private table there is no PDF: the attacker could not read what it draws.
    """
    from faceage_stats.reporting.figures.style import laid_out, save

    figure.alt_text = alt  # type: ignore[attr-defined]
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it names tables it drops
    with laid_out(figure):
        save(figure, stem)
        if pdf:
            metadata = {"CreationDate": None, "Title": alt}
            figure.savefig(stem.with_suffix(".pdf"), metadata=metadata)
