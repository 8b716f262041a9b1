"""A folder or manifest of photographs to a biomarker table, with nothing lost on the way."""

from __future__ import annotations

import os
import platform
import sys
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from faceage_stats import __version__, _files
from faceage_stats.errors import FaceageError, InputError
from faceage_stats.scoring._extra import require
from faceage_stats.scoring._report import completed, refuse_shared, report_path
from faceage_stats.scoring._table import Checkpoints, table_schema, write_table
from faceage_stats.scoring.detector import Detector, detector_device
from faceage_stats.scoring.manifest import Manifest, Photo, open_manifest
from faceage_stats.scoring.model import load_model
from faceage_stats.scoring.scorer import ScoreOptions, Scorer

__all__ = ["RunOptions", "score"]

_LOOKAHEAD = 4  # photographs under way per worker: bounds memory and keeps every worker busy
_PACKAGES = "numpy onnxruntime opencv-python-headless pillow pillow-heif pyarrow mtcnn"


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out; none of this changes a score.

    Attributes
    ----------
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"tensorrt"``.
    workers : int, optional
        Threads, one photograph each; by default the processors that this process may use.
    batch : int, optional
        Faces per run of the model; by default 1 on the CPU and 64 elsewhere.
    checkpoint : int
        Keep the rows on disk after so many photographs.
    shard : tuple of int
        ``(i, n)``: score only the i-th of n equal pieces of the list.
    force : bool
        Discard what earlier runs left, and replace the table.
    progress : bool
        Show a bar with rate and remaining time, where standard error is a terminal.
    """

    device: str = "auto"
    workers: int | None = None
    batch: int | None = None
    checkpoint: int = 200
    shard: tuple[int, int] = (1, 1)
    force: bool = False
    progress: bool = False

    def __post_init__(self) -> None:
        for name in ("workers", "batch", "checkpoint"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}; use 1 or more.")


def score(
    photos: str | Path,
    *,
    model: str | Path,
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
        Name of an installed model, or an ONNX file with its card; see `load_model`.
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
    job = _Job(scorer, manifest, run, checkpoints, start, stop)
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


@dataclass
class _Job:
    """The loop of one run."""

    scorer: Scorer
    manifest: Manifest
    run_options: RunOptions
    checkpoints: Checkpoints
    start: int
    stop: int
    resumed: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def workers(self) -> int:
        if self.run_options.workers is not None:
            return self.run_options.workers
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )

    @property
    def batch(self) -> int:
        if self.run_options.batch is not None:
            return self.run_options.batch
        return 1 if self.scorer.model.device == "cpu" else 64

    def run(self) -> None:
        """Score what is left, keeping rows on disk as they come; also those before Ctrl-C."""
        first, rows = self.resumed, []
        photos = self.manifest.photos(self.resumed, self.stop)
        with quiet_libraries(), self._bar() as bar:
            try:
                for photo, row in self._scored(photos):
                    rows.append(
                        {**dict(zip(self.manifest.carried, photo.carried, strict=True)), **row}
                    )
                    bar.update()
                    if len(rows) == self.run_options.checkpoint:
                        self.checkpoints.add(first, rows)
                        first, rows = first + len(rows), []
            finally:
                if rows:
                    self.checkpoints.add(first, rows)

    def _bar(self) -> Any:
        from tqdm import tqdm

        return tqdm(
            total=self.stop - self.start,
            initial=self.resumed - self.start,
            unit="photo",
            smoothing=0.1,
            mininterval=0.5,
            disable=not (self.run_options.progress and sys.stderr.isatty()),
        )

    def _scored(self, photos: Iterator[Photo]) -> Iterator[tuple[Photo, dict[str, Any]]]:
        """Photographs with their rows, in order."""
        if self.batch == 1:
            yield from self._ordered(self.scorer.score, photos)
            return
        prepared = self._ordered(self.scorer.prepare, photos)
        while group := list(islice(prepared, self.batch)):
            rows = self.scorer.finish([item for _, item in group])
            yield from zip((photo for photo, _ in group), rows, strict=True)

    def _ordered(
        self, task: Callable[[Photo], Any], photos: Iterator[Photo]
    ) -> Iterator[tuple[Photo, Any]]:
        """Results of worker threads in the order of the list, a bounded number under way."""
        limit = _LOOKAHEAD * self.workers + (self.batch if self.batch > 1 else 0)
        waiting: deque[tuple[Photo, Future[Any]]] = deque()
        pool = ThreadPoolExecutor(self.workers)
        try:
            for photo in photos:
                waiting.append((photo, pool.submit(task, photo)))
                if len(waiting) >= limit:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def counted_tables(self) -> Iterator[Any]:
        """The rows kept, counted by status while they pass."""
        for table in self.checkpoints.tables(self.start):
            self.counts.update(table.column("status").to_pylist())
            yield table


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """One thread per OpenCV call (the workers fill the machine); sizes are checked by us."""
    cv2, pillow = require("cv2"), require("PIL.Image")
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pillow.DecompressionBombWarning)
            yield
    finally:
        cv2.setNumThreads(threads)


def _versions() -> dict[str, str]:
    found = {"faceage_stats": __version__, "python": platform.python_version()}
    for package in [*_PACKAGES.split(), "onnxruntime-gpu"]:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _report(job: _Job, key: dict[str, Any], began: datetime, seconds: float) -> dict[str, Any]:
    """run.json without what only the finished table tells."""
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
