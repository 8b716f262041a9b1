"""The `faceage` command. Each subcommand lives beside the code that it runs."""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import os
import sys
import textwrap
import warnings
from collections.abc import Collection, Sequence

from faceage_stats import __version__
from faceage_stats._exits import EXPECTED, MEANINGS, ending
from faceage_stats._parser import Parser, refuse_unknown_options, subcommands, walk

__all__ = ["COMMANDS", "build_parser", "main"]

# subcommand -> (module with add_arguments(parser) and run(args) -> int, one line of help);
# add_arguments puts examples, one a line, into parser.epilog
COMMANDS: dict[str, tuple[str, str]] = {
    "validate": ("cohorts._cli_validate", "check a table against its schema"),
    "prepare": ("cohorts._cli_prepare", "turn a hospital's export into a table of a schema"),
    "simulate": ("cohorts._cli_simulate", "write a synthetic cohort with planted truth"),
    "score": ("scoring._cli_score", "score a folder or manifest of photographs"),
    "attack": ("cohorts._cli_attack", "try to recover patients from results"),
    "merge": ("scoring._cli_merge", "join the shards of a scoring run"),
    "convert": ("scoring._cli_convert", "convert the released Keras model to ONNX"),
    "models": ("scoring._cli_models", "list, verify or fetch models"),
    "export": ("reporting._cli_export", "copy released results to hand on"),
    "verify": ("reporting._cli_verify", "check results against their records"),
    "completion": ("_cli_completion", "print a script that completes commands in a shell"),
    "help": ("_cli_help", "show the help of a command"),
}


def build_parser(names: Collection[str] = COMMANDS) -> Parser:
    """Build the parser of the command line, with the arguments of the subcommands named.

    Parameters
    ----------
    names : collection of str
        Subcommands whose modules are imported; the others are only listed.

    Returns
    -------
    Parser
    """
    parser = Parser(
        prog="faceage",
        description="Statistics for face-derived biological age: tables and photographs.",
        epilog="faceage help score\nfaceage simulate --cohort maastro --out synthetic",
    )
    parser.add_argument("--version", action="version", version=f"faceage {__version__}")
    parser.set_defaults(root=parser, parser=parser)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (module_name, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        if name in names:
            module = importlib.import_module(f"faceage_stats.{module_name}")
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    codes = "\n".join(f"{code:>3}  {meaning}" for code, meaning in MEANINGS.items())
    for _, each in walk(parser):
        each.epilog = _sections({"examples": each.epilog or "", "exit codes": codes})
        if each is not parser:
            each.set_defaults(parser=each)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            return _run(argv)
        finally:
            if sys.stdout:
                sys.stdout.flush()  # a closed pipe or a full disk shows here, not at the very end
    except EXPECTED as error:
        _let_go_of_output()
        code, message = ending(error)
        if message:
            _say(argv, message)
        return code


def _run(argv: list[str]) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for consoles that know few letters
    about_all = argv[:1] in (["completion"], ["help"])
    parser = build_parser(COMMANDS if about_all else argv[:1])
    refuse_unknown_options(parser, argv)
    args = parser.parse_args(argv)
    if subcommands(args.parser):  # no subcommand was given
        args.parser.print_help()
        return 0
    say = functools.cache(lambda message: _say(argv, message))  # once, however often a file is read
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: say(str(message))
        return int(args.run(args))


def _say(argv: Sequence[str], message: str) -> None:
    with contextlib.suppress(OSError):  # the reader has gone
        print(f"{' '.join(['faceage', *argv[:1]])}: {message}", file=sys.stderr)


def _let_go_of_output() -> None:
    """Point an output that takes no more at nothing, or Python complains once again at its end."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sections(texts: dict[str, str]) -> str:
    return "\n\n".join(
        f"{title}:\n{textwrap.indent(text, '  ')}" for title, text in texts.items() if text
    )


if __name__ == "__main__":
    sys.exit(main())
