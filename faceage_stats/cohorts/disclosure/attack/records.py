"""What the record of an item says of the private tables that it was made from."""

from __future__ import annotations

from collections.abc import Iterator

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.findings import Finding
from faceage_stats.cohorts.disclosure.keyed import KEYED

__all__ = ["unguarded_hashes"]


def unguarded_hashes(page: Page) -> Iterator[Finding]:
    """List tables whose plain hash or size is recorded: a guess of a row can be checked."""
    sources = page.record.get("parameters", {}).get("sources", {})
    for name, entry in page.record.get("inputs", {}).items():
        plain = not str(entry.get("sha256", KEYED)).startswith(KEYED)
        if (plain or "bytes" in entry) and sources.get(name) not in ("public", "none"):
            yield Finding(page.item, "confirms", f"hash of the table {name}", ("provenance.json",))
