"""`faceage validate`: check a table against its schema, list every problem."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from faceage_stats._existing import refuse_existing
from faceage_stats._near import did_you_mean
from faceage_stats._parser import add_force, add_output, show, table_path
from faceage_stats.cohorts.schema.schema_names import schema_names
from faceage_stats.errors import InputError, SchemaError

if TYPE_CHECKING:
    import pandas as pd

    from faceage_stats.cohorts.plausibility.plausibility import Plausibility
    from faceage_stats.cohorts.schema.batches import Validation

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage validate`."""
    parser.epilog = (
        "faceage validate my_cohort.xlsx --schema maastro\n"
        "faceage validate my_cohort.xlsx --schema maastro --sheet patients --out problems.csv\n"
        "faceage validate my_cohort.csv --schema thoracic --json\n"
        "faceage validate hospital.yaml"
    )
    parser.add_argument("table", type=Path, metavar="TABLE", help="the table, or a mapping")
    parser.add_argument(
        "--schema",
        type=_schema,
        metavar="NAME",
        help=f"one of {', '.join(schema_names())}, or the path to your schema (.json); a mapping "
        "names its own",
    )
    parser.add_argument("--sheet", default=None, help="sheet of an Excel workbook with several")
    parser.add_argument(
        "--header-row", type=int, default=None, metavar="LINE", help="line of the header, from 1"
    )
    parser.add_argument("--encoding", metavar="NAME", help="of a text file, such as cp1250")
    parser.add_argument(
        "--na-values", nargs="+", default=(), metavar="CODE", help="more codes for missing values"
    )
    parser.add_argument(
        "--out",
        type=table_path,
        metavar="FILE",
        help="write the rows of each problem (.csv, .parquet)",
    )
    add_force(parser)
    add_output(parser)


def _schema(text: str) -> str:
    if text.endswith(".json") or text in schema_names():
        return text
    raise argparse.ArgumentTypeError(
        f"unknown schema {text!r}.{did_you_mean(text, schema_names())} Known: "
        f"{', '.join(schema_names())}, or the path of a .json file."
    )


def run(args: argparse.Namespace) -> int:
    """Print the problems and return 1, or print a summary and return 0."""
    import pandas as pd

    from faceage_stats.cohorts.plausibility.plausibility import looked_at, plausibility
    from faceage_stats.cohorts.prepare.mapping import is_mapping
    from faceage_stats.cohorts.schema.batches import Validation
    from faceage_stats.cohorts.schema.cells import coerce_columns
    from faceage_stats.cohorts.schema.load_schema import load_schema
    from faceage_stats.cohorts.schema.problems import problem_frame, problem_rows
    from faceage_stats.cohorts.schema.unknown_codes import unknown_codes
    from faceage_stats.cohorts.tables.write_table import refuse_unwritable, write_table

    if args.out is not None:
        if args.out.exists() and args.table.exists() and args.out.samefile(args.table):
            args.parser.error(f"--out names {args.table.name} itself; choose another file.")
        refuse_existing(args.out, force=args.force)
        refuse_unwritable(args.out)
    batches = _prepared(args) if is_mapping(args.table) else _read(args)
    declared = load_schema(args.schema)
    validation = Validation(declared)
    for rows in batches():
        validation.add(rows)
    problems, lines = problem_frame([]), [_summary(args, validation)]
    numbers = None
    try:
        validation.raise_if_refused()
        # read once more: of a table that is refused nothing is held in memory
        parts = [looked_at(coerce_columns(rows, declared)[0], declared) for rows in batches()]
        numbers = plausibility(pd.concat(parts, ignore_index=True), args.schema)
        lines += _plausible(numbers)
    except SchemaError as error:
        problems = cast("pd.DataFrame", error.problems)
        codes = unknown_codes(batches(), declared)
        lines = [str(error), *(f"Codes that are not known: {line}" for line in codes)]
        lines += ["Rows are counted from 1, without the header."]
    record = _record(args, validation, problems)
    show(args, lines, record | {"notes": numbers.notes if numbers is not None else []})
    if args.out is not None:
        write_table(problem_rows(validation.problems()), args.out, force=args.force)
    if len(problems):
        raise InputError(_verdict(args, len(problems)))
    return 0


def _read(args: argparse.Namespace) -> Callable[[], Iterable[pd.DataFrame]]:
    """Rows of a table, in blocks, as often as they are asked for."""
    from faceage_stats.cohorts.prepare.made_from import changed_since, how_to_remake
    from faceage_stats.cohorts.tables.read_table import read_batches
    from faceage_stats.cohorts.tables.reading import Reading

    if args.schema is None:
        args.parser.error("--schema NAME says which table this is to be.")
    how = Reading(
        sheet=args.sheet,
        header_row=args.header_row,
        na_values=args.na_values,
        encoding=args.encoding,
    )
    if args.table.is_file() and changed_since(args.table):
        raise InputError(how_to_remake(args.table))
    return lambda: read_batches(args.table, args.schema, how)


def _prepared(args: argparse.Namespace) -> Callable[[], Iterable[pd.DataFrame]]:
    """Rows that a mapping makes of its export."""
    from faceage_stats.cohorts.prepare.prepare import prepare

    rows = prepare(None, args.table).rows
    args.schema = rows.attrs["schema"]
    return lambda: [rows]


def _record(
    args: argparse.Namespace, validation: Validation, problems: pd.DataFrame
) -> dict[str, Any]:
    return {
        "table": args.table.name,
        "schema": args.schema,
        "valid": problems.empty,
        "n_rows": validation.n_rows,
        "n_missing": validation.n_missing,
        "problems": problems.to_dict(orient="records"),
    }


def _summary(args: argparse.Namespace, validation: Validation) -> str:
    gaps = ", ".join(f"{column} {n}" for column, n in validation.n_missing.items() if n) or "none"
    return (
        f"{args.table.name}: {validation.n_rows} rows, {len(validation.n_missing)} columns, as the "
        f"{args.schema} schema says. Missing values: {gaps}."
    )


def _plausible(numbers: Plausibility) -> list[str]:
    """Write the numbers beside what is expected, then what looks wrong."""
    table = numbers.tidy().dropna(subset="n").drop(columns="note")
    if table.empty:
        return []
    shown = table.round(3).astype(object).where(table.notna(), "").to_string(index=False)
    notes = [f"Can this be? {note}" for note in numbers.notes]
    return [*shown.splitlines(), *notes]


def _verdict(args: argparse.Namespace, n: int) -> str:
    found = "1 problem was" if n == 1 else f"{n} problems were"
    return f"{args.table.name} is refused: {found} found{'' if args.quiet else ' and listed'}."
