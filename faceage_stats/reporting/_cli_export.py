"""`faceage export`: copy released results to a folder that may leave the hospital."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceage_stats._exits import Exit
from faceage_stats._parser import add_force, add_output, show

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage export`."""
    parser.epilog = (
        "faceage export results/ --to release/\n"
        "faceage export results/ --to release_2/ --before release/\n"
        "faceage verify release/"
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="folder of the items")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="a new folder")
    parser.add_argument(
        "--before", type=Path, metavar="FOLDER", help="an earlier export, attacked with this one"
    )
    add_force(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Write the files and the manifest; say how many there are."""
    from faceage_stats.reporting.store.export import export

    files = export(args.results, args.to, before=args.before, force=args.force)
    line = f"{args.to.name}: {len(files)} files of {files['item'].nunique()} items, and a manifest."
    show(args, [line], files.to_dict(orient="records"))
    return Exit.DONE
