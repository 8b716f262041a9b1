"""A folder or manifest of photographs to a biomarker table, with nothing lost on the way."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow as pa

from faceage_stats import __version__, _files
from faceage_stats._call import checked_call
from faceage_stats._existing import refuse_existing
from faceage_stats.errors import FaceageError, InputError
from faceage_stats.scoring._checkpoints import Checkpoints
from faceage_stats.scoring._choices import DEFAULT_MODEL, RuleWithoutDates
from faceage_stats.scoring._job import Job
from faceage_stats.scoring._report import (
    completed,
    parts_folder,
    refuse_shared,
    report_path,
)
from faceage_stats.scoring._table import read_tables, table_schema, write_table
from faceage_stats.scoring.manifest import Manifest, open_manifest
from faceage_stats.scoring.patients import (
    patients_path,
    refuse_rule,
    refuse_unfit,
    write_per_patient,
)
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.scorer import ScoreOptions, Scorer, open_scorer

__all__ = ["score"]

_PACKAGES = "numpy onnxruntime opencv-python-headless pillow pillow-heif pyarrow mtcnn"


@checked_call
def score(
    photos: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    out: str | Path,
    root: str | Path | None = None,
    options: ScoreOptions | None = None,
    run: RunOptions | None = None,
    per_patient: RuleWithoutDates | None = None,
) -> dict[str, Any]:
    """Score photographs and write the biomarker table and its run report.

    Parameters
    ----------
    photos : path
        A folder, one photograph, or a manifest: a table with a column ``photo``; see
        `open_manifest`.
    model : str or path
        Name of an installed model, or an ONNX file with its card; see `load_model`. By default
        dlib's model of apparent age, which is not FaceAge.
    out : path
        Table to write, ``.parquet`` or ``.csv`` (a shard: ``.parquet``): one row per photograph, in
        the order of the list, with the columns of ``data_schemas/biomarkers.json``. Beside it goes
        ``<name>.run.json``.
    root : path, optional
        Folder that a manifest's paths are relative to; with a folder, the one that links are
        followed inside.
    options : ScoreOptions, optional
        Which faces are scored, and how they are cut.
    run : RunOptions, optional
        Device, workers, shard, and what becomes of an earlier run.
    per_patient : {"first", "mean", "median"}, optional
        Also write one row per patient, ``<name>.patients.<ending>``; see `per_patient`.

    Returns
    -------
    dict
        What run.json holds: versions, device, options, counts by status, hashes, time.

    Raises
    ------
    InputError
        Wrong arguments, a wrong manifest, or a table or unfinished run of another list,
        photograph folder, model or options in place.
    ModelFileError
        The model is not what its card says.
    FaceageError
        The table cannot be written (disk full, no permission); finished rows are kept.

    See Also
    --------
    add_scores : Join the scores to a clinical table.
    per_patient : One score per patient from several photographs.
    robustness : How far the score moves when the photograph changes.

    Notes
    -----
    Rows are kept on disk every `checkpoint` photographs. A run that was interrupted in any way,
    also by kill -9, continues where it stopped when the same command is given again, and writes
    the table that an undisturbed run writes (but for the column ``seconds``). A finished run is
    not repeated, but photographs whose file changed since then are scored again.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import faceage_stats as fs
    >>> from matplotlib import cbook
    >>> portrait = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = fs.score(portrait, out=Path(folder) / "biomarkers.csv")
    ...     table = fs.read_table(Path(folder) / "biomarkers.csv")
    >>> report["counts"]
    {'ok': 1}
    >>> table[["photo", "status", "model", "score_unit"]]
                  photo status     model score_unit
    0  grace_hopper.jpg     ok  dlib-age      years
    """
    run, out = run or RunOptions(), Path(out)
    _refuse_place(out, run, per_patient)
    manifest = open_manifest(photos, root=root)
    if per_patient:
        refuse_unfit(per_patient, manifest.blank)
    scorer = open_scorer(model, options, device=run.device)
    start, stop = manifest.shard(*run.shard)
    key = _key(scorer, manifest, run)
    width = scorer.model.card["embedding"]["width"] if scorer.options.embedding else 0
    schema = table_schema(manifest.carried, width)
    checkpoints = Checkpoints(parts_folder(out), schema)
    job = Job(scorer, manifest, run, checkpoints, start, stop)
    report = None if run.force or checkpoints.holds(key) else completed(out, key)
    if report is None or job.is_outdated(read_tables(out, schema)):
        report = _finish(job, key, out, read_tables(out, schema) if report else ())
    if per_patient:
        stale = report.get("n_rescored", 0) > 0
        write_per_patient(out, per_patient, force=run.force or stale)
    return report


def _refuse_place(out: Path, run: RunOptions, per_patient: RuleWithoutDates | None) -> None:
    """Refuse before the work what could not be written after it."""
    if per_patient:
        refuse_rule(per_patient)
    if out.suffix.lower() not in {".parquet", ".csv"}:
        raise InputError(f"The table is to be called {out.name!r}; end it in .parquet or .csv.")
    if run.shard != (1, 1) and out.suffix.lower() != ".parquet":
        raise InputError(
            f"The shard is to be called {out.name!r}; end it in .parquet, which `faceage merge` "
            "joins. The joint table may be .csv."
        )
    if not out.parent.is_dir():
        raise InputError(f"The folder of the table, {out.parent}, does not exist.")
    refuse_shared(out, force=run.force)
    if per_patient and run.shard != (1, 1):
        raise InputError(
            "A shard holds a part of some patients' photographs. Give --per-patient to "
            "`faceage merge`, which has them all."
        )
    if per_patient and not out.exists():
        refuse_existing(patients_path(out), force=run.force)


def _finish(
    job: Job, key: dict[str, Any], out: Path, finished: Iterable[pa.Table]
) -> dict[str, Any]:
    """Score what is left or outdated, write table and report; the report."""
    checkpoints, force = job.checkpoints, job.run_options.force
    try:
        job.resumed = checkpoints.open(key, job.start, force=force, finished=finished)
        began, clock = datetime.now(UTC), time.perf_counter()
        job.refresh()
        job.run()
        report = _report(job, key, began, time.perf_counter() - clock)
        written = write_table(out, checkpoints.schema, job.counted_tables())
        if written != job.stop - job.start:
            raise FaceageError(f"{checkpoints.folder.name} was changed during the run; run again.")
        report |= {
            "counts": dict(sorted(job.counts.items())),
            "table_sha256": _files.sha256(out),
            "finished": datetime.now(UTC).isoformat(timespec="microseconds"),
        }
        _files.write_json(report_path(out), report)
        checkpoints.remove()
    finally:
        checkpoints.release()
    return report


def _key(scorer: Scorer, manifest: Manifest, run: RunOptions) -> dict[str, Any]:
    """What must be equal for two runs to continue each other."""
    return {
        "faceage_stats": __version__,
        "list_sha256": manifest.sha256,
        "n_listed": manifest.n,
        "root": f"{os.path.realpath(manifest.base)} in {manifest.limit}",
        "hash_photos": run.hash_photos,
        "shard": list(run.shard),
        "model_sha256": scorer.model.sha256,
        "device": scorer.model.device,
        "options": scorer.settings,
    }


def _versions() -> dict[str, str]:
    found = {"faceage_stats": __version__, "python": platform.python_version()}
    for package in [*_PACKAGES.split(), "onnxruntime-gpu"]:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _report(job: Job, key: dict[str, Any], began: datetime, seconds: float) -> dict[str, Any]:
    """run.json without what only the finished table determines."""
    card = job.scorer.model.card
    done = job.stop - job.resumed + job.n_rescored
    return {
        "key": key,
        "model": {k: card.get(k) for k in ("name", "version", "demo", "note", "citation")},
        "demo": card["demo"],
        "device_asked": job.run_options.device,
        "providers": job.scorer.model.session.get_providers(),
        "workers": job.workers,
        "batch": job.batch,
        "n_listed": job.manifest.n,
        "n_ignored_files": len(job.manifest.ignored),
        "ignored": [asdict(item) for item in job.manifest.ignored],
        "n_rows": job.stop - job.start,
        "n_resumed": job.resumed - job.start,
        "n_rescored": job.n_rescored,
        "started": began.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "photographs_per_second": round(done / seconds, 2) if seconds > 0 else None,
        "versions": _versions(),
    }
