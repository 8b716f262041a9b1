"""The algebra of a formula's right side: ``a*b``, ``(a + b)^2``, ``a/b``, ``. - c`` to products.

R's ``terms``: a product is the set of variables that are multiplied, a variable any expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.nodes import Binary, Call, Name, Node, Number, Text, Unary
from faceage_stats._expression.nodes import Sequence as Constants
from faceage_stats.errors import FormulaError

__all__ = ["Product", "expand", "has_intercept", "is_special"]

Product = tuple[Node, ...]
_Set = frozenset[Node]

_MOST_PRODUCTS = 20_000  # (a + b + ...)^9 of a wide table would run for hours


def expand(node: Node, others: Sequence[str] | None = None) -> tuple[Product, ...]:
    """List the products of a right side, main effects first, then by order of appearance.

    Parameters
    ----------
    node : Node
        The right side.
    others : sequence of str, optional
        The columns that ``.`` stands for.

    Returns
    -------
    tuple of tuple of Node
        The variables of each product in the order in which they first appear in the formula.
        strata(), cluster(), offset() and tt() are variables here.

    Raises
    ------
    FormulaError
        ``.`` without columns, or a number or text where a variable is due.

    Examples
    --------
    >>> a, b = Name("a"), Name("b")
    >>> [deparse(each) for (each,) in expand(Binary("-", Binary("*", b, a), Binary(":", a, b)))]
    ['b', 'a']
    >>> len(expand(Binary("^", Binary("+", a, b), Number(2))))
    3
    """
    order = {each: i for i, each in enumerate(dict.fromkeys(_variables(node, others)))}
    found = sorted(_sets(node, others), key=len)  # a stable sort keeps the order of appearance
    return tuple(tuple(sorted(each, key=order.__getitem__)) for each in found)


def has_intercept(node: Node) -> bool:
    """Tell whether a right side keeps the intercept: ``- 1`` and ``0 +`` remove it.

    Examples
    --------
    >>> has_intercept(Binary("-", Name("age"), Number(1)))
    False
    """
    return _intercept(node, True, True)


def is_special(node: Node, name: str) -> bool:
    """Tell whether a variable is strata(), cluster(), offset() or tt().

    Examples
    --------
    >>> is_special(Call("strata", (Name("site"),)), "strata")
    True
    """
    return isinstance(node, Call) and node.function == name


def _is_sum(node: Node) -> bool:
    return isinstance(node, Binary | Unary) and node.operator in ("+", "-")


def _is_product(node: Node) -> bool:
    return isinstance(node, Binary) and node.operator in (":", "*", "/", "^", "%in%")


def _is_constant(node: Node) -> bool:
    return isinstance(node, Number) and not isinstance(node.value, bool) and node.value in (0, 1)


def _summands(node: Node) -> list[tuple[bool, Node]]:
    """What is added (True) and taken away (False), in order; a loop, as a sum may be long."""
    found: list[tuple[bool, Node]] = []
    while isinstance(node, Binary) and node.operator in ("+", "-"):
        found.append((node.operator == "+", node.right))
        node = node.left
    if isinstance(node, Unary) and node.operator in ("+", "-"):
        found.append((node.operator == "+", node.operand))
    else:
        found.append((True, node))
    return found[::-1]


def _intercept(node: Node, now: bool, added: bool) -> bool:
    """R's rule: the last 1 or 0 decides, with the sign before it."""
    for plus, part in _summands(node):
        sign = added == plus
        if isinstance(part, Number) and _is_constant(part):
            now = (part.value == 1) == sign
        elif _is_sum(part):
            now = _intercept(part, now, sign)
        elif isinstance(part, Binary) and _is_product(part):
            now = _intercept(part.left, now, sign)
            now = now if part.operator == "^" else _intercept(part.right, now, sign)
    return now


def _variables(node: Node, others: Sequence[str] | None) -> Iterable[Node]:
    for _, part in _summands(node):
        if _is_sum(part):
            yield from _variables(part, others)
        elif isinstance(part, Binary) and _is_product(part):
            yield from _variables(part.left, others)
            if part.operator != "^":
                yield from _variables(part.right, others)
        elif part == Name("."):
            yield from map(Name, others or ())
        elif not _is_constant(part):
            yield part


def _sets(node: Node, others: Sequence[str] | None) -> list[_Set]:
    """The products of a part of the formula, each once."""
    found: dict[_Set, None] = {}
    for plus, part in _summands(node):
        for each in _summand_sets(part, others):
            if plus:
                found[each] = None
            else:
                found.pop(each, None)
    return list(found)


def _summand_sets(node: Node, others: Sequence[str] | None) -> list[_Set]:
    if _is_constant(node):
        return []
    if node == Name("."):
        if others is None:
            raise FormulaError("`.` stands for the other columns; name them here.")
        return [frozenset({Name(name)}) for name in others]
    if _is_sum(node):
        return _sets(node, others)
    if isinstance(node, Binary) and _is_product(node):
        return _combined(node, others)
    if isinstance(node, Number | Text | Constants):
        raise FormulaError(
            f"`{deparse(node)}` stands where a column is due. Arithmetic goes into I(), "
            "e.g. I(age / 10)."
        )
    return [frozenset({node})]


def _combined(node: Binary, others: Sequence[str] | None) -> list[_Set]:
    left = _sets(node.left, others)
    if node.operator == "^":
        return _power(left, node.right)
    right = _sets(node.right, others)
    if node.operator == ":":
        return _crossed(left, right)
    if node.operator == "*":
        return _unique([*left, *right, *_crossed(left, right)])
    if node.operator == "/":
        return _unique([*left, *_crossed([frozenset().union(*left)], right)])
    return _crossed(left, [frozenset().union(*right)])  # %in%


def _crossed(left: list[_Set], right: list[_Set]) -> list[_Set]:
    if len(left) * len(right) > _MOST_PRODUCTS:
        raise FormulaError(f"The formula has more than {_MOST_PRODUCTS} terms; shorten it.")
    return _unique(one | other for one in left for other in right)


def _power(left: list[_Set], power: Node) -> list[_Set]:
    value = power.value if isinstance(power, Number) else 0
    if isinstance(value, bool) or value != int(value) or value < 1:
        raise FormulaError(
            f"`^{deparse(power)}`: in a formula ^ crosses terms and takes a whole number of 1 or "
            "more; for a power of a column write I(age^2)."
        )
    found = left
    for _ in range(min(int(value), len(left)) - 1):  # further powers add nothing
        found = _crossed(left, found)  # with itself a term is itself: the smaller ones stay
    return found


def _unique(products: Iterable[_Set]) -> list[_Set]:
    return list(dict.fromkeys(products))
