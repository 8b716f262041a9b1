"""How the time of a Cox fit grows with patients and covariates, beside the Rust package survival.

    python benchmarks/growth.py [--largest 1000000] [--out benchmarks/results/growth.csv]

Processor seconds of one fit with its formula, all threads together, the least of several. The
package `survival` (Rust, with R's names) is timed in a process of its own where it is installed;
its coxph computes the concordance too, as R's does, so ours is asked for it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from survival import our_versions, simulate, write  # the benchmark beside this one, not the package

import faceage_stats as fs

PATIENTS, COVARIATES = (1000, 10_000, 100_000, 1_000_000, 10_000_000), (1, 3, 10, 30, 100, 300)
PEER_UP_TO = 100_000  # rows: there it takes seconds
PEER = """
import sys, time
import pandas as pd
try:
    from survival import r
except ImportError:
    print("nan")
else:
    data, times = pd.read_parquet("data.parquet"), []
    for _ in range(3):
        start = time.process_time()
        r.coxph(sys.argv[1], data)
        times.append(time.process_time() - start)
    print(min(times))
"""


def formula(p: int) -> str:
    return "Surv(time, event) ~ " + " + ".join(f"x{j}" for j in range(1, p + 1))


def ours(data: pd.DataFrame, p: int) -> float:
    """Seconds of the fit and its concordance, after a first one that loads the kernels."""

    def fit() -> float:
        return fs.coxph(formula(p), data).concordance_se

    fit()
    times = []
    for _ in range(5 if len(data) * p <= 1_000_000 else 2):
        start = time.process_time()
        fit()
        times.append(time.process_time() - start)
    return min(times)


def theirs(data: pd.DataFrame, p: int) -> float:
    """Seconds of the Rust package; NaN where it is not installed, or the table too large."""
    if len(data) > PEER_UP_TO:
        return np.nan
    with tempfile.TemporaryDirectory() as folder:
        data.to_parquet(Path(folder, "data.parquet"))
        command = [sys.executable, "-c", PEER, formula(p)]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return float(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=1_000_000, help="largest number of rows")
    parser.add_argument("--out", type=Path, help="CSV file to write")
    options = parser.parse_args()
    sizes = [(n, 10) for n in PATIENTS if n <= options.largest]
    rows = []
    for n, p in [*sizes, *((10_000, p) for p in COVARIATES if p != 10)]:
        data = simulate(n, p)
        seconds, peer = ours(data, p), theirs(data, p)
        row = {"n": n, "covariates": p, "ours_s": seconds, "rust_survival_s": peer}
        rows.append({**row, "ratio": peer / seconds})
        print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
    if options.out:
        table = pd.DataFrame(rows).assign(versions=our_versions())
        write(options.out, table.to_csv(index=False, float_format="%.4g"))


if __name__ == "__main__":
    main()
