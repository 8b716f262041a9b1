"""Find the cases and read their data as R read them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from packaging.version import Version

__all__ = ["LAST_DIGIT", "Case", "collect_cases", "prepare_data", "suite_folders"]

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]

# Every digit of a number counts. From pandas 3.1 on it does by default, and asking is deprecated.
LAST_DIGIT: dict[str, Any] = (
    {} if Version(pd.__version__) >= Version("3.1") else {"float_precision": "round_trip"}
)


@dataclass(frozen=True)
class Case:
    """One case of one JSON file; `folder` is where its `data` is looked up."""

    file: str
    folder: Path
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.content["id"])

    @property
    def kind(self) -> str:
        return str(self.content["args"]["analysis"])

    @property
    def label(self) -> str:
        return f"{self.file}::{self.name}"


def suite_folders() -> list[Path]:
    """Our own cases, the optional extras beside the repository, then CONFORMANCE_PATH."""
    named = os.environ.get("CONFORMANCE_PATH", "").split(os.pathsep)
    extras = REPOSITORY.parent / "shared" / "conformance"
    folders = [HERE / "cases", *([extras] if extras.is_dir() else [])]
    for folder in map(Path, filter(None, named)):
        if not folder.is_dir():
            raise FileNotFoundError(f"CONFORMANCE_PATH names {folder}, which is not a folder")
        folders.append(folder)
    return list(dict.fromkeys(folder.resolve() for folder in folders))


def collect_cases() -> list[Case]:
    """Every case of every folder; a case that is there twice, word for word, runs once."""
    seen: set[tuple[str, str]] = set()
    cases = []
    for case in _read_folders():
        key = (case.file, json.dumps(case.content, sort_keys=True))
        if key not in seen:
            seen.add(key)
            cases.append(case)
    return cases


def _read_folders() -> Iterator[Case]:
    for folder in suite_folders():
        for path in sorted(folder.glob("*.json")):
            for content in json.loads(path.read_text(encoding="utf-8")):
                yield Case(path.stem, folder, content)


@lru_cache(maxsize=32)
def _read_csv(path: Path) -> pd.DataFrame:
    """As R's read.csv(na.strings = "") reads it: only empty cells are missing, no digit is lost."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""], **LAST_DIGIT)


def prepare_data(case: Case) -> pd.DataFrame | None:
    """The case's table after `subset`, `head` and `factors`; None when it names no file."""
    content = case.content
    if content.get("data") is None:
        return None
    data = _read_csv(case.folder / content["data"]).copy()
    if content.get("subset"):
        data = data.query(content["subset"], engine="python")
    args = content["args"]
    head = args.get("head", content.get("head"))
    if head is not None:
        data = data.head(int(head))
    data = data.reset_index(drop=True)
    for column, levels in (args.get("factors") or {}).items():
        data[column] = _as_factor(data[column], levels)
    return data


def _as_factor(column: pd.Series, levels: list[str]) -> pd.Series:
    """R's factor(x, levels): text levels in the given order, anything else is missing."""
    text = column.map(_level_text, na_action="ignore").astype(object)
    return pd.Series(pd.Categorical(text, categories=levels), index=column.index)


def _level_text(value: object) -> str:
    """A cell as R prints it as a level: 1.0 is "1", True is "TRUE"."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
