"""The value of an expression on a table: columns, operators, listed functions, and no Python."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import column, require_columns
from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.functions import FUNCTIONS
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
    spine,
    walk,
)
from faceage_stats._expression.operators import binary, unary
from faceage_stats._expression.parse import parse
from faceage_stats._expression.values import Basis, Value
from faceage_stats.errors import FormulaError, InputError

__all__ = ["evaluate", "evaluate_node", "names_in", "one_column"]

_LONGEST_RANGE = 10_000


def evaluate(text: str, data: pd.DataFrame, where: str) -> pd.Series:
    """Evaluate an outcome, a group, weights: the name of a column, or an expression.

    Examples
    --------
    >>> evaluate("status == 2", pd.DataFrame({"status": [1, 2, None]}), "Surv()").tolist()
    [False, True, <NA>]
    """
    if text in data.columns:
        return column(data, text, where)
    return one_column(parse(text, where), data, where)


def one_column(node: Node, data: pd.DataFrame, where: str) -> pd.Series:
    """Evaluate a node that has one value per row; a spline or polynomial has several.

    Examples
    --------
    >>> one_column(parse("a + 1", "Surv()"), pd.DataFrame({"a": [1, 2]}), "Surv()").tolist()
    [2.0, 3.0]
    """
    value = evaluate_node(node, data, where)
    if isinstance(value, Basis):
        n = len(value.suffixes)
        raise FormulaError(f"{where}: `{deparse(node)}` has {n} columns; one is needed.")
    return value


def names_in(text: str, where: str = "The formula") -> list[str]:
    """List the columns that an expression uses, each once.

    Examples
    --------
    >>> names_in("log(wt.loss) + `body mass`")
    ['wt.loss', 'body mass']
    """
    return names_of(parse(text, where))


def evaluate_node(
    node: Node, data: pd.DataFrame, where: str, memory: dict[str, Any] | None = None
) -> pd.Series | Basis:
    """Evaluate an expression on all rows; missing where what it needs is missing.

    Parameters
    ----------
    node : Node
        From `parse`.
    data : pandas.DataFrame
    where : str
        The caller, as messages begin.
    memory : dict, optional
        Filled on the rows of a fit with knots, centres, levels and cut points, keyed by the text
        of each call; given back with new data, it is used instead.

    Returns
    -------
    pandas.Series or Basis
        Indexed like `data`. Numbers are float64, conditions are "boolean", factors categorical.
        A number that is not defined (the logarithm of a negative one) is infinite, so that it is
        not taken for missing; `numeric` refuses it with the number of rows.

    Raises
    ------
    FormulaError
        A column that is not there, a value that an operator or a function cannot use.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [40, 60, None]})
    >>> evaluate_node(parse("I(age/10)", "lm()"), table, "lm()").tolist()
    [4.0, 6.0, nan]
    """
    if isinstance(node, Name) and node.text in data.columns:
        return column(data, node.text, where)
    names = names_of(node)
    if "." in names and "." not in data.columns:
        raise FormulaError(
            f"{where}: `.` stands for all other columns, alone on the right side; not within "
            f"`{deparse(node)}`."
        )
    require_columns(names, data, where)
    value = _Evaluation(data, where, {} if memory is None else memory).value(node)
    if not isinstance(value, pd.Series | Basis):
        told = "names no column" if not names else "does not give one value per row"
        raise FormulaError(f"{where}: `{deparse(node)}` {told}.")
    return value


class _Evaluation:
    """One pass over a node; columns are read once."""

    def __init__(self, data: pd.DataFrame, where: str, memory: dict[str, Any]):
        self.data, self.where, self.memory = data, where, memory
        self.columns: dict[str, pd.Series] = {}

    def column(self, name: str) -> pd.Series:
        if name not in self.columns:
            self.columns[name] = column(self.data, name, self.where)
        return self.columns[name]

    def value(self, node: Node) -> Value:
        """Evaluate; a number that is not defined becomes infinite."""
        return self.defined(self.raw(node), node)

    def raw(self, node: Node) -> Value:
        if isinstance(node, Name):
            return self.column(node.text)
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Text):
            return node.value
        if isinstance(node, Sequence):
            return [self.constant(item) for item in node.items]
        if isinstance(node, Unary):
            return self.named(node, unary, node.operator, self.raw(node.operand))
        if isinstance(node, Call):
            return self.call(node)
        return self.chain(node)

    def chain(self, node: Binary) -> Value:
        """Follow a chain of operators from the left, without recursion."""
        if node.operator == ":" and not names_of(node):
            return self.range(node)
        first, pairs = spine(node)
        value, steps = self.raw(first), [(sign, self.raw(right)) for sign, right in pairs]
        return self.named(node, _folded, value, steps)

    def range(self, node: Binary) -> list[Any]:
        first, last = (self.constant(end) for end in (node.left, node.right))
        whole = all(
            isinstance(end, int | float) and float(end).is_integer() for end in (first, last)
        )
        if not whole or abs(last - first) > _LONGEST_RANGE:
            raise FormulaError(
                f"{self.where}: `{deparse(node)}`: from one whole number to another."
            )
        step = 1 if last >= first else -1
        return [float(each) for each in range(int(first), int(last) + step, step)]

    def constant(self, node: Node) -> Any:
        value = self.raw(node)
        if isinstance(value, pd.Series | Basis | list):
            raise FormulaError(f"{self.where}: `{deparse(node)}` is no constant.")
        return value

    def call(self, node: Call) -> Value:
        if not node.arguments and not node.keywords:
            return node.function  # the name of one, as in C(x, poly)
        if node.function not in FUNCTIONS:
            raise FormulaError(
                f"{self.where}: {node.function}() stands by itself in a formula, not within "
                "another expression."
            )
        function = FUNCTIONS[node.function]
        known = inspect.signature(function).parameters
        remembers = "state" in known
        read = self.value if remembers else self.raw
        arguments = [read(each) for each in node.arguments]
        keywords = {self.keyword(node, name, known): read(each) for name, each in node.keywords}
        if remembers:
            keywords["state"] = self.memory.setdefault(deparse(node), {})
        try:
            inspect.signature(function).bind(*arguments, **keywords)
        except TypeError as error:
            raise FormulaError(f"{self.where}: `{deparse(node)}`: {error}.") from None
        return self.named(node, function, *arguments, **keywords)

    def keyword(self, node: Call, name: str, known: Any) -> str:
        """R's name of an argument in Python's spelling; an unknown one is refused."""
        spelled = name.replace(".", "_").lower()
        if spelled not in known or spelled == "state":
            listed = ", ".join(each for each in known if each != "state")
            raise FormulaError(
                f"{self.where}: {node.function}() has no argument {name}; it has {listed}."
            )
        return spelled

    def named(self, node: Node, apply: Callable[..., Value], *values: Any, **more: Any) -> Value:
        """Apply; a refusal is told with the piece that it is about, a column is named by it."""
        try:
            value = apply(*values, **more)
        except FormulaError as error:
            raise FormulaError(f"{self.where}: `{_short(deparse(node))}`: {error}") from None
        except InputError:
            raise
        except (TypeError, ValueError, OverflowError):
            raise FormulaError(
                f"{self.where}: `{_short(deparse(node))}` cannot be computed from what it is given."
            ) from None
        return value.rename(_short(deparse(node))) if isinstance(value, pd.Series) else value

    def defined(self, value: Value, node: Node) -> Value:
        """Put infinity where numbers that are there have no result: it must not look missing."""
        if not isinstance(value, pd.Series) or value.dtype != float or isinstance(node, Name):
            return value
        undefined = value.isna().to_numpy()
        if not undefined.any() or _may_be_missing(node):
            return value
        for name in names_of(node):
            undefined &= self.column(name).notna().to_numpy()
        return value.mask(undefined, -np.inf) if undefined.any() else value


def _folded(value: Value, steps: list[tuple[str, Value]]) -> Value:
    for sign, right in steps:
        value = binary(sign, value, right)
    return value


def _may_be_missing(node: Node) -> bool:
    """Tell that cut() is used: outside of its intervals a number is missing."""
    return any(isinstance(each, Call) and each.function == "cut" for each in walk(node))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
