"""Rules across the columns of a row, written in the small language of formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._expression.evaluate import one_column
from faceage_stats._expression.nodes import Call, Node, names_of, walk
from faceage_stats._expression.parse import parse
from faceage_stats.cohorts.schema.problems import Order, Problem
from faceage_stats.cohorts.schema.schema import Schema
from faceage_stats.errors import FormulaError

__all__ = ["check_rules", "row_problems"]

_CALLS = ("is.na", "as.numeric", "abs", "round", "floor", "ceiling", "pmin", "pmax", "ifelse")


def check_rules(schema: Schema) -> None:
    """Refuse, when a schema is read, a rule that is more than a comparison of its columns.

    Raises
    ------
    FormulaError
        The rule cannot be read, calls what rules do not have, or names an undeclared column.
    """
    for rule in schema.rules:
        node, where = _node(rule), _where(rule)
        calls = [each.function for each in walk(node) if isinstance(each, Call)]
        unknown = [name for name in calls if name not in _CALLS]
        if unknown:
            raise FormulaError(
                f"{where}: {unknown[0]}() is no part of a rule. Rules compare columns; they may "
                f"call {', '.join(_CALLS)}."
            )
        names = [*names_of(node), *rule["columns"]]
        absent = [name for name in names if not _declared(name, schema)]
        if absent or not names_of(node):
            named = f"column '{absent[0]}' is not declared" if absent else "names no column"
            raise FormulaError(f"{where}: {named}.")


def row_problems(frame: pd.DataFrame, schema: Schema) -> list[Problem]:
    """Rules across the columns of a row; one that cannot be told to hold is broken."""
    problems = []
    for i, rule in enumerate(schema.rules):
        node = _node(rule)
        if not {*names_of(node), *rule["columns"]} <= set(frame.columns):
            continue  # its missing column has been reported
        complete = frame.dropna(subset=rule["columns"])
        holds = _holds(node, complete, rule)
        if not holds.all():
            problems.append(
                Problem.in_rows(
                    ", ".join(rule["columns"]),
                    rule["name"],
                    f"{rule['description']} {rule['cure']}",
                    complete.index[~holds],
                    order=(Order.RULE, i),
                )
            )
    return problems


def _holds(node: Node, frame: pd.DataFrame, rule: Mapping[str, Any]) -> np.ndarray:
    value = one_column(node, frame, _where(rule))
    if value.dtype != "boolean":
        raise FormulaError(f"{_where(rule)}: `{rule['expression']}` is not true or false.")
    return value.fillna(False).to_numpy(bool)


def _node(rule: Mapping[str, Any]) -> Node:
    return parse(rule["expression"], _where(rule))


def _where(rule: Mapping[str, Any]) -> str:
    return f"rule {rule['name']}"


def _declared(name: str, schema: Schema) -> bool:
    families = [pattern for pattern, _, _ in schema.pattern_fields]
    known = any(entry.name == name for entry in schema.fields)
    return known or any(re.fullmatch(pattern, name) for pattern in families)
