"""`faceage models list | verify | fetch | demo`."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceage_stats.errors import FaceageError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="cards that are known, and which models are installed")
    verify = actions.add_parser("verify", help="check hash, input and outputs of models")
    verify.add_argument("models", nargs="*", help="names or .onnx files; all installed if none")
    fetch = actions.add_parser("fetch", help="download a model by the URL and hash of its card")
    fetch.add_argument("model", help="name of a card")
    demo = actions.add_parser("demo", help="write the demonstration model (random weights)")
    demo.add_argument("folder", type=Path, help="folder to write demo.onnx and demo.json into")


def run(args: argparse.Namespace) -> int:
    """Run one action."""
    from faceage_stats.scoring import demo, model

    if args.action == "list":
        return _list()
    if args.action == "verify":
        return _verify(args.models)
    if args.action == "fetch":
        print(model.fetch(args.model))
    else:
        print(demo.write_demo_model(args.folder))
    return 0


def _installed() -> list[Path]:
    from faceage_stats.scoring.model import models_folder

    return sorted(models_folder().glob("*.onnx"))


def _list() -> int:
    """One line per card, shipped or installed."""
    from faceage_stats.scoring import model

    installed = {path.stem: path for path in _installed()}
    for name in sorted({*model.shipped_names(), *installed}):
        path = installed.get(name)
        card = model.read_card(model.card_path(path)) if path else model.shipped_card(name)
        where = str(path) if path else "not installed"
        demo = "  random weights" if card["demo"] else ""
        output = card["output"]["unit"]
        print(f"{name:<20} {card['name']} {card['version']:<12} {output:<9} {where}{demo}")
    return 0


def _verify(names: list[str]) -> int:
    """Open each model; 1 when one is refused."""
    from faceage_stats.scoring.model import load_model

    targets: list[str | Path] = list(names) or list(_installed())
    if not targets:
        print("No model is installed. See: faceage models list")
        return 1
    failed = 0
    for target in targets:
        try:
            opened = load_model(target, device="cpu")
            print(f"ok      {target}  {opened.sha256}")
        except FaceageError as error:
            failed = 1
            print(f"refused {target}: {error}")
    return failed
