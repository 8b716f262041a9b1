"""The text of an expression to tokens; what Python or R have and the language lacks is refused."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from faceage_stats.errors import FormulaError

__all__ = ["LONGEST", "Token", "refuse", "tokens"]

LONGEST = 100_000  # characters; a sum of some thousand columns fits

_PATTERN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
    | `(?P<quoted>[^`]+)`
    | (?P<name>(?:[^\W\d]|\.(?!\d))[\w.]*)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<operator>%in%|%%|%/%|:::?|:=|\*\*|<-|->|<=|>=|==|!=|&&?|\|\|?|\|>|//|[-+*/^:!<>=(),\[\]])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}
_CURES = {
    "$": "name columns alone, without the table and `$`",
    "@": "variables of Python and slots of R are not reached; put the number itself",
    "~": "a formula has one `~`; an expression has none",
    "{": "braces are not part of the language",
    "}": "braces are not part of the language",
    ";": "one expression, without `;`",
    "\\": "a backslash stands only inside a text in quotes",
    "`": "a name in backticks ends with a second one",
    '"': "a text in quotes ends with the same quote",
    "'": "a text in quotes ends with the same quote",
    ":=": "nothing is assigned; write == to compare",
    "<-": "nothing is assigned; to compare with a negative number leave a blank: x < -1",
    "->": "nothing is assigned",
    "//": "write floor(x/y)",
    "|>": "write the call itself, f(x)",
    "%%": "known between percent signs: %in%",
    "%/%": "known between percent signs: %in%",
    "%": "known between percent signs: %in%",
    # what a word processor makes of them
    **dict.fromkeys("\u201c\u201d\u2018\u2019", "write straight quotes around a text"),
    **dict.fromkeys("\u2212\u2013\u2014", "write the minus sign of the keyboard, -"),
    "\u2264": "write <=",
    "\u2265": "write >=",
}


class Token(NamedTuple):
    """A piece of the text: its kind ("number", "quoted", "name", "text", "operator" or "end")."""

    kind: str
    text: str


def refuse(where: str, piece: str, reason: str) -> NoReturn:
    """Refuse a piece of an expression, named as written."""
    shown = piece if len(piece) <= 60 else piece[:57] + "..."
    raise FormulaError(f"{where}: `{shown.strip()}`: {reason}.")


def tokens(text: str, where: str) -> list[Token]:
    """Split an expression into tokens, with one of kind "end" after the last.

    Examples
    --------
    >>> [token.text for token in tokens("log(wt.loss) > 2", "lm()")][:-1]
    ['log', '(', 'wt.loss', ')', '>', '2']
    """
    if len(text) > LONGEST:
        refuse(where, text, f"{len(text)} characters; at most {LONGEST} are read")
    found: list[Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _PATTERN.match(text, position)
        if match is None:
            rest = text[position:].lstrip()
            refuse(where, rest, _CURES.get(rest[0], f"{rest[0]!r} is not part of the language"))
        kind = str(match.lastgroup)
        token = Token(kind, match.group(kind))
        if kind == "operator" and token.text in _CURES:
            refuse(where, text[match.start(kind) :], _CURES[token.text])
        if kind == "number" and re.match(r"[\w.]", text[match.end() : match.end() + 1]):
            refuse(where, text[match.start(kind) :], "put a name that begins with a digit in `...`")
        found.append(Token(kind, _unescaped(token.text)) if kind == "text" else token)
        position = match.end()
    return [*found, Token("end", "")]


def _unescaped(quoted: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), quoted[1:-1], flags=re.DOTALL)
