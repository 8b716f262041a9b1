"""`faceage verify`: compare stored results, and what they were made from, with their records."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from faceage_stats._exits import Exit
from faceage_stats._parser import add_output, show
from faceage_stats.errors import InputError
from faceage_stats.reporting.provenance.drift import Drift, Locate, drift
from faceage_stats.reporting.store.record import MANIFEST, RECORD, is_export

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage verify`."""
    parser.epilog = (
        "faceage verify                          # results/ of the checkout you are in\n"
        "faceage verify results/ --data tables/  # inputs that lie elsewhere\n"
        "faceage verify release/                 # what `faceage export` wrote\n"
        "faceage verify --json"
    )
    parser.add_argument(
        "results", type=Path, nargs="?", default=Path("results"), metavar="RESULTS",
        help="folder with one folder per item, or one item (default: results)",
    )  # fmt: skip
    parser.add_argument(
        "--data", type=Path, default=None, metavar="FOLDER",
        help="folder of the input tables (in a checkout: as in analysis/config.yaml)",
    )  # fmt: skip
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Print one line per file that is not what was recorded; return 1 if there is any."""
    if is_export(args.results):
        return _exported(args)
    folders = _items(args.results)
    if args.data is not None and not args.data.is_dir():
        raise InputError(f"--data: {args.data} is not a folder.")
    checkout = _checkout(folders[0])
    locate, key = _locate(checkout, args.data), _release_key(checkout)
    found = [entry for folder in folders for entry in drift(folder, locate, key)]
    drifted = [entry for entry in found if not entry.is_unchecked]
    lines = [f"{entry.item}: {entry.kind} {entry.file} {_words(entry)}" for entry in drifted]
    lines.append(f"{len(folders)} items checked, {len(drifted)} files not as recorded.")
    show(args, lines, [dataclasses.asdict(entry) for entry in found])
    unchecked = sorted({f"{e.kind} {e.file}" for e in found if e.is_unchecked})
    if unchecked:
        print(
            f"Not checked, because not found: {', '.join(unchecked)}. Name their folder with "
            "--data.",
            file=sys.stderr,
        )
    return Exit.REFUSED if drifted else Exit.DONE


def _exported(args: argparse.Namespace) -> int:
    """Check what another hospital handed on against its manifest."""
    from faceage_stats.reporting.store.export import check_export

    problems = check_export(args.results)
    records = problems.to_dict(orient="records")
    lines = [f"{r['file']}: {r['problem']}" for r in records]
    lines.append(f"{MANIFEST} checked, {len(records)} files not as released.")
    show(args, lines, records)
    return Exit.REFUSED if records else Exit.DONE


def _words(entry: Drift) -> str:
    return entry.problem if entry.problem == "not recorded" else f"is {entry.problem}"


def _items(results: Path) -> list[Path]:
    """Folders of the items, or the one folder given."""
    if any((results / name).is_file() for name in (RECORD, "item.json")):
        return [results]
    folders = sorted(p for p in results.glob("[!.]*") if p.is_dir()) if results.is_dir() else []
    if not folders:
        raise InputError(
            f"{results} holds no results. Name their folder, or make them with `make reproduce`."
        )
    return folders


def _checkout(folder: Path) -> Path:
    return folder.resolve().parents[1]


def _release_key(checkout: Path) -> bytes:
    """The secret of the holder of the data; none where it is not at hand."""
    path = checkout / "analysis" / "data" / "release.key"
    return path.read_bytes() if path.is_file() else b""


def _locate(checkout: Path, data: Path | None) -> Locate:
    """Look into the folder given first, then where a checkout keeps the kind of file."""
    private = _private_tables(checkout)
    folders = {
        "input": [checkout / "analysis" / "data", checkout / "analysis" / "public"],
        "schema": [checkout / "data_schemas"],
        "script": [checkout / "analysis" / "items"],
        "file": [checkout],
    }

    def locate(kind: str, name: str) -> Path | None:
        places = [private[name]] if name in private else []
        places = [*([data / name] if data else []), *places, *(f / name for f in folders[kind])]
        return next((path for path in places if path.is_file()), None)

    return locate


def _private_tables(checkout: Path) -> dict[str, Path]:
    """Where the checkout's configuration says that each table lies; none without one."""
    try:
        text = (checkout / "analysis" / "config.yaml").read_text(encoding="utf-8")
        given: Any = yaml.safe_load(text)["cohorts"].items()
        entries = [part for name, entry in given for part in _parts(name, entry)]
    except (OSError, UnicodeError, yaml.YAMLError, TypeError, KeyError, AttributeError):
        return {}
    tables = {name: checkout / Path(path).expanduser() for name, path in entries}
    return tables | {n: p for name, path in tables.items() for n, p in _exports(name, path)}


def _parts(name: str, entry: Any) -> Iterator[tuple[str, str]]:
    """The table of a cohort, or those of several hospitals, by the names of their records."""
    several = isinstance(entry, list) and len(entry) > 1
    for each in entry if isinstance(entry, list) else [entry]:
        part = f"{name} ({each['short_name']})" if several else name
        yield part, str(each["path"] if isinstance(each, dict) else each)


def _exports(name: str, path: Path) -> Iterator[tuple[str, Path]]:
    """The files that a mapping reads."""
    if path.suffix.lower() in (".yaml", ".yml") and path.is_file():
        from faceage_stats.cohorts.prepare.mapping import load_mapping

        for i, export in enumerate(load_mapping(path).files, 1):
            yield f"{name}: file {i}", export
