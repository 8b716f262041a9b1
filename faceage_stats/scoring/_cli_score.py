"""`faceage score`: a folder or manifest of photographs to a biomarker table."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

from faceage_stats.errors import InputError

__all__ = ["add_arguments", "print_summary", "run"]

ALL_SCORED, BAD_ARGUMENTS, SOME_FAILED, INTERRUPTED = 0, 2, 3, 130


def _shard(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    try:
        return int(index), int(count)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form i/n, e.g. 3/16") from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    from faceage_stats.scoring.scorer import ON_SEVERAL

    add = parser.add_argument
    add("photos", type=Path, help="folder (searched with subfolders) or manifest CSV")
    add("--model", required=True, help="name of an installed model, or an .onnx file")
    add("--out", required=True, type=Path, help="table to write, .parquet or .csv")
    add("--root", type=Path, help="folder that the manifest's paths are relative to")
    add("--device", default="auto", help="auto, cpu, cuda or tensorrt (default auto)")
    add("--on-several", choices=ON_SEVERAL, default="confident", help="which of several faces")
    add("--ignore-exif", action="store_true", help="do not turn photographs upright (as published)")
    add("--margin", type=float, help="widen the face box by this fraction on every side")
    add("--align", action="store_true", default=None, help="turn faces until the eyes are level")
    add("--min-face", type=int, default=0, metavar="PX", help="refuse smaller faces")
    add("--max-megapixels", type=float, default=64.0, metavar="MP", help="refuse larger pictures")
    add("--embedding", action="store_true", help="write the model's penultimate layer too")
    add("--per-patient", metavar="RULE", help="also write one row per patient: first, mean, median")
    add("--shard", type=_shard, default=(1, 1), metavar="I/N", help="score one of N equal pieces")
    add("--workers", type=int, help="threads (default: processors available)")
    add("--batch", type=int, help="faces per run of the model (default 1 on the CPU)")
    add("--checkpoint", type=int, default=200, metavar="N", help="keep rows every N photographs")
    add("--restart", action="store_true", help="discard what earlier runs left")
    add("--quiet", action="store_true", help="no progress bar and no summary")


def run(args: argparse.Namespace) -> int:
    """Score; 0 all scored, 2 wrong arguments, 3 some photographs without a score."""
    from faceage_stats.scoring.pipeline import RunOptions, score
    from faceage_stats.scoring.scorer import ScoreOptions

    warnings.showwarning = _one_line
    try:
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
            restart=args.restart,
            progress=not args.quiet,
        )
        report = score(
            args.photos,
            model=args.model,
            out=args.out,
            root=args.root,
            options=options,
            run=run_options,
        )
        if args.per_patient:
            from faceage_stats.scoring.patients import write_per_patient

            write_per_patient(args.out, args.per_patient)
    except InputError as error:
        print(f"faceage score: {error}", file=sys.stderr)
        return BAD_ARGUMENTS
    except KeyboardInterrupt:
        print(
            "faceage score: interrupted. What was scored is kept; give the same command again to "
            "continue.",
            file=sys.stderr,
        )
        return INTERRUPTED
    return print_summary(args.out, report, quiet=args.quiet)


def _one_line(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"faceage score: {message}", file=sys.stderr)


def print_summary(out: Path, report: dict[str, Any], *, quiet: bool) -> int:
    """Say what became of the photographs; the exit code."""
    from faceage_stats.scoring._report import failed_rows

    if not quiet:
        counts = ", ".join(f"{status} {n}" for status, n in report["counts"].items())
        print(f"{out}: {report['n_rows']} photographs ({counts})")
        if report["n_ignored_files"]:
            print(f"{report['n_ignored_files']} files that do not end like a picture were left out")
        if report["demo"]:
            print("DEMONSTRATION MODEL with random weights: the scores mean nothing")
    return SOME_FAILED if failed_rows(report) else ALL_SCORED
