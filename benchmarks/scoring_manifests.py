"""What a row of a long manifest costs the scorer beside decoding, detection and the networks.

    python benchmarks/scoring_manifests.py [--rows 10000 200000 1000000] [--out FILE.csv]

Of each length: a run killed when nine rows of ten are kept, the same command again, which resumes,
and once more, which only looks whether a photograph changed; then two shards and their merge.
Photographs are absent, so that nothing is decoded, or with --pictures links to pictures of 19 x 19
pixels, which are decoded and refused as too small. Times are the processor's, of all threads.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

AIM = 110.0  # microseconds of processor time a row, nothing decoded
_LINKS = 30_000  # to one file; file systems allow no more than some ten thousand
# `faceage`, and then what it took: seconds of processor time, and its own largest memory in kB
_COMMAND = """
import sys, time
from faceage_stats.cli import main
code = main(sys.argv[1:])
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
print(time.process_time(), peak)
sys.exit(code)
"""


def faceage(*words: Any, kill_at: tuple[Path, int] | None = None) -> tuple[float, float]:
    """Processor seconds and largest memory in GB of a command; `kill_at` ends it half way."""
    command = [sys.executable, "-c", _COMMAND, *map(str, words), "--quiet"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if kill_at:
        folder, row = kill_at
        while run.poll() is None and not any(_end(p) >= row for p in folder.glob("rows-*")):
            time.sleep(0.02)
        run.kill()
    answer = run.communicate()[0]
    if kill_at:
        return float("nan"), float("nan")
    if run.returncode not in (0, 3):
        raise SystemExit(f"faceage {words[0]} ended with {run.returncode}")
    seconds, peak = answer.split()[-2:]
    return float(seconds), float(peak) / 1e6


def _end(part: Path) -> int:
    """One past the last row of a part, by its name."""
    return int(part.stem.rpartition("-")[2])


def manifest(place: Path, n: int, pictures: bool) -> Path:
    """A manifest of `n` photographs in folders of a thousand."""
    file = place / "m.csv"
    with file.open("w", encoding="utf-8") as stream:
        stream.write("photo,patient_id,taken_on\n")
        for i, name in enumerate(_names(place, n, pictures)):
            stream.write(f"{name},p{i // 3:07d},2020-01-01\n")
    return file


def _names(place: Path, n: int, pictures: bool) -> Iterator[str]:
    from PIL import Image

    for i in range(n):
        name = f"{i // 1000:04d}/{i:07d}.png"
        if pictures:
            (place / name).parent.mkdir(exist_ok=True)
            source = place / f"source{i // _LINKS}.png"
            if not source.exists():
                Image.new("RGB", (19, 19), "grey").save(source)
            os.link(source, place / name)
        yield name


def measure(n: int, pictures: bool) -> dict[str, Any]:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        listed, out = manifest(place, n, pictures), place / "o.parquet"
        score = ("score", listed, "--device", "cpu", "--out")
        empty = faceage("score", _one(place), "--device", "cpu", "--out", place / "one.parquet")
        faceage(*score, out, kill_at=(place / "o.parquet.parts", n * 9 // 10))
        resumed, memory = faceage(*score, out)
        again, memory_again = faceage(*score, out)
        shards = [place / f"{i}.parquet" for i in (1, 2)]
        both = [faceage(*score, shard, "--shard", f"{shard.stem}/2") for shard in shards]
        merged, memory_merging = faceage("merge", *shards, "--out", place / "all.parquet")
        first = sum(seconds - empty[0] for seconds, _ in both)
        return {
            "rows": n,
            "photographs": "19 x 19 pixels" if pictures else "absent",
            "microseconds_a_row": round(1e6 * first / n, 1),
            "aim": None if pictures else AIM,
            "reached": None if pictures else 1e6 * first / n <= AIM,
            "seconds_to_resume_at_nine_tenths": round(resumed - empty[0], 2),
            "seconds_of_the_same_command_again": round(again - empty[0], 2),
            "seconds_to_merge": round(merged, 2),
            "peak_gigabytes": round(max(memory, memory_again, *(m for _, m in both)), 3),
            "peak_gigabytes_merging": round(memory_merging, 3),
        }


def _one(place: Path) -> Path:
    """A list of one: what a run costs by itself."""
    file = place / "one.csv"
    file.write_text("photo\nnone.png\n", encoding="utf-8")
    return file


def main() -> None:
    """Measure, print, write CSV when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 200_000, 1_000_000])
    parser.add_argument("--pictures", type=int, nargs="*", default=[200_000], metavar="ROWS")
    parser.add_argument("--out", type=Path, help="CSV file to write")
    args = parser.parse_args()
    rows = [measure(n, pictures=False) for n in args.rows]
    rows += [measure(n, pictures=True) for n in args.pictures]
    table = pd.DataFrame(rows)
    print(table.T.to_string(header=False))
    if args.out:
        table.to_csv(args.out, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
