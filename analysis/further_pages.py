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
from faceage_stats.reporting.book.how_to import notebook
from faceage_stats.reporting.book.papers import (
    find_page,
    numbers_page,
    pages_of_values,
    read_papers,
    value_links,
)
from faceage_stats.reporting.book.reference import reference_index, write_reference
from faceage_stats.reporting.claims.claims import claims
from faceage_stats.reporting.claims.page import claims_page
from faceage_stats.reporting.store.read_item import read_item

BOOK = workflow.ROOT / "book"
LEDGER = BOOK / "claims.yaml"
DRAWS = workflow.ROOT / "analysis" / "drawn" / "coverage.csv"
SEED_OF_LEDGER = 1  # the verdicts that the ledger expects are those of this seed


def links_of_values() -> dict[str, str]:
    """Lead from each published value to the row that computes it, and to its place in the paper."""
    computed = pages_of_values(workflow.RESULTS, chapters(BOOK))
    return value_links(read_papers(BOOK / "papers.yaml"), computed)


def write_further_pages(config: Mapping[str, Any]) -> None:
    """Write the fragments; the items' own must lie there already."""
    judged = judge(config)
    refuse_changed_claims(judged, config)
    read = chapters(BOOK)
    papers = read_papers(BOOK / "papers.yaml")
    fragments = {
        "claims": claims_page(judged, read, papers),
        "find": find_page(papers, read),
        "published_numbers": numbers_page(papers, pages_of_values(workflow.RESULTS, read)),
        "reference": reference_index(),
        "explorer_app": _explorer(),
    }
    for name, text in fragments.items():
        (BOOK / "_generated" / f"{name}.md").write_text(text, encoding="utf-8")
    write_reference(BOOK / "reference")
    write_how_tos()


def write_how_tos() -> None:
    """Write what the cells of the how-tos showed, and each as a notebook."""
    if not (workflow.RESULTS / "how_to" / "item.json").is_file():
        return
    shown = read_item(workflow.RESULTS / "how_to").tables.get("outputs")
    if shown is None:
        return
    pages = {str(page): list(rows["output"].fillna("")) for page, rows in shown.groupby("page")}
    folder = BOOK / "_generated" / "how_to"
    folder.mkdir(exist_ok=True)
    (folder / "outputs.json").write_text(json.dumps(pages), encoding="utf-8")
    for page, outputs in pages.items():
        text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
        (folder / f"{page}.ipynb").write_text(notebook(text, outputs), encoding="utf-8")


def _explorer() -> str:
    if not (workflow.RESULTS / "explorer" / "item.json").is_file():
        return ""  # a book without it: `profile: own` of another cohort
    item = read_item(workflow.RESULTS / "explorer")
    return explorer_app(item.tables["counts"]) if item.tables else ""


def judge(config: Mapping[str, Any]) -> pd.DataFrame:
    """Judge the ledger on the results of this build."""
    known = workflow.tables(config).values()
    truths = {t.truth for t in known if t.truth and t.truth.is_file()}  # of what was made
    planted = _planted(sorted(truths))
    return claims(LEDGER, workflow.RESULTS, planted=planted, drawn=_drawn())


def _drawn() -> pd.DataFrame:
    """The committed draws with their effects as planted, each named as the ledger names it."""
    draws = pd.read_csv(DRAWS)
    draws = draws[draws["effect"] == "planted"]
    return draws.assign(drawn=draws["cohort"] + ": " + draws["term"])


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
