"""What a reviewer wants to know at the end of a build, on one screen, and the list of its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import faceage_stats as fs
import workflow
from choosing import wanted_items
from faceage_stats.reporting.claims.ledger import VERDICTS
from faceage_stats.reporting.provenance.fingerprints import file_sha256
from faceage_stats.reporting.store.publish import write_json
from faceage_stats.reporting.store.read_item import StoredItem, read_item
from faceage_stats.reporting.store.record import MANIFEST, RECORD
from further_pages import judge

BOOK = "book/_build/html/index.html"


def summarise(config: Mapping[str, Any]) -> list[str]:
    """Write ``results/manifest.json`` and return the lines of the screen."""
    items = {name: read_item(workflow.RESULTS / name) for name in wanted_items(config)}
    claims = judge(config) if config.get("profile") != "own" else None  # the papers', not hers
    verdicts = {} if claims is None else dict(zip(claims["id"], claims["verdict"], strict=True))
    write_json(workflow.RESULTS / MANIFEST, manifest(items, verdicts, config["seed"]))
    return screen(items, verdicts)


def manifest(
    items: Mapping[str, StoredItem], verdicts: Mapping[str, str], seed: int
) -> dict[str, Any]:
    """List every item with the hashes of its files, and every claim with its verdict."""
    return {
        "version": fs.__version__,
        "seed": seed,
        "items": {
            name: {
                "synthetic": bool(item.provenance["synthetic"]),
                "available": not item.unavailable,
                "files": {
                    **item.provenance["outputs"],
                    RECORD: file_sha256(workflow.RESULTS / name / RECORD),
                },
            }
            for name, item in items.items()
        },
        "claims": dict(verdicts),
    }


def screen(items: Mapping[str, StoredItem], verdicts: Mapping[str, str]) -> list[str]:
    """Say in a few lines what was built, what holds, what is doubtful and what is not shown."""
    absent = [name for name, item in items.items() if item.unavailable]
    withheld = [name for name, item in items.items() if item.withheld]
    real = sum(not item.provenance["synthetic"] for item in items.values())
    return [
        f"Items     {len(items) - len(absent)} of {len(items)} built; {real} without synthetic rows"
        + (f"; without data: {', '.join(absent)}" if absent else ""),
        *([_claims(verdicts)] if verdicts else []),
        *([_audit(items["audit"])] if "audit" in items else []),
        f"Withheld  {'numbers of ' + ', '.join(withheld) if withheld else 'nothing'}",
        f"Files     results/{MANIFEST}",
        f"Book      {BOOK}",
    ]


def _claims(verdicts: Mapping[str, str]) -> str:
    counts = [sum(verdict == each for verdict in verdicts.values()) for each in VERDICTS]
    not_held = [name for name, verdict in verdicts.items() if verdict == VERDICTS[1]]
    return f"Claims    {counts[0]} hold, {counts[1]} do not, {counts[2]} cannot be told" + (
        f"; not held: {', '.join(not_held)}" if not_held else ""
    )


def _audit(audit: StoredItem) -> str:
    flagged, checked = (len(audit.tables.get(t, [])) for t in ("flagged", "all_checked"))
    return f"Audit     {flagged} of {checked} published intervals disagree with their numbers"
