"""Make synthetic cohorts: `python analysis/simulate.py maastro thoracic` writes analysis/data/."""

from __future__ import annotations

import sys
import time

import faceage_stats as fs
import recipe
import workflow
from endings import finish
from faceage_stats.cohorts.synthetic.files import write
from made import write_made
from planning import cohort_record
from running import at_work


def main() -> int:
    """Command line: names of cohorts."""
    config = workflow.load_config()
    made_from = recipe.cohort_recipe(config)
    with at_work():
        for cohort in sys.argv[1:]:
            started = time.perf_counter()
            write([fs.simulate(cohort, match="published")], workflow.DATA, force=True)
            write_made(cohort_record(cohort), made_from, recipe.cohort_files(cohort))
            seconds = time.perf_counter() - started
            print(f"  {cohort:<20} {seconds:5.1f} s  simulated", flush=True)
    return 0


if __name__ == "__main__":
    finish(main)
