"""The loop of a scoring run: photographs to worker threads, rows in order to the disk."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa

from faceage_stats.scoring._checkpoints import Checkpoints
from faceage_stats.scoring._places import file_version
from faceage_stats.scoring._quiet import quiet_libraries, remarks
from faceage_stats.scoring.manifest import Manifest, Photo
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.scorer import Prepared, Scorer

__all__ = ["Job"]

_LOOKAHEAD = 2  # tasks under way per worker: bounds memory and keeps every worker busy
_FACES = {"cpu": 8, "cuda": 64, "tensorrt": 64}  # that a model sees at once, read once for all
_T = TypeVar("_T")
_R = TypeVar("_R")


def _groups(items: Iterable[_T], n: int) -> Iterator[list[_T]]:
    """Items by `n`; the last group may be smaller."""
    iterator = iter(items)
    while group := list(islice(iterator, n)):
        yield group


@dataclass
class Job:
    """The loop of one run."""

    scorer: Scorer
    manifest: Manifest
    run_options: RunOptions
    checkpoints: Checkpoints
    start: int
    stop: int
    resumed: int = 0
    n_rescored: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)

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
        each = (self.stop - self.start) // self.workers  # short lists are for all workers too
        return max(1, min(_FACES[self.scorer.model.device], each))

    def is_outdated(self, tables: Iterable[pa.Table]) -> bool:
        """Whether a row of a finished table is to be scored again."""
        photos = self.manifest.photos(self.start, self.stop)
        return any(self._outdated(table, list(islice(photos, len(table)))) for table in tables)

    def refresh(self) -> None:
        """Score again the kept rows whose photograph changed, or failed and is to be retried."""
        first, photos = self.start, self.manifest.photos(self.start, self.resumed)
        for part in self.checkpoints.parts(self.start):
            listed = list(islice(photos, len(part)))
            again = self._outdated(part, listed)
            if again:
                rows = part.to_pylist()
                with quiet_libraries():
                    for k, row in zip(again, self._rows(listed[k] for k in again), strict=True):
                        rows[k] = row
                self.checkpoints.add(first, pa.Table.from_pylist(rows, self.checkpoints.schema))
                self.n_rescored += len(again)
            first += len(part)

    def _outdated(self, rows: pa.Table, photos: list[Photo]) -> list[int]:
        """Positions of the rows that no longer say what a run would say now."""
        versions, scores = rows["file_version"].to_pylist(), rows["score"].to_pylist()
        kept = zip(photos, versions, scores, strict=True)
        return [
            k
            for k, (photo, version, score) in enumerate(kept)
            if (self.run_options.retry_failed and score is None)
            or self._version(photo.path) != version
        ]

    def _version(self, path: str | None) -> str | None:
        return file_version(path, by_hash=self.run_options.hash_photos)

    def run(self) -> None:
        """Score what is left, keeping rows on disk as they come; also those before Ctrl-C."""
        first, rows = self.resumed, []
        photos = self.manifest.photos(self.resumed, self.stop)
        schema = self.checkpoints.schema
        with quiet_libraries(), self._bar() as bar:
            try:
                for row in self._rows(photos):
                    rows.append(row)
                    bar.update()
                    if len(rows) == self.run_options.checkpoint:
                        self.checkpoints.add(first, pa.Table.from_pylist(rows, schema))
                        first, rows = first + len(rows), []
            finally:
                if rows:
                    self.checkpoints.add(first, pa.Table.from_pylist(rows, schema))

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

    def _rows(self, photos: Iterable[Photo]) -> Iterator[dict[str, Any]]:
        """Whole rows, in order: the manifest's cells and the scorer's."""
        for photo, row in self._scored(photos):
            carried = dict(zip(self.manifest.carried, photo.carried, strict=True))
            if "taken_on" in carried:
                on = carried["taken_on"]
                yield {**carried, **row, "taken_on": date.fromisoformat(on) if on else None}
            else:
                yield {**carried, **row}

    def _scored(self, photos: Iterable[Photo]) -> Iterator[tuple[Photo, dict[str, Any]]]:
        """Photographs with their rows, in order: on a processor every worker runs the model."""
        if self.scorer.model.device == "cpu":
            for group, rows in self._ordered(self._group, _groups(photos, self.batch)):
                yield from zip(group, rows, strict=True)
            return
        for pairs in _groups(self._ordered(self._prepared, photos, self.batch), self.batch):
            rows = self.scorer.finish([item for _, item in pairs])
            yield from zip((photo for photo, _ in pairs), rows, strict=True)

    def _group(self, photos: list[Photo]) -> list[dict[str, Any]]:
        """Rows of some photographs; fewer when the run is given up, and nobody reads them."""
        return self.scorer.finish([self._prepared(p) for p in photos if not self._over.is_set()])

    def _prepared(self, photo: Photo) -> Prepared:
        """All but the model; the row also says which version of the file, and what Pillow said."""
        version = self._version(photo.path)  # before it is read: a later change is noticed
        with remarks() as said:
            prepared = self.scorer.prepare(photo)
        prepared.row["file_version"] = version
        if said:
            reason = prepared.row.get("reason")
            prepared.row["reason"] = "; ".join(filter(None, (reason, *said)))
        return prepared

    def _ordered(
        self, task: Callable[[_T], _R], items: Iterable[_T], more: int = 0
    ) -> Iterator[tuple[_T, _R]]:
        """Results of worker threads in the order of the list, a bounded number under way."""
        waiting: deque[tuple[_T, Future[_R]]] = deque()
        pool = ThreadPoolExecutor(self.workers)
        self._over.clear()
        try:
            for item in items:
                waiting.append((item, pool.submit(task, item)))
                if len(waiting) >= _LOOKAHEAD * self.workers + more:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            self._over.set()
            pool.shutdown(cancel_futures=True)

    def counted_tables(self) -> Iterator[Any]:
        """The rows kept, counted by status while they pass."""
        for table in self.checkpoints.tables(self.start):
            self.counts.update(table.column("status").to_pylist())
            yield table
