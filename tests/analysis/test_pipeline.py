"""The pipeline as built: nothing to do twice, and only what reads a table is remade."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "analysis"))
import workflow  # noqa: E402 - the scripts of analysis/ are not a package

pytestmark = pytest.mark.skipif(
    not (ROOT / "book" / "_build" / "html" / "index.html").is_file() and "CI" not in os.environ,
    reason="the book is not built yet: run `make reproduce`",
)


def planned(*options: str) -> set[str]:
    """Rules that snakemake would run, without running them."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", "analysis/Snakefile", "--cores",
               "1", "--dry-run", *options]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^(?:local)?rule (\w+):", done.stdout + done.stderr, re.M))


def test_changing_one_cohort_remakes_only_what_reads_it():
    rules = planned("--forcerun", "simulate_serial")
    modules = workflow.items()
    readers = {name for name, module in modules.items() if "serial_photos" in module.TABLES}
    summaries = {name for name, module in modules.items() if getattr(module, "RESULTS", ())}
    assert readers <= rules
    assert rules - readers - summaries == {"simulate_serial", "all", "book"}


def test_every_item_was_made_with_its_provenance():
    missing = [
        n for n in workflow.items() if not (workflow.RESULTS / n / "provenance.json").is_file()
    ]
    assert missing == []


def test_no_patient_identifier_is_in_the_results():
    """Synthetic identifiers stand for real ones: none may leave the tables."""
    leaks = [
        path.relative_to(ROOT).as_posix()
        for path in workflow.RESULTS.rglob("*")
        if path.is_file() and b"SYN-" in path.read_bytes()
    ]
    assert leaks == []
