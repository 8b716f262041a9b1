"""The variables of a formula: numbers, bases of splines, or factors with the levels of the fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._binary import is_text
from faceage_stats._columns import numeric
from faceage_stats._expression.evaluate import evaluate_node
from faceage_stats._expression.nodes import Call, Name, Node
from faceage_stats._expression.splines import polynomial_basis, polynomial_coefficients
from faceage_stats._expression.values import Basis
from faceage_stats._formula.algebra import is_special
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.parse import variable_text
from faceage_stats._levels import as_factor, level_text, match_levels
from faceage_stats.errors import FormulaError, InputError

__all__ = [
    "Reading",
    "Variable",
    "fit_variable",
    "group_column",
    "group_label",
    "missing_in",
    "read_variable",
]

_FACTORS = ("C", "factor", "as.factor", "relevel")
_POLYNOMIAL = (Call("poly"), Call("contr.poly"))
_TRUTHS = ("FALSE", "TRUE")
_IDENTIFIER = 30  # more text levels than this, and than a quarter of the rows, are no factor

Reading = pd.Series | Basis | np.ndarray


@dataclass(frozen=True)
class Variable:
    """A variable as the fit saw it.

    Attributes
    ----------
    node : Node
    label : str
        As it stands in the names of coefficients; ``factor(site)`` is called site.
    suffixes : tuple of str
        Of a number, what names each of its columns beside the label: nothing, or ``1``, ``2`` of
        a basis; none for a factor.
    levels : tuple of str
        Of a factor, the reference first.
    contrasts : ndarray, shape (levels, levels - 1), or None
        Polynomial contrasts; None for treatment contrasts.
    """

    node: Node
    label: str
    suffixes: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    contrasts: np.ndarray | None = None

    @property
    def is_factor(self) -> bool:
        """Whether it is a factor."""
        return not self.suffixes

    def named(self, full: bool) -> list[tuple[str, str | None]]:
        """Name each column, and give the level where it stands for one."""
        if not self.is_factor:
            return [(self.label + suffix, None) for suffix in self.suffixes]
        if self.contrasts is not None and not full:
            powers = [".L", ".Q", ".C", *(f"^{i}" for i in range(4, len(self.levels)))]
            return [(self.label + power, None) for power in powers[: len(self.levels) - 1]]
        kept = self.levels if full else self.levels[1:]
        return [(self.label + level, level) for level in kept]

    def columns(self, values: np.ndarray, full: bool) -> Iterator[np.ndarray]:
        """Give the columns of its values: numbers, or the codes of a factor, none missing."""
        if not self.is_factor:
            yield from [values] if values.ndim == 1 else values.T
        elif self.contrasts is not None and not full:
            yield from self.contrasts[values].T
        else:
            for level in range(0 if full else 1, len(self.levels)):
                yield values == level

    def values(self, reading: Reading) -> np.ndarray:
        """Read new data as the fit did: numbers (NaN missing), or codes of a factor (-1).

        Raises
        ------
        InputError
            A level that the fit never saw, or text where a number is due.
        """
        if isinstance(reading, Basis):
            return reading.matrix
        if isinstance(reading, np.ndarray) and not self.is_factor:
            return reading
        reading = pd.Series(reading)
        if self.is_factor:
            if self.levels == _TRUTHS and reading.dtype == object:
                reading = reading.str.upper()  # Python writes True, R and spreadsheets TRUE
            return match_levels(reading.rename(self.label), self.levels)
        return numeric(reading, self.label)


def read_variable(node: Node, data: pd.DataFrame, where: str, memory: dict[str, Any]) -> Reading:
    """Evaluate a variable on all rows: numbers as an array, a factor to be as a Series."""
    if is_special(node, "strata"):
        return _strata(node, data, where, memory)
    if isinstance(node, Call) and is_special(node, "tt"):
        inside = node.arguments[0]  # its value at time 0, as it were; the caller transforms it
        return numeric(group_column(inside, data, where), variable_text(inside), "tt()")
    value = evaluate_node(node, data, where, memory)
    if isinstance(value, Basis) or not pd.api.types.is_numeric_dtype(value):
        return value
    if pd.api.types.is_bool_dtype(value):
        return value
    if isinstance(node, Name):
        return numeric(value, node.text)
    array: np.ndarray = value.to_numpy(dtype=float)  # infinite where it is not defined
    return array


def missing_in(reading: Reading, rows: slice = slice(None)) -> np.ndarray:
    """Find the rows, or those of some, where a variable is missing."""
    if isinstance(reading, pd.Series):
        return reading.iloc[rows].isna().to_numpy()
    if isinstance(reading, Basis):
        return np.asarray(np.isnan(reading.matrix[rows]).any(axis=1))
    return np.isnan(reading[rows])


def fit_variable(
    node: Node, reading: Reading, rows: np.ndarray | slice, *, drop_levels: bool
) -> tuple[Variable, np.ndarray]:
    """Choose how a variable is coded, from the rows used, and give its values there.

    Text has the levels of the rows used; true/false has both. A categorical, and what a function of
    the formula made a factor, keeps every level in R's survival models and those of the rows used
    (`drop_levels`) in lm and glm.
    """
    label = _label(node)
    if isinstance(reading, np.ndarray):
        return Variable(node, label, ("",)), reading[rows]
    if isinstance(reading, Basis):
        suffixes = reading.suffixes if len(reading.suffixes) > 1 else ("",)
        return Variable(node, label, suffixes), reading.matrix[rows]
    used = reading.iloc[rows]
    if isinstance(used.dtype, pd.BooleanDtype):
        factor = pd.Series(pd.Categorical(used.astype(bool), categories=[False, True]))
    else:
        if not isinstance(used.dtype, pd.CategoricalDtype):
            _refuse_unusable(used, label)
        factor = as_factor(used)
        if drop_levels:
            factor = factor.cat.remove_unused_categories()
    levels = tuple(level_text(level) for level in factor.cat.categories)
    asked = len(levels) > 1 and _asks_for_polynomial(node)
    contrasts = _polynomial(len(levels)) if asked else None
    return Variable(node, label, (), levels, contrasts), factor.cat.codes.to_numpy()


def _label(node: Node) -> str:
    return _label_within(node, _FACTORS)


def group_label(node: Node) -> str:
    """Name a group by its column: ``factor(site)`` and ``I(site)`` are called site."""
    return _label_within(node, (*_FACTORS, "I"))


def _label_within(node: Node, functions: tuple[str, ...]) -> str:
    inside = node
    while isinstance(inside, Call) and inside.function in functions and inside.arguments:
        inside = inside.arguments[0]
    return inside.text if isinstance(inside, Name) else variable_text(node)


def _polynomial(n_levels: int) -> np.ndarray:
    """R's contr.poly: orthogonal polynomials of equally spaced levels."""
    scores = np.arange(1.0, n_levels + 1)
    coefficients = polynomial_coefficients(scores, n_levels - 1)
    return np.asarray(polynomial_basis(scores, *coefficients))


def _asks_for_polynomial(node: Node) -> bool:
    """Tell C(x, poly), whose contrasts concern the columns, not the levels."""
    if not isinstance(node, Call) or node.function != "C":
        return False
    given = (*node.arguments[1:], *(value for _, value in node.keywords))
    return any(each in given for each in _POLYNOMIAL)


def _strata(node: Node, data: pd.DataFrame, where: str, memory: dict[str, Any]) -> pd.Series:
    """Strata inside an interaction act as one factor; R names numbers, as in ``sex=2``."""
    inside = node.arguments if isinstance(node, Call) else ()
    names = tuple(variable_text(each) for each in inside)
    columns = [group_column(each, data, where, memory) for each in inside]
    named = memory.setdefault(variable_text(node), not all(map(is_text, columns)))
    complete = ~np.logical_or.reduce([column.isna().to_numpy() for column in columns])
    groups = GroupFrame.of(names, [column[complete] for column in columns])
    labels = list(groups.labels)
    if not named:
        labels = [", ".join(map(str, row)) for row in groups.levels.itertuples(index=False)]
    codes = np.full(len(data), -1)
    codes[complete] = groups.codes
    strata = pd.Categorical.from_codes(codes.tolist(), pd.Index(labels))
    return pd.Series(strata, index=data.index)


def group_column(
    node: Node, data: pd.DataFrame, where: str, memory: dict[str, Any] | None = None
) -> pd.Series:
    """Evaluate what stands for one group, stratum, cluster or number a row."""
    value = evaluate_node(node, data, where, memory)
    if isinstance(value, Basis):
        raise FormulaError(
            f"{where}: `{variable_text(node)}` has several columns; here one is due."
        )
    return value


def _refuse_unusable(values: pd.Series, name: str) -> None:
    """Refuse dates as covariates, and text that is really an identifier."""
    if values.dtype != object:
        numeric(values, name)
    n_levels = values.nunique()
    if n_levels > _IDENTIFIER and n_levels > len(values) / 4:
        raise InputError(
            f"column '{name}' is text with {n_levels} distinct values in {len(values)} rows: an "
            "identifier, or numbers stored as text? Convert it with pandas.to_numeric, or remove "
            "it from the formula."
        )
