"""What an expression is made of, once it is read: seven kinds of node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = [
    "Binary",
    "Call",
    "Name",
    "Node",
    "Number",
    "Sequence",
    "Text",
    "Unary",
    "names_of",
    "walk",
]


@dataclass(frozen=True)
class Name:
    """A column, written bare (dots allowed) or in backticks; `text` is the column's name."""

    text: str


@dataclass(frozen=True)
class Number:
    """A number as written: ``2``, ``1e-3``; TRUE and FALSE are booleans."""

    value: float | int | bool


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Sequence:
    """Several constants: ``c(1, 2)``, ``[1, 2]`` or ``1:3``."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Call:
    """A function with its arguments; the keywords keep their order."""

    function: str
    arguments: tuple[Node, ...] = ()
    keywords: tuple[tuple[str, Node], ...] = field(default=())


@dataclass(frozen=True)
class Unary:
    """``-x``, ``+x`` or ``!x``."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    """Two operands and an operator, spelled as in R: ``^``, ``%in%``, ``&``, ``|``, ``==`` ..."""

    operator: str
    left: Node
    right: Node


Node = Name | Number | Text | Sequence | Call | Unary | Binary


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, as written from left to right."""
    yield node
    if isinstance(node, Call):
        below: tuple[Node, ...] = (*node.arguments, *(value for _, value in node.keywords))
    elif isinstance(node, Binary):
        below = (node.left, node.right)
    elif isinstance(node, Unary):
        below = (node.operand,)
    elif isinstance(node, Sequence):
        below = node.items
    else:
        below = ()
    for child in below:
        yield from walk(child)


def names_of(node: Node) -> list[str]:
    """List the columns that an expression uses, each once, in the order of appearance.

    Examples
    --------
    >>> names_of(Binary("+", Name("age"), Call("log", (Name("wt.loss"),))))
    ['age', 'wt.loss']
    """
    return list(dict.fromkeys(each.text for each in walk(node) if isinstance(each, Name)))
