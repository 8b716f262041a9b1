"""Formulas in R's manner: `Surv(time, event) ~ age + C(site, ref="breast") + strata(sex)`.

The right side is formulaic's; this module adds what R users expect around it: a survival
outcome, strata(), cluster() and offset(), R's names for coefficients, one place where rows with
missing values are dropped and counted, and an encoding that is kept for new data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._design import Column, Term, level_text
from faceage_stats._encoding import Encoding, fit_encoding, missing_rows
from faceage_stats._groups import GroupFrame, strata_labels
from faceage_stats._parse import RightSide, parse_right, split_formula
from faceage_stats._surv import (
    Surv,
    binary,
    call_arguments,
    evaluate,
    numeric,
    parse_surv,
    require_columns,
)
from faceage_stats.errors import DesignError, FormulaError, InputError

__all__ = ["Design", "GroupFrame", "ModelFrame", "as_pandas", "group_frame", "model_frame"]


def as_pandas(data: Any) -> pd.DataFrame:
    """A pandas DataFrame as it is; a polars one is converted once, here at the door."""
    if isinstance(data, pd.DataFrame):
        return data
    if hasattr(data, "to_pandas"):
        return data.to_pandas()
    raise InputError(f"data is a {type(data).__name__}; pass a pandas or polars DataFrame.")


@dataclass(frozen=True)
class Design:
    """The fitted encoding of a right side: levels, knots and centring are remembered.

    Attributes
    ----------
    formula : str
        As the user wrote it.
    """

    formula: str
    _right: RightSide
    _encoding: Encoding

    @property
    def columns(self) -> tuple[Column, ...]:
        """One per design column, in R's order."""
        return self._encoding.columns

    @property
    def terms(self) -> tuple[Term, ...]:
        """One per model term."""
        return self._encoding.terms

    @property
    def names(self) -> list[str]:
        """R's coefficient names."""
        return [column.name for column in self.columns]

    def encode(self, data: pd.DataFrame) -> np.ndarray:
        """Design matrix of new data; a row with a missing value is NaN, a new level is refused."""
        data = as_pandas(data)
        require_columns(self._right.required, data, f"The model `{self.formula}`")
        used = data[list(self._right.required)]
        complete = used.notna().all(axis=1).to_numpy()
        self._refuse_new_levels(used[complete])
        x = np.full((len(data), len(self.columns)), np.nan)
        if complete.any() and self.columns:
            x[complete] = self._encoding.matrix(used[complete])
        return x

    def encode_offset(self, data: pd.DataFrame) -> np.ndarray:
        """Offset of new data (zeros when the formula has none)."""
        data = as_pandas(data)
        if self._right.offset is None:
            return np.zeros(len(data))
        return numeric(evaluate(self._right.offset, data, "offset()"), self._right.offset)

    def strata_labels(self, data: pd.DataFrame) -> list[str] | None:
        """R's stratum label of each row of new data, None without strata()."""
        data = as_pandas(data)
        return strata_labels(self._right.strata, data) if self._right.strata else None

    def _refuse_new_levels(self, data: pd.DataFrame) -> None:
        for term in self.terms:
            if term.levels is None or term.variable not in data.columns:
                continue
            values = data[term.variable]
            known = {str(level) for level in term.levels}
            new = values[~values.map(level_text).isin(known)]
            if len(new):
                levels = sorted({level_text(value) for value in new})
                raise InputError(
                    f"column '{term.variable}' has {len(levels)} levels that the model never saw "
                    f"({', '.join(levels[:5])}; {len(new)} rows). Known levels: "
                    f"{', '.join(term.levels)}. Recode or drop those rows."
                )


@dataclass(frozen=True)
class ModelFrame:
    """What a fit needs, rows with missing values already dropped.

    Attributes
    ----------
    design : Design
    x : ndarray, shape (n, p), C-contiguous float64, without an intercept column
    surv : Surv or None
        Outcome of a survival formula.
    y : ndarray or None
        Outcome of any other formula, as float.
    strata : ndarray of int64 or None
        Stratum of each row, numbered in the sorted order of `strata_labels`.
    strata_labels : tuple of str
    cluster : ndarray of int64 or None
    weights, offset : ndarray or None
    rows : ndarray of int64
        Positions (0-based) of the kept rows in the data given.
    n_missing : int
        Rows dropped because a used value was missing.
    """

    design: Design
    x: np.ndarray
    surv: Surv | None
    y: np.ndarray | None
    strata: np.ndarray | None
    strata_labels: tuple[str, ...]
    cluster: np.ndarray | None
    weights: np.ndarray | None
    offset: np.ndarray | None
    rows: np.ndarray
    n_missing: int

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.rows)


def model_frame(
    formula: str,
    data: Any,
    *,
    weights: str | None = None,
    cluster: str | None = None,
    states: bool = False,
) -> ModelFrame:
    """Evaluate a formula on data: outcome, design matrix, strata, cluster, weights, offset.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ ...``, ``Surv(start, stop, event) ~ ...`` or ``y ~ ...``.
    data : pandas.DataFrame or polars.DataFrame
    weights, cluster : str, optional
        Column names; ``cluster(id)`` in the formula does the same as `cluster`.
    states : bool
        Read the event as 0 = censored and one code per competing cause.

    Returns
    -------
    ModelFrame

    Raises
    ------
    FormulaError
        The formula cannot be read or names an unknown column.
    InputError
        A column holds values that cannot be used.
    DesignError
        No complete row is left.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [3, 1, 2], "d": [1, 0, 1], "g": ["a", "b", None]})
    >>> frame = model_frame("Surv(t, d) ~ g", df)
    >>> frame.design.names, frame.n_missing
    (['gb'], 1)
    """
    data = as_pandas(data)
    left, right_text = split_formula(formula)
    right = parse_right(right_text)
    cluster = _one_cluster(right.cluster, cluster)
    require_columns(right.required, data, f"`{formula}`")
    surv, y = None, None
    if left.startswith("Surv"):
        surv = parse_surv(left, data, states=states)
        missing = np.isnan(surv.time) | np.isnan(surv.event)
        if surv.entry is not None:
            missing |= np.isnan(surv.entry)
    else:
        y = _outcome(left, data)
        missing = np.isnan(y)
    missing = missing | missing_rows(data, right.required)
    sides = _SideColumns.read(right, data, weights, cluster)
    missing = missing | sides.missing
    rows = np.flatnonzero(~missing)
    if not len(rows):
        raise DesignError(
            f"`{formula}`: none of the {len(data)} rows is complete in every column used."
        )
    strata_codes, labels = sides.strata_codes(rows)
    x, encoding = fit_encoding(right, data, rows, formula)
    return ModelFrame(
        design=Design(formula, right, encoding),
        x=x,
        surv=None if surv is None else _whole_events(surv.take(rows)),
        y=None if y is None else y[rows],
        strata=strata_codes,
        strata_labels=labels,
        cluster=sides.cluster_codes(rows),
        weights=None if sides.weights is None else sides.weights[rows],
        offset=None if sides.offset is None else sides.offset[rows],
        rows=rows,
        n_missing=int(missing.sum()),
    )


def _whole_events(surv: Surv) -> Surv:
    return Surv(
        surv.time, surv.event.astype(np.int64), surv.entry, surv.time_name, surv.event_name,
        surv.states,
    )  # fmt: skip


def _outcome(left: str, data: pd.DataFrame) -> np.ndarray:
    values = evaluate(left, data, "The left side")
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return numeric(values, left, "outcome")
    return binary(values, left)


def _one_cluster(in_formula: str | None, argument: str | None) -> str | None:
    if in_formula and argument and in_formula != argument:
        raise FormulaError(
            f"cluster is given twice: cluster({in_formula}) in the formula and "
            f"cluster={argument!r}. Keep one."
        )
    return in_formula or argument


@dataclass(frozen=True)
class _SideColumns:
    """Columns beside the design: strata, cluster, weights, offset."""

    strata: list[pd.Series]
    names: tuple[str, ...]
    cluster: pd.Series | None
    weights: np.ndarray | None
    offset: np.ndarray | None
    missing: np.ndarray

    @classmethod
    def read(
        cls, right: RightSide, data: pd.DataFrame, weights: str | None, cluster: str | None
    ) -> _SideColumns:
        strata = [evaluate(name, data, "strata()") for name in right.strata]
        ids = evaluate(cluster, data, "cluster") if cluster else None
        w = _weights(weights, data) if weights is not None else None
        offset = None
        if right.offset is not None:
            offset = numeric(evaluate(right.offset, data, "offset()"), right.offset, "offset")
        missing = np.zeros(len(data), bool)
        for series in [*strata, *([ids] if ids is not None else [])]:
            missing |= series.isna().to_numpy()
        for array in (w, offset):
            if array is not None:
                missing |= np.isnan(array)
        return cls(strata, right.strata, ids, w, offset, missing)

    def strata_codes(self, rows: np.ndarray) -> tuple[np.ndarray | None, tuple[str, ...]]:
        if not self.strata:
            return None, ()
        frame = GroupFrame.of(self.names, [series.iloc[rows] for series in self.strata])
        return frame.codes, frame.labels

    def cluster_codes(self, rows: np.ndarray) -> np.ndarray | None:
        if self.cluster is None:
            return None
        return pd.factorize(self.cluster.iloc[rows])[0].astype(np.int64)


def _weights(name: str, data: pd.DataFrame) -> np.ndarray:
    values = numeric(evaluate(name, data, "weights"), name, "weights")
    n_negative = int((values < 0).sum())
    if n_negative:
        raise InputError(f"weights '{name}' are negative in {n_negative} rows; they must be >= 0.")
    return values


def group_frame(
    formula: str, data: Any, *, weights: str | None = None, cluster: str | None = None
) -> tuple[ModelFrame, GroupFrame | None]:
    """Like `model_frame`, for `~ group1 + group2`: the right side names groups, not covariates.

    Returns
    -------
    ModelFrame
        With an empty design; its `surv`, `strata`, `weights`, `rows` are aligned to the groups.
    GroupFrame or None
        None for `~ 1`.
    """
    data = as_pandas(data)
    left, right_text = split_formula(formula)
    right = parse_right(right_text)
    expressions = tuple(str(term) for term in right.formula if str(term) != "1")
    if any(":" in expression for expression in expressions):
        raise FormulaError(f"`{formula}`: groups are joined with +, without interactions.")
    groups = [evaluate(_plain(expression), data, "A group") for expression in expressions]
    specials = [f"strata({', '.join(right.strata)})"] if right.strata else []
    specials += [f"cluster({right.cluster})"] if right.cluster else []
    keep = np.ones(len(data), bool)
    for series in groups:
        keep &= series.notna().to_numpy()
    if not keep.any():
        raise DesignError(f"`{formula}`: no row has a group.")
    outer = np.flatnonzero(keep)
    inner = model_frame(
        f"{left} ~ {' + '.join(['1', *specials])}",
        data.iloc[outer],
        weights=weights,
        cluster=cluster,
    )
    rows = outer[inner.rows]
    frame = ModelFrame(
        **{
            **{name: getattr(inner, name) for name in inner.__dataclass_fields__},
            "rows": rows,
            "n_missing": len(data) - len(rows),
        }
    )
    if not groups:
        return frame, None
    names = tuple(_plain(expression) for expression in expressions)
    return frame, GroupFrame.of(names, [series.iloc[rows] for series in groups])


def _plain(expression: str) -> str:
    """The column inside C(), I() or factor(): groups need no coding."""
    for wrapper in ("C(", "I(", "factor("):
        if expression.startswith(wrapper) and expression.endswith(")"):
            return call_arguments(expression.partition("(")[2][:-1].join(("f(", ")")))[1][0]
    return expression
