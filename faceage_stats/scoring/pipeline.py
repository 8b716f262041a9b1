"""A folder or manifest of photographs to a biomarker table, with nothing lost on the way."""

from __future__ import annotations

import platform
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from faceage_stats import __version__, _files
from faceage_stats.errors import FaceageError, InputError
from faceage_stats.scoring._choices import DEFAULT_MODEL
from faceage_stats.scoring._job import Job
from faceage_stats.scoring._report import completed, refuse_shared, report_path
from faceage_stats.scoring._table import Checkpoints, table_schema, write_table
from faceage_stats.scoring.detector import Detector, detector_device
from faceage_stats.scoring.manifest import Manifest, open_manifest
from faceage_stats.scoring.model import load_model
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.scorer import ScoreOptions, Scorer

__all__ = ["score"]

_PACKAGES = "numpy onnxruntime opencv-python-headless pillow pillow-heif pyarrow mtcnn"


def score(
    photos: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    out: str | Path,
    root: str | Path | None = None,
    options: ScoreOptions | None = None,
    run: RunOptions | None = None,
) -> dict[str, Any]:
    """Score photographs and write the biomarker table and its run report.

    Parameters
    ----------
    photos : path
        A folder, or a CSV manifest with a column ``photo``; see `open_manifest`.
    model : str or path
        Name of an installed model, or an ONNX file with its card; see `load_model`. By default
        dlib's model of apparent age, which is not FaceAge.
    out : path
        Table to write, ``.parquet`` or ``.csv``: one row per photograph, in the order of the list,
        with the columns of ``data_schemas/biomarkers.json``. Beside it goes ``<name>.run.json``.
    root : path, optional
        Folder that a manifest's paths are relative to.
    options : ScoreOptions, optional
    run : RunOptions, optional

    Returns
    -------
    dict
        What run.json holds: versions, device, options, counts by status, hashes, time.

    Raises
    ------
    InputError
        Wrong arguments, a wrong manifest, or a table or unfinished run of other settings in place.
    ModelFileError
        The model is not what its card says.
    FaceageError
        The table cannot be written (disk full, no permission); finished rows are kept.

    Notes
    -----
    Rows are kept on disk every `checkpoint` photographs. A run that was interrupted in any way,
    also by kill -9, continues where it stopped when the same command is given again, and writes
    the table that an undisturbed run writes (but for the column ``seconds``).
    """
    options, run, out = options or ScoreOptions(), run or RunOptions(), Path(out)
    if out.suffix.lower() not in {".parquet", ".csv"}:
        raise InputError(f"The table is to be called {out.name!r}; end it in .parquet or .csv.")
    if not out.parent.is_dir():
        raise InputError(f"The folder of the table, {out.parent}, does not exist.")
    refuse_shared(out, force=run.force)
    manifest = open_manifest(photos, root=root)
    opened = load_model(model, device=run.device)
    scorer = Scorer(opened, Detector(device=detector_device(opened.device)), options)
    start, stop = manifest.shard(*run.shard)
    key = _key(scorer, manifest, run)
    if not run.force and not _parts_folder(out).is_dir():
        earlier = completed(out, key)
        if earlier is not None:
            return earlier
    width = opened.card["embedding"]["width"] if options.embedding else 0
    checkpoints = Checkpoints(_parts_folder(out), table_schema(manifest.carried, width))
    job = Job(scorer, manifest, run, checkpoints, start, stop)
    try:
        job.resumed = checkpoints.open(key, start, force=run.force)
        began, clock = datetime.now(UTC), time.perf_counter()
        job.run()
        report = _report(job, key, began, time.perf_counter() - clock)
        written = write_table(out, checkpoints.schema, job.counted_tables())
        if written != stop - start:
            raise FaceageError(f"{checkpoints.folder.name} was changed during the run; run again.")
        report |= {"counts": dict(sorted(job.counts.items())), "table_sha256": _files.sha256(out)}
        _files.write_json(report_path(out), report)
        checkpoints.remove()
    finally:
        checkpoints.release()
    return report


def _parts_folder(out: Path) -> Path:
    return out.with_name(f"{out.name}.parts")


def _key(scorer: Scorer, manifest: Manifest, run: RunOptions) -> dict[str, Any]:
    """What must be equal for two runs to continue each other."""
    return {
        "faceage_stats": __version__,
        "list_sha256": manifest.sha256,
        "n_listed": manifest.n,
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
    done = job.stop - job.resumed
    return {
        "key": key,
        "model": {k: card.get(k) for k in ("name", "version", "demo", "note", "citation")},
        "demo": card["demo"],
        "device_asked": job.run_options.device,
        "providers": job.scorer.model.session.get_providers(),
        "workers": job.workers,
        "batch": job.batch,
        "n_listed": job.manifest.n,
        "n_ignored_files": job.manifest.n_ignored,
        "n_rows": job.stop - job.start,
        "n_resumed": job.resumed - job.start,
        "started": began.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "photographs_per_second": round(done / seconds, 2) if seconds > 0 else None,
        "versions": _versions(),
    }
