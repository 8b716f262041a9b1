"""What the pipeline runs: where each table lies, what may be shown of it, and the items."""

from __future__ import annotations

import contextlib
import functools
import importlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import configuration
from faceage_stats.cohorts.disclosure.rules import Rules, rules_from
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
