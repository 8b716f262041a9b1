"""`faceage merge`: the shards of a scoring run as one table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from faceage_stats.errors import InputError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("shards", nargs="+", type=Path, help="tables of `faceage score --shard`")
    parser.add_argument("--out", required=True, type=Path, help="table to write")
    parser.add_argument("--per-patient", metavar="RULE", help="also write one row per patient")
    parser.add_argument("--quiet", action="store_true", help="no summary")


def run(args: argparse.Namespace) -> int:
    """Join; the exit codes are those of `faceage score`."""
    from faceage_stats.scoring._cli_score import BAD_ARGUMENTS, print_summary
    from faceage_stats.scoring.merge import merge

    try:
        report = merge(args.shards, out=args.out)
        if args.per_patient:
            from faceage_stats.scoring.patients import write_per_patient

            write_per_patient(args.out, args.per_patient)
    except InputError as error:
        print(f"faceage merge: {error}", file=sys.stderr)
        return BAD_ARGUMENTS
    return print_summary(args.out, report, quiet=args.quiet)
