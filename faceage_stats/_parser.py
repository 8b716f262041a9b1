"""What the arguments of all commands have in common, and refusals that name the near miss."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from faceage_stats._near import did_you_mean

__all__ = [
    "Parser",
    "add_force",
    "add_output",
    "number",
    "option_names",
    "refuse_unknown_options",
    "show",
    "subcommands",
    "table_path",
    "walk",
]

Number = TypeVar("Number", int, float)


class Parser(argparse.ArgumentParser):
    """An argparse parser without abbreviated options, whose refusals name the near miss."""

    def __init__(self, **settings: Any) -> None:
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(allow_abbrev=False, formatter_class=layout, **settings)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        # the one place where argparse looks at choices and at the names of subcommands
        if action.choices is not None and value not in action.choices:
            known = ", ".join(map(str, action.choices))
            hint = did_you_mean(value, action.choices)
            raise argparse.ArgumentError(action, f"{value!r} is not known.{hint} Known: {known}.")

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse would keep silent about an output that takes nothing
        print(message, end="", file=file or sys.stderr)


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """List the parsers one level below, by name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def walk(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """List a parser and all below it, each with the words that lead to it."""
    yield path, parser
    for name, below in subcommands(parser).items():
        yield from walk(below, (*path, name))


def option_names(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """List the options of one parser by their spelling."""
    return {name: action for action in parser._actions for name in action.option_strings}


def refuse_unknown_options(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """End with code 2 and the nearest name, before argparse says what else is missing."""
    for word in argv:
        name = word.partition("=")[0]
        if word == "--":
            return
        if word in subcommands(parser):
            parser = subcommands(parser)[word]
        elif subcommands(parser) and not word.startswith("-"):
            return  # no such subcommand: argparse says so, with the near miss
        elif name.startswith("--") and name not in option_names(parser):
            hint = did_you_mean(name, option_names(parser))
            parser.error(f"there is no option {name}.{hint}")


def number(
    kind: type[Number], least: Number, most: Number | None = None
) -> Callable[[str], Number]:
    """Make the type of an argument that is a number (int or float) within limits, both included."""
    what = "whole number" if kind is int else "number"
    limits = f"from {least:g} to {most:g}" if most is not None else f"from {least:g}"

    def convert(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not (least <= value and (most is None or value <= most)):
            raise argparse.ArgumentTypeError(f"{text!r} is no {what} {limits}")
        return value

    return convert


def table_path(text: str) -> Path:
    """Check an argument that names a table to write."""
    path = Path(text)
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise argparse.ArgumentTypeError(f"{path.name!r} ends in neither .csv nor .parquet")
    return path


def add_force(parser: argparse.ArgumentParser, what: str = "replace files that exist") -> None:
    """Add --force, without which no command replaces a file."""
    parser.add_argument("--force", action="store_true", help=what)


def add_output(parser: argparse.ArgumentParser, *, as_json: bool = True) -> None:
    """Add --quiet and, where a table or list is printed, --json."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--quiet", action="store_true", help="print nothing but errors")
    if as_json:
        group.add_argument("--json", action="store_true", help="print the result as JSON")


def show(args: argparse.Namespace, lines: Iterable[str], record: Any = None) -> None:
    """Print a result on standard output, in words or as asked for by --json and --quiet."""
    if getattr(args, "json", False):
        print(json.dumps(record, indent=2, ensure_ascii=False))
    elif not args.quiet:
        for line in lines:
            print(line)
