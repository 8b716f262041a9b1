"""Which runs are at work in this checkout: one small file per process, cleared when it is dead."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

import workflow
from faceage_stats.errors import FaceageError
from faceage_stats.reporting.store.heal import heal

CLOCKS_AGREE = 60  # seconds; a process that took over the number of a dead one started later


def folder() -> Path:
    """Where the files lie: what a run needs to write to anyway."""
    return workflow.RESULTS / ".running"


@dataclass(frozen=True, order=True)
class Process:
    """A process of ours: when it started (seconds since 1970), its number, its machine."""

    started: float
    pid: int
    host: str

    @classmethod
    def of(cls, pid: int) -> Process:
        """A process of this machine."""
        return cls(psutil.Process(pid).create_time(), pid, platform.node())

    @property
    def file(self) -> Path:
        """Its file."""
        return folder() / f"{self.host}-{self.pid}.json"

    @property
    def alive(self) -> bool:
        """Whether it runs; one of another machine cannot be seen and counts as running."""
        if self.host != platform.node():
            return True
        try:
            now = psutil.Process(self.pid)
            same = abs(now.create_time() - self.started) < CLOCKS_AGREE
            return same and now.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def __str__(self) -> str:
        since = time.strftime("%H:%M", time.localtime(self.started))
        where = f" on {self.host}" if self.host != platform.node() else ""
        return f"process {self.pid}{where}, since {since}"


@contextmanager
def at_work(pid: int | None = None) -> Iterator[Process]:
    """Be seen by other runs; `pid` is this process unless a child is named."""
    me = Process.of(pid or os.getpid())
    folder().mkdir(parents=True, exist_ok=True)
    me.file.write_text(json.dumps(asdict(me)), encoding="utf-8")
    try:
        yield me
    finally:
        me.file.unlink(missing_ok=True)


@contextmanager
def only_run() -> Iterator[None]:
    """Be the only run, clear what dead ones left; refuse while another is at work."""
    with at_work() as me:
        others = [process for process in _known() if process != me]
        live = [process for process in others if process.alive]
        # of two that start at once, the younger gives way
        if blocking := [process for process in live if process < me]:
            raise FaceageError(_refusal(min(blocking)))
        dead = [process for process in others if not process.alive]
        for process in dead:
            process.file.unlink(missing_ok=True)
        if dead and not live:
            shutil.rmtree(workflow.ROOT / ".snakemake" / "locks", ignore_errors=True)
            print(f"Cleared what an ended run left ({min(dead)}).")
        for item in heal(workflow.RESULTS) if not live else []:
            print(f"  {item}: an unfinished draft was removed")
        yield


def _refusal(process: Process) -> str:
    text = f"Another run is at work in this folder: {process}. Wait for it, or end it."
    if process.host == platform.node():
        return text
    return f"{text} If it is gone, remove results/.running/{process.file.name}."


def _known() -> list[Process]:
    found = []
    for path in folder().glob("*.json"):
        try:
            found.append(Process(**json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):  # ended just now, or cut short by a crash
            continue
    return found
