"""The settings of an item: seed, what may be shown of its tables, names, where results lie."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import workflow
from faceage_stats.cohorts.disclosure.rules import NO_RULES, Rules

# Added to the short name where one hospital gives several tables.
KINDS = {
    "utk": "photographs",
    "maastro": "radiotherapy",
    "harvard_rt": "development",
    "maastro_rt": "independent",
    "serial_photos": "serial photographs",
    "older_rt": "aged 60 or more",
}


@dataclass(frozen=True)
class Settings:
    """What an item may use besides its tables."""

    item: str
    project_seed: int
    private_rules: Rules
    bootstrap_replicates: int
    sources: Mapping[str, str]
    results: Path
    truth_files: Mapping[str, Path]
    labels: Mapping[str, str]
    short_names: Mapping[str, str]
    originals: frozenset[str]
    life_table: Path | None = None  # death rates of the population; None: simulated ones
    earlier: tuple[str, ...] = ()  # items whose results it may read

    @property
    def seed(self) -> int:
        """The seed of the item: it depends only on the project seed and the item's name."""
        digest = hashlib.sha256(f"{self.project_seed}/{self.item}".encode()).digest()
        return int.from_bytes(digest[:4], "big")

    def rules(self, *tables: str) -> Rules:
        """What may be shown: everything of synthetic tables, and of public ones of no persons."""
        if any(self.sources[table] == "private" for table in tables):
            return self.private_rules
        people = any(
            self.sources[table] == "public" for table in workflow.PUBLIC_USE.intersection(tables)
        )
        return workflow.PUBLIC_USE_RULES if people else NO_RULES

    def points(self, table: str) -> bool:
        """Single people may be drawn only from synthetic data, or public data of photographs."""
        return self.sources[table] != "private" and table not in workflow.PUBLIC_USE


def _short_names(known: Mapping[str, workflow.Table]) -> dict[str, str]:
    """Short names by which figures tell cohorts apart."""
    private = Counter(t.short_name for t in known.values() if t.source == "private")
    return {
        name: f"{table.short_name}, {KINDS.get(name, name)}"
        if table.source == "private" and private[table.short_name] > 1
        else table.short_name
        for name, table in known.items()
    }


def settings_of(item: str, config: Mapping[str, Any]) -> Settings:
    """The settings of one item."""
    known = workflow.tables(config)
    is_private = any(table.source == "private" for table in known.values())
    return Settings(
        item=item,
        project_seed=config["seed"],
        private_rules=workflow.private_rules(config),
        bootstrap_replicates=config["bootstrap_replicates"],
        sources={name: table.source for name, table in known.items()},
        results=workflow.RESULTS,
        truth_files={} if is_private else {n: t.truth for n, t in known.items() if t.truth},
        labels={name: table.label for name, table in known.items()},
        short_names=_short_names(known),
        originals=frozenset(name for name, table in known.items() if table.original),
        life_table=workflow.life_table(config),
    )
