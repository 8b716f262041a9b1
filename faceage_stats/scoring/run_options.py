"""How a scoring run is carried out."""

from __future__ import annotations

from dataclasses import dataclass

from faceage_stats.errors import InputError
from faceage_stats.scoring._choices import Device

__all__ = ["RunOptions"]


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out; none of this changes a score.

    Attributes
    ----------
    device : {"auto", "cpu", "cuda", "tensorrt"}
        Where the model runs.
    workers : int, optional
        Threads, one photograph each; by default the processors that this process may use.
    batch : int, optional
        Faces per run of the model; by default 8 on the CPU and 64 elsewhere, fewer for
        short lists.
    checkpoint : int
        Keep the rows on disk after so many photographs.
    shard : tuple of int
        ``(i, n)``: score only the i-th of n equal pieces of the list.
    retry_failed : bool
        Score again what an earlier run of the same command could not score. What changed on disk
        since then is scored again in any case.
    hash_photos : bool
        Tell by the SHA-256 of its content whether a photograph changed, not by the size and time of
        change of its file; reads every photograph twice.
    force : bool
        Discard what earlier runs left, and replace the table.
    progress : bool
        Show a bar with rate and remaining time, where standard error is a terminal.
    """

    device: Device = "auto"
    workers: int | None = None
    batch: int | None = None
    checkpoint: int = 200
    shard: tuple[int, int] = (1, 1)
    retry_failed: bool = False
    hash_photos: bool = False
    force: bool = False
    progress: bool = False

    def __post_init__(self) -> None:
        for name in ("workers", "batch", "checkpoint"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}; use 1 or more.")
