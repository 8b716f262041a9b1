"""Pages of the book beside those of the items: claims, index, published numbers, reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import workflow
from faceage_stats.errors import InputError
from faceage_stats.reporting.book.chapters import chapters
from faceage_stats.reporting.book.explorer import explorer_app
from faceage_stats.reporting.book.papers import (
    find_page,
    numbers_page,
    pages_of_values,
    read_papers,
)
from faceage_stats.reporting.book.reference import reference_index, write_reference
from faceage_stats.reporting.claims.claims import claims
from faceage_stats.reporting.claims.page import claims_page
from faceage_stats.reporting.store.read_item import read_item

BOOK = workflow.ROOT / "book"
LEDGER = BOOK / "claims.yaml"
SEED_OF_LEDGER = 1  # the verdicts that the ledger expects are those of this seed


def write_further_pages(config: Mapping[str, Any]) -> None:
    """Write the fragments; the items' own must lie there already."""
    judged = judge(config)
    refuse_changed_claims(judged, config)
    read = chapters(BOOK)
    papers = read_papers(BOOK / "papers.yaml")
    names = [name for name in workflow.item_names() if (workflow.RESULTS / name).is_dir()]
    values = {name: read_item(workflow.RESULTS / name).values for name in names}
    fragments = {
        "claims": claims_page(judged, read),
        "find": find_page(papers, read),
        "published_numbers": numbers_page(papers, pages_of_values(values, read)),
        "reference": reference_index(),
        "explorer_app": _explorer(),
    }
    for name, text in fragments.items():
        (BOOK / "_generated" / f"{name}.md").write_text(text, encoding="utf-8")
    write_reference(BOOK / "reference")


def _explorer() -> str:
    if not (workflow.RESULTS / "explorer" / "item.json").is_file():
        return ""  # a book without it: `profile: own` of another cohort
    item = read_item(workflow.RESULTS / "explorer")
    return explorer_app(item.tables["counts"]) if item.tables else ""


def judge(config: Mapping[str, Any]) -> pd.DataFrame:
    """Judge the ledger on the results of this build."""
    known = workflow.tables(config).values()
    truths = {t.truth for t in known if t.truth and t.truth.is_file()}  # of what was made
    return claims(LEDGER, workflow.RESULTS, planted=_planted(sorted(truths)))


def _planted(truths: list[Path]) -> dict[str, float]:
    planted: dict[str, float] = {}
    for path in truths:
        for record in json.loads(path.read_text(encoding="utf-8"))["planted"]:
            if record["id"]:
                planted[record["id"]] = float(record["estimate"])
    return planted


def refuse_changed_claims(judged: pd.DataFrame, config: Mapping[str, Any]) -> None:
    """Refuse a book whose prose assumes another verdict; of your own tables none is assumed.

    Raises
    ------
    InputError
        On the tables of this repository, a verdict that the ledger does not expect.
    """
    tables = workflow.tables(config).values()
    ours = all(t.source in ("synthetic", "public") and t.path.is_file() for t in tables)
    changed = judged[judged["verdict"] != judged["pinned"]]
    if not ours or config["seed"] != SEED_OF_LEDGER or changed.empty:
        return
    found = [f"{row.id} {row.verdict} (expected: {row.pinned})" for row in changed.itertuples()]
    raise InputError(
        f"book/claims.yaml: {'; '.join(found)}. Correct the analysis, or the prose and the ledger."
    )
