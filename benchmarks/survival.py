"""Speed of the Cox model beside R's survival package, in one run.

    python benchmarks/survival.py [--largest 1000000] [--out survival.csv]

Simulated follow-up with tied days, 10 covariates, Efron ties; formula parsing included on both
sides. R's coxph computes the concordance within the fit, ours when it is asked for, so the line
"with glance" is the one that does the same work. `limit_ms` is the time in which this machine
could move the bytes or do the flops of the Newton steps at its measured rates, whichever is more.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import faceage_stats as fs

FORMULA = "Surv(time, event) ~ " + " + ".join(f"x{j}" for j in range(1, 11))
HERE = Path(__file__).resolve().parent


def simulate(n: int, p: int = 10, seed: int = 1) -> pd.DataFrame:
    """Follow-up in whole days, about 60 % events."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    effect = np.zeros(p)
    effect[:10] = np.linspace(-0.5, 0.5, min(p, 10))
    time_to_event = np.ceil(1095 * rng.exponential(size=n) * np.exp(-x @ effect))
    censoring = np.ceil(rng.uniform(1, 2500, n))
    data = pd.DataFrame(x, columns=[f"x{j}" for j in range(1, p + 1)])
    data.insert(0, "event", (time_to_event <= censoring).astype(float))
    data.insert(0, "time", np.minimum(time_to_event, censoring))
    return data


def best(task: Callable[[], object], repeats: int) -> float:
    """Shortest of several timings, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def machine_rates() -> tuple[float, float]:
    """Bytes per second of a large copy and flops per second of a matrix product."""
    block = np.ones(4_000_000)
    target = np.empty_like(block)
    bandwidth = 2 * block.nbytes / best(lambda: np.copyto(target, block), 7)
    a = np.ones((700, 700))
    flops = 2 * 700**3 / best(lambda: a @ a, 7)
    return bandwidth, flops


def limit(n: int, p: int, evaluations: int, rates: tuple[float, float]) -> float:
    """Seconds that the Newton steps cannot go below: three passes over x, n p^2 products."""
    bytes_moved = evaluations * 3 * 8 * n * p
    flops = evaluations * 2 * n * p * p
    return max(bytes_moved / rates[0], flops / rates[1])


def peak_over_design(data: pd.DataFrame) -> float:
    """Peak memory of one fit over the bytes of its design matrix."""
    tracemalloc.start()
    fs.coxph(FORMULA, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (8 * 10 * len(data))


def first_call() -> float:
    """Seconds of a first fit in a fresh process, import included, compilation cached on disk."""
    code = (
        "import time; t = time.perf_counter(); import pandas as pd, faceage_stats as fs;"
        "d = pd.DataFrame({'t': [1., 2, 3, 4], 'e': [1, 1, 0, 1], 'x': [1., 0, 2, 1]});"
        "fs.coxph('Surv(t, e) ~ x', d); print(time.perf_counter() - t)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(out.stdout)


def ours(sizes: list[int]) -> dict[str, float]:
    """Our seconds per task."""
    seconds: dict[str, float] = {}
    for n in sizes:
        data, repeats = simulate(n), 15 if n <= 10_000 else 3
        fs.coxph(FORMULA, data).glance()
        seconds[f"coxph:{n}"] = best(lambda d=data: fs.coxph(FORMULA, d), repeats)
        seconds[f"coxph with glance:{n}"] = best(
            lambda d=data: fs.coxph(FORMULA, d).glance(), repeats
        )
        if n <= 100_000:
            fit = fs.coxph(FORMULA, data)
            seconds[f"zph:{n}"] = best(lambda f=fit: fs.cox_zph(f), 3)
    wide = simulate(1000, 1001)
    genes = [f"x{j}" for j in range(2, 1002)]
    options = {"time": "time", "event": "event", "adjust": "x1"}
    fs.coxph_screen(wide, genes[:2], **options)
    screen = best(lambda: fs.coxph_screen(wide, genes, **options), 3)
    seconds["screen:1000"] = screen / len(genes)
    return seconds


def theirs(sizes: list[int]) -> tuple[dict[str, float], str]:
    """R's seconds per task; empty without Rscript."""
    if shutil.which("Rscript") is None:
        return {}, "R not found"
    tasks = [f"coxph:{n}" for n in sizes] + [f"zph:{n}" for n in sizes if n <= 100_000]
    with tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            simulate(n).to_numpy().T.tofile(Path(folder) / f"{n}.10.bin")
        simulate(1000, 60).to_numpy().T.tofile(Path(folder) / "1000.60.bin")
        command = ["Rscript", str(HERE / "survival.R"), folder, *tasks, "screen:1000"]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    seconds = {name: float(value) for name, value in lines if name != "versions"}
    return seconds, next(value for name, value in lines if name == "versions").strip()


def table(sizes: list[int]) -> tuple[pd.DataFrame, str]:
    """One row per task: our time, R's, the ratio, the machine's limit."""
    own, (reference, versions), rates = ours(sizes), theirs(sizes), machine_rates()
    rows = []
    for task, seconds in own.items():
        name, n = task.split(":")
        of_r = reference.get(f"{name.removesuffix(' with glance')}:{n}", np.nan)
        floor = limit(int(n), 10, 5, rates) if name == "coxph" else np.nan
        rows.append((name, int(n), seconds * 1e3, of_r * 1e3, of_r / seconds, floor * 1e3))
    columns = ["task", "n", "ours_ms", "r_ms", "ratio", "limit_ms"]
    return pd.DataFrame(rows, columns=columns), versions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=1_000_000, help="largest number of rows")
    parser.add_argument("--out", type=Path, help="CSV file to write; a .md table is put beside it")
    options = parser.parse_args()
    sizes = [n for n in (1000, 10_000, 100_000, 1_000_000) if n <= options.largest]
    result, versions = table(sizes)
    text = result.to_string(index=False, float_format=lambda v: f"{v:.3g}")
    notes = [
        versions,
        f"first fit in a fresh process, import included: {first_call():.2f} s",
        f"peak memory of a fit over its design matrix: {peak_over_design(simulate(sizes[-1])):.2f}",
    ]
    print(text, *notes, sep="\n")
    if options.out:
        partial = options.out.with_name(options.out.name + ".part")
        result.to_csv(partial, index=False)
        os.replace(partial, options.out)
        body = "\n".join(f"    {line}" for line in text.splitlines())
        partial.write_text(body + "\n\n" + "\n".join(f"- {note}" for note in notes) + "\n")
        os.replace(partial, options.out.with_suffix(".md"))


if __name__ == "__main__":
    main()
