"""What the attack on a whole build showed to give something away: withheld when items are made."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

import workflow
from faceage_stats.reporting.store.mend import to_withhold


def _file() -> Path:
    """Beside the key, for the next build withholds the same."""
    return workflow.RELEASE_KEY.with_name("withheld.json")


def _all() -> dict[str, list[str]]:
    path = _file()
    found: dict[str, list[str]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def withheld_of(item: str) -> list[str]:
    """Columns of counts, and files, that an item withholds besides what its own numbers need."""
    return _all().get(item, [])


def withhold_more(findings: pd.DataFrame) -> list[str]:
    """Write down what the items of findings withhold from now on; which items that changes."""
    withheld = _all()
    changed = []
    for item, found in findings.groupby("item"):
        name = str(item)
        if more := to_withhold(found, withheld.get(name, [])):
            withheld[name] = sorted({*withheld.get(name, []), *more})
            changed.append(name)
    _file().write_text(json.dumps(withheld, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return changed


def forget_withheld() -> None:
    """Begin anew: the tables are others, and so is what they give away."""
    _file().unlink(missing_ok=True)
