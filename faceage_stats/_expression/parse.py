"""The text of an expression to nodes, by R's precedence; nothing is evaluated here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from faceage_stats._expression.names import METHODS, refuse_function
from faceage_stats._expression.nodes import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    Sequence,
    Text,
    Unary,
    names_of,
)
from faceage_stats._expression.tokens import Token, refuse, tokens

__all__ = ["parse"]

DEEPEST = 50  # brackets within brackets; each takes four frames of Python's stack

_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=", "in", "not in")
_LEVELS = {
    **{"|": 1, "||": 1, "or": 1, "&": 2, "&&": 2, "and": 2},
    **dict.fromkeys(_COMPARISONS, 4),
    **{"+": 5, "-": 5, "*": 6, "/": 6, "%in%": 7, ":": 8, "^": 10, "**": 10},
}
_NOT, _SIGN = 3, 9  # between the levels above: -x^2 is -(x^2), !x == y is !(x == y)
_SPELLED = {"||": "|", "or": "|", "&&": "&", "and": "&", "**": "^", "in": "%in%"}
_CONSTANTS = {"TRUE": True, "True": True, "FALSE": False, "False": False, "Inf": float("inf")}
_MISSING = {"NA", "NA_real_", "NA_character_", "NA_integer_", "NULL", "None", "NaN", "nan"}
_PYTHON = {"lambda", "for", "if", "else", "is", "not", "in", "and", "or", "await", "yield"}
_POLYNOMIAL = {"poly", "contr.poly", "contr.treatment"}


@lru_cache(maxsize=1024)
def parse(text: str, where: str, more: tuple[str, ...] = ()) -> Node:
    """Read an expression, or the right side of a formula.

    R's grammar: ``^``, sign, ``:``, ``%in%``, ``* /``, ``+ -``, comparisons, ``!``, ``&``, ``|``
    from the tightest to the loosest. A name may hold dots and be any word; in backticks it is any
    text. Python's ``**``, ``and``, ``or``, ``not``, ``in`` and ``[1, 2]`` are read as well.

    Parameters
    ----------
    text : str
    where : str
        The caller, as a message begins: ``"coxph()"``, or a formula in backticks.
    more : tuple of str
        Functions that the caller reads itself, beside those of the language.

    Returns
    -------
    Node

    Raises
    ------
    FormulaError
        Whatever else stands there, by name.

    See Also
    --------
    faceage_stats._expression.evaluate.evaluate_node : The value of a node.

    Examples
    --------
    >>> parse("log(wt.loss) > 2", "lm()")
    Binary(operator='>', left=Call(function='log', arguments=(Name(text='wt.loss'),), \
keywords=()), right=Number(value=2))
    """
    parser = _Parser(tokens(text, where), where, more)
    node = parser.expression()
    if parser.next.kind != "end":
        parser.refuse_next()
    return node


class _Parser:
    """Precedence climbing over tokens; `expression` reads whatever binds at least as tightly."""

    def __init__(self, found: list[Token], where: str, more: tuple[str, ...] = ()):
        self.found, self.where, self.more = found, where, more
        self.position = self.depth = 0

    @property
    def next(self) -> Token:
        return self.found[self.position]

    def take(self) -> Token:
        self.position += 1
        return self.found[self.position - 1]

    def at(self, *texts: str) -> bool:
        """Tell whether an operator, or a word of Python's, comes next."""
        return self.next.kind in ("operator", "name") and self.next.text in texts

    def expect(self, text: str) -> None:
        if not self.at(text):
            self.refuse_next(f"a `{text}` is missing")
        self.take()

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > DEEPEST:
            refuse(self.where, self.next.text, f"nested deeper than {DEEPEST} brackets or signs")
        yield
        self.depth -= 1

    def expression(self, lowest: int = 1) -> Node:
        with self.deeper():
            left = self.operand()
            while (operator := self.operator()) and _LEVELS[operator] >= lowest:
                left = self.joined(left, operator)
        return left

    def operator(self) -> str | None:
        """Give the operator that comes next, in the spelling of `_LEVELS`."""
        if self.at("not") and self.found[self.position + 1] == Token("name", "in"):
            return "not in"
        known = self.next.kind == "operator" or self.at("and", "or", "in")
        return self.next.text if known and self.next.text in _LEVELS else None

    def joined(self, left: Node, operator: str) -> Node:
        self.position += 2 if operator == "not in" else 1
        level = _LEVELS[operator]
        right = self.expression(_SIGN if level == 10 else level + 1)
        if operator in _COMPARISONS and self.operator() in _COMPARISONS:
            self.refuse_next("two comparisons in a row; join them: 1 < x & x < 5")
        if operator == "not in":
            return Unary("!", Binary("%in%", left, right))
        return Binary(_SPELLED.get(operator, operator), left, right)

    def operand(self) -> Node:
        if self.at("!") or (self.at("not") and self.starts_operand(self.position + 1)):
            self.take()
            return Unary("!", self.expression(_NOT))
        if self.at("-", "+"):
            return Unary(self.take().text, self.expression(_SIGN))
        node = self.primary()
        if self.at("["):
            self.refuse_next("rows and columns are not picked inside a formula (subscript)")
        while self.next.kind == "name" and self.next.text.startswith("."):
            node = self.method(node, self.take().text[1:])
        return node

    def method(self, owner: Node, name: str) -> Node:
        """Read four spellings of pandas, in which rules were once written, as R's."""
        if name == "dt.days":
            return Call("as.numeric", (owner,))
        if name not in METHODS or not self.at("("):
            refuse(self.where, f".{name}", "attributes and methods are not part of the language")
        self.take()
        items = self.items(")")
        if len(items) != (name == "isin"):
            refuse(self.where, f".{name}()", "write is.na(x), or x %in% c(1, 2)")
        if name == "isin":
            return Binary("%in%", owner, items[0])
        missing = Call("is.na", (owner,))
        return missing if name == "isna" else Unary("!", missing)

    def starts_operand(self, position: int) -> bool:
        token = self.found[position]
        if token.kind == "name":
            return token.text not in ("and", "or", "in")
        return token.kind in ("number", "quoted", "text") or token.text in ("(", "[", "!", "-", "+")

    def primary(self) -> Node:
        token = self.next
        if token.kind == "end":
            refuse(self.where, self.found[self.position - 1].text, "the expression breaks off")
        if self.at("("):
            return self.bracket()
        if self.at("["):
            self.take()
            return self.sequence(self.items("]"))
        if token.kind == "operator":
            self.refuse_next("an operand is missing before it")
        self.take()
        if token.kind == "number":
            return Number(_number(token.text))
        if token.kind == "text":
            return Text(token.text)
        if self.at("("):
            return self.call(token)
        return Name(token.text) if token.kind == "quoted" else self.word(token)

    def word(self, token: Token) -> Node:
        if self.next.kind == "text":
            self.refuse_next(f"a text without the `{token.text}` before it")
        if self.at("::", ":::"):
            self.take()
            token = self.take()
            if token.kind != "name" or not self.at("("):
                refuse(self.where, token.text, "after `::` stands a function, as survival::Surv()")
            return self.call(token)
        if token.text in _CONSTANTS:
            return Number(_CONSTANTS[token.text])
        if token.text in _MISSING:
            refuse(
                self.where,
                token.text,
                "a missing value is found with is.na(x) (a column of this name: put it in `...`)",
            )
        return Name(token.text)

    def bracket(self) -> Node:
        self.take()
        node = self.expression()
        if self.at(","):
            self.take()
            return self.sequence((node, *self.items(")")))
        self.expect(")")
        return node

    def items(self, closing: str) -> tuple[Node, ...]:
        """Read values between commas, up to the closing bracket."""
        found: list[Node] = []
        while not self.at(closing):
            found.append(self.expression())
            if not self.at(","):
                break
            self.take()
        self.expect(closing)
        return tuple(found)

    def sequence(self, items: tuple[Node, ...]) -> Sequence:
        for item in items:
            if names := names_of(item):
                refuse(self.where, names[0], "c(...) and [...] hold numbers or texts, no columns")
        return Sequence(items)

    def call(self, token: Token) -> Node:
        if token.kind == "quoted":
            refuse(self.where, token.text, "a name in backticks is a column, not a function")
        owner, _, last = token.text.rpartition(".")
        if owner and last in METHODS:
            return self.method(Name(owner), last)
        self.take()
        if token.text == "c":
            return self.sequence(self.items(")"))
        if token.text not in self.more:
            refuse_function(token.text, self.where, self.more)
        arguments: list[Node] = []
        keywords: list[tuple[str, Node]] = []
        while not self.at(")"):
            if self.next.kind == "name" and self.found[self.position + 1].text == "=":
                keyword = self.take().text
                self.take()
                if keyword in dict(keywords):
                    refuse(self.where, token.text, f"{keyword}= is given twice")
                keywords.append((keyword, self.argument(token)))
            else:
                arguments.append(self.argument(token))
            if not self.at(","):
                break
            self.take()
        self.expect(")")
        if not arguments and not keywords:
            refuse(self.where, f"{token.text}()", "it needs a column")
        return Call(token.text, tuple(arguments), tuple(keywords))

    def argument(self, function: Token) -> Node:
        """Read a value; contr.poly and its like are functions, though written as a bare name."""
        bare = self.next.kind == "name" and self.found[self.position + 1].text in (",", ")")
        if function.text == "C" and bare and self.next.text in _POLYNOMIAL and self.inside_call():
            return Call(self.take().text)
        return self.expression()

    def inside_call(self) -> bool:
        """Tell that another argument stands before this one: C(poly) is of a column."""
        return self.found[self.position - 1].text in (",", "=")

    def refuse_next(self, reason: str = "") -> None:
        """Refuse what comes next, by the reason or by what it looks like."""
        here = self.found[self.position]
        before = self.found[max(self.position - 1, 0)]
        word = next((t.text for t in (here, before) if t.kind == "name" and t.text in _PYTHON), "")
        if not reason and word:
            refuse(self.where, word, "a word of Python, not of formulas")
        if not reason and here.text == "=":
            reason = "one = names an argument; write == to compare"
        elif not reason and here.kind != "operator":
            reason = f"an operator is missing between `{before.text}` and `{here.text}`"
        shown = here.text if here.kind != "end" else before.text
        refuse(self.where, shown, reason or "it does not belong there")


def _number(text: str) -> float | int:
    digits = text.rstrip("L")
    return int(digits) if digits.isdigit() and len(digits) < 16 else float(digits)
