"""Make synthetic cohorts: `python analysis/simulate.py maastro thoracic` writes analysis/data/."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import faceage_stats as fs
import recipe
import workflow
from endings import finish
from faceage_stats.cohorts.synthetic.files import write
from made import write_made
from planning import cohort_record
from running import at_work


def simulate(cohorts: Iterable[str], config: Mapping[str, Any]) -> None:
    """Draw cohorts and write their tables, each with its record when it is whole."""
    made_from = recipe.cohort_recipe(config)
    for cohort in cohorts:
        started = time.perf_counter()
        write([fs.simulate(cohort, match="published")], workflow.DATA, force=True)
        write_made(cohort_record(cohort), made_from, recipe.cohort_files(cohort))
        seconds = time.perf_counter() - started
        print(f"  {cohort:<20} {seconds:5.1f} s  simulated", flush=True)


def main() -> int:
    """Command line: names of cohorts."""
    with at_work():
        simulate(sys.argv[1:], workflow.load_config())
    return 0


if __name__ == "__main__":
    finish(main)
