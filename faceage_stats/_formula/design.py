"""The fitted right side of a formula: it encodes new data as the data of the fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, numeric, require_columns
from faceage_stats._expression.nodes import names_of
from faceage_stats._formula.blocks import blocks
from faceage_stats._formula.coding import Column, Encoding, Term, encode_terms
from faceage_stats._formula.parse import RightSide, variable_text
from faceage_stats._formula.variables import (
    Reading,
    Variable,
    fit_variable,
    group_column,
    missing_in,
    read_variable,
)
from faceage_stats._levels import level_text
from faceage_stats.errors import ConstantFactorError, InputError

__all__ = ["Design", "Readings", "singular_columns"]


@dataclass(frozen=True)
class Readings:
    """The variables of a right side, evaluated on every row of the data.

    `memory` keeps what functions took from all rows: knots, moments, cut points.
    """

    right: RightSide
    values: tuple[Reading, ...]
    memory: dict[str, Any]

    @classmethod
    def of(cls, right: RightSide, data: pd.DataFrame, where: str) -> Readings:
        """Evaluate the model terms."""
        require_columns(right.required, data, where)
        memory: dict[str, Any] = {}
        values = tuple(read_variable(node, data, where, memory) for node in right.variables)
        return cls(right, values, memory)

    def missing(self, n: int) -> np.ndarray:
        """Find the rows, of n, where a variable is missing."""
        missing = np.zeros(n, bool)
        for rows in blocks(n, len(self.values)):
            for reading in self.values:
                missing[rows] |= missing_in(reading, rows)
        return missing

    def fit(
        self, formula: str, rows: np.ndarray, n: int, where: str, *, drop_levels: bool
    ) -> tuple[tuple[np.ndarray, ...], Design]:
        """Choose the encoding from the complete rows, at these positions of n; give their values.

        The values are those of the variables of the encoding.
        """
        kept = slice(None) if len(rows) == n else rows
        pairs = zip(self.right.variables, self.values, strict=True)
        fitted = {
            node: fit_variable(node, reading, kept, drop_levels=drop_levels)
            for node, reading in pairs
        }
        for each, _ in fitted.values():
            _refuse_one_level(each, len(rows), n, where)
        encoding = encode_terms(self.right, {node: each for node, (each, _) in fitted.items()})
        values = tuple(each for _, each in fitted.values())
        return values, Design(formula, self.right, encoding, self.memory)


@dataclass(frozen=True)
class Design:
    """The fitted encoding of a right side: levels, knots and centring are remembered.

    Attributes
    ----------
    formula : str
        As the user wrote it.
    right : RightSide
        Its right side, parsed.
    encoding : Encoding
    """

    formula: str
    right: RightSide
    encoding: Encoding
    _memory: dict[str, Any]

    @property
    def columns(self) -> tuple[Column, ...]:
        """One per design column, in R's order."""
        return self.encoding.columns

    @property
    def terms(self) -> tuple[Term, ...]:
        """One per model term."""
        return self.encoding.terms

    @property
    def outermost(self) -> tuple[Term, ...]:
        """The terms that are part of no other: those that R's ``drop1`` leaves out."""
        parts = [frozenset(term.label.split(":")) for term in self.terms]
        pairs = zip(self.terms, parts, strict=True)
        return tuple(term for term, own in pairs if not any(own < other for other in parts))

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What the terms are made of, as fitted."""
        return self.encoding.variables

    @property
    def names(self) -> list[str]:
        """R's coefficient names, without the intercept."""
        return [column.name for column in self.columns]

    @property
    def learnt(self) -> bool:
        """Whether functions took something from all rows: knots, moments, cut points."""
        return bool(self._memory)

    @property
    def intercept(self) -> bool:
        """Whether a model with an intercept has one: not after ``- 1``."""
        return self.right.intercept

    @property
    def names_with_intercept(self) -> list[str]:
        """R's coefficient names, the intercept first where there is one."""
        return ["(Intercept)", *self.names] if self.intercept else self.names

    def with_intercept(self, x: np.ndarray) -> np.ndarray:
        """Put a column of ones before the encoded rows, unless the formula removes it."""
        return np.column_stack([np.ones(len(x)), x]) if self.intercept else x

    def markers(self) -> list[str]:
        """Names of the columns where each is judged by itself; a factor is no marker."""
        factors = [each.label for each in self.encoding.variables if each.is_factor]
        if factors:
            raise InputError(
                f"`{self.formula}`: '{factors[0]}' is a factor, and its levels have no order. "
                "Name a column of numbers or an ordered categorical."
            )
        return self.names

    def encode(self, data: pd.DataFrame) -> np.ndarray:
        """Encode new data; a row with a missing value is NaN, a new level is refused."""
        data, where = as_pandas(data), f"The model `{self.formula}`"
        if self.right.tt:
            raise InputError(
                f"{where}: {variable_text(self.right.tt[0])} changes with time and has no single "
                "value for new data. Split the follow-up with surv_split(), make it a column and "
                "refit."
            )
        require_columns(self.right.required, data, where)
        values = []
        missing = np.zeros(len(data), bool)
        for variable in self.encoding.variables:
            reading = read_variable(variable.node, data, where, self._memory)
            missing |= missing_in(reading)
            values.append(variable.values(reading))
        complete = ~missing
        x = np.full((len(data), len(self.columns)), np.nan)
        if complete.any() and self.columns:
            x[complete] = self.encoding.matrix([v[complete] for v in values], int(complete.sum()))
            self.refuse_not_finite(x[complete])
        return x

    def refuse_not_finite(self, x: np.ndarray) -> None:
        """Refuse encoded rows where a function has no value; columns were looked at before."""
        if self.right.plain is not None:
            return
        finite = np.isfinite(x)
        if not finite.all():
            column = int(np.argmin(finite.all(axis=0)))
            n_bad = int((~finite[:, column]).sum())
            raise InputError(
                f"`{self.names[column]}` is not finite in {n_bad} rows (a logarithm of zero or of "
                "a negative number?). Correct the column, or use e.g. log1p()."
            )

    def encode_offset(self, data: pd.DataFrame) -> np.ndarray:
        """Compute the offset of new data (zeros when the formula has none)."""
        data, offset = as_pandas(data), self.right.offset
        if offset is None:
            return np.zeros(len(data))
        require_columns(names_of(offset), data, "offset()")
        return numeric(group_column(offset, data, "offset()"), variable_text(offset), "offset")

    def strata_labels(self, data: pd.DataFrame) -> list[str | None] | None:
        """Give R's stratum label of each row of new data; None where it is missing.

        Without strata() there are no labels.
        """
        if not self.right.strata:
            return None
        data = as_pandas(data)
        columns = [group_column(node, data, "strata()") for node in self.right.strata]
        names = [variable_text(node) for node in self.right.strata]
        known = np.logical_and.reduce([column.notna().to_numpy() for column in columns])
        return [
            ", ".join(f"{name}={level_text(value)}" for name, value in zip(names, row, strict=True))
            if complete
            else None
            for complete, *row in zip(known, *columns, strict=True)
        ]


def singular_columns(names: Sequence[str], kept: np.ndarray) -> str:
    """Begin the message on columns that have no coefficient, by their names.

    Examples
    --------
    >>> singular_columns(["age", "age2"], np.array([True, False]))
    "column 'age2' is constant or a linear combination of other columns"
    """
    listed = ", ".join(f"'{name}'" for name, keep in zip(names, kept, strict=True) if not keep)
    return f"column {listed} is constant or a linear combination of other columns"


def _refuse_one_level(variable: Variable, n_used: int, n: int, where: str) -> None:
    """Refuse a factor that has nothing to compare, as R does; a categorical may declare more."""
    if not variable.is_factor or len(variable.levels) > 1:
        return
    left_out = f"; {n - n_used} of {n} rows are left out" if n_used < n else ""
    raise ConstantFactorError(
        f"{where}: '{variable.label}' has one level, '{variable.levels[0]}', in the {n_used} rows "
        f"used{left_out}. A factor needs two: remove it from the formula.",
        variable.node,
    )
