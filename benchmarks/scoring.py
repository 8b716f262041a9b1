"""Speed of the scorer: stages, end to end, age network, large photographs, memory.

    python benchmarks/scoring.py [--photos 160] [--device cpu] [--out FILE.csv] [--json FILE.json]

Photographs are noisy copies of NASA's astronaut portrait; the model is the demonstration model
with random weights, which has the released model's architecture and therefore its speed. Rates are
those of the clock, with whatever else the machine does; rates "with nothing else running" are the
processors divided by the processor time of a photograph, which other jobs change less. Both count
what a photograph adds to a run; the first one, which also loads the kernels, has a row of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TARGETS = {
    "photographs_per_second": (40.0, "at least"),
    "age_network_crops_per_second": (120.0, "at least"),
    "twelve_megapixels_per_second": (2.0, "at least"),
    "twelve_megapixels_per_second_with_min_face_80": (4.0, "at least"),
    "photographs_with_nothing_else_running": (40.0, "at least"),
    "twelve_megapixels_with_nothing_else_running": (2.0, "at least"),
    "twelve_megapixels_with_min_face_80_with_nothing_else_running": (4.0, "at least"),
    "peak_memory_gigabytes": (1.5, "at most"),
    "start_up_seconds": (1.0, "at most"),
}
_N_LARGE = 12
_QUIET = 1.0  # load of the machine up to which a target counts as missed


def write_photographs(folder: Path, n: int, repeat: int = 1) -> None:
    """`n` JPEG files of 512 x 512 pixels; `repeat` enlarges them."""
    from PIL import Image
    from skimage import data

    portrait, rng = data.astronaut().astype(int), np.random.default_rng(0)
    folder.mkdir(parents=True)
    for i in range(n):
        noisy = np.clip(portrait + rng.integers(-3, 4, portrait.shape), 0, 255).astype(np.uint8)
        picture = Image.fromarray(noisy)
        if repeat > 1:
            picture = picture.resize((4000, 3000), Image.Resampling.BICUBIC)
        picture.save(folder / f"{i:05d}.jpg", quality=90)


def stages(model: Path, photo: Path, device: str) -> dict[str, float]:
    """Milliseconds of processor time per stage for one photograph, median of 25."""
    from faceage_stats.scoring._quiet import quiet_libraries
    from faceage_stats.scoring.detector import Detector
    from faceage_stats.scoring.images import crop_face, read_photograph
    from faceage_stats.scoring.model import load_model
    from faceage_stats.scoring.quality import face_quality

    opened, detector = load_model(model, device=device), Detector(device=device)
    image = read_photograph(photo)
    face = detector.detect(image)[0]
    proposals = detector._propose(image)
    refined = detector._refine(image, proposals)
    crop = crop_face(image, face.box)
    batch = opened.prepare(crop)[None]
    tasks: dict[str, Callable[[], Any]] = {
        "decode": lambda: read_photograph(photo),
        "P-Net": lambda: detector._propose(image),
        "R-Net": lambda: detector._refine(image, proposals),
        "O-Net": lambda: detector._finish(image, refined),
        "crop and standardise": lambda: opened.prepare(crop_face(image, face.box)),
        "quality": lambda: face_quality(face, crop),
        "age network": lambda: opened.run(batch),
    }
    with quiet_libraries():
        return {name: round(median(task), 3) for name, task in tasks.items()}


def median(task: Callable[[], Any]) -> float:
    """Milliseconds of processor time, median of 25 after one call that loads what it needs."""
    task()
    times = []
    for _ in range(25):
        start = time.thread_time()
        task()
        times.append(time.thread_time() - start)
    return 1000 * float(np.median(times))


def age_network(model: Path, device: str, seconds: float = 4.0) -> float:
    """Crops per second, one thread per processor, one crop per run."""
    from faceage_stats.scoring.model import load_model

    opened = load_model(model, device=device)
    batch = np.random.default_rng(0).standard_normal((1, 160, 160, 3)).astype(np.float32)
    counts, end = [], time.perf_counter() + seconds

    def work() -> None:
        n = 0
        while time.perf_counter() < end:
            opened.run(batch)
            n += 1
        counts.append(n)

    threads = [threading.Thread(target=work) for _ in os.sched_getaffinity(0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def run_command(
    photos: Path, model: Path, out: Path, device: str, *more: str, force: bool = True
) -> dict[str, Any]:
    """`faceage score` as a user runs it: its report and the wall time."""
    command = [sys.executable, "-m", "faceage_stats.cli", "score", str(photos), "--quiet"]
    command += ["--model", str(model), "--out", str(out), "--device", device, *more]
    command += ["--force"] if force else []
    start, before = time.perf_counter(), _children_seconds()
    code = subprocess.run(command, check=False).returncode
    wall, used = time.perf_counter() - start, _children_seconds() - before
    if code not in (0, 3):
        raise SystemExit(f"faceage score ended with {code}")
    report = json.loads(out.with_suffix(".run.json").read_text(encoding="utf-8"))
    return {**report, "wall": wall, "processor_seconds": used}


def _children_seconds() -> float:
    """Processor time of all finished children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(n: int, device: str) -> dict[str, Any]:
    """All measurements in one run."""
    from faceage_stats.scoring.demo import write_demo_model

    load, processors = os.getloadavg()[0], len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        model = write_demo_model(place / "model")
        write_photographs(place / "small", n)
        write_photographs(place / "large", _N_LARGE, repeat=8)
        write_photographs(place / "one", 1)
        run_command(place / "one", model, place / "warm.parquet", device)  # caches are built once
        one = run_command(place / "one", model, place / "one.parquet", device)
        small = run_command(place / "small", model, place / "small.parquet", device)
        large = run_command(place / "large", model, place / "large.parquet", device)
        wide = ("--min-face", "80")
        coarse = run_command(place / "large", model, place / "large.parquet", device, *wide)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6

        def each(run: dict[str, Any], photographs: int, clock: str = "processor_seconds") -> float:
            return float(run[clock] - one[clock]) / (photographs - 1)

        return {
            "device": small["providers"][0],
            "processors": processors,
            "n_photographs": n,
            "load_before": load,
            "stage_milliseconds": stages(model, place / "small/00000.jpg", device),
            "photographs_per_second": 1 / each(small, n, "seconds"),
            "milliseconds_of_processor_per_photograph": round(1000 * each(small, n), 2),
            "photographs_with_nothing_else_running": processors / each(small, n),
            "age_network_crops_per_second": round(age_network(model, device), 1),
            "twelve_megapixels_per_second": 1 / each(large, _N_LARGE, "seconds"),
            "twelve_megapixels_with_nothing_else_running": processors / each(large, _N_LARGE),
            "twelve_megapixels_per_second_with_min_face_80": 1 / each(coarse, _N_LARGE, "seconds"),
            "twelve_megapixels_with_min_face_80_with_nothing_else_running": (
                processors / each(coarse, _N_LARGE)
            ),
            "peak_memory_gigabytes": round(peak, 3),
            "first_photograph_seconds": one["seconds"],
            "start_up_seconds": round(one["wall"] - one["seconds"], 3),
            "load_after": os.getloadavg()[0],
            "versions": small["versions"],
        }


def as_table(results: dict[str, Any]) -> pd.DataFrame:
    """One row per quantity, then the state of the machine."""
    stage = results["stage_milliseconds"].items()
    each = results["milliseconds_of_processor_per_photograph"]
    rows = [(f"stage: {name}", value, "ms, one processor", "", "") for name, value in stage]
    rows += [
        ("photograph end to end", each, "ms, one processor", "", ""),
        ("first photograph of a run", results["first_photograph_seconds"], "s", "", ""),
        *(
            (
                name.replace("_", " "),
                results[name],
                _unit(name),
                f"{word} {target:g}",
                verdict(results, name),
            )
            for name, (target, word) in TARGETS.items()
        ),
        ("photographs scored", results["n_photographs"], "", "", ""),
        (f"processors ({results['device']})", results["processors"], "", "", ""),
        ("load of the machine before", results["load_before"], "", "", ""),
        ("load of the machine after", results["load_after"], "", "", ""),
        (", ".join(f"{k} {v}" for k, v in results["versions"].items()), np.nan, "", "", ""),
    ]
    table = pd.DataFrame(rows, columns=["quantity", "value", "unit", "target", "reached"])
    return table.round({"value": 3})


def verdict(results: dict[str, Any], name: str) -> str:
    """Whether a target is reached; a busy machine can show that it is, not that it is missed."""
    (target, word), value = TARGETS[name], results[name]
    if value >= target if word == "at least" else value <= target:
        return "yes"
    slowed = results["load_before"] >= _QUIET and "memory" not in name
    return "not judged, the machine was busy" if slowed else "no"


def _unit(name: str) -> str:
    return "per second" if name.endswith("running") else ""


def main() -> None:
    """Measure, print against the targets, write CSV and JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", type=int, default=400)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, help="CSV file to write")
    parser.add_argument("--json", type=Path, help="JSON file to write")
    args = parser.parse_args()
    results = measure(args.photos, args.device)
    print(
        f"{results['device']}, {results['processors']} processors, "
        f"load {results['load_before']:.1f} before and {results['load_after']:.1f} after"
    )
    for stage, value in results["stage_milliseconds"].items():
        print(f"  {stage:<24}{value:8.2f} ms")
    print(f"  {'sum':<24}{sum(results['stage_milliseconds'].values()):8.2f} ms per photograph")
    for name, (target, word) in TARGETS.items():
        print(
            f"{name:<62}{results[name]:8.2f}   {word} {target:g}: reached? {verdict(results, name)}"
        )
    if args.out:
        partial = args.out.with_name(args.out.name + ".part")
        as_table(results).to_csv(partial, index=False, lineterminator="\n")
        os.replace(partial, args.out)
    if args.json:
        args.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
