"""What determines each product (item, cohort, book), as files, seeds and settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import workflow
from declared import declared
from faceage_stats.reporting.provenance.fingerprints import file_sha256, library_sha256
from faceage_stats.reporting.store.record import RECORD


def item_recipe(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `ingredients` for an item; tables that are absent are omitted."""
    read = declared(name)
    tables = workflow.tables(config)
    used = [tables[table] for table in read.tables]
    reading = {table.name: dict(table.reading) for table in used if table.reading}
    return {
        "inputs": {table.name: table.path for table in used if table.path.is_file()},
        "seed": workflow.settings(name, config).seed,
        "config": {
            "disclosure": config["disclosure"],
            "bootstrap_replicates": config["bootstrap_replicates"],
            "sources": {table.name: table.source for table in used},
            **({"reading": reading} if reading else {}),
        },
        "schemas": {
            table.name: workflow.ROOT / "data_schemas" / f"{table.schema}.json" for table in used
        },
        "script": read.script,
        "files": {relative(path): path for path in (*read.files, *earlier(name, config))}
        | {f"{t.name}: file {i}": path for t in used for i, path in enumerate(t.exports, 1)},
        "private": [p for t in used if t.source == "private" for p in (t.path, *t.exports)],
        "key": workflow.release_key(),
    }


def earlier(name: str, config: Mapping[str, Any]) -> list[Path]:
    """Records of the items whose results an item reads, and the truth planted in the cohorts."""
    results = declared(name).results
    if not results:
        return []
    truths = {table.truth for table in workflow.tables(config).values() if table.truth}
    return [workflow.RESULTS / result / RECORD for result in results] + sorted(truths)


def cohorts(names: list[str], config: Mapping[str, Any]) -> list[str]:
    """Synthetic cohorts that the items need."""
    tables = workflow.tables(config)
    used = {table for name in names for table in declared(name).tables}
    if any(declared(name).results for name in names):
        used |= set(tables)  # their planted truth
    return sorted({cohort for table in used if (cohort := tables[table].cohort)})


def cohort_files(cohort: str) -> list[Path]:
    """All that a simulation of the cohort writes."""
    tables = [name for name, (_, made_by) in workflow.TABLES.items() if made_by == cohort]
    return [workflow.DATA / f"{name}.csv" for name in tables] + [
        workflow.DATA / f"{cohort}.truth.json"
    ]


def cohort_recipe(config: Mapping[str, Any]) -> dict[str, Any]:
    """What determines a synthetic cohort."""
    return {"seed": config["seed"], "library": library_sha256()}


def book_sources() -> list[Path]:
    """Files from which the book is built, besides the library and the results."""
    book = workflow.ROOT / "book"
    parts = [
        *book.glob("*.md"),
        *book.glob("_*.yml"),
        *book.glob("_static/*"),
        *book.glob("_ext/*.py"),
    ]
    return sorted([*parts, *(workflow.ROOT / "data_schemas").glob("*.json")])


def book_recipe() -> dict[str, Any]:
    """What determines the book."""
    records = [workflow.RESULTS / name / RECORD for name in workflow.item_names()]
    files = [*book_sources(), *records]
    return {
        "files": {relative(path): file_sha256(path) for path in files if path.is_file()},
        "library": library_sha256(),
    }


def relative(path: Path) -> str:
    """Path from the checkout, with slashes; one outside of it in full."""
    inside = path.is_relative_to(workflow.ROOT)
    return path.relative_to(workflow.ROOT).as_posix() if inside else str(path)
