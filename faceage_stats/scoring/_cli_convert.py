"""`faceage convert`: a released Keras or PyTorch file to ONNX, with its card."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from faceage_stats._exits import Exit
from faceage_stats._parser import add_force, add_output, number, show

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage convert`."""
    parser.epilog = (
        "faceage convert faceage_model.h5 models/faceage.onnx\n"
        "faceage convert faceage_model.h5 models/faceage.onnx --self-check reference.json --force\n"
        "faceage convert fahr_faceage.pth models/fahr-faceage.onnx"
    )
    parser.add_argument("source", type=Path, help="whole Keras HDF5 file, or PyTorch checkpoint")
    parser.add_argument("target", type=Path, help="ONNX file to write; its card goes beside it")
    parser.add_argument(
        "--self-check",
        type=Path,
        metavar="JSON",
        help="compare with published outputs: JSON of values beside an .npz of crops",
    )
    parser.add_argument(
        "--heads",
        type=number(int, 1),
        help="heads of a transformer's attention (default: 64 numbers a head)",
    )
    add_force(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Convert, write the card, compare when asked; 1 when the comparison fails."""
    from faceage_stats.scoring.convert import read_reference, self_check
    from faceage_stats.scoring.fetch import install
    from faceage_stats.scoring.model import card_path, read_card, unknown_entries

    if args.self_check is not None:
        read_reference(args.self_check)  # refused before anything is converted and replaced
    install(args.source, args.target, convert_first=True, force=args.force, heads=args.heads)
    card = read_card(card_path(args.target))
    record = {"model": str(args.target)} | {k: card[k] for k in ("name", "version", "sha256")}
    lines = [f"{args.target}: {card['name']} {card['version']}, SHA-256 {card['sha256']}"]
    if unknown_entries(card):
        lines.append(
            f"before it scores, write into {card_path(args.target).name}: "
            f"{', '.join(unknown_entries(card))} (see {card['source_url']})"
        )
    passed = True
    if args.self_check is not None:
        check = self_check(args.target, args.self_check)
        passed = check.passed
        record["self_check"] = asdict(check) | {"passed": passed}
        lines.append(
            f"{'agrees with' if passed else 'DIFFERS from'} {check.source}: {check.n} crops, "
            f"largest difference {check.max_difference:.2g} years (limit {check.tolerance:g})"
        )
    show(args, lines, record)
    return Exit.DONE if passed else Exit.REFUSED
