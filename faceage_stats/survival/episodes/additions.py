"""What tmerge adds: ``tdc(day, faceage)`` and its kin, read from text and found in a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import numeric
from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.evaluate import one_column
from faceage_stats._expression.nodes import Call, Node, Number, Text, Unary
from faceage_stats._expression.parse import parse
from faceage_stats._near import did_you_mean
from faceage_stats.errors import FormulaError, InputError
from faceage_stats.survival.episodes.surv_split import whole_numbers

__all__ = ["COVARIATES", "Addition", "read_addition"]

COVARIATES = ("tdc", "cumtdc")  # they hold from their time on; event and cumevent mark an end
_KINDS = (*COVARIATES, "event", "cumevent")
_ARGUMENTS = ("time", "value", "init")


@dataclass(frozen=True)
class Addition:
    """One column to add, found in the second table: its rows with a time and a value.

    Attributes
    ----------
    name, kind : str
    rows : ndarray of int64
        Positions in the second table.
    time : ndarray
    value : pandas.Series
        Ones when no value is named.
    is_indicator : bool
        Whether no value is named: 0 before the first time.
    init : float, str or None
        Value before the first time.
    """

    name: str
    kind: str
    rows: np.ndarray
    time: np.ndarray
    value: pd.Series
    is_indicator: bool
    init: Any

    @property
    def is_event(self) -> bool:
        """Whether it marks what happens at the end of an interval."""
        return self.kind not in COVARIATES

    def keep(self, some: np.ndarray) -> Addition:
        """Keep some of the rows, as true and false."""
        value = self.value[some].reset_index(drop=True)
        return replace(self, rows=self.rows[some], time=self.time[some], value=value)


def read_addition(name: str, text: Any, data: pd.DataFrame, *, na_rm: bool) -> Addition:
    """Read ``tdc(time, value, init)``, cumtdc(), ``event(time, value)`` or cumevent().

    Parameters
    ----------
    name : str
        Of the new column.
    text : str
    data : pandas.DataFrame
        The second table.
    na_rm : bool
        Leave out rows whose value is missing; rows without a time are always left out.
    """
    where = f"tmerge(): {name}"
    call = parse(text, where, _KINDS) if isinstance(text, str) else None
    if not isinstance(call, Call) or call.function not in _KINDS:
        near = did_you_mean(call.function, _KINDS) if isinstance(call, Call) else ""
        raise FormulaError(
            f'{where} must be text such as "tdc(day, faceage)", "cumtdc(day, dose)", '
            f'"event(day, relapse)" or "cumevent(day)".{near}'
        )
    given = _given(call, where)
    time = numeric(one_column(given["time"], data, where), deparse(given["time"]), "time")
    value = pd.Series(1, index=data.index)
    if "value" in given:
        value = one_column(given["value"], data, where)
    keep = ~np.isnan(time)
    if na_rm:
        keep &= value.notna().to_numpy()
    if call.function.startswith("cum"):
        value = _summable(value, call.function, where)
    if call.function in ("event", "cumevent"):
        value = whole_numbers(value)
    rows = np.flatnonzero(keep)
    init = _constant(given["init"], where) if "init" in given else None
    value = value.iloc[rows].reset_index(drop=True)
    return Addition(name, call.function, rows, time[rows], value, "value" not in given, init)


def _given(call: Call, where: str) -> dict[str, Node]:
    known = _ARGUMENTS if call.function in COVARIATES else _ARGUMENTS[:2]
    given = dict(zip(known, call.arguments, strict=False)) | dict(call.keywords)
    unknown = [each for each, _ in call.keywords if each not in known]
    if unknown or len(call.arguments) > len(known) or "time" not in given:
        raise FormulaError(f"{where}: {call.function}() takes {', '.join(known)}.")
    return given


def _constant(node: Node, where: str) -> Any:
    if isinstance(node, Number | Text):
        return node.value
    if isinstance(node, Unary) and node.operator == "-" and isinstance(node.operand, Number):
        return -node.operand.value
    raise FormulaError(f"{where}: init is a number or a text in quotes, not `{deparse(node)}`.")


def _summable(value: pd.Series, function: str, where: str) -> pd.Series:
    """Refuse what cumtdc() and cumevent() cannot add up; true counts 1."""
    if not pd.api.types.is_numeric_dtype(value) and not pd.api.types.is_bool_dtype(value):
        raise InputError(f"{where}: {function}() adds numbers up; this column holds none.")
    return value.astype("Float64").astype(float)
