"""`faceage attack`: try to recover small counts, times and values from results."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceage_stats._exits import Exit
from faceage_stats._parser import add_output, number, show

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage attack`."""
    parser.epilog = (
        "faceage attack results/\n"
        "faceage attack results/ --before last_month/results/\n"
        "faceage attack results/ --book book/_build/html\n"
        "faceage attack results/ --synthetic --minimum 8"
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="folder of the items")
    parser.add_argument(
        "--before", type=Path, metavar="FOLDER", help="an earlier build of the same cohort"
    )
    parser.add_argument(
        "--book", type=Path, metavar="FOLDER", help="its HTML pages, to be read as well"
    )
    parser.add_argument(
        "--minimum", type=number(int, 2), default=5, metavar="K",
        help="counts below K are small, where an item names no rules (default: 5)",
    )  # fmt: skip
    parser.add_argument(
        "--synthetic", action="store_true", help="attack items of synthetic rows as well"
    )
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Print one line per finding; return 1 if there is any."""
    from faceage_stats.cohorts.disclosure.attack.attack import attack

    found = attack(
        args.results, args.before, book=args.book, minimum=args.minimum, synthetic=args.synthetic
    )
    records = found.to_dict(orient="records")
    lines = [f"{r['item']}: {r['kind']}, {r['what']} ({r['files']})" for r in records]
    attacked, book = len(found.attrs["items"]), " and the pages that show them" if args.book else ""
    lines.append(f"{len(found)} findings; {attacked} items with private rows{book} were attacked.")
    show(args, lines, records)
    return Exit.REFUSED if records else Exit.DONE
