"""The text of a node as R's deparse() writes it: the names of coefficients are made of it."""

from __future__ import annotations

import re
from collections.abc import Container

from faceage_stats._expression.nodes import (
    Binary,
    Call,
    Name,
    Node,
    Number,
    Sequence,
    Text,
    Unary,
    spine,
)
from faceage_stats.errors import InputError

__all__ = ["deparse", "in_formula"]

_LEVELS = {"|": 1, "&": 2, "%in%": 7, ":": 8, "^": 10, "+": 5, "-": 5, "*": 6, "/": 6}
_COMPARISON, _NOT, _SIGN, _WHOLE = 4, 3, 9, 11
_TIGHT = {"/", "^", ":"}  # R leaves no blanks around these


def deparse(node: Node) -> str:
    """Write a node as R does, with the brackets that it needs.

    Examples
    --------
    >>> deparse(Call("I", (Binary("/", Name("ph.karno"), Number(10)),)))
    'I(ph.karno/10)'
    """
    return _text(node)[0]


def in_formula(name: str, columns: Container[object]) -> str:
    """Write a column so that it can stand in a formula; an expression stays as it is.

    Examples
    --------
    >>> in_formula("os time", ["os time", "age"]), in_formula("age > 65", ["os time", "age"])
    ('`os time`', 'age > 65')
    """
    if not isinstance(name, str):
        raise InputError(f"a {type(name).__name__} stands for a column; give its name, as text.")
    return _name(name) if name in columns else name


def _text(node: Node) -> tuple[str, int]:
    """Give the text of a node and how tightly its outermost operator binds."""
    if isinstance(node, Name):
        return _name(node.text), _WHOLE
    if isinstance(node, Number):
        return _number(node.value), _WHOLE
    if isinstance(node, Text):
        return _quoted(node.value), _WHOLE
    if isinstance(node, Sequence):
        return f"c({', '.join(map(deparse, node.items))})", _WHOLE
    if isinstance(node, Call):
        return _call(node), _WHOLE
    if isinstance(node, Unary):
        level = _NOT if node.operator == "!" else _SIGN
        return node.operator + _bracketed(_text(node.operand), level), level
    return _chain(node)


def _chain(node: Binary) -> tuple[str, int]:
    first, pairs = spine(node)
    text, outer = _text(first)
    for operator, right in pairs:
        level = _LEVELS.get(operator, _COMPARISON)
        # what leans left needs no brackets on its left; powers lean right; comparisons never chain
        left_level = level + 1 if level in (_COMPARISON, 10) else level
        right_level = _SIGN if level == 10 else level + 1
        left = _bracketed((text, outer), left_level)
        joint = operator if operator in _TIGHT else f" {operator} "
        text, outer = left + joint + _bracketed(_text(right), right_level), level
    return text, outer


def _bracketed(part: tuple[str, int], level: int) -> str:
    return part[0] if part[1] >= level else f"({part[0]})"


def _call(node: Call) -> str:
    keywords = [f"{name} = {deparse(value)}" for name, value in node.keywords]
    inside = ", ".join([*map(deparse, node.arguments), *keywords])
    return f"{node.function}({inside})" if inside else node.function


def _name(text: str) -> str:
    plain = re.fullmatch(r"(?:[^\W\d]|\.(?!\d))[\w.]*", text)
    return text if plain else f"`{text}`"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + escaped.replace("\t", "\\t") + '"'


def _number(value: float | int | bool) -> str:
    """Write at most 15 digits, and an exponent where that is shorter, as R."""
    if isinstance(value, bool):
        return str(value).upper()
    if value in (float("inf"), float("-inf")):
        return "Inf" if value > 0 else "-Inf"
    digits, exponent = f"{float(value):.14e}".split("e")
    short = digits.rstrip("0").rstrip(".")
    scientific = f"{short}e{int(exponent):+03d}"
    decimals = max(0, len(short.replace(".", "").lstrip("-")) - 1 - int(exponent))
    fixed = f"{float(value):.{decimals}f}"
    return fixed if len(fixed) <= len(scientific) else scientific
