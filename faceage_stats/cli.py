"""The `faceage` command. Each subcommand lives beside the code that it runs.

Exit codes: 0 done, 1 the data were refused, 2 the arguments were wrong, 3 some photographs failed.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from faceage_stats import __version__
from faceage_stats.errors import FaceageError

# subcommand -> (module with add_arguments(parser) and run(args) -> int, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "validate": ("cohorts._cli_validate", "check a table against its schema"),
    "simulate": ("cohorts._cli_simulate", "write a synthetic cohort with planted truth"),
    "score": ("scoring._cli_score", "score a folder or manifest of photographs"),
    "merge": ("scoring._cli_merge", "join the shards of a scoring run"),
    "convert": ("scoring._cli_convert", "convert the released Keras model to ONNX"),
    "models": ("scoring._cli_models", "list, verify or fetch models"),
    "verify": ("reporting._cli_verify", "check results against their records"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="faceage", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=f"faceage {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module_name, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        if name in argv[:1]:  # import only the module that is about to run
            module = importlib.import_module(f"faceage_stats.{module_name}")
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except FaceageError as error:
        print(f"faceage {args.command}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
