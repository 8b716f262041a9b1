"""Resampling on a Dask cluster: the way out of one machine gives the bytes of one worker."""

from __future__ import annotations

import os
from collections.abc import Iterator

import joblib
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster

import faceage_stats as fs

RNG = np.random.default_rng(8)
X = RNG.normal(size=80)
DATA = pd.DataFrame(
    {"x": X, "z": RNG.normal(size=80), "time": np.ceil(9 * RNG.exponential(np.exp(-X / 2)))}
).assign(event=RNG.integers(0, 2, 80))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A cluster of two worker processes on this machine, without its web page."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def correlation(data: pd.DataFrame) -> dict[str, float]:
    return {"r": float(np.corrcoef(data["x"], data["time"])[0, 1]), "n": len(data)}


def estimates() -> dict[str, object]:
    """What can be resampled: a function, and a fit that is refitted by compiled code."""
    return {"function": correlation, "fit": fs.coxph("Surv(time, event) ~ x + z", DATA)}


def draws(name: str, **options: int) -> bytes:
    result = fs.resample(estimates()[name], DATA, n_resamples=40, seed=5, **options)
    assert result.n_failed == 0
    return result.draws.to_numpy().tobytes()


@pytest.mark.parametrize("name", estimates())
def test_a_cluster_gives_the_bytes_of_one_worker(name: str, client: Client) -> None:
    with joblib.parallel_config(backend="dask"):
        on_cluster = draws(name)
    assert on_cluster == draws(name, n_jobs=1)


@pytest.mark.parametrize("name", estimates())
def test_two_workers_of_this_machine_give_the_bytes_of_one(name: str) -> None:
    assert draws(name, n_jobs=2) == draws(name, n_jobs=1)


def test_the_cluster_does_the_work(client: Client) -> None:
    with joblib.parallel_config(backend="dask"):
        result = fs.resample(lambda data: {"process": os.getpid()}, DATA, n_resamples=8)
    assert set(result.draws["process"]) <= set(client.run(os.getpid).values())
