"""`faceage help`: the help of the command line or of one command."""

from __future__ import annotations

import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `faceage help`."""
    parser.epilog = "faceage help\nfaceage help models verify"
    parser.add_argument("words", nargs="*", metavar="COMMAND", help="default: all commands")


def run(args: argparse.Namespace) -> int:
    """Print what the command prints for --help."""
    args.root.parse_args([*args.words, "--help"])
    return 0
