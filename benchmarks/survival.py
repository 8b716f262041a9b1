"""Speed of the survival engine beside R's survival package, in one run, one thread on both sides.

    python benchmarks/survival.py [--largest 1000000] [--out benchmarks/results/survival.csv]

Simulated follow-up in whole days, 10 covariates, Efron ties; formula parsing is included on both
sides. R's coxph computes the concordance within the fit, ours when it is asked for, so the line
"coxph and concordance" is the one that does the same work. `limit_ms` is the time in which this
machine could move the bytes or do the arithmetic of the task at its measured rates, whichever is
more; it excludes Python, sorting, and every access that is not in order.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: one thread, as R

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
import pandas as pd

import faceage_stats as fs

FORMULA = "Surv(time, event) ~ " + " + ".join(f"x{j}" for j in range(1, 11))
HERE = Path(__file__).resolve().parent
N_GENES = 20_000
N_REFITS = 1_000
N_WIDE = 100  # covariates of the task `wide`
OUTCOME = {"time": "time", "event": "event"}
# How many times faster than R each task is meant to be.
TARGETS = {
    "coxph:1000": 3,
    "coxph": 10,
    "coxph and concordance:1000": 2,
    "coxph and concordance": 8,
    "zph:1000": 1,
    "zph:10000": 4,
    "zph": 8,
    "screen": 50,
    "bootstrap": 20,
    "concordance": 10,
    "survfit:100000": 5,
    "survfit": 10,
    "wide": 10,
}
# The R task that does the same work, where the name differs.
SAME_IN_R = {"coxph and concordance": "coxph"}


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
    """Shortest of several timings, in seconds, after one call that loads what is compiled."""
    task()
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


def work(task: str, n: int, p: int = 10) -> tuple[float, float]:
    """Bytes and flops that a task cannot do without.

    A Newton evaluation reads x three times (linear predictor, risk-set sums, products) and does
    p^2 + 5 p flops a row and some 25 for the exponential; setting up reads and writes x twice.
    """
    design = 8.0 * n * p
    evaluation = n * (p * p + 5 * p + 25.0)
    if task == "coxph":
        return (5 * 3 + 4) * design, 5 * evaluation
    if task == "wide":
        return work("coxph", n, N_WIDE)
    if task == "survfit":  # time, status and group, read and written in order of time
        return 2 * 24.0 * n, 10.0 * n
    if task == "bootstrap":
        return (4 * 3 + 2) * design, 4 * evaluation
    if task == "zph":
        return (3 * 3 + 2) * design, 3 * evaluation
    if task == "screen":  # two covariates: 6 sums a row, each a product and two additions
        return 4 * 3 * 16.0 * n, 4 * n * (4 + 25 + 18.0)
    # concordance: time, status and marker once for every level of a tree over the markers
    return 24.0 * n * np.log2(n), n * np.log2(n)


def peak_over_design(n: int) -> float:
    """Peak resident memory of one fit over the bytes of its design matrix; /proc is read."""
    status = Path("/proc/self/statm")
    fs.coxph(FORMULA, simulate(1000))
    data, done = simulate(n), threading.Event()

    def resident() -> int:
        return int(status.read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")

    start, peak = resident(), [0]

    def watch() -> None:
        while not done.is_set():
            peak[0] = max(peak[0], resident())
            time.sleep(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    fs.coxph(FORMULA, data)
    done.set()
    watcher.join()
    return (peak[0] - start) / (8 * 10 * n)


def in_fresh_process(code: str) -> float:
    """The number that a new Python prints."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(HERE)!r})\n{code}"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


FIRST_FIT = """
import time; t = time.perf_counter(); import pandas as pd, faceage_stats as fs
d = pd.DataFrame({'t': [1., 2, 3, 4], 'e': [1, 1, 0, 1], 'x': [1., 0, 2, 1]})
fs.coxph('Surv(t, e) ~ x', d); print(time.perf_counter() - t)
"""


def ours(sizes: list[int]) -> dict[str, float]:
    """Our seconds per task."""
    seconds: dict[str, float] = {}
    for n in sizes:
        data, repeats = simulate(n), 30 if n <= 10_000 else 7
        seconds[f"coxph:{n}"] = best(lambda d=data: fs.coxph(FORMULA, d), repeats)
        seconds[f"coxph and concordance:{n}"] = best(
            lambda d=data: fs.coxph(FORMULA, d).concordance_se, repeats
        )
        if n <= 100_000:
            fits = [fs.coxph(FORMULA, data) for _ in range(9)]  # a fit keeps its risk sets
            seconds[f"zph:{n}"] = best(lambda f=fits: fs.cox_zph(f.pop()), 8)
        if n >= 100_000:
            seconds[f"concordance:{n}"] = best(
                lambda d=data: fs.concordance("Surv(time, event) ~ x1", d), 3
            )
            grouped = data.assign(group=data["x1"] > 0)
            seconds[f"survfit:{n}"] = best(
                lambda d=grouped: fs.survfit("Surv(time, event) ~ group", d), 5
            )
        if n == 100_000:
            data, columns = simulate(n, N_WIDE), [f"x{j}" for j in range(1, N_WIDE + 1)]
            hundred = f"Surv(time, event) ~ {' + '.join(columns)}"
            seconds[f"wide:{n}"] = best(lambda d=data, f=hundred: fs.coxph(f, d), 3)
    wide = simulate(1000, N_GENES + 1)
    genes = list(wide)[3:]
    screen = best(lambda: fs.coxph_screen(wide, genes, adjust="x1", **OUTCOME), 2)
    seconds["screen:1000"] = screen / len(genes)
    data = simulate(5000)
    fit = fs.coxph(FORMULA, data)
    refits = best(lambda: fs.resample(fit, data, n_resamples=N_REFITS, seed=1), 2)
    seconds["bootstrap:5000"] = refits / N_REFITS
    return seconds


def theirs(tasks: list[str]) -> tuple[dict[str, float], str]:
    """R's seconds per task; empty without Rscript."""
    if shutil.which("Rscript") is None:
        return {}, "R not found"
    with tempfile.TemporaryDirectory() as folder:
        for n in {int(task.split(":")[1]) for task in tasks}:
            simulate(n).to_numpy().T.tofile(Path(folder) / f"{n}.10.bin")
        if "wide:100000" in tasks:
            simulate(100_000, N_WIDE).to_numpy().T.tofile(Path(folder) / "100000.100.bin")
        simulate(1000, 60).to_numpy().T.tofile(Path(folder) / "1000.60.bin")
        command = ["Rscript", str(HERE / "survival.R"), folder, *tasks]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    seconds = {name: float(value) for name, value in lines if name != "versions"}
    return seconds, next(value for name, value in lines if name == "versions").strip()


def in_turns(sizes: list[int]) -> tuple[dict[str, float], dict[str, float], str]:
    """The shorter of two timings of each side, taken in turns: other work disturbs both alike."""
    timed, reference, versions = {}, {}, ""
    for _ in range(2):
        for task, seconds in ours(sizes).items():
            timed[task] = min(seconds, timed.get(task, seconds))
        shared = [task for task in timed if task.split(":")[0] not in SAME_IN_R]
        of_r, versions = theirs(shared)
        for task, seconds in of_r.items():
            reference[task] = min(seconds, reference.get(task, seconds))
    return timed, reference, versions


def table(sizes: list[int]) -> pd.DataFrame:
    """One row per task: our time, R's, the ratio and its target, the machine's limit."""
    rates = machine_rates()
    timed, reference, r_versions = in_turns(sizes)
    rows = []
    for task, seconds in timed.items():
        name, n = task.split(":")
        alike = SAME_IN_R.get(name, name)
        of_r = reference.get(f"{alike}:{n}", np.nan)
        moved, flops = work(alike, int(n))
        by_bytes, by_flops = moved / rates[0], flops / rates[1]
        target = TARGETS.get(task, TARGETS[name])
        rows.append(
            {
                "task": name,
                "n": int(n),
                "ours_ms": seconds * 1e3,
                "r_ms": of_r * 1e3,
                "ratio": of_r / seconds,
                "target": target,
                "reached": of_r / seconds >= target,
                "limit_ms": max(by_bytes, by_flops) * 1e3,
                "limit": "bytes" if by_bytes > by_flops else "flops",
                "over_limit": seconds / max(by_bytes, by_flops),
            }
        )
    return pd.DataFrame(rows).assign(versions=f"{r_versions}; {our_versions()}")


def our_versions() -> str:
    return (
        f"faceage_stats {fs.__version__}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, Numba {numba.__version__}; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


def write(path: Path, text: str) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=1_000_000, help="largest number of rows")
    parser.add_argument("--out", type=Path, help="CSV file to write; a .md table is put beside it")
    options = parser.parse_args()
    sizes = [n for n in (1000, 10_000, 100_000, 1_000_000) if n <= options.largest]
    memory = in_fresh_process(f"import survival; print(survival.peak_over_design({sizes[-1]}))")
    first = in_fresh_process(FIRST_FIT)
    result = table(sizes)
    shown = result.drop(columns="versions")
    text = shown.to_string(index=False, float_format=lambda v: f"{v:.3g}")
    notes = [
        result["versions"].iloc[0],
        "screen: per column, of 20,000; bootstrap: per refit, of 1,000 (R: of 20)",
        "survfit: of two groups, with errors; wide: coxph of 100 covariates",
        f"first fit in a fresh process, import included: {first:.2f} s (target: 2)",
        f"peak memory of a fit of {sizes[-1]:,} rows over its design matrix: {memory:.2f} "
        "(target: 2)",
    ]
    print(text, *notes, sep="\n")
    if options.out:
        write(options.out, result.to_csv(index=False, float_format="%.4g"))
        body = "\n".join(f"    {line}" for line in text.splitlines())
        notes_text = "\n".join(f"- {note}" for note in notes)
        write(options.out.with_suffix(".md"), f"{body}\n\n{notes_text}\n")


if __name__ == "__main__":
    main()
