"""Read analysis/config.yaml, or say in one line why it cannot be read and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from faceage_stats.cohorts.disclosure.rules import rules_from
from faceage_stats.cohorts.prepare.mapping import is_mapping
from faceage_stats.errors import InputError

# What `read_table` may be told of a table: `maastro: {path: cohort.xlsx, sheet: patients}`.
READING = (
    *("sheet", "header_row", "na_values", "decimal", "thousands", "encoding", "value_labels"),
)
UNNAMED_HOSPITAL = "each of several hospitals needs `path` and `short_name`, or a mapping with it."
SAME_HOSPITAL = "two hospitals have the same `short_name`."
NAMING = ("label", "short_name", "original")
SETTINGS = ("cohorts", "seed", "disclosure", "bootstrap_replicates")
PROFILES = ("all", "own")


@dataclass(frozen=True)
class Given:
    """What config.yaml says of one table: where it comes from, and what its cohort is called."""

    source: str
    reading: Mapping[str, Any] = field(default_factory=dict)  # arguments of read_table
    label: str = ""
    short_name: str = ""
    original: bool = False  # the table that the paper was written from


def load(path: Path, tables: Iterable[str]) -> dict[str, Any]:
    """Read the settings; unknown or missing ones are refused, all at once."""
    config = _mapping(_parsed(path), path.name, "settings")
    cohorts = config.get("cohorts", {})
    problems = _name_problems(config, SETTINGS, "setting", optional=("profile", "life_table"))
    problems += _name_problems(
        _mapping(cohorts, f"{path.name}, `cohorts`", "cohorts"), tables, "cohort"
    )
    for name, given in cohorts.items():
        problems += _cohort_problems(name, given)
    if (profile := config.get("profile", "all")) not in PROFILES:
        problems.append(f"`profile` is {profile!r}; it may be {' or '.join(PROFILES)}.")
    if not isinstance(config.get("life_table", ""), str):
        problems.append("`life_table` is the path of a table with age, sex and rate_per_year.")
    for name in ("seed", "bootstrap_replicates"):
        if name in config and not _is_whole(config[name]):
            problems.append(f"`{name}` is {config[name]!r}; it must be a whole number.")
    try:
        rules_from(config.get("disclosure", "opensafely"))
    except InputError as error:
        problems.append(str(error))
    if problems:
        raise InputError(f"{path.name}:\n  " + "\n  ".join(problems))
    return config


def given_tables(given: Any) -> list[Given]:
    """What a cohort's entry says: one table, or those of several hospitals."""
    return [_given(each) for each in (given if isinstance(given, list) else [given])]


def _given(entry: Any) -> Given:
    if not isinstance(entry, Mapping):
        return Given(str(entry))
    reading = {key: entry[key] for key in READING if key in entry}
    names = (str(entry.get(key, "")) for key in ("label", "short_name"))
    return Given(str(entry["path"]), reading, *names, original=entry.get("original", False))


def _cohort_problems(name: str, given: Any) -> list[str]:
    """What is wrong with the entry of a cohort: a word, a path, a mapping, or a list of them."""
    where = f"cohort `{name}`:"
    entries = given if isinstance(given, list) else [given]
    problems = []
    for entry in entries:
        if isinstance(entry, Mapping):
            problems += _name_problems(entry, ("path",), where, optional=(*READING, *NAMING))
            if not isinstance(entry.get("original", False), bool):
                problems.append(f"{where} `original` is true or false.")
        elif not isinstance(entry, str):
            problems.append(f"{where} it is {entry!r}; give a word, a path, or path: and label:.")
    if not entries:
        problems.append(f"{where} it is an empty list; give the tables of the hospitals.")
    if len(entries) > 1:
        problems += _several_problems(where, entries)
    return problems


def _several_problems(where: str, entries: list[Any]) -> list[str]:
    """Hospitals are told apart by their short names, which may stand in their mappings."""
    given = [each if isinstance(each, Mapping) else {"path": each} for each in entries]
    named = [str(each["short_name"]) for each in given if each.get("short_name")]
    unnamed = [str(each.get("path", "")) for each in given if not each.get("short_name")]
    if not all(is_mapping(Path(path)) for path in unnamed):
        return [f"{where} {UNNAMED_HOSPITAL}"]
    if len(set(named)) < len(named):
        return [f"{where} {SAME_HOSPITAL}"]
    return []


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _parsed(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text; save it again as UTF-8.") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path.name}{_where(error)} {_cure(error)}") from None


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return f", line {mark.line + 1}:" if mark else ":"


def _cure(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    if "'\\t'" in problem:
        return "a tab where YAML wants blanks; indent with blanks."
    if "escape" in problem:
        return (
            "a backslash inside double quotes starts an escape; write the path without quotes, "
            "or with forward slashes."
        )
    return f"{problem}."


def _mapping(content: Any, where: str, what: str) -> Mapping[str, Any]:
    if isinstance(content, Mapping):
        return content
    found = "empty" if content is None else f"a {type(content).__name__}"
    raise InputError(f"{where}: it is {found}; {what} are written `name: value`, one per line.")


def _name_problems(
    given: Mapping[str, Any], needed: Iterable[str], kind: str, optional: Iterable[str] = ()
) -> list[str]:
    needed = list(needed)
    known = [*needed, *optional]
    problems = [f"{kind} `{name}` is missing." for name in needed if name not in given]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            problems.append(f"{kind} `{name}` is not known.{hint}")
    return problems
