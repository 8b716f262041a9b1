"""Push many hostile cohorts through every public statistic, and print each kind of fault once.

python -m tests.door.wide_run 2000                # the same 2,000 cohorts through each
python -m tests.door.wide_run 2000 --part 1/4     # through the first quarter of the statistics
python -m tests.door.wide_run 2000 coxph survfit  # through these
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import HealthCheck, Phase, assume, given, seed, settings

from tests.door.calls import CALLS
from tests.door.cohorts import Cohort, hostile_cohorts
from tests.door.faults import CHANGED, fault_of_answer, snapshot


def drawn(n_cohorts: int) -> dict[str, Cohort]:
    """So many cohorts of a fixed seed, no two alike, each by its snapshot."""
    cohorts: dict[str, Cohort] = {}

    @seed(2000)
    @settings(
        max_examples=n_cohorts,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(hostile_cohorts())
    def keep(cohort: Cohort) -> None:
        table = snapshot(cohort.data)
        assume(table not in cohorts)
        cohorts[table] = cohort

    keep()
    return cohorts


def faults(name: str, cohorts: Mapping[str, Cohort]) -> Counter[str]:
    """How often each fault was met."""
    found = Counter[str]()
    for table, cohort in cohorts.items():
        met = (fault_of_answer(call, cohort) for call in CALLS[name])
        found.update(f"[{k}] {fault}" for k, fault in enumerate(met) if fault)
        found[CHANGED] += snapshot(cohort.data) != table
    return +found


def part_of(names: Sequence[str], part: str) -> Sequence[str]:
    """Part "2/4" of the names."""
    which, parts = map(int, part.split("/"))
    return names[which - 1 :: parts]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("n_cohorts", type=int)
    parser.add_argument("names", nargs="*", default=list(CALLS))
    parser.add_argument("--part", default="1/1", help="of the statistics, as 2/4")
    options = parser.parse_args(argv)
    cohorts, total = drawn(options.n_cohorts), 0
    for name in part_of(options.names, options.part):
        began = time.process_time()
        found = faults(name, cohorts)
        total += found.total()
        took = time.process_time() - began
        print(f"{name}: {len(cohorts)} cohorts, {len(CALLS[name])} calls each, ", end="")
        print(f"{found.total()} faults, {took:.0f} s")
        for fault, times in found.most_common():
            print(f"    {times} times: {fault}")
        sys.stdout.flush()
    print(f"{total} faults")
    return int(total > 0)


if __name__ == "__main__":
    sys.exit(main())
