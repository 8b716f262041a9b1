"""`faceage merge`: the shards of a scoring run as one table."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceage_stats._parser import add_force, add_output, table_path
from faceage_stats.scoring._choices import RULES_WITHOUT_DATES

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage merge`."""
    parser.epilog = "faceage merge shards/*.parquet --out biomarkers.parquet"
    add = parser.add_argument
    add("shards", nargs="+", type=Path, help="tables of `faceage score --shard`")
    add("--out", required=True, type=table_path, help="table to write, .parquet or .csv")
    add("--per-patient", choices=RULES_WITHOUT_DATES, help="also write one row per patient")
    add_force(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Join; 3 when some photographs have no score."""
    from faceage_stats.scoring._cli_score import show_report
    from faceage_stats.scoring.merge import merge

    report = merge(args.shards, out=args.out, force=args.force, per_patient=args.per_patient)
    return show_report(args, report)
