"""The variable and level of each column of a design matrix, named as R names coefficients."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Column", "Term", "describe_columns", "level_text"]


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


def describe_columns(spec: Any) -> tuple[tuple[Column, ...], tuple[Term, ...]]:
    """Describe columns and terms of a materialised formulaic spec, without its intercept."""
    columns: list[Column] = []
    terms: list[Term] = []
    for structure in spec.structure[1:]:
        names = _structure_columns(structure, spec)
        label = ":".join(_variable(factor.expr) for factor in structure.term.factors)
        start = len(columns)
        for parts in names:
            level = parts[0][1] if len(parts) == 1 else None
            columns.append(
                Column(
                    name=":".join(variable + (text or "") for variable, text in parts),
                    variable=":".join(variable for variable, _ in parts),
                    level=level,
                    term=label,
                )
            )
        terms.append(_term(structure, spec, label, slice(start, len(columns))))
    return tuple(columns), tuple(terms)


def _term(structure: Any, spec: Any, label: str, columns: slice) -> Term:
    factors = structure.term.factors
    levels, reference = None, None
    if len(factors) == 1 and (contrast := spec.factor_contrasts.get(factors[0])) is not None:
        levels = tuple(level_text(level) for level in contrast.levels)
        if structure.scoped_terms and structure.scoped_terms[0].factors[0].reduced:
            reference = level_text(_base(contrast))
    return Term(label, label, columns, levels, reference, len(factors))


def _structure_columns(structure: Any, spec: Any) -> list[list[tuple[str, str | None]]]:
    """For each column of a term, its (variable, level) parts; the first factor runs fastest."""
    described: list[list[tuple[str, str | None]]] = []
    for scoped_term in structure.scoped_terms:
        parts = [list(_factor_parts(scoped, spec)) for scoped in scoped_term.factors]
        product = itertools.product(*reversed(parts))
        described.extend([list(reversed(combination)) for combination in product])
    if len(described) == len(structure.columns):
        return described
    return [[(str(name), None)] for name in structure.columns]


def _factor_parts(scoped: Any, spec: Any) -> Iterable[tuple[str, str | None]]:
    factor = getattr(scoped.factor, "factor", scoped.factor)
    contrast = spec.factor_contrasts.get(factor)
    if contrast is None:
        name = _tidy_expression(factor.expr)
        count = _n_columns(factor, spec)
        return [(name, None)] if count == 1 else [(name, str(i + 1)) for i in range(count)]
    base = _base(contrast) if scoped.reduced else _NONE
    kept = [level for level in contrast.levels if base is _NONE or level != base]
    return [(_variable(factor.expr), level_text(level)) for level in kept]


_NONE = object()


def _base(contrast: Any) -> Any:
    base = getattr(contrast.contrasts, "base", None)
    return base if base in list(contrast.levels) else contrast.levels[0]


def _n_columns(factor: Any, spec: Any) -> int:
    """Columns of a numerical factor (a spline has several), from the factor's term if present."""
    for structure in spec.structure:
        if structure.term.factors == (factor,):
            return len(structure.columns)
    return 1


def _variable(expression: str) -> str:
    """The column behind C(site, ref=...) or `my column`; another expression as it is."""
    match = re.fullmatch(r"(?:C|factor)\(\s*(`[^`]+`|[A-Za-z_][\w.]*)\s*(?:,.*)?\)", expression)
    return (match.group(1) if match else _tidy_expression(expression)).strip("`")


def _tidy_expression(expression: str) -> str:
    """R writes I(age/10) without spaces around the slash."""
    return str(expression).replace(" / ", "/").strip("`")


def level_text(level: Any) -> str:
    """Write a level as R does: 2.0 of a factor as 2, a logical in capitals."""
    if isinstance(level, bool | np.bool_):
        return str(level).upper()
    if isinstance(level, float) and level.is_integer():
        return str(int(level))
    return str(level)
