"""Push many hostile cohorts through public statistics, and print each kind of fault once.

python -m tests.door.wide_run 2000                # every statistic; 2,000 cohorts for each
python -m tests.door.wide_run 2000 coxph survfit  # these
"""

from __future__ import annotations

import argparse
import sys
import time
import zlib
from collections import Counter
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.door.calls import CALLS
from tests.door.cohorts import Cohort, hostile_cohorts
from tests.door.faults import fault_of


def faults(name: str, n_cohorts: int) -> Counter[str]:
    """How often each fault was met."""
    found = Counter[str]()

    @seed(zlib.crc32(f"wide {name}".encode()))
    @settings(
        max_examples=n_cohorts,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(hostile_cohorts())
    def push(cohort: Cohort) -> None:
        given = (fault_of(call, cohort) for call in CALLS[name])
        found.update(f"[{k}] {fault}" for k, fault in enumerate(given) if fault)

    push()
    return found


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("n_cohorts", type=int)
    parser.add_argument("names", nargs="*", default=list(CALLS))
    options = parser.parse_args(argv)
    total = 0
    for name in options.names:
        began = time.perf_counter()
        found = faults(name, options.n_cohorts)
        total += found.total()
        calls = options.n_cohorts * len(CALLS[name])
        print(f"{name}: {calls} calls, {found.total()} faults, {time.perf_counter() - began:.0f} s")
        for fault, times in found.most_common():
            print(f"    {times} times: {fault}")
        sys.stdout.flush()
    print(f"{total} faults")
    return int(total > 0)


if __name__ == "__main__":
    sys.exit(main())
