"""Columns beside the design: strata, cluster, offset, weights and subset; who may use them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from faceage_stats._columns import numeric
from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._expression.nodes import Name, Node, names_of
from faceage_stats._expression.parse import parse
from faceage_stats._formula.algebra import is_special
from faceage_stats._formula.groups import GroupFrame
from faceage_stats._formula.parse import RightSide, parse_right, split_formula, variable_text
from faceage_stats._formula.variables import group_column
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning, FormulaError, InputError

__all__ = [
    "SPECIALS", "Sides", "SideColumns", "Special", "one_cluster", "read_right", "refuse_unused",
    "refuse_zero_weights",
]  # fmt: skip

Special = Literal["strata", "cluster", "offset", "tt", "- 1"]
SPECIALS: frozenset[Special] = frozenset(get_args(Special))


@dataclass(frozen=True)
class Sides:
    """Arguments of a call that name columns: weights, clusters, and the rows to use."""

    weights: str | None = None
    cluster: str | None = None
    subset: str | None = None


def read_right(
    formula: str, data: pd.DataFrame, allow: Set[Special], where: str
) -> tuple[str, RightSide]:
    """Split a formula and parse its right side; ``.`` is every column that the left does not use.

    The outcome as a term is left out with a warning, as in R; a column of Surv() stays a term.

    Parameters
    ----------
    formula : str
    data : pandas.DataFrame
    allow : set of {"strata", "cluster", "offset", "tt", "- 1"}
        What the caller uses; the rest is refused.
    where : str
        The caller and the formula, as messages begin.

    Returns
    -------
    left : str
    right : RightSide

    Examples
    --------
    >>> left, right = read_right("y ~ .", pd.DataFrame(columns=["y", "a", "b"]), set(), "`y ~ .`")
    >>> left, right.terms
    ('y', ('a', 'b'))
    """
    left, text = split_formula(formula)
    bare = left.strip("`")
    outcome = Name(bare) if bare in data.columns else parse(left, where)
    others = None
    if "." in text:
        used = {left, *names_of(outcome)}
        others = tuple(str(name) for name in data.columns if name not in used)
    right = parse_right(text, where, others)
    refuse_unused(right, allow, where)
    return left, _beside_its_outcome(right, outcome, where)


def _beside_its_outcome(right: RightSide, outcome: Node, where: str) -> RightSide:
    """Warn of an outcome that explains itself, as R does, and take away the term that it is."""
    if (outcome,) in right.products:
        warn(f"{where}: the outcome is also a term; the term is left out.", EstimationWarning)
        return replace(right, response=outcome)
    beside = (each for each in (right.offset, right.cluster) if each is not None)
    used = {name for node in (*right.variables, *right.strata, *beside) for name in names_of(node)}
    both = [name for name in names_of(outcome) if name in used]
    if both and is_special(outcome, "Surv"):
        what = f"{where}: '{both[0]}' is on both sides of the formula, outcome and explanation."
        warn(what, EstimationWarning)
    return right


def refuse_unused(right: RightSide, allow: Set[Special], where: str) -> None:
    """Refuse the specials that a caller does not use: ignored in silence, they would mislead.

    Parameters
    ----------
    right : RightSide
    allow : set of {"strata", "cluster", "offset", "tt", "- 1"}
        What the caller uses.
    where : str
        The caller and the formula, as the message begins.

    Raises
    ------
    FormulaError

    Examples
    --------
    >>> where = "`died ~ age + cluster(id)`"
    >>> refuse_unused(parse_right("age + cluster(id)", where), {"offset"}, where)
    Traceback (most recent call last):
    faceage_stats.errors.FormulaError: `died ~ age + cluster(id)`: cluster(id) is not used here \
and would be ignored. Remove it.
    """
    for name, text in right.specials.items():
        if name not in allow:
            raise FormulaError(f"{where}: {text} is not used here and would be ignored. Remove it.")


def one_cluster(in_formula: Node | None, argument: str | None) -> Node | None:
    """Choose between cluster() in the formula and the argument; two different ones are refused."""
    if argument is None:
        return in_formula
    if in_formula is not None and argument not in (deparse(in_formula), variable_text(in_formula)):
        raise FormulaError(
            f"cluster is given twice: cluster({deparse(in_formula)}) in the formula and "
            f"cluster={argument!r}. Keep one."
        )
    return Name(argument) if in_formula is None else in_formula


@dataclass(frozen=True)
class SideColumns:
    """Columns beside the design: strata, cluster, weights, offset, and the rows asked for."""

    strata: list[pd.Series]
    names: tuple[str, ...]
    cluster: pd.Series | None
    weights: np.ndarray | None
    offset: np.ndarray | None
    missing: np.ndarray
    wanted: np.ndarray | None

    @classmethod
    def read(cls, right: RightSide, data: pd.DataFrame, sides: Sides, where: str) -> SideColumns:
        """Evaluate them on every row."""
        _refuse_values(weights=sides.weights, cluster=sides.cluster, subset=sides.subset)
        strata = [group_column(node, data, "strata()") for node in right.strata]
        cluster = one_cluster(right.cluster, sides.cluster)
        ids = None if cluster is None else _evaluated(cluster, data, "cluster")
        w = None if sides.weights is None else _weights(sides.weights, data)
        offset = None
        if right.offset is not None:
            values = group_column(right.offset, data, "offset()")
            offset = numeric(values, variable_text(right.offset), "offset")
        missing = np.zeros(len(data), bool)
        for series in [*strata, *([ids] if ids is not None else [])]:
            missing |= series.isna().to_numpy()
        for array in (w, offset):
            if array is not None:
                missing |= np.isnan(array)
        wanted = None
        if sides.subset is not None:
            condition = _condition(sides.subset, data, where)
            unknown = condition.isna().to_numpy()
            missing |= unknown
            wanted = unknown | condition.fillna(False).to_numpy(dtype=bool)
        names = tuple(variable_text(node) for node in right.strata)
        return cls(strata, names, ids, w, offset, missing, wanted)

    def strata_codes(self, rows: np.ndarray) -> tuple[np.ndarray | None, tuple[str, ...]]:
        """Number the strata of these rows, and label them."""
        if not self.strata:
            return None, ()
        frame = GroupFrame.of(self.names, [series.iloc[rows] for series in self.strata])
        return frame.codes, frame.labels

    def cluster_codes(self, rows: np.ndarray) -> np.ndarray | None:
        """Number the clusters of these rows, in order of appearance."""
        if self.cluster is None:
            return None
        return pd.factorize(self.cluster.iloc[rows])[0].astype(np.int64)


def _evaluated(node: Node, data: pd.DataFrame, where: str) -> pd.Series:
    """The argument cluster= is a column's name, or an expression."""
    if isinstance(node, Name):
        return evaluate(node.text, data, where)
    return group_column(node, data, where)


def _refuse_values(**columns: Any) -> None:
    """Refuse vectors where the name of a column is expected, so that missing rows are counted."""
    for argument, name in columns.items():
        if name is not None and not isinstance(name, str):
            text = "a condition on columns" if argument == "subset" else "the column of data"
            raise InputError(
                f"{argument} is a {type(name).__name__}; name {text} that holds it, as text."
            )


def _weights(name: str, data: pd.DataFrame) -> np.ndarray:
    values = numeric(evaluate(name, data, "weights"), name, "weights")
    n_negative = int((values < 0).sum())
    if n_negative:
        raise InputError(f"weights '{name}' are negative in {n_negative} rows; they must be >= 0.")
    return values


def refuse_zero_weights(weights: np.ndarray | None, name: str | None) -> None:
    """Refuse weights of 0 in a model: such a row counts as observed, and tells nothing.

    Examples
    --------
    >>> refuse_zero_weights(np.array([0.0, 2.0]), "w")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: weights 'w' are 0 in 1 rows; a model needs weights above 0. \
Leave those rows out: data[data['w'] > 0].
    """
    n_zero = 0 if weights is None else int((weights <= 0).sum())
    if n_zero:
        raise InputError(
            f"weights '{name}' are 0 in {n_zero} rows; a model needs weights above 0. Leave those "
            f"rows out: data[data['{name}'] > 0]."
        )


def _condition(subset: str, data: pd.DataFrame, where: str) -> pd.Series:
    """Evaluate a condition on rows; where it is missing the row counts as missing, as in R."""
    values = evaluate(subset, data, f"{where}: subset")
    if not pd.api.types.is_bool_dtype(values):
        raise InputError(
            f'{where}: subset `{subset}` is not a condition; write e.g. subset="age > 65".'
        )
    return values
