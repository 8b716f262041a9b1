"""A Cox fit of a Parquet file, one row group in memory at a time: processor time and memory.

    python benchmarks/row_groups.py [--rows 100000 10000000] [--out FILE.csv]

Each file is written first (the table is sorted in memory for that); the fit runs in a fresh
process, whose peak memory is above that of the imports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from growth import formula
from survival import our_versions, simulate, write  # the benchmark beside this one, not the package

COVARIATES, GROUP = 10, 1_000_000
FIT = """
import re, sys, time
from pathlib import Path
import faceage_stats as fs
from faceage_stats.survival.cox.row_groups import RowGroups

passes, read = [], RowGroups.__iter__
RowGroups.__iter__ = lambda groups: passes.append(1) or read(groups)
status = Path("/proc/self/status")
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text(encoding="utf-8"))[1]) / 1024
path, formula, small = sys.argv[1:]
fs.coxph_parquet(formula, small)  # loads what is compiled
passes.clear()
before, start = peak(), time.process_time()
fs.coxph_parquet(formula, path)
print(len(passes), time.process_time() - start, peak() - before)
"""


def measure(n: int, folder: Path) -> dict[str, float]:
    """Write n rows in the order of time, and fit them."""
    path, small = folder / "rows.parquet", folder / "small.parquet"
    data = simulate(n, COVARIATES).sort_values("time", ignore_index=True)
    data.to_parquet(path, row_group_size=min(GROUP, max(n // 4, 1)))
    data.head(500).to_parquet(small)
    design = 8 * n * COVARIATES / 1e6
    del data
    command = [sys.executable, "-c", FIT, str(path), formula(COVARIATES), str(small)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    passes, seconds, peak = (float(each) for each in run.stdout.split())
    return {
        "n": n,
        "covariates": COVARIATES,
        "file_mb": path.stat().st_size / 1e6,
        "design_mb": design,
        "passes": passes,
        "ours_s": seconds,
        "s_per_pass": seconds / passes,
        "peak_mb": peak,
        "peak_over_design": peak / design,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--out", type=Path, help="CSV file to write")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = pd.DataFrame([measure(n, Path(folder)) for n in options.rows])
    print(table.to_string(index=False))
    if options.out:
        table = table.assign(versions=our_versions())
        write(options.out, table.to_csv(index=False, float_format="%.4g"))


if __name__ == "__main__":
    main()
