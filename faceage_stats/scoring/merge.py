"""The shards of a scoring run as one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from faceage_stats import _files
from faceage_stats._existing import refuse_existing
from faceage_stats._photo_rules import Rule
from faceage_stats.errors import InputError
from faceage_stats.scoring._report import parts_folder, read_report, refuse_shared, report_path
from faceage_stats.scoring._table import write_table
from faceage_stats.scoring.patients import (
    patients_path,
    refuse_rule,
    refuse_unfit,
    write_per_patient,
)

__all__ = ["merge"]


def merge(
    shards: Sequence[str | Path],
    *,
    out: str | Path,
    force: bool = False,
    per_patient: Rule | None = None,
) -> dict[str, Any]:
    """Join the tables of all shards in the order of the list.

    Parameters
    ----------
    shards : sequence of path
        Parquet tables written by ``faceage score --shard i/n``, each with its run.json beside it,
        in any order.
    out : path
        Table to write, ``.parquet`` or ``.csv``; its run.json adds the counts up.
    force : bool
        Replace a table that exists.
    per_patient : {"first", "mean", "median"}, optional
        Also write one row per patient, ``<name>.patients.<ending>``; see `per_patient`.

    Returns
    -------
    dict
        The joint report.

    Raises
    ------
    InputError
        A shard is missing, given twice, changed since it was written, or from another run; the
        joint table exists, or is one of the shards; or no rule per patient can be applied.
    """
    out, paths = Path(out), [Path(path) for path in shards]
    endings = {path.suffix.lower() for path in paths}
    if out.suffix.lower() not in {".parquet", ".csv"} or endings - {".parquet"}:
        raise InputError("Shards are .parquet tables, and the joint table is .parquet or .csv.")
    _refuse_place(out, paths, per_patient, force=force)
    reports = [_checked(path) for path in paths]
    _check_complete(reports)
    order = sorted(range(len(paths)), key=lambda i: reports[i]["key"]["shard"])
    schema = pa.parquet.read_schema(paths[0])
    if per_patient:
        refuse_unfit(per_patient, _blank(paths, schema))

    def tables() -> Iterator[pa.Table]:
        for i in order:
            file = pa.parquet.ParquetFile(paths[i])
            for group in range(file.num_row_groups):
                yield file.read_row_group(group)

    write_table(out, schema, tables())
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(report["counts"])
    first = reports[order[0]]
    joint = {
        **{k: first[k] for k in ("model", "demo", "device_asked", "providers", "versions")},
        "key": {**first["key"], "shard": [1, 1]},
        "n_listed": first["n_listed"],
        "n_ignored_files": first["n_ignored_files"],
        "ignored": first["ignored"],
        "n_rows": sum(report["n_rows"] for report in reports),
        "started": min(report["started"] for report in reports),
        "seconds": round(sum(report["seconds"] for report in reports), 3),
        "n_shards": len(reports),
        "counts": dict(sorted(counts.items())),
        "table_sha256": _files.sha256(out),
        "finished": max(report["finished"] for report in reports),
    }
    _files.write_json(report_path(out), joint)
    if per_patient:
        write_per_patient(out, per_patient, force=force)
    return joint


def _refuse_place(out: Path, shards: list[Path], rule: Rule | None, *, force: bool) -> None:
    """Refuse to write over a shard, even by force, over another table, or into a run."""
    if rule:
        refuse_rule(rule)
    written = {out.resolve(), report_path(out).resolve()}
    if written & {path.resolve() for shard in shards for path in (shard, report_path(shard))}:
        raise InputError(f"{out.name} is one of the shards, or shares its report with one.")
    if parts_folder(out).is_dir() and not force:
        raise InputError(f"{parts_folder(out).name} holds an unfinished run; choose another --out.")
    refuse_existing(out, *([patients_path(out)] if rule else []), force=force)
    refuse_shared(out, force=force)


def _blank(shards: list[Path], schema: pa.Schema) -> dict[str, int]:
    """Rows without a patient, and without a date, where there is the column."""
    names = [name for name in ("patient_id", "taken_on") if name in schema.names]
    blank = dict.fromkeys(names, 0)
    for shard in shards if names else ():
        for name, column in pa.parquet.read_table(shard, columns=names).to_pydict().items():
            blank[name] += sum(cell is None or cell == "" for cell in column)
    return blank


def _checked(path: Path) -> dict[str, Any]:
    """The report of a shard whose table is still the one that it describes."""
    report = read_report(path) if path.is_file() else None
    if report is None:
        raise InputError(f"{path.name} or its {report_path(path).name} is missing.")
    if _files.sha256(path) != report["table_sha256"]:
        raise InputError(f"{path.name} was changed after it was written; score the shard again.")
    return report


def _check_complete(reports: list[dict[str, Any]]) -> None:
    """All shards of one run, each once."""
    settings = [{k: v for k, v in r["key"].items() if k != "shard"} for r in reports]
    if any(entry != settings[0] for entry in settings):
        raise InputError("The shards come from different lists, models, devices or options.")
    given = Counter(tuple(report["key"]["shard"]) for report in reports)
    counts = {count for _, count in given}
    expected = {(i, max(counts)) for i in range(1, max(counts) + 1)}
    problems = [f"{i}/{n} is given {k} times" for (i, n), k in sorted(given.items()) if k > 1]
    problems += [f"{i}/{n} is missing" for i, n in sorted(expected - set(given))]
    problems += [f"{i}/{n} is of another division" for i, n in sorted(set(given) - expected)]
    if problems:
        raise InputError(f"The shards do not make a whole: {'; '.join(problems)}.")
