"""`faceage validate`: check a table against its schema, list every problem."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import cast

import pandas as pd

from faceage_stats.cohorts._problems import PROBLEM_COLUMNS
from faceage_stats.cohorts._validation import Validation
from faceage_stats.cohorts.schema import load_schema, schema_names
from faceage_stats.cohorts.tables import read_batches, refuse_unwritable, write_table
from faceage_stats.errors import InputError, SchemaError

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
    if args.out is not None:
        refuse_unwritable(args.out)
        if args.out.exists() and args.table.exists() and args.out.samefile(args.table):
            raise InputError(f"--out names {args.table.name} itself; choose another file.")
    validation = Validation(load_schema(args.schema))
    for rows in read_batches(args.table, args.schema, sheet=args.sheet):
        validation.add(rows)
    try:
        validation.raise_if_refused()
    except SchemaError as error:
        print(error)
        print("Rows are counted from 1, without the header; no value is shown.")
        problems = cast(pd.DataFrame, error.problems)
        _write(problems, args.out)
        raise InputError(_verdict(args, len(problems))) from None
    gaps = ", ".join(f"{column} {n}" for column, n in validation.n_missing.items() if n) or "none"
    print(
        f"{args.table.name}: {validation.n_rows} rows, {len(validation.n_missing)} columns, as the "
        f"{args.schema} schema says. Missing values: {gaps}."
    )
    _write(pd.DataFrame(columns=PROBLEM_COLUMNS), args.out)
    return 0


def _write(problems: pd.DataFrame, out: Path | None) -> None:
    if out is not None:
        write_table(problems, out)


def _verdict(args: argparse.Namespace, n: int) -> str:
    found = "1 problem was" if n == 1 else f"{n} problems were"
    return f"{args.table.name} is refused: {found} found and listed."
