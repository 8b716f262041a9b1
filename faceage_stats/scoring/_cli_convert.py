"""`faceage convert`: a released Keras file to ONNX, with its card."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("source", type=Path, help="whole-model Keras HDF5 file")
    parser.add_argument("target", type=Path, help="ONNX file to write; its card goes beside it")
    parser.add_argument(
        "--self-check",
        type=Path,
        metavar="JSON",
        help="compare with published outputs: JSON of values beside an .npz of crops",
    )


def run(args: argparse.Namespace) -> int:
    """Convert, write the card, compare when asked; 1 when the comparison fails."""
    from faceage_stats.scoring.convert import self_check
    from faceage_stats.scoring.model import card_path, install, read_card

    install(args.source, args.target, convert_first=True)
    card = read_card(card_path(args.target))
    print(f"{args.target}: {card['name']} {card['version']}, SHA-256 {card['sha256']}")
    if args.self_check is None:
        return 0
    check = self_check(args.target, args.self_check)
    verdict = "agrees with" if check.passed else "DIFFERS from"
    print(
        f"{verdict} {check.source}: {check.n} crops, largest difference "
        f"{check.max_difference:.2g} years (limit {check.tolerance:g})"
    )
    return 0 if check.passed else 1
