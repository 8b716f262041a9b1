"""`faceage models list | verify | fetch | demo`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from faceage_stats._exits import Exit
from faceage_stats._parser import add_force, add_output, show
from faceage_stats.errors import FaceageError, ModelFileError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage models`."""
    parser.epilog = "faceage models list\nfaceage models verify\nfaceage help models fetch"
    actions = parser.add_subparsers(dest="action", metavar="ACTION")

    def action(name: str, what: str, examples: str, *, as_json: bool) -> argparse.ArgumentParser:
        below = actions.add_parser(name, help=what, description=what, epilog=examples)
        add_output(below, as_json=as_json)
        return below

    action(
        "list",
        "cards that are known, and which models are installed",
        "faceage models list\nfaceage models list --json",
        as_json=True,
    )
    verify = action(
        "verify",
        "check hash, input and outputs of models",
        "faceage models verify\nfaceage models verify faceage my_models/other.onnx",
        as_json=True,
    )
    verify.add_argument("models", nargs="*", help="names or .onnx files; all installed if none")
    fetch = action(
        "fetch",
        "download a model by the URL and hash of its card",
        "faceage models fetch faceage",
        as_json=False,
    )
    fetch.add_argument("model", help="name of a card that has a download")
    demo = action(
        "demo",
        "write the demonstration model (random weights)",
        "faceage models demo models",
        as_json=False,
    )
    demo.add_argument("folder", type=Path, help="folder to write demo.onnx and demo.json into")
    for writes in (fetch, demo):
        add_force(writes)


def run(args: argparse.Namespace) -> int:
    """Run one action."""
    from faceage_stats.scoring.demo import write_demo_model

    if args.action == "list":
        return _list(args)
    if args.action == "verify":
        return _verify(args)
    if args.action == "fetch":
        from faceage_stats.scoring.fetch import fetch

        show(args, [str(fetch(args.model, force=args.force))])
    else:
        show(args, [str(write_demo_model(args.folder, force=args.force))])
    return Exit.DONE


def _list(args: argparse.Namespace) -> int:
    """One line per card, shipped or installed."""
    from faceage_stats.scoring import model

    installed = model.installed_models()
    records: list[dict[str, Any]] = []
    for name in sorted({*model.shipped_names(), *installed}):
        path = installed.get(name)
        card = model.find_model(name)[1] if path else model.shipped_card(name)
        records.append(
            {
                "model": name,
                "name": card["name"],
                "version": card["version"],
                "unit": card["output"]["unit"],
                "file": str(path) if path else None,
                "demo": card["demo"],
            }
        )
    lines = (
        f"{r['model']:<20} {r['name']} {r['version']:<12} {r['unit']:<9} "
        f"{r['file'] or 'not installed'}{'  random weights' if r['demo'] else ''}"
        for r in records
    )
    show(args, lines, records)
    return Exit.DONE


def _verify(args: argparse.Namespace) -> int:
    """Open each model; 1 when one is refused."""
    from faceage_stats.scoring.model import installed_models, load_model

    targets: list[str] = list(args.models) or sorted(installed_models())
    if not targets:
        raise ModelFileError("no model is installed. See: faceage models list")
    records: list[dict[str, Any]] = []
    for target in targets:
        found: dict[str, Any] = {"model": str(target), "ok": True, "sha256": None, "reason": None}
        try:
            found["sha256"] = load_model(target, device="cpu").sha256
        except FaceageError as error:
            found |= {"ok": False, "reason": str(error)}
        records.append(found)
    lines = (
        f"ok      {r['model']}  {r['sha256']}"
        if r["ok"]
        else f"refused {r['model']}: {r['reason']}"
        for r in records
    )
    show(args, lines, records)
    n_refused = sum(not r["ok"] for r in records)
    if n_refused:
        raise ModelFileError(f"{n_refused} of {len(records)} models are refused.")
    return Exit.DONE
