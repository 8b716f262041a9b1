"""Make one display item: `python analysis/run.py fig3a` writes results/fig3a/."""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any

import faceage_stats as fs
import workflow
from faceage_stats.cohorts.remote import how_to_get_utk
from faceage_stats.errors import FaceageError
from faceage_stats.reporting.provenance import provenance
from faceage_stats.reporting.store import read_item, write_item, write_unavailable


def run(name: str) -> str:
    """Read the item's tables, compute it, write it; return one line for the progress log."""
    config = workflow.load_config()
    module = workflow.items()[name]
    known = workflow.tables(config)
    settings = workflow.settings(name, config)
    folder = workflow.RESULTS / name
    script = workflow.ROOT / "analysis" / "items" / f"{name}.py"
    used = {table: known[table] for table in module.TABLES}
    absent = [table for table in used.values() if not table.path.is_file()]
    unmade = [table.name for table in absent if table.source != "public"]
    if unmade:
        raise FaceageError(f"{', '.join(unmade)} is not made yet: run `make reproduce`.")
    record: dict[str, Any] = {
        "inputs": {table.name: table.path for table in used.values() if table.path.is_file()},
        "seed": settings.seed,
        "config": {"threshold": settings.suppression_threshold, "sources": _sources(used)},
        "synthetic": any(table.source == "synthetic" for table in used.values())
        or any(_is_synthetic(result) for result in getattr(module, "RESULTS", ())),
        "schemas": {
            table.name: workflow.ROOT / "data_schemas" / f"{table.schema}.json"
            for table in used.values()
        },
        "script": script,
    }
    if absent:
        record["synthetic"] = False  # nothing is shown
        write_unavailable(folder, reason=how_to_get_utk(), provenance=provenance(name, **record))
        return "left out: " + ", ".join(table.name for table in absent) + " is not available"
    data = {table.name: _read(table) for table in used.values()}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        item = module.make(data, settings)
    messages = sorted(
        {str(w.message) for w in caught if issubclass(w.category, fs.errors.FaceageWarning)}
    )
    if record["synthetic"]:
        for figure in item.figures().values():
            fs.figures.mark_synthetic(figure)
    with warnings.catch_warnings(record=True) as suppressed:
        warnings.simplefilter("always")
        write_item(
            item,
            folder,
            provenance=provenance(name, warnings=messages, **record),
            threshold=settings.threshold(*used),
        )
    hidden = any(issubclass(w.category, fs.errors.DisclosureWarning) for w in suppressed)
    note = ", small counts suppressed" if hidden else ""
    return f"{len(item.tables)} tables, {len(messages)} warnings{note}"


def _is_synthetic(result: str) -> bool:
    return bool(read_item(workflow.RESULTS / result).provenance["synthetic"])


def _read(table: workflow.Table) -> Any:
    return fs.validate(fs.read_table(table.path, schema=table.schema), table.schema)


def _sources(used: dict[str, workflow.Table]) -> dict[str, str]:
    return {name: table.source for name, table in used.items()}


def main() -> int:
    """Command line: one item name."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in workflow.items():
        print(f"usage: run.py ITEM; the items are {', '.join(workflow.items())}", file=sys.stderr)
        return 2
    started = time.perf_counter()
    try:
        summary = run(name)
    except FaceageError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    print(f"  {name:<20} {time.perf_counter() - started:5.1f} s  {summary}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
