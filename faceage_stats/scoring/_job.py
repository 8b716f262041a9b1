"""The loop of a scoring run: photographs to worker threads, rows in order to the disk."""

from __future__ import annotations

import os
import sys
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from faceage_stats.scoring._extra import require
from faceage_stats.scoring._table import Checkpoints
from faceage_stats.scoring.manifest import Manifest, Photo
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.scorer import Scorer

__all__ = ["Job", "quiet_libraries"]

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
