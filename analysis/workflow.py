"""What the pipeline runs: its settings, where each table lies, and the items."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import configuration
from faceage_stats.cohorts.disclosure.rules import NO_RULES, Rules, rules_from
from faceage_stats.cohorts.prepare.declared import Declared
from faceage_stats.cohorts.prepare.made_from import changed_since, how_to_remake
from faceage_stats.cohorts.prepare.mapping import is_mapping, load_mapping
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
    "older_rt": ("older_rt", "older_rt"),
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
PUBLIC_USE_RULES = Rules("public_use", minimum=8, base=1)
# What figures and texts call a table of the papers; another hospital's has a label of its own.
PUBLISHED_NAMES = {
    "utk": "UTKFace",
    "maastro": "MAASTRO",
    "thoracic": "Harvard thoracic",
    "palliative": "Harvard palliative",
    "survey": "Reader survey",
    "genotypes": "Genotyped patients",
    "expression": "Genotyped patients",
    "variants": "Genotyped patients",
    "harvard_rt": "Harvard",
    "maastro_rt": "MAASTRO",
    "serial_photos": "Serial photographs",
    "older_rt": "Patients of 60 or more",
    "nhanes": "NHANES 1999-2000",
    "rotterdam": "Rotterdam",
    "gbsg": "GBSG",
}
UNNAMED = "Own cohort"  # of a private table whose label nobody wrote down
# Added to the short name where one hospital gives several tables.
KINDS = {
    "utk": "photographs",
    "maastro": "radiotherapy",
    "harvard_rt": "development",
    "maastro_rt": "independent",
    "serial_photos": "serial photographs",
    "older_rt": "aged 60 or more",
}
RELEASE_KEY = DATA / "release.key"


@dataclass(frozen=True)
class Table:
    """One input table: its schema, where it lies, and what kind of data it holds."""

    name: str
    schema: str
    source: str  # synthetic, public, private, or none: left out
    path: Path
    reading: Mapping[str, Any] = field(default_factory=dict)  # arguments of read_table
    label: str = ""
    short_name: str = ""
    original: bool = False  # the table that the paper was written from
    hospitals: tuple[Table, ...] = ()  # where it is made of the tables of several

    @property
    def parts(self) -> dict[str, Table]:
        """The table, or those of its hospitals, under the names that records give them."""
        if not self.hospitals:
            return {self.name: self}
        return {f"{self.name} ({part.short_name})": part for part in self.hospitals}

    @property
    def is_mapping(self) -> bool:
        """Whether the table is made from a hospital's export, by the mapping at `path`."""
        return is_mapping(self.path)

    @property
    def exports(self) -> tuple[Path, ...]:
        """The files that a mapping reads: the export, what is joined to it, and the scores."""
        return _mapping(self.path).files if self.is_mapping else ()

    @property
    def truth(self) -> Path | None:
        """The planted truth beside a synthetic table."""
        if self.source != "synthetic":
            return None
        return self.path.with_name(f"{self.cohort}.truth.json")

    @property
    def matched(self) -> bool:
        """Whether its rows were matched to the published values."""
        return self.cohort is not None

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
        people = any(self.sources[table] == "public" for table in PUBLIC_USE.intersection(tables))
        return PUBLIC_USE_RULES if people else NO_RULES

    def points(self, table: str) -> bool:
        """Single people may be drawn only from synthetic data, or public data of photographs."""
        return self.sources[table] != "private" and table not in PUBLIC_USE


def load_config(path: Path = CONFIG) -> dict[str, Any]:
    """Settings of the whole pipeline, from config.yaml."""
    return configuration.load(path, TABLES)


def tables(config: Mapping[str, Any]) -> dict[str, Table]:
    """Every table of the configuration, with its path."""
    return {name: _table(name, config["cohorts"][name]) for name in TABLES}


def _table(name: str, given: Any) -> Table:
    found = [_one_table(name, each) for each in configuration.given_tables(given)]
    if len(found) == 1:
        return found[0]
    if not all(table.source == "private" for table in found):
        raise InputError(f"config.yaml: cohort `{name}` is a list; each of it is a path.")
    label = ", ".join(table.label for table in found)
    names = [table.short_name for table in found]
    if UNNAMED in names:
        raise InputError(f"config.yaml: cohort `{name}`: {configuration.UNNAMED_HOSPITAL}")
    if len(set(names)) < len(names):
        raise InputError(f"config.yaml: cohort `{name}`: {configuration.SAME_HOSPITAL}")
    short_name = ", ".join(names)
    schema, path = found[0].schema, found[0].path
    return Table(name, schema, "private", path, {}, label, short_name, hospitals=tuple(found))


def _one_table(name: str, given: configuration.Given) -> Table:
    schema, cohort = TABLES[name]
    names = (given.label or PUBLISHED_NAMES[name], given.short_name or PUBLISHED_NAMES[name])
    if given.source == "public" and name in PUBLIC_FILES:
        return Table(name, schema, "public", PUBLIC_FILES[name], {}, *names)
    if given.source == "synthetic" and cohort is not None:
        return Table(name, schema, "synthetic", DATA / f"{name}.csv", {}, *names)
    if given.source == "none":
        return Table(name, schema, "none", DATA / f"{name}.none", {}, *names)
    if given.source in ("public", "synthetic"):
        raise InputError(f"config.yaml: cohort `{name}` cannot be `{given.source}`.")
    return _private_table(name, schema, given)


def _private_table(name: str, schema: str, given: configuration.Given) -> Table:
    path = _path(given.source)
    if not path.is_file():
        raise InputError(
            f"config.yaml: cohort `{name}` points to `{given.source}`, which is not a file."
        )
    if _changed_since(path):
        raise InputError(f"config.yaml: cohort `{name}`: {how_to_remake(path)}")
    table = Table(name, schema, "private", path, given.reading, original=given.original)
    label, short_name = given.label, given.short_name
    if table.is_mapping:
        mapping = _mapping(path)
        if mapping.schema.name != schema:
            raise InputError(
                f"config.yaml: cohort `{name}` needs the {schema} schema; {path.name} maps to "
                f"{mapping.schema.name}."
            )
        label, short_name = label or mapping.label, short_name or mapping.short_name
    fallback = PUBLISHED_NAMES[name] if given.original else UNNAMED
    short_name = short_name or label or fallback
    return replace(table, label=label or short_name, short_name=short_name)


@functools.cache
def _changed_since(path: Path) -> list[str]:
    """What a prepared table was made from and is no longer the same; looked at once."""
    return changed_since(path)


@functools.cache
def _mapping(path: Path) -> Declared:
    """A mapping as this process saw it first; that it changed meanwhile is told by its hash."""
    return load_mapping(path)


def life_table(config: Mapping[str, Any]) -> Path | None:
    """The reader's table of death rates, if there is one."""
    if "life_table" not in config:
        return None
    path = _path(config["life_table"])
    if not path.is_file():
        raise InputError(f"config.yaml: `life_table` is {config['life_table']}, which is no file.")
    return path


def _path(given: str) -> Path:
    """A path of config.yaml; one that is not absolute begins at the checkout."""
    path = Path(given).expanduser()
    return path if path.is_absolute() else ROOT / path


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


def private_rules(config: Mapping[str, Any]) -> Rules:
    """What may be shown of private tables."""
    return rules_from(config["disclosure"], key=release_key())


def item_names() -> list[str]:
    """Every display item: analysis/items/<item>.py."""
    return sorted(path.stem for path in ITEMS.glob("[a-z]*.py"))


def items() -> dict[str, ModuleType]:
    """The modules of all items."""
    return {name: importlib.import_module(f"items.{name}") for name in item_names()}


def _short_names(known: Mapping[str, Table]) -> dict[str, str]:
    """Short names by which figures tell cohorts apart."""
    private = Counter(t.short_name for t in known.values() if t.source == "private")
    return {
        name: f"{table.short_name}, {KINDS.get(name, name)}"
        if table.source == "private" and private[table.short_name] > 1
        else table.short_name
        for name, table in known.items()
    }


def settings(item: str, config: Mapping[str, Any]) -> Settings:
    """The settings of one item."""
    known = tables(config)
    is_private = any(table.source == "private" for table in known.values())
    return Settings(
        item=item,
        project_seed=config["seed"],
        private_rules=private_rules(config),
        bootstrap_replicates=config["bootstrap_replicates"],
        sources={name: table.source for name, table in known.items()},
        results=RESULTS,
        truth_files={} if is_private else {n: t.truth for n, t in known.items() if t.truth},
        labels={name: table.label for name, table in known.items()},
        short_names=_short_names(known),
        originals=frozenset(name for name, table in known.items() if table.original),
        life_table=life_table(config),
    )
