"""Terms to columns, as R's model.matrix: which factor is coded by contrasts, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from faceage_stats._expression.nodes import Node
from faceage_stats._formula.algebra import Product
from faceage_stats._formula.blocks import blocks
from faceage_stats._formula.parse import RightSide
from faceage_stats._formula.variables import Variable

__all__ = ["Column", "Encoding", "Term", "encode_terms"]


@dataclass(frozen=True)
class Column:
    """One design column: its coefficient name, and its variable and level where it has one."""

    name: str
    variable: str
    level: str | None
    term: str


@dataclass(frozen=True)
class Term:
    """One model term: its columns; levels and reference when it is one factor."""

    label: str
    variable: str
    columns: slice
    levels: tuple[str, ...] | None
    reference: str | None
    order: int


@dataclass(frozen=True)
class Encoding:
    """How the variables of a right side become the columns of its design.

    `parts` holds for each term its variables, by position, and whether each is coded in full.
    """

    variables: tuple[Variable, ...]
    parts: tuple[tuple[tuple[int, bool], ...], ...]
    terms: tuple[Term, ...]
    columns: tuple[Column, ...]

    def matrix(self, values: Sequence[np.ndarray], n: int) -> np.ndarray:
        """Compute the design of n complete rows, shape (n, p), C-contiguous, no intercept.

        Parameters
        ----------
        values : sequence of ndarray
            Of each variable, as `Variable.values` reads them.
        n : int
        """
        x = np.empty((n, len(self.columns)))
        for rows in blocks(n, len(self.columns)):
            for j, column in enumerate(self._columns([each[rows] for each in values])):
                x[rows, j] = column
        return x

    def in_order(self, values: Sequence[np.ndarray], order: np.ndarray) -> np.ndarray:
        """Compute the rows at these positions, column by column: shape (p, len(order))."""
        columns = np.empty((len(self.columns), len(order)))
        for rows in blocks(len(order), len(self.columns)):
            block = [each[order[rows]] for each in values]
            for j, column in enumerate(self._columns(block)):
                columns[j, rows] = column
        return columns

    def _columns(self, values: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
        for parts in self.parts:
            yield from self._of_term(parts, values)

    def _of_term(
        self, parts: tuple[tuple[int, bool], ...], values: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Multiply out the columns of the variables of a term."""
        factors = [self.variables[place].columns(values[place], full) for place, full in parts]
        columns = list(factors[0])
        for factor in map(list, factors[1:]):  # the first variable runs fastest
            with np.errstate(all="ignore"):  # what is not finite is refused afterwards
                columns = [one * other for other in factor for one in columns]
        return columns


def encode_terms(right: RightSide, variables: dict[Node, Variable]) -> Encoding:
    """Code each term of a right side, by R's rules.

    A factor of a term is coded by contrasts where the rest of the term is part of an earlier
    term, or where nothing is left; elsewhere it keeps all its levels. Without an intercept the
    first factor keeps them too.

    Parameters
    ----------
    right : RightSide
    variables : dict of Node to Variable
        The variables of its terms, in their order.

    Returns
    -------
    Encoding
    """
    places = {node: place for place, node in enumerate(variables)}
    parts: list[tuple[tuple[int, bool], ...]] = []
    terms: list[Term] = []
    columns: list[Column] = []
    for product, full in _codings(right, variables):
        own = [variables[node] for node in product]
        label = ":".join(variable.label for variable in own)
        start = len(columns)
        columns.extend(_named(own, full, label))
        parts.append(tuple((places[node], each) for node, each in zip(product, full, strict=True)))
        terms.append(_term(own, full, label, slice(start, len(columns))))
    return Encoding(tuple(variables.values()), tuple(parts), tuple(terms), tuple(columns))


def _codings(
    right: RightSide, variables: dict[Node, Variable]
) -> Iterator[tuple[Product, list[bool]]]:
    """Tell for each model term which of its variables are coded in full."""
    models = set(right.products)
    earlier: list[frozenset[Node]] = []
    spans_intercept = right.intercept
    for product in right.ordered:
        if product in models:
            full = [False] * len(product)
            for i, node in enumerate(product):
                if variables[node].is_factor:
                    rest = frozenset(product) - {node}
                    within = not rest or any(rest <= other for other in earlier)
                    full[i] = not (within and spans_intercept)
                    spans_intercept = True
            yield product, full
        earlier.append(frozenset(product))


def _named(variables: list[Variable], full: list[bool], label: str) -> list[Column]:
    pairs = zip(variables, full, strict=True)
    options = [variable.named(each) for variable, each in pairs]
    found = options[0]
    for option in options[1:]:
        found = [(f"{one}:{other}", None) for other, _ in option for one, _ in found]
    return [Column(name, label, level, label) for name, level in found]


def _term(variables: list[Variable], full: list[bool], label: str, columns: slice) -> Term:
    levels = reference = None
    if len(variables) == 1 and variables[0].is_factor:
        levels = variables[0].levels
        if not full[0] and variables[0].contrasts is None and levels:
            reference = levels[0]
    return Term(label, label, columns, levels, reference, len(variables))
