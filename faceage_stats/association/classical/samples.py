"""What a classical test compares: read from a formula with data, or from vectors as in R."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, numeric
from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._expression.nodes import Call, Name, Node
from faceage_stats._expression.parse import parse
from faceage_stats._formula.extremes import refuse_extremes
from faceage_stats._formula.parse import parse_right, split_formula, variable_text
from faceage_stats._formula.sides import refuse_unused
from faceage_stats._formula.variables import group_column
from faceage_stats._kinds import by_kind
from faceage_stats._levels import group_codes
from faceage_stats.errors import FormulaError, InputError

__all__ = [
    "Columns",
    "Groups",
    "Pairs",
    "Samples",
    "groups_of",
    "pairs_of",
    "samples_of",
    "two_columns",
    "two_samples",
]


class Groups(NamedTuple):
    """Complete values of each group, in the order of the levels."""

    samples: list[np.ndarray]
    labels: list[str]
    n_missing: int

    @property
    def n(self) -> int:
        """Values used."""
        return sum(map(len, self.samples))


class Pairs(NamedTuple):
    """Complete pairs of numbers."""

    first: np.ndarray
    second: np.ndarray
    n_missing: int


class Samples(NamedTuple):
    """One sample, or two, of independent subjects or in pairs."""

    first: np.ndarray
    second: np.ndarray | None
    n_missing: int
    paired: bool


class Columns(NamedTuple):
    """Complete pairs of two columns of any type, with a new index."""

    first: pd.Series
    second: pd.Series
    n_missing: int


def groups_of(formula: Any, data: Any, caller: str) -> Groups:
    """Split ``value ~ group`` into complete samples in level order.

    Parameters
    ----------
    formula : str
    data : pandas.DataFrame or polars.DataFrame
    caller : str
        The user's function, named in messages.

    Examples
    --------
    >>> data = pd.DataFrame({"gap": [1.0, 2, None, 4], "sex": ["m", "f", "f", "m"]})
    >>> groups = groups_of("gap ~ sex", data, "t_test()")
    >>> [s.tolist() for s in groups.samples], groups.labels, groups.n_missing
    ([[2.0], [1.0, 4.0]], ['f', 'm'], 1)
    """
    frame = _table(formula, data, caller)
    left, right = split_formula(formula)
    node = _one_variable(right, frame, formula, caller)
    values = _numbers(left, frame, formula, caller)
    group = group_column(node, frame, f"{caller}: `{formula}`")
    complete = ~np.isnan(values) & group.notna().to_numpy()
    codes, labels = group_codes(group[complete])
    if len(labels) < 2:
        name = variable_text(node)
        raise InputError(f"{caller}: `{name}` has {len(labels)} groups with data; 2 are needed.")
    samples = [values[complete][codes == code] for code in range(len(labels))]
    return Groups(samples, labels, int((~complete).sum()))


def two_samples(formula: Any, data: Any, caller: str) -> Pairs:
    """Read two independent samples, from ``value ~ group`` with two groups or from two vectors."""
    if isinstance(formula, str):
        groups = groups_of(formula, data, caller)
        if len(groups.samples) != 2:
            raise InputError(
                f"{caller}: `{formula}` has {len(groups.labels)} groups; this test compares "
                "exactly 2."
            )
        return Pairs(groups.samples[0], groups.samples[1], groups.n_missing)
    _refuse_table(formula, data, caller)
    first, second = _vector(formula, "the first sample"), _vector(data, "the second sample")
    n_missing = int(np.isnan(first).sum() + np.isnan(second).sum())
    return Pairs(first[~np.isnan(first)], second[~np.isnan(second)], n_missing)


def samples_of(formula: Any, data: Any, paired: bool, caller: str) -> Samples:
    """Read one sample or two, in R's ways.

    ``value ~ group``, ``value ~ 1``, ``Pair(x, y) ~ 1``, one vector, or two vectors (`paired` or
    not).

    Examples
    --------
    >>> samples_of([1.0, None, 3.0], None, False, "t_test()").n_missing
    1
    """
    if not isinstance(formula, str):
        if data is None:
            return _single(_vector(formula, "the sample"))
        if not paired:
            return Samples(*two_samples(formula, data, caller), paired=False)
        pairs = pairs_of(formula, data, caller)
        refuse_extremes(np.column_stack(pairs[:2]), ["x", "y"])
        return Samples(*pairs, paired=True)
    left, right = split_formula(formula)
    if left.startswith("Pair("):
        return _pair(left, right, formula, data, caller)
    if paired:
        raise InputError(f"{caller}: write pairs as `Pair(x, y) ~ 1`; paired= is for two vectors.")
    if right == "1":
        return _single(_numbers(left, _table(formula, data, caller), formula, caller))
    return Samples(*two_samples(formula, data, caller), paired=False)


def _vector(given: Any, name: str) -> np.ndarray:
    values = numeric(given, name)
    refuse_extremes(values[:, None], [name])
    return values


def _single(values: np.ndarray) -> Samples:
    missing = np.isnan(values)
    return Samples(values[~missing], None, int(missing.sum()), False)


def _pair(left: str, right: str, formula: str, data: Any, caller: str) -> Samples:
    frame, call = _table(formula, data, caller), parse(left, caller)
    names = [deparse(each) for each in call.arguments] if isinstance(call, Call) else []
    if right != "1" or len(names) != 2:
        raise FormulaError(f"{caller}: `{formula}` should look like `Pair(x, y) ~ 1`.")
    pairs = _complete(*(_numbers(name, frame, formula, caller) for name in names))
    return Samples(*pairs, paired=True)


def pairs_of(formula: Any, data: Any, caller: str) -> Pairs:
    """Read complete pairs of numbers, from ``~ x + y`` with data or from two vectors.

    Examples
    --------
    >>> pairs_of([1.0, 2, None], [2.0, 3, 4], "cor_test()").n_missing
    1
    """
    columns = _both(formula, data, caller)
    return _complete(*(numeric(c.to_numpy(), str(c.name)) for c in columns))


def _complete(first: np.ndarray, second: np.ndarray) -> Pairs:
    complete = ~(np.isnan(first) | np.isnan(second))
    return Pairs(first[complete], second[complete], int((~complete).sum()))


def two_columns(formula: Any, data: Any, caller: str) -> Columns:
    """Read complete pairs of any type, from ``~ x + y`` with data or from two vectors."""
    first, second = (c.reset_index(drop=True) for c in _both(formula, data, caller))
    complete = first.notna() & second.notna()
    return Columns(first[complete], second[complete], int((~complete).sum()))


def _both(formula: Any, data: Any, caller: str) -> list[pd.Series]:
    if isinstance(formula, str):
        frame = _table(formula, data, caller)
        left, _, right = formula.partition("~")
        nodes = _variables(right, formula, caller)
        if left.strip() or len(nodes) != 2:
            raise FormulaError(
                f"{caller}: `{formula}` should name the two columns: `~ x + y`, with nothing "
                "before the tilde."
            )
        where = f"{caller}: `{formula}`"
        return [group_column(node, frame, where).rename(variable_text(node)) for node in nodes]
    _refuse_table(formula, data, caller)
    first, second = by_kind(pd.Series(formula, name="x")), by_kind(pd.Series(data, name="y"))
    if len(first) != len(second):
        raise InputError(
            f"{caller}: x has {len(first)} values and y {len(second)}; pairs need as many."
        )
    if isinstance(formula, pd.Series) and isinstance(data, pd.Series):
        _refuse_other_order(formula.index, data.index, caller)
    return [first, second]


def _refuse_other_order(first: pd.Index, second: pd.Index, caller: str) -> None:
    """Pairs are by position; the same labels in another order say that they are not the same."""
    if first.equals(second) or not (first.is_unique and second.is_unique):
        return
    if second.isin(first).all():
        raise InputError(
            f"{caller}: x and y have the same row labels in another order, and pairs are by "
            "position. Align them, y.loc[x.index], or pass y.to_numpy()."
        )


def _table(formula: Any, data: Any, caller: str) -> pd.DataFrame:
    if not isinstance(formula, str) or data is None:
        raise InputError(
            f"{caller}: give a formula and data, the table that it names columns of, or (where "
            "the test takes them) values."
        )
    return as_pandas(data)


def _refuse_table(first: Any, data: Any, caller: str) -> None:
    if len(getattr(first, "shape", ())) == 2:
        raise InputError(f"{caller}: the first argument is a table; the formula comes before it.")
    if len(getattr(data, "shape", ())) == 2:
        raise InputError(
            f"{caller}: the first argument holds values, so that the second is another sample, "
            "not a table. With data give a formula first."
        )
    if data is None:
        raise InputError(f"{caller}: give a formula and data, or two vectors.")


def _numbers(expression: str, frame: pd.DataFrame, formula: str, caller: str) -> np.ndarray:
    values = numeric(evaluate(expression, frame, f"{caller}: `{formula}`"), expression)
    refuse_extremes(values[:, None], [expression])
    return values


def _one_variable(right: str, frame: pd.DataFrame, formula: str, caller: str) -> Node:
    if right.strip("`") in frame.columns:
        return Name(right.strip("`"))
    nodes = _variables(right, formula, caller)
    if len(nodes) != 1:
        raise FormulaError(
            f"{caller}: `{formula}`: the right side is one column of groups. With several factors: "
            "lm(...).anova(), emmeans()."
        )
    return nodes[0]


def _variables(right: str, formula: str, caller: str) -> tuple[Node, ...]:
    """What is added up on the right side; specials and interactions are refused."""
    where = f"{caller}: `{formula}`"
    parsed = parse_right(right.strip(), where)
    refuse_unused(parsed, frozenset(), where)
    if any(len(product) > 1 for product in parsed.products):
        raise FormulaError(
            f"{where}: the right side has no interactions here; a model has: lm(...).anova()."
        )
    return parsed.variables
