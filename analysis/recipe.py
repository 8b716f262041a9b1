"""What determines each product (item, cohort, book), as files, seeds and settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import workflow
from choosing import choose, results_of, wanted_items
from declared import declared
from faceage_stats.reporting.provenance.fingerprints import file_sha256, library_sha256
from faceage_stats.reporting.store.record import RECORD
from settings import settings_of
from withheld import withheld_of


def item_recipe(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `ingredients` for an item; tables that are absent are omitted."""
    read = declared(name)
    tables = workflow.tables(config)
    used = [*choose(name, config).used.values()]
    parts = {name: part for table in used for name, part in table.parts.items()}
    private = {name: part for name, part in parts.items() if part.source == "private"}
    reading = {name: dict(part.reading) for name, part in parts.items() if part.reading}
    labels = {name: [part.label, part.short_name] for name, part in private.items()}
    rates = workflow.life_table(config)
    originals = [table.name for table in tables.values() if table.original]
    return {
        "inputs": {name: part.path for name, part in parts.items() if part.path.is_file()},
        "seed": settings_of(name, config).seed,
        "config": {
            "disclosure": config["disclosure"],
            "bootstrap_replicates": config["bootstrap_replicates"],
            "sources": {table: tables[table].source for table in read.tables},
            **({"reading": reading} if reading else {}),
            **({"labels": labels} if labels else {}),
            **({"withheld": withheld_of(name)} if private and withheld_of(name) else {}),
            **({"originals": sorted(originals)} if read.results and originals else {}),
        },
        "schemas": {
            table.name: workflow.ROOT / "data_schemas" / f"{table.schema}.json" for table in used
        },
        "script": read.script,
        "files": {relative(path): path for path in (*read.files, *earlier(name, config))}
        | ({"life table": rates} if read.life_table and rates else {})
        | {
            f"{name}: file {i}": path
            for name, part in parts.items()
            for i, path in enumerate(part.exports, 1)
        },
        "private": [p for part in private.values() for p in (part.path, *part.exports)],
        "key": workflow.release_key(),
    }


def earlier(name: str, config: Mapping[str, Any]) -> list[Path]:
    """Records of the items whose results an item reads, and the truth planted in the cohorts."""
    results = results_of(name, config)
    if not results:
        return []
    truths = set(settings_of(name, config).truth_files.values())
    return [workflow.RESULTS / result / RECORD for result in results] + sorted(truths)


def cohorts(names: list[str], config: Mapping[str, Any]) -> list[str]:
    """Synthetic cohorts that the items need."""
    used = [table for name in names for table in choose(name, config).used.values()]
    found = {table.cohort for table in used}
    for name in names:
        if declared(name).results:  # reads the truth planted in them
            found |= {workflow.TABLES[t][1] for t in settings_of(name, config).truth_files}
    return sorted(cohort for cohort in found if cohort)


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
        *book.glob("*.yaml"),
        *book.glob("*.bib"),
        *book.glob("_static/*"),
        *book.glob("_scripts/*"),
        *book.glob("_templates/**/*.html"),
        *book.glob("_ext/*.py"),
    ]
    drawn = (workflow.ROOT / "analysis" / "drawn").glob("*.csv")
    return sorted([*parts, *(workflow.ROOT / "data_schemas").glob("*.json"), *drawn])


def book_recipe(config: Mapping[str, Any]) -> dict[str, Any]:
    """What determines the book."""
    records = [workflow.RESULTS / name / RECORD for name in wanted_items(config)]
    files = [*book_sources(), *records]
    return {
        "files": {relative(path): file_sha256(path) for path in files if path.is_file()},
        "profile": config.get("profile", "all"),
        "library": library_sha256(),
    }


def relative(path: Path) -> str:
    """Path from the checkout, with slashes; one outside of it in full."""
    inside = path.is_relative_to(workflow.ROOT)
    return path.relative_to(workflow.ROOT).as_posix() if inside else str(path)
