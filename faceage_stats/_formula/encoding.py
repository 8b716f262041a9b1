"""Columns of data to a design matrix, and the memory of how: levels, knots, centring."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import ModelSpec

from faceage_stats._columns import numeric
from faceage_stats._formula.parse import CONTEXT, RightSide
from faceage_stats._formula.terms import Column, Term, describe_columns
from faceage_stats.errors import FormulaError, InputError

__all__ = ["Encoding", "fit_encoding", "missing_rows"]


@dataclass(frozen=True)
class Encoding:
    """How a right side becomes columns; `spec` is None when every term is a plain number."""

    columns: tuple[Column, ...]
    terms: tuple[Term, ...]
    spec: ModelSpec | None

    def matrix(self, data: pd.DataFrame) -> np.ndarray:
        """Compute the design matrix of complete rows, shape (n, p), C-contiguous."""
        if self.spec is not None:
            return _materialise(self.spec, data)[0]
        return _stack([column.name for column in self.columns], data)


def fit_encoding(
    right: RightSide, data: pd.DataFrame, rows: np.ndarray, formula: str
) -> tuple[np.ndarray, Encoding]:
    """Encode the given rows; return their design matrix and the encoding they determine.

    Plain numeric columns are the common case and need no formula machinery: it would cost more
    than the fit of a thousand rows, and hold the data three times.
    """
    plain = right.plain is not None and all(_is_number(data[name]) for name in right.plain)
    if plain:
        names = list(right.plain or ())
        columns = tuple(Column(name, name, None, name) for name in names)
        terms = tuple(
            Term(name, name, slice(i, i + 1), None, None, 1) for i, name in enumerate(names)
        )
        encoding = Encoding(columns, terms, None)
        return _stack(names, data, rows), encoding
    used = data[list(right.required)].iloc[rows]
    _refuse_unusable(used, formula)
    x, spec = _materialise(ModelSpec.from_spec(right.formula, na_action="ignore"), used)
    columns, terms = describe_columns(spec)
    _refuse_not_finite(x, columns)
    return x, Encoding(columns, terms, spec)


def missing_rows(data: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """Find the rows where any of the columns is missing, one column at a time."""
    missing = np.zeros(len(data), bool)
    for name in names:
        missing |= data[name].isna().to_numpy()
    return missing


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _stack(names: list[str], data: pd.DataFrame, rows: np.ndarray | None = None) -> np.ndarray:
    n = len(data) if rows is None else len(rows)
    whole = rows is None or n == len(data)
    x = np.empty((n, len(names)))
    for j, name in enumerate(names):
        values = numeric(data[name], name)
        x[:, j] = values if whole else values[rows]
    return x


def _refuse_not_finite(x: np.ndarray, columns: tuple[Column, ...]) -> None:
    finite = np.isfinite(x)
    if not finite.all():
        column = int(np.argmin(finite.all(axis=0)))
        n_bad = int((~finite[:, column]).sum())
        raise InputError(
            f"`{columns[column].name}` is not finite in {n_bad} rows (a logarithm of zero or of a "
            "negative number?). Correct the column, or use e.g. log1p()."
        )


def _materialise(spec: ModelSpec, data: pd.DataFrame) -> tuple[np.ndarray, ModelSpec]:
    """Design matrix without its intercept column, and the spec that remembers the encoding."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            matrix = spec.get_model_matrix(data, context=CONTEXT, output="numpy")
        except (FormulaError, InputError):
            raise
        except Exception as error:  # formulaic re-raises whatever a factor's code raised
            ours = next((e for e in _causes(error) if isinstance(e, InputError)), None)
            raise ours or FormulaError(f"`{spec.formula}` cannot be evaluated: {error}") from None
    x = np.ascontiguousarray(np.asarray(matrix, dtype=float)[:, 1:])
    return x, matrix.model_spec


def _causes(error: BaseException | None) -> list[BaseException]:
    chain = []
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


def _refuse_unusable(data: pd.DataFrame, formula: str) -> None:
    """Infinite numbers, dates, and text that is really an identifier."""
    for name in data.columns:
        values = data[name]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
            numeric(values, str(name))
        elif not isinstance(values.dtype, pd.CategoricalDtype):
            n_levels = values.nunique()
            if n_levels > 30 and n_levels > len(values) / 4:
                raise InputError(
                    f"column '{name}' is text with {n_levels} distinct values in {len(values)} "
                    "rows: an identifier, or numbers stored as text? Convert it with "
                    f"pandas.to_numeric, or remove it from `{formula}`."
                )
