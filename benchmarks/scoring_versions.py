"""Speed of the scorer beside that of an older checkout, in alternation in one run.

    git clone . /tmp/older && git -C /tmp/older checkout 36cb306
    python benchmarks/scoring_versions.py /tmp/older [--rounds 4] [--out FILE.csv]

Processor time of a photograph of 512 x 512 pixels, one worker: a run over 24 photographs less a run
over one. The median of the rounds counts, so that what else a machine does harms little.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scoring import write_photographs

TARGET = 1.3  # times the older speed
_N = 24
_RUNS = """
import sys, time
import faceage_stats
from faceage_stats.scoring.run_options import RunOptions
from faceage_stats.scoring.score import score

checkout, photos, model, out = sys.argv[1:]
assert faceage_stats.__file__.startswith(checkout), faceage_stats.__file__

def seconds(photos):
    start = time.process_time()
    score(photos, model=model, out=out, run=RunOptions(device="cpu", workers=1, force=True))
    return time.process_time() - start

one = f"{photos}/00000.jpg"
seconds(one)  # what is loaded and compiled once
single = seconds(one)
print(seconds(photos) - single)
"""


def milliseconds(checkout: Path, photos: Path, model: str, out: Path) -> float:
    """Processor time of one photograph by the code of a checkout."""
    command = [sys.executable, "-c", _RUNS, *map(str, (checkout, photos, model, out))]
    place = {"cwd": checkout, "env": {**os.environ, "PYTHONPATH": str(checkout)}}
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **place)
    return 1000 * float(answer.stdout.split()[-1]) / (_N - 1)


def measure(older: Path, rounds: int) -> pd.DataFrame:
    """One row per model."""
    from faceage_stats.scoring.demo import write_demo_model

    checkouts = {"older": older.resolve(), "now": Path(__file__).resolve().parents[1]}
    commit = ["git", "-C", str(older), "rev-parse", "--short", "HEAD"]
    label = subprocess.run(commit, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        write_photographs(place / "photos", _N)
        models = {"FaceAge's architecture": write_demo_model(place / "m"), "dlib-age": "dlib-age"}
        for what, model in models.items():
            found = [
                [milliseconds(c, place / "photos", str(model), place / "o.parquet")
                 for c in checkouts.values()]
                for _ in range(rounds)
            ]  # fmt: skip
            before, now = np.median(found, axis=0)
            rows.append((what, label, before, now, before / now, TARGET, before / now >= TARGET))
    columns = ["model", "older", "older_ms", "ours_ms", "ratio", "target", "reached"]
    return pd.DataFrame(rows, columns=columns).round(2)


def main() -> None:
    """Measure, print, write CSV when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("older", type=Path, help="checkout of the older code")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--out", type=Path, help="CSV file to write")
    args = parser.parse_args()
    table = measure(args.older, args.rounds)
    print(table.to_string(index=False))
    if args.out:
        table.to_csv(args.out, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
