"""The pipeline as built: nothing to do twice, and only what reads a table is remade."""

import os
import re
import subprocess
import sys

import pytest

import planning
import recipe
import workflow
from declared import declared
from made import is_made, write_made

from .conftest import ROOT

built = pytest.mark.skipif(
    not (ROOT / "book" / "_build" / "html" / "index.html").is_file() and "CI" not in os.environ,
    reason="the book is not built yet: run `make reproduce`",
)


def test_snakemake_alone_makes_everything_one_job_per_item():
    command = [sys.executable, "-m", "snakemake", "--snakefile", "analysis/Snakefile", "--cores",
               "1", "--dry-run", "--forceall"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rules = set(re.findall(r"^(?:local)?rule (\w+):", done.stdout + done.stderr, re.M))
    cohorts = recipe.cohorts(workflow.item_names(), workflow.load_config())
    simulations = {f"simulate_{cohort}" for cohort in cohorts}
    assert rules == {*workflow.item_names(), *simulations, "book", "all"}


def test_changing_one_cohort_remakes_only_what_reads_it(monkeypatch):
    changed = planning.cohort_record("serial")
    monkeypatch.setattr(planning, "is_made", lambda record, made_from: record != changed)
    monkeypatch.setattr(planning, "is_current", lambda name, config, sha256: True)
    monkeypatch.setattr(planning, "damaged_files", lambda name: [])
    names = workflow.item_names()
    found = planning.plan(names, workflow.load_config(), book=True)
    readers = {name for name in names if "serial_photos" in declared(name).tables}
    summaries = {name for name in names if declared(name).results}
    assert (found.cohorts, set(found.items), found.book) == (["serial"], readers | summaries, True)


def test_a_page_deleted_or_edited_by_hand_makes_the_book_stale(tmp_path):
    record, page = tmp_path / "made.json", tmp_path / "html" / "index.html"
    page.parent.mkdir()
    page.write_text("page", encoding="utf-8")
    write_made(record, {"pages": "a"}, [page])
    assert is_made(record, {"pages": "a"})
    assert not is_made(record, {"pages": "b"})
    page.write_text("edited", encoding="utf-8")
    assert not is_made(record, {"pages": "a"})
    page.unlink()
    assert not is_made(record, {"pages": "a"})
    record.write_text("{", encoding="utf-8")
    assert not is_made(record, {"pages": "a"})


@built
def test_every_item_was_made_with_its_provenance():
    missing = [
        n for n in workflow.items() if not (workflow.RESULTS / n / "provenance.json").is_file()
    ]
    assert missing == []


@built
def test_no_patient_identifier_is_in_the_results():
    """Synthetic identifiers stand for real ones: none may leave the tables."""
    leaks = [
        path.relative_to(ROOT).as_posix()
        for path in workflow.RESULTS.rglob("*")
        if path.is_file() and b"SYN-" in path.read_bytes()
    ]
    assert leaks == []
