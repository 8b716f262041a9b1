"""`faceage score`: a folder or manifest of photographs to a biomarker table."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from faceage_stats._exits import Exit
from faceage_stats._parser import add_force, add_output, number, show, table_path
from faceage_stats.scoring._choices import DEFAULT_MODEL, ON_SEVERAL, RULES_WITHOUT_DATES
from faceage_stats.scoring._session import DEVICES

__all__ = ["add_arguments", "run", "show_report"]


def _shard(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    try:
        shard = int(index), int(count)
    except ValueError:
        shard = 0, 0
    if not 1 <= shard[0] <= shard[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of 1/N to N/N, e.g. 3/16")
    return shard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `faceage score`."""
    parser.epilog = (
        "faceage score photographs --out biomarkers.csv\n"
        "faceage score photographs --model faceage --out biomarkers.parquet\n"
        "faceage score manifest.csv --model faceage --out biomarkers.csv --per-patient first\n"
        "faceage score manifest.csv --model faceage --out shards/3.parquet --shard 3/16"
    )
    add = parser.add_argument
    add("photos", type=Path, help="folder (searched with subfolders), photograph, or manifest")
    add(
        "--model",
        default=DEFAULT_MODEL,
        help=f"name of an installed model, or an .onnx file (default {DEFAULT_MODEL}: apparent "
        "age, not FaceAge)",
    )
    add("--out", required=True, type=table_path, help="table to write, .parquet or .csv")
    add(
        "--root",
        type=Path,
        help="folder that a manifest's paths are relative to, or that links are followed inside",
    )
    _add_face_arguments(add)
    _add_run_arguments(add)
    add_force(parser, "start again: replace the table and discard what an earlier run left")
    add_output(parser)


def _add_face_arguments(add: Callable[..., Any]) -> None:
    """Which photographs and faces are scored, and how they are cut."""
    add("--on-several", choices=ON_SEVERAL, default="confident", help="which of several faces")
    add("--ignore-exif", action="store_true", help="do not turn photographs upright (as published)")
    add(
        "--margin",
        type=number(float, 0, 1),
        help="widen the face box by this fraction on every side",
    )
    add("--align", action="store_true", default=None, help="turn faces until the eyes are level")
    add(
        "--min-face",
        type=number(int, 0),
        default=0,
        metavar="PX",
        help="look for larger faces only",
    )
    add(
        "--max-megapixels",
        type=number(float, 0.001, 1000),
        default=64.0,
        metavar="MP",
        help="refuse larger pictures",
    )
    add("--embedding", action="store_true", help="write the model's penultimate layer too")
    add("--per-patient", choices=RULES_WITHOUT_DATES, help="also write one row per patient")


def _add_run_arguments(add: Callable[..., Any]) -> None:
    """Where and in which pieces the model runs, and what an earlier run left."""
    add("--device", choices=("auto", *DEVICES), default="auto", help="default auto")
    add("--shard", type=_shard, default=(1, 1), metavar="I/N", help="score one of N equal pieces")
    add("--workers", type=number(int, 1), help="threads (default: processors available)")
    add("--batch", type=number(int, 1), help="faces per run of the model (default 8 on the CPU)")
    add(
        "--checkpoint",
        type=number(int, 1),
        default=200,
        metavar="N",
        help="keep rows every N photographs (default 200)",
    )
    add("--retry-failed", action="store_true", help="score again what has no score")
    add(
        "--hash-photos",
        action="store_true",
        help="tell changed photographs by their content, not by size and time",
    )


def run(args: argparse.Namespace) -> int:
    """Score; 3 when some photographs have no score."""
    from faceage_stats.scoring.run_options import RunOptions
    from faceage_stats.scoring.score import score
    from faceage_stats.scoring.scorer import ScoreOptions

    options = ScoreOptions(
        exif=not args.ignore_exif,
        on_several=args.on_several,
        margin=args.margin,
        align=args.align,
        min_face=args.min_face,
        max_megapixels=args.max_megapixels,
        embedding=args.embedding,
    )
    run_options = RunOptions(
        device=args.device,
        workers=args.workers,
        batch=args.batch,
        checkpoint=args.checkpoint,
        shard=args.shard,
        retry_failed=args.retry_failed,
        hash_photos=args.hash_photos,
        force=args.force,
        progress=not args.quiet,
    )
    start = datetime.now(UTC).isoformat(timespec="microseconds")
    try:
        report = score(
            args.photos,
            model=args.model,
            out=args.out,
            root=args.root,
            options=options,
            run=run_options,
            per_patient=args.per_patient,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "What was scored is kept; give the same command again to continue."
        ) from None
    return show_report(args, report, earlier=report["finished"] < start)


def show_report(args: argparse.Namespace, report: dict[str, Any], *, earlier: bool = False) -> int:
    """Say what became of the photographs, perhaps in an earlier run; the exit code."""
    from faceage_stats.scoring._report import failed_rows, report_path

    lines = []
    if earlier:
        day = report["finished"][:16].replace("T", " ")
        lines.append(f"already finished on {day} (UTC); nothing changed")
    counts = ", ".join(f"{status} {n}" for status, n in report["counts"].items())
    lines.append(f"{args.out}: {report['n_rows']} photographs ({counts})")
    for reason, n in Counter(item["reason"] for item in report["ignored"]).items():
        lines.append(f"{n} {reason} were ignored; {report_path(args.out).name} lists them")
    if report.get("n_rescored") and not earlier:
        lines.append(f"{report['n_rescored']} of an earlier run were scored again")
    if report["model"]["name"] == DEFAULT_MODEL:
        lines.append(f"scored by {DEFAULT_MODEL}: how old a face looks; this is not FaceAge")
    if report["demo"]:
        lines.append("DEMONSTRATION MODEL with random weights: the scores mean nothing")
    show(args, lines, {"table": str(args.out), **report})
    return Exit.SOME_FAILED if failed_rows(report) else Exit.DONE
