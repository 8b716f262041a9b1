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
    "spine",
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
    """Several constants: ``c(1, 2)`` or ``[1, 2]`` (``1:3`` stays a `Binary`, as written)."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Call:
    """A function with its arguments; without any it is the bare name of one, as in C(x, poly)."""

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


def spine(node: Node) -> tuple[Node, list[tuple[str, Node]]]:
    """Unroll a chain of operators to its first operand and (operator, operand) pairs.

    Sums of thousands of columns lean to the left; who follows the chain in a loop never runs out
    of stack.

    Examples
    --------
    >>> spine(Binary("+", Binary("+", Name("a"), Name("b")), Name("c")))
    (Name(text='a'), [('+', Name(text='b')), ('+', Name(text='c'))])
    """
    pairs: list[tuple[str, Node]] = []
    while isinstance(node, Binary):
        pairs.append((node.operator, node.right))
        node = node.left
    return node, pairs[::-1]


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, as written from left to right."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(_below(node)))


def _below(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Call):
        return (*node.arguments, *(value for _, value in node.keywords))
    if isinstance(node, Binary):
        return (node.left, node.right)
    if isinstance(node, Unary):
        return (node.operand,)
    return node.items if isinstance(node, Sequence) else ()


def names_of(node: Node) -> list[str]:
    """List the columns that an expression uses, each once, in the order of appearance.

    Examples
    --------
    >>> names_of(Binary("+", Name("age"), Call("log", (Name("wt.loss"),))))
    ['age', 'wt.loss']
    """
    return list(dict.fromkeys(each.text for each in walk(node) if isinstance(each, Name)))
