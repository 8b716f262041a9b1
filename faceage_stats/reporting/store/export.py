"""Results to hand on: released files and a manifest, nothing else."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats._files import sha256
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.errors import DisclosureError, InputError
from faceage_stats.reporting.store.publish import write_json
from faceage_stats.reporting.store.record import MANIFEST, RECORD, is_export, read_record

__all__ = ["check_export", "export"]

_RELEASED = (".csv", ".svg", ".png")
_TEXTS = ("item.json", "values.json", RECORD)


def export(
    results: str | Path,
    to: str | Path,
    *,
    before: str | Path | None = None,
    force: bool = False,
) -> pd.DataFrame:
    """Copy the released files of every item to a folder that may leave the hospital.

    Parameters
    ----------
    results : path
        Folder with one folder per item; where its manifest names the items of the last build, an
        item of an earlier one is left out.
    to : path
        Made; where it exists, what an earlier export wrote is replaced with ``force=True``.
    before : path, optional
        An earlier export of the same cohort, with which the new one is attacked; by default the
        one that is replaced.
    force : bool

    Returns
    -------
    pandas.DataFrame
        One row per file: ``item, file, sha256``. The same list, the rules of each item and the
        attacker's report are in ``manifest.json``.

    Raises
    ------
    DisclosureError
        An item reads private tables and was not released, or the attacker recovers something.
    InputError
        There is no item, or `to` holds something else than an export.

    See Also
    --------
    check_export : Verify it at the other end.

    Examples
    --------
    >>> import tempfile
    >>> export(tempfile.mkdtemp(), "release")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: the folder holds no item to export.
    """
    folders = _of_the_build(Path(results))
    if not folders:
        raise InputError("the folder holds no item to export.")
    rules = {folder.name: _rules(folder) for folder in folders}
    target = Path(to)
    _refuse_taken(target, force=force)
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place)
        for folder in folders:
            _copy(folder, draft / folder.name)
        _refuse_findings(draft, before or (target if target.exists() else None))
        files = [path for path in sorted(draft.rglob("*")) if path.is_file()]
        listed = {path.relative_to(draft).as_posix(): sha256(path) for path in files}
        write_json(draft / MANIFEST, {"files": listed, "rules": rules, "attacker_found": 0})
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(draft, target)
    rows = [(name.partition("/")[0], name, digest) for name, digest in listed.items()]
    return pd.DataFrame(rows, columns=["item", "file", "sha256"])


def check_export(folder: str | Path) -> pd.DataFrame:
    """Compare an export with its manifest, and attack it anew.

    Parameters
    ----------
    folder : path
        What `export` wrote.

    Returns
    -------
    pandas.DataFrame
        One row per problem: ``file`` and ``problem``; empty when it is as it was released.

    Raises
    ------
    InputError
        There is no manifest, or it cannot be read.

    See Also
    --------
    export : Write it.

    Examples
    --------
    >>> import tempfile
    >>> check_export(tempfile.mkdtemp())
    Traceback (most recent call last):
    faceage_stats.errors.InputError: manifest.json cannot be read.
    """
    root = Path(folder)
    try:
        manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
        listed, rules = dict(manifest["files"]), dict(manifest["rules"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{MANIFEST} cannot be read.") from None
    there = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()} - {MANIFEST}
    problems = [(name, "is missing") for name in sorted(set(listed) - there)]
    problems += [(name, "is not in the manifest") for name in sorted(there - set(listed))]
    changed = (n for n in sorted(there & set(listed)) if sha256(root / n) != listed[n])
    problems += [(name, "was changed") for name in changed]
    links = (p.relative_to(root).as_posix() for p in sorted(root.rglob("*")) if p.is_symlink())
    problems += [(name, "is a link") for name in links]
    items = {path.parent.name: path for path in root.glob("*/item.json")}
    problems += [
        (MANIFEST, f"names other rules than {name}")
        for name, path in sorted(items.items())
        if _json_of(path).get("disclosure", {}) != rules.get(name)
    ]
    problems += [(f.files, f"gives away {f.kind}: {f.what}") for f in attack(root).itertuples()]
    return pd.DataFrame(problems, columns=["file", "problem"])


def _json_of(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # it was changed, which is said
        return {}
    return content if isinstance(content, dict) else {}


def _of_the_build(results: Path) -> list[Path]:
    """Folders of the items that the manifest of the results names; without a manifest all."""
    folders = [p for p in sorted(results.glob("[!.]*")) if (p / "item.json").is_file()]
    try:
        built = json.loads((results / MANIFEST).read_text(encoding="utf-8"))["items"]
    except FileNotFoundError:
        return folders
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{MANIFEST} of the results cannot be read: build them again.") from None
    return [folder for folder in folders if folder.name in built]


def _rules(folder: Path) -> dict[str, Any]:
    """The rules under which an item was released; refuse one of private rows without any."""
    item = json.loads((folder / "item.json").read_text("utf-8"))
    rules: dict[str, Any] = item.get("disclosure", {})
    shows_nothing = bool(item.get("unavailable"))  # but the reason why it could not be made
    parameters = (read_record(folder) or {}).get("parameters", {})
    private = "private" in parameters.get("sources", {}).values()
    unruled = isinstance(parameters.get("disclosure"), dict)  # the right to release was stated
    if private and not (rules or unruled or shows_nothing):
        raise DisclosureError(f"{folder.name} reads private tables and was not released.")
    return rules


def _refuse_taken(target: Path, *, force: bool) -> None:
    if target.exists() and not (force and is_export(target)):
        raise InputError(f"{target.name} exists; name a new folder, or replace an export (force).")


def _refuse_findings(draft: Path, before: str | Path | None) -> None:
    """Attack just what would be handed on, with what was handed on before."""
    found = attack(draft, before)
    if len(found):
        raise DisclosureError(
            f"{len(found)} numbers of few patients can be recovered from "
            f"{', '.join(sorted(set(found['item'])))}: nothing is exported."
        )


def _copy(folder: Path, target: Path) -> None:
    """The files that the record names, as they were released; what else lies there stays here."""
    target.mkdir()
    outputs = (read_record(folder) or {}).get("outputs", {})
    handed_on = [n for n in outputs if Path(n).suffix in _RELEASED or n in _TEXTS]
    for name in handed_on:
        path = folder / name
        if path.is_symlink() or not path.is_file() or sha256(path) != outputs[name]:
            raise DisclosureError(
                f"{folder.name}/{name} is not as it was released: nothing is exported. Make the "
                "item again."
            )
        shutil.copyfile(path, target / name)
    shutil.copyfile(folder / RECORD, target / RECORD)
