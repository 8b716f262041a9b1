"""The loop of a scoring run: photographs to worker threads, rows in order to the disk."""

from __future__ import annotations

import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from faceage_stats.scoring._checkpoints import Checkpoints
from faceage_stats.scoring._places import file_version
from faceage_stats.scoring._quiet import quiet_libraries, remarks
from faceage_stats.scoring.manifest import Manifest, Photo
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.scorer import Scorer

__all__ = ["Job"]

_LOOKAHEAD = 4  # photographs under way per worker: bounds memory and keeps every worker busy


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

    def _version(self, path: Path | None) -> str | None:
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
        """Photographs with their rows, in order."""
        if self.batch == 1:
            yield from self._ordered(self._watched(self.scorer.score), photos)
            return
        prepared = self._ordered(self._watched(self.scorer.prepare), photos)
        while group := list(islice(prepared, self.batch)):
            rows = self.scorer.finish([item for _, item in group])
            yield from zip((photo for photo, _ in group), rows, strict=True)

    def _watched(self, task: Callable[[Photo], Any]) -> Callable[[Photo], Any]:
        """The task; its row also says which version of the file it saw, and what Pillow said."""

        def watched(photo: Photo) -> Any:
            version = self._version(photo.path)  # before it is read: a later change is noticed
            with remarks() as said:
                result = task(photo)
            row = result if isinstance(result, dict) else result.row
            row["file_version"] = version
            if said:
                row["reason"] = "; ".join(filter(None, (row.get("reason"), *said)))
            return result

        return watched

    def _ordered(
        self, task: Callable[[Photo], Any], photos: Iterable[Photo]
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
