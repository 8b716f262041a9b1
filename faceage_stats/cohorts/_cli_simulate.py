"""`faceage simulate`: write synthetic cohorts, each with its planted truth beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceage_stats._parser import add_force, add_output, number, show
from faceage_stats.cohorts.synthetic.simulate import COHORTS, SMALLEST, Cohort, simulate

__all__ = ["add_arguments", "run"]

_MOST = 10_000_000  # about 4 GB of memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage simulate`."""
    parser.epilog = (
        "faceage simulate --cohort maastro\n"
        "faceage simulate --cohort all --seed 2 --out synthetic\n"
        "faceage simulate --cohort survey --n 100 --json\n"
        "faceage simulate --cohort all --match published"
    )
    parser.add_argument(
        "--cohort",
        required=True,
        choices=[*COHORTS, "all"],
        metavar="NAME",
        help=f"one of {', '.join(COHORTS)}, or all",
    )
    parser.add_argument(
        "--match",
        choices=("published",),
        help="the one cohort whose estimates are the published ones (no --seed, no --n)",
    )
    parser.add_argument("--seed", type=number(int, 0), default=0, help="whole number (default 0)")
    parser.add_argument(
        "--out", type=Path, default=Path("."), metavar="DIR", help="folder (default: here)"
    )
    parser.add_argument(
        "--n", type=number(int, SMALLEST, _MOST), help="patients (default: the size of the paper)"
    )
    add_force(parser, "replace tables of an earlier simulation; others are kept in any case")
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Simulate, write, and say what was written."""
    from faceage_stats.cohorts.synthetic.files import write

    if args.cohort == "all" and args.n is not None:
        args.parser.error("--n needs one cohort: the cohorts differ in size. Name one.")
    names: tuple[Cohort, ...] = COHORTS if args.cohort == "all" else (args.cohort,)
    drawn = [simulate(name, match=args.match, seed=args.seed, n=args.n) for name in names]
    written = [[str(p) for p in paths] for paths in write(drawn, args.out, force=args.force)]
    record = [
        {"cohort": cohort.cohort, "seed": args.seed, "files": files}
        for cohort, files in zip(drawn, written, strict=True)
    ]
    show(args, (path for paths in written for path in paths), record)
    return 0
