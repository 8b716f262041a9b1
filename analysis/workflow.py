"""What the pipeline runs: its settings, where each table lies, and the items."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import configuration
from faceage_stats.cohorts.disclosure.rules import NO_RULES, Rules, rules_from
from faceage_stats.cohorts.prepare.mapping import load_mapping
from faceage_stats.cohorts.remote import UTK_SHA256
from faceage_stats.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "analysis" / "data"
RESULTS = ROOT / "results"
ITEMS = ROOT / "analysis" / "items"
CONFIG = ROOT / "analysis" / "config.yaml"

# table -> (schema, cohort that `faceage simulate` makes it with)
TABLES: dict[str, tuple[str, str | None]] = {
    "utk": ("utk", None),
    "maastro": ("maastro", "maastro"),
    "thoracic": ("thoracic", "thoracic"),
    "palliative": ("palliative", "palliative"),
    "survey": ("survey", "survey"),
    "genotypes": ("genotypes", "genotyped"),
    "expression": ("expression", "genotyped"),
    "variants": ("variants", "genotyped"),
    "harvard_rt": ("fahr_rt", "harvard_rt"),
    "maastro_rt": ("fahr_rt", "maastro_rt"),
    "serial_photos": ("serial_photos", "serial"),
    "nhanes": ("nhanes", None),
    "rotterdam": ("node_positive", None),
    "gbsg": ("node_positive", None),
}
PUBLIC = ROOT / "analysis" / "public"
PUBLIC_FILES = {
    "utk": DATA / "utk_faceage_ext.csv",
    "nhanes": PUBLIC / "nhanes_phenoage.csv",
    "rotterdam": PUBLIC / "rotterdam_node_positive.csv",
    "gbsg": PUBLIC / "gbsg_validation.csv",
}
# Public, and still persons, whose publisher asks for small cells to be withheld.
PUBLIC_USE = {"nhanes"}
RELEASE_KEY = DATA / "release.key"


@dataclass(frozen=True)
class Table:
    """One input table: its schema, where it lies, and what kind of data it holds."""

    name: str
    schema: str
    source: str  # synthetic, public, private, or none: left out
    path: Path
    reading: Mapping[str, Any] = field(default_factory=dict)  # arguments of read_table

    @property
    def is_mapping(self) -> bool:
        """Whether the table is made from a hospital's export, by the mapping at `path`."""
        return self.path.suffix.lower() in (".yaml", ".yml")

    @property
    def exports(self) -> tuple[Path, ...]:
        """The files that a mapping reads: the export, and the scores."""
        if not self.is_mapping:
            return ()
        mapping = load_mapping(self.path)
        parts = (mapping.source, mapping.scores)
        return tuple(part.path for part in parts if part is not None and part.path is not None)

    @property
    def truth(self) -> Path | None:
        """The planted truth beside a synthetic table."""
        if self.source != "synthetic":
            return None
        return self.path.with_name(f"{self.cohort}.truth.json")

    @property
    def cohort(self) -> str | None:
        """The cohort whose simulation makes this table."""
        return TABLES[self.name][1] if self.source == "synthetic" else None


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

    @property
    def seed(self) -> int:
        """The seed of the item: it depends only on the project seed and the item's name."""
        digest = hashlib.sha256(f"{self.project_seed}/{self.item}".encode()).digest()
        return int.from_bytes(digest[:4], "big")

    def rules(self, *tables: str) -> Rules:
        """What may be shown: everything where each table is synthetic or public."""
        private = any(self.sources[table] == "private" for table in tables)
        return self.private_rules if private else NO_RULES

    def points(self, table: str) -> bool:
        """Single patients may be drawn only from synthetic or public data."""
        return self.sources[table] != "private"


def load_config(path: Path = CONFIG) -> dict[str, Any]:
    """Settings of the whole pipeline, from config.yaml."""
    return configuration.load(path, TABLES)


def tables(config: Mapping[str, Any]) -> dict[str, Table]:
    """Every table of the configuration, with its path."""
    return {name: _table(name, config["cohorts"][name]) for name in TABLES}


def _table(name: str, given: Any) -> Table:
    schema, cohort = TABLES[name]
    source, reading = configuration.source_and_reading(given)
    if source == "public" and name in PUBLIC_FILES:
        return Table(name, schema, "public", PUBLIC_FILES[name])
    if source == "synthetic" and cohort is not None:
        return Table(name, schema, "synthetic", DATA / f"{name}.csv")
    if source == "none":
        return Table(name, schema, "none", DATA / f"{name}.none")
    if source in ("public", "synthetic"):
        raise InputError(f"config.yaml: cohort `{name}` cannot be `{source}`.")
    path = Path(source).expanduser()
    path = path if path.is_absolute() else ROOT / path
    if not path.is_file():
        raise InputError(f"config.yaml: cohort `{name}` points to `{source}`, which is not a file.")
    table = Table(name, schema, "private", path, reading)
    if table.is_mapping and (made := load_mapping(path).schema.name) != schema:
        raise InputError(
            f"config.yaml: cohort `{name}` needs the {schema} schema; {path.name} maps to {made}."
        )
    return table


def public_sha256(name: str) -> str:
    """SHA-256 that a public table must have."""
    if name == "utk":
        return UTK_SHA256
    lines = (PUBLIC / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {file: digest for digest, file in map(str.split, lines)}[PUBLIC_FILES[name].name]


def release_key() -> bytes:
    """The secret by which counts are rounded: drawn once, it stays beside the data."""
    if not RELEASE_KEY.is_file():
        RELEASE_KEY.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), RELEASE_KEY.open("xb") as file:
            file.write(secrets.token_bytes(32))
    return RELEASE_KEY.read_bytes()


def item_names() -> list[str]:
    """Every display item: analysis/items/<item>.py."""
    return sorted(path.stem for path in ITEMS.glob("[a-z]*.py"))


def items() -> dict[str, ModuleType]:
    """The modules of all items."""
    return {name: importlib.import_module(f"items.{name}") for name in item_names()}


def settings(item: str, config: Mapping[str, Any]) -> Settings:
    """The settings of one item."""
    known = tables(config)
    return Settings(
        item=item,
        project_seed=config["seed"],
        private_rules=rules_from(config["disclosure"], key=release_key()),
        bootstrap_replicates=config["bootstrap_replicates"],
        sources={name: table.source for name, table in known.items()},
        results=RESULTS,
        truth_files={name: table.truth for name, table in known.items() if table.truth},
    )
