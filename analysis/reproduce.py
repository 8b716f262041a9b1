"""From tables to the finished book: what `make reproduce` runs."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import Counter

import faceage_stats as fs
import workflow
from faceage_stats.errors import DataUnavailableError, FaceageError


def main() -> int:
    """Fetch public data, bring every result and the book up to date, say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    started = time.perf_counter()
    try:
        config = workflow.load_config()
        tables = workflow.tables(config)
    except FaceageError as error:
        print(error, file=sys.stderr)
        return 1
    kinds = Counter(table.source for table in tables.values())
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    print(f"faceage_stats {fs.__version__}: {len(tables)} tables ({listed}), seed {config['seed']}")
    _public_data(tables["utk"])
    before = _stamp()
    code = _snakemake(arguments.cores)
    book = workflow.ROOT / "book" / "_build" / "html" / "index.html"
    if code == 0:
        seconds = time.perf_counter() - started
        done = "Nothing to do, all up to date" if _stamp() == before else f"Done in {seconds:.0f} s"
        print(f"{done}: {book.relative_to(workflow.ROOT)}")
    return code


def _public_data(utk: workflow.Table) -> None:
    if utk.source != "public" or utk.path.is_file():
        return
    from faceage_stats.cohorts.remote import copy_utk

    utk.path.parent.mkdir(parents=True, exist_ok=True)
    try:
        copy_utk(utk.path)
        print(f"  UTKFace outputs of FaceAge: {utk.path.name}, SHA-256 verified")
    except DataUnavailableError as error:
        print(f"  UTKFace outputs of FaceAge are not available; their pages will say so.\n{error}")


def _stamp() -> tuple[int, ...]:
    """Modification times of what the pipeline makes."""
    made = [*workflow.RESULTS.glob("*/provenance.json"), *workflow.DATA.glob("*")]
    made += [workflow.ROOT / "book" / "_build" / "html" / "index.html"]
    return tuple(path.stat().st_mtime_ns for path in sorted(made) if path.exists())


def _snakemake(cores: int) -> int:
    command = [
        sys.executable, "-m", "snakemake",
        "--snakefile", str(workflow.ROOT / "analysis" / "Snakefile"),
        "--cores", str(cores),
        "--rerun-incomplete",
        "--quiet", "all",
    ]  # fmt: skip
    # One thread per job: the jobs themselves run side by side.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.run(command, cwd=workflow.ROOT, env={**os.environ, **threads}).returncode


if __name__ == "__main__":
    sys.exit(main())
