"""`faceage completion`: a script, generated from the parser, that completes words in a shell."""

from __future__ import annotations

import argparse
import textwrap

from faceage_stats._parser import option_names, subcommands, walk

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `faceage completion`."""
    parser.epilog = (
        'eval "$(faceage completion bash)"      # in ~/.bashrc\n'
        'eval "$(faceage completion zsh)"       # in ~/.zshrc, after compinit\n'
        "faceage completion fish | source      # in ~/.config/fish/config.fish"
    )
    parser.add_argument("shell", choices=list(_SCRIPTS), help=f"one of {', '.join(_SCRIPTS)}")


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    print(_SCRIPTS[args.shell](args.root), end="")
    return 0


def _values(action: argparse.Action) -> str:
    """The words that an argument may be, as one text; none when it is free or a subcommand."""
    if action.choices is None or isinstance(action, argparse._SubParsersAction):
        return ""
    return " ".join(map(str, action.choices))


def _words(parser: argparse.ArgumentParser) -> str:
    """What may be written next besides options: subcommands, and values without a name."""
    free = [_values(action) for action in parser._actions if not action.option_strings]
    return " ".join([*subcommands(parser), *filter(None, free)])


def _bash(root: argparse.ArgumentParser) -> str:
    """Find the command that was written, then what may follow it; no words mean a file name."""
    paths, words, options, values = [], [], [], []
    for path, parser in walk(root):
        place = " ".join(path)
        paths += [f'"{place}"'] if place else []
        words.append(f'"{place}") words="{_words(parser)}" ;;')
        options.append(f'"{place}") words="{" ".join(option_names(parser))}" ;;')
        for name, action in option_names(parser).items():
            if action.nargs != 0:  # it takes a value
                values.append(f'"{place} {name}") words="{_values(action)}" ;;')
    return f"""\
_faceage() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" place="" word words=""
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    word="$place${{place:+ }}$word"
    case "$word" in {"|".join(paths)}) place="$word" ;; esac
  done
  case "$place" in
{_indented(words)}
  esac
  [[ $current == -* ]] && case "$place" in
{_indented(options)}
  esac
  case "$place ${{COMP_WORDS[COMP_CWORD-1]}}" in
{_indented(values)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _faceage faceage
"""


def _indented(lines: list[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ")


def _zsh(root: argparse.ArgumentParser) -> str:
    """The script of bash, which zsh reads through bashcompinit."""
    return f"autoload -U +X bashcompinit && bashcompinit\n{_bash(root)}"


def _fish(root: argparse.ArgumentParser) -> str:
    """One line per word, under the condition that its command was written."""
    lines = []
    for path, parser in walk(root):
        below = subcommands(parser)
        seen = [f"__fish_seen_subcommand_from {word}" for word in path]
        here = [f"not __fish_seen_subcommand_from {' '.join(below)}"] if below else []
        start = f"complete -c faceage -n '{'; and '.join([*seen, *here]) or 'true'}'"
        lines += [f"{start} -f -a {name}" for name in below]
        for action in parser._actions:
            values = f"-x -a '{_values(action)}'" if _values(action) else ""
            names = [name.lstrip("-") for name in action.option_strings]
            flags = " ".join(f"-s {n}" if len(n) == 1 else f"-l {n}" for n in names)
            takes = "-r" if names and action.nargs != 0 and not values else ""
            if names or values:
                lines.append(" ".join(filter(None, (start, flags, takes, values))))
    return "\n".join(lines) + "\n"


_SCRIPTS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
