"""`faceage validate`: check a table against its schema, list every problem."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import cast

import pandas as pd

from faceage_stats.cohorts.schema import schema_names, validate
from faceage_stats.cohorts.tables import read_table, write_table
from faceage_stats.errors import SchemaError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage validate`."""
    parser.add_argument("table", type=Path, metavar="TABLE", help="the file to check")
    parser.add_argument(
        "--schema",
        required=True,
        metavar="NAME",
        help=f"one of {', '.join(schema_names())}, or the path of a schema of your own",
    )
    parser.add_argument("--sheet", default=None, help="sheet of an Excel workbook with several")
    parser.add_argument(
        "--out",
        type=Path,
        default=None,
        metavar="FILE",
        help="write the problems as CSV or Parquet",
    )


def run(args: argparse.Namespace) -> int:
    """Print the problems and return 1, or print a summary and return 0."""
    table = read_table(args.table, schema=args.schema, sheet=args.sheet)
    try:
        valid = validate(table, args.schema)
    except SchemaError as error:
        print(error)
        print("Rows are counted from 1, without the header; no value is shown.")
        if args.out is not None:
            write_table(cast(pd.DataFrame, error.problems), args.out)
        return 1
    missing = valid.isna().sum()
    gaps = ", ".join(f"{column} {n}" for column, n in missing[missing > 0].items()) or "none"
    print(
        f"{args.table.name}: {len(valid)} rows, {valid.shape[1]} columns, as the {args.schema} "
        f"schema says. Missing values: {gaps}."
    )
    if args.out is not None:
        columns = ["column", "rule", "n_rows", "rows", "cure"]
        write_table(pd.DataFrame(columns=columns), args.out)
    return 0
