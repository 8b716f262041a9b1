"""Whether stored results are still what their records say, file by file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faceage_stats.cohorts.disclosure.keyed import KEYED, keyed
from faceage_stats.reporting.provenance.fingerprints import file_sha256
from faceage_stats.reporting.store.record import RECORD, read_record

__all__ = ["Drift", "Locate", "changed_outputs", "drift"]

# kind of file (input, schema, script, file) and its recorded name -> where it lies, if anywhere
Locate = Callable[[str, str], Path | None]


@dataclass(frozen=True)
class Drift:
    """One file that is not what the record of an item says.

    Attributes
    ----------
    item : str
        The item.
    kind : str
        ``output``, ``input``, ``schema``, ``script``, ``file`` or ``record``.
    file : str
        Its name, as recorded.
    problem : str
        ``changed``, ``missing``, ``not recorded``, ``unreadable``; or ``not found`` for a file
        that lies elsewhere, so that nothing is known of it.
    """

    item: str
    kind: str
    file: str
    problem: str

    @property
    def is_unchecked(self) -> bool:
        """Whether this only says that nothing could be checked."""
        return self.problem == "not found"


def changed_outputs(
    folder: Path, recorded: Mapping[str, str]
) -> Iterator[tuple[str, str | None, str | None]]:
    """List the files of an item that differ from their record, with both SHA-256.

    Parameters
    ----------
    folder : Path
        ``results/<item>``.
    recorded : mapping of file name to SHA-256
        ``outputs`` of the record.

    Yields
    ------
    tuple
        Name, recorded SHA-256 and that found; None where there is none.
    """
    present = {p.name for p in folder.iterdir() if p.is_file() and p.name != RECORD}
    for name in sorted(recorded.keys() | present):
        found = file_sha256(folder / name) if name in present else None
        if recorded.get(name) != found:
            yield name, recorded.get(name), found


def drift(folder: str | Path, locate: Locate, key: bytes = b"") -> list[Drift]:
    """Compare every input, schema, script and output of an item with its record.

    Parameters
    ----------
    folder : path
        ``results/<item>``.
    locate : callable
        Takes the kind and the recorded name of a file that was read, and says where it lies
        now; None for one that is not known.
    key : bytes
        The secret by which the hashes of private tables are keyed.

    Returns
    -------
    list of Drift
        Empty when everything was found and is unchanged.
    """
    folder = Path(folder)
    record = read_record(folder)
    if record is None:
        problem = "unreadable" if (folder / RECORD).exists() else "missing"
        return [Drift(folder.name, "record", RECORD, problem)]
    found = [
        Drift(folder.name, "output", name, _problem(was, now))
        for name, was, now in changed_outputs(folder, record["outputs"])
    ]
    for kind, name, was in _read_files(record):
        path = locate(kind, name)
        is_keyed = was.startswith(KEYED)
        if path is None or (is_keyed and not key):
            found.append(Drift(folder.name, kind, name, "not found"))
        elif was != (keyed(file_sha256(path), key) if is_keyed else file_sha256(path)):
            found.append(Drift(folder.name, kind, name, "changed"))
    return found


def _problem(was: str | None, now: str | None) -> str:
    if was is None:
        return "not recorded"
    return "missing" if now is None else "changed"


def _read_files(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Kind, name and SHA-256 of each file that was read."""
    for kind, key in (("input", "inputs"), ("schema", "schemas")):
        for entry in (record.get(key) or {}).values():
            yield kind, entry["file"], entry["sha256"]
    if script := record.get("script"):
        yield "script", script["file"], script["sha256"]
    for name, digest in (record.get("files") or {}).items():
        yield "file", name, digest
