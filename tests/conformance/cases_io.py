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
import pyarrow as pa
from packaging.version import Version

__all__ = [
    "LAST_DIGIT",
    "Case",
    "as_dtype",
    "collect_cases",
    "prepare_data",
    "prepare_newdata",
    "row_numbers",
    "second_table",
    "suite_folders",
]

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
    """The case's table after `subset`, `head` and what `args` say of it; None without a file."""
    args = case.content["args"]
    data = _selected(case)
    if data is None:
        return None
    data = data.reset_index(drop=True)
    if args["analysis"] == "formula":
        data = data[args.get("columns", data.columns)].rename(columns=args.get("rename") or {})
    data = _stored_as(data, args)
    return data.set_index(args["index"]) if args.get("index") else data


def row_numbers(case: Case) -> pd.Index | None:
    """R's names of the rows that `prepare_data` gives: their numbers in the file, from 1."""
    data = _selected(case)
    return None if data is None else data.index + 1


def _selected(case: Case) -> pd.DataFrame | None:
    """The rows of the file that a case is about; None without a file."""
    content = case.content
    if content.get("data") is None:
        return None
    data = _read_csv(case.folder / content["data"]).copy()
    if content.get("subset"):
        data = data.query(content["subset"], engine="python")
    head = content["args"].get("head", content.get("head"))
    return data if head is None else data.head(int(head))


def prepare_newdata(case: Case) -> pd.DataFrame | None:
    """`args.newdata` of a formula case: rows written out, or rows of a file; None without."""
    args = case.content["args"]
    new = args.get("newdata") if case.kind == "formula" else None
    if isinstance(new, Mapping):
        first, last = new["rows"]
        data = _read_csv(case.folder / new["csv"]).iloc[first - 1 : last]
    elif new is not None:
        data = pd.DataFrame(new)
    else:
        return None
    keys = {key: args.get(f"newdata_{key}") for key in ("dtypes", "factors", "ordered")}
    return _stored_as(data.copy(), keys)


def second_table(case: Case) -> pd.DataFrame | None:
    """The file that `args` name beside the first: rows to merge, or errors to add; None without."""
    args = case.content["args"]
    name = args.get("data2", args.get("standard_normal_errors"))
    return None if name is None else _read_csv(case.folder / name).copy()


def _stored_as(data: pd.DataFrame, args: Mapping[str, Any]) -> pd.DataFrame:
    """The table with the storage types and the levels that `args` name."""
    for column, dtype in (args.get("dtypes") or {}).items():
        data[column] = as_dtype(data[column], dtype)
    for column, levels in (args.get("factors") or {}).items():
        data[column] = _as_factor(data[column], levels, column in (args.get("ordered") or ()))
    return data


def as_dtype(column: pd.Series, dtype: str) -> pd.Series:
    """The same values in another storage type (the names are listed in the cases' README)."""
    if dtype == "str":
        return column.map(_level_text, na_action="ignore").astype(object)
    if dtype == "object":
        return column.astype(object).where(column.notna(), None)
    if dtype == "timedelta64[days]":
        return pd.to_timedelta(column, unit="D")
    if dtype == "large_string[pyarrow]":
        return column.astype(pd.ArrowDtype(pa.large_string()))
    if dtype == "date":
        dates = pd.to_datetime(column).dt.date
        return dates.astype(object).where(column.notna(), None)
    if dtype.startswith("period["):
        return pd.to_datetime(column).dt.to_period(dtype[len("period[") : -1])
    if dtype.startswith("datetime64"):
        return pd.to_datetime(column, utc="UTC" in dtype)
    return column.astype(dtype)


def _as_factor(column: pd.Series, levels: list[str], ordered: bool) -> pd.Series:
    """R's factor(x, levels): the levels in the given order, anything else is missing.

    Levels of a column of whole numbers stay numbers, as a categorical of them holds them.
    """
    if pd.api.types.is_integer_dtype(column):
        values, categories = column, [int(level) for level in levels]
    else:
        values = column.map(_level_text, na_action="ignore").astype(object)
        categories = levels
    return pd.Series(pd.Categorical(values, categories, ordered=ordered), index=column.index)


def _level_text(value: object) -> str:
    """A cell as R prints it as a level: 1.0 is "1", True is "TRUE"."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
