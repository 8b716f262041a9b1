"""`faceage prepare`: a hospital's export to a table of a schema, by its mapping."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from faceage_stats import _files
from faceage_stats._existing import refuse_existing
from faceage_stats._near import did_you_mean
from faceage_stats._parser import add_force, add_output, number, show
from faceage_stats.cohorts.schema.schema_names import schema_names

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage prepare`."""
    parser.epilog = (
        "faceage prepare --init export.csv --schema maastro --out hospital.yaml\n"
        "faceage prepare --init export.xlsx --schema maastro --sheet patients --header-row 4\n"
        "faceage prepare --init persons.csv treatments.csv deaths.csv --schema thoracic\n"
        "faceage prepare hospital.yaml\n"
        "faceage prepare hospital.yaml --out prepared.parquet\n"
        "faceage prepare hospital.yaml --dummy 200 --out dummy.csv"
    )
    add = parser.add_argument
    add("mapping", nargs="?", type=Path, metavar="MAPPING", help="the mapping (.yaml)")
    add(
        "--init",
        type=Path,
        nargs="+",
        metavar="EXPORT",
        help="draft a mapping for this export instead; further files are joined to the first",
    )
    add("--schema", type=_schema, metavar="NAME", help="with --init: the schema to map to")
    add("--sheet", help="with --init: sheet of an Excel workbook with several")
    add("--header-row", type=number(int, 1), metavar="LINE", help="with --init: line of the header")
    add("--encoding", metavar="NAME", help="with --init: of files that are no UTF-8 or UTF-16")
    add(
        "--dummy",
        type=number(int, 1, 1_000_000),
        metavar="N",
        help="N invented patients in place of the export",
    )
    add("--seed", type=number(int, 0), default=0, help="of the invented patients (default 0)")
    add("--out", type=Path, metavar="FILE", help="write the table (.csv, .parquet), or the draft")
    add_force(parser)
    add_output(parser)


def _schema(text: str) -> str:
    if text in schema_names():
        return text
    raise argparse.ArgumentTypeError(
        f"unknown schema {text!r}.{did_you_mean(text, schema_names())}"
    )


def run(args: argparse.Namespace) -> int:
    """Draft a mapping, or prepare a table and print its flow."""
    if args.init is not None:
        return _draft(args)
    if args.mapping is None:
        args.parser.error("name the mapping, or draft one: --init EXPORT --schema NAME.")
    return _prepare(args)


def _draft(args: argparse.Namespace) -> int:
    from faceage_stats.cohorts.prepare.draft import draft_mapping

    if args.schema is None or args.mapping is not None or args.dummy is not None:
        args.parser.error("--init EXPORT goes with --schema NAME, and with no mapping.")
    if args.out is not None:
        refuse_existing(args.out, force=args.force)
    text = draft_mapping(
        args.init,
        args.schema,
        sheet=args.sheet,
        header_row=args.header_row,
        encoding=args.encoding,
    )
    if args.out is None:
        show(args, text.splitlines(), {"mapping": text})
    else:
        with _files.writing(args.out) as draft:
            draft.write_text(text, encoding="utf-8")
        show(
            args, [f"{args.out.name}: a draft; complete it at each TODO."], {"draft": args.out.name}
        )
    return 0


def _prepare(args: argparse.Namespace) -> int:
    from faceage_stats.cohorts.prepare.dummy import dummy_cohort
    from faceage_stats.cohorts.prepare.made_from import fingerprints
    from faceage_stats.cohorts.prepare.prepare import prepare
    from faceage_stats.cohorts.tables.write_table import refuse_unwritable, write_table

    if args.out is not None:
        refuse_existing(args.out, force=args.force)
        refuse_unwritable(args.out)
    if args.dummy is not None:
        prepared = dummy_cohort(args.mapping, args.dummy, seed=args.seed)
    else:
        prepared = prepare(None, args.mapping)
    flow = prepared.flow.tidy()
    lines = [_line(step) for step in flow.to_dict("records")]
    scores = prepared.rows.attrs.get("scores", {})
    lines += [f"scores: {', '.join(f'{key} {value}' for key, value in scores.items())}"]
    record: dict[str, Any] = {
        "mapping": args.mapping.name,
        "schema": prepared.rows.attrs["schema"],
        "n_rows": len(prepared.rows),
        "flow": json.loads(flow.to_json(orient="records")),
        "scores": scores,
    }
    show(args, lines if scores else lines[:-1], record)
    if args.out is not None:
        if args.dummy is None:
            prepared.rows.attrs["made_from"] = fingerprints(args.mapping, args.out)
        write_table(prepared.rows, args.out, force=args.force)
    return 0


def _line(step: dict[Any, Any]) -> str:
    excluded = f", {step['n_excluded']} excluded" if step["n_excluded"] else ""
    changed = f", {step['n_changed']} changed" if step["n_changed"] else ""
    return f"{step['n_after']:>7} rows{excluded}{changed}: {step['step']} ({step['reason']})"
