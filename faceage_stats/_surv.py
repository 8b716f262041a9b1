"""The outcome of a survival formula: Surv(time, event) and Surv(start, stop, event)."""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.errors import EstimationWarning, FormulaError, InputError

__all__ = ["Surv", "binary", "call_arguments", "evaluate", "names_in", "numeric", "require_columns"]

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Surv:
    """Follow-up of n rows: (entry, time] and what happened at its end.

    `event` is 0/1, or 0 = censored and 1..k = state when `states` names several causes.
    """

    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray | None
    time_name: str
    event_name: str
    states: tuple[str, ...] = ()

    def take(self, rows: np.ndarray) -> Surv:
        """Keep the rows at these positions, in this order."""
        entry = None if self.entry is None else self.entry[rows]
        return Surv(
            self.time[rows], self.event[rows], entry, self.time_name, self.event_name, self.states
        )


def call_arguments(call: str) -> tuple[str, list[str]]:
    """Split ``f(a, b + 1)`` into its name and its argument texts; backticked names survive."""
    quoted: list[str] = []

    def hide(match: re.Match[str]) -> str:
        quoted.append(match.group(0))
        return f"_quoted_{len(quoted) - 1}_"

    try:
        node = ast.parse(re.sub(r"`[^`]+`", hide, call.strip()), mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"Cannot read `{call.strip()}`: {error.msg}.") from None
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)) or node.keywords:
        raise FormulaError(f"`{call.strip()}` should look like Surv(time, event).")
    arguments = [ast.unparse(argument) for argument in node.args]
    restored = [
        re.sub(r"_quoted_(\d+)_", lambda m: quoted[int(m.group(1))], text) for text in arguments
    ]
    return node.func.id, restored


def require_columns(names: Any, data: pd.DataFrame, where: str) -> None:
    """Refuse names that are not columns, all at once, with near matches."""
    absent = [name for name in names if name not in data.columns]
    if not absent:
        return
    hints = []
    for name in absent:
        near = difflib.get_close_matches(str(name), [str(column) for column in data.columns])
        hints.append(f"'{name}'" + (f" (did you mean {', '.join(near)}?)" if near else ""))
    raise FormulaError(
        f"{where} names {'a column' if len(absent) == 1 else 'columns'} that the data do not "
        f"have: {', '.join(hints)}. The data have {len(data.columns)} columns."
    )


def evaluate(expression: str, data: pd.DataFrame, where: str) -> pd.Series:
    """Evaluate a column name or a pandas expression; missing wherever a used column is."""
    name = expression.strip("`")
    if name in data.columns:
        return data[name]
    used = names_in(expression)
    require_columns(used, data, where)
    if not used:
        raise FormulaError(f"{where}: `{expression}` names no column.")
    try:
        value: Any = data.eval(expression, engine="python")
    except Exception as error:  # pandas raises many kinds; each means the text is not usable
        raise FormulaError(f"{where}: cannot evaluate `{expression}`: {error}.") from None
    if np.ndim(value) != 1:
        raise FormulaError(f"{where}: `{expression}` does not give one value per row.")
    missing = data[used].isna().any(axis=1)
    if missing.any():
        value = value.astype("Float64" if value.dtype == bool else value.dtype).mask(missing)
    return value


def names_in(expression: str) -> list[str]:
    """Columns that an expression uses: its names and backticked names, without functions."""
    quoted = re.findall(r"`([^`]+)`", expression)
    if expression.isidentifier():
        return [expression]
    tree = ast.parse(re.sub(r"`[^`]+`", "0", expression), mode="eval")
    calls = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    plain = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n not in calls]
    return list(dict.fromkeys(plain + quoted))


def numeric(values: pd.Series, name: str, what: str = "column") -> np.ndarray:
    """One float per row (NaN = missing); dates, text and infinite values are refused by name."""
    if pd.api.types.is_datetime64_any_dtype(values) or isinstance(values.dtype, pd.PeriodDtype):
        raise InputError(
            f"{what} '{name}' holds dates. Use a duration, e.g. "
            f"(stop - start).dt.days / {DAYS_PER_YEAR} for years."
        )
    if pd.api.types.is_timedelta64_dtype(values):
        raise InputError(f"{what} '{name}' holds time differences. Use .dt.days to get numbers.")
    if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)):
        number = pd.to_numeric(values, errors="coerce")
        n_text = int((number.isna() & values.notna()).sum())
        raise InputError(
            f"{what} '{name}' holds text ({n_text} of {len(values)} rows are not numbers). "
            "Convert it with pandas.to_numeric after correcting those rows."
        )
    array = values.to_numpy(dtype=float, na_value=np.nan)
    n_infinite = int(np.isinf(array).sum())
    if n_infinite:
        raise InputError(
            f"{what} '{name}' has {n_infinite} infinite values. Correct them or set them missing."
        )
    return array


def binary(values: pd.Series, name: str) -> np.ndarray:
    """0/1 as float with NaN for missing; anything else is refused by value and row count."""
    if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)):
        kinds = values.dropna().astype(str).value_counts()
        listed = ", ".join(f"{level} ({count} rows)" for level, count in kinds.head(5).items())
        first = kinds.index[0] if len(kinds) else "yes"
        raise InputError(
            f"`{name}` is text, not 0/1: {listed}. Name the event of interest, "
            f'e.g. Surv(time, {name} == "{first}").'
        )
    array = numeric(values, name)
    other = ~np.isnan(array) & (array != 0) & (array != 1)
    if other.any():
        found, counts = np.unique(array[other], return_counts=True)
        pairs = zip(found[:5], counts[:5], strict=True)
        listed = ", ".join(f"{value:g} ({count} rows)" for value, count in pairs)
        raise InputError(
            f"`{name}` has values other than 0/1: {listed}. Recode it, or name the event of "
            f"interest with Surv(time, {name} == {found[0]:g})."
        )
    return array


def parse_surv(left: str, data: pd.DataFrame, *, states: bool = False) -> Surv:
    """Evaluate the left side of a survival formula; missing values stay NaN here."""
    function, arguments = call_arguments(left)
    if function != "Surv" or len(arguments) not in (2, 3):
        raise FormulaError(
            f"The left side is `{left.strip()}`; it must be Surv(time, event) or "
            "Surv(start, stop, event)."
        )
    *time_names, event_name = arguments
    times = [numeric(evaluate(name, data, "Surv()"), name, "time") for name in time_names]
    labels: tuple[str, ...] = ()
    values = evaluate(event_name, data, "Surv()")
    if states:
        event, labels = _state_codes(values, event_name)
    else:
        event = binary(values, event_name)
    for name, time in zip(time_names, times, strict=True):
        n_negative = int((time < 0).sum())
        if n_negative and len(times) == 1:
            raise InputError(
                f"time '{name}' is negative in {n_negative} rows. Correct the dates behind it, "
                "or exclude those rows with a stated reason."
            )
    entry, stop = (times[0], times[1]) if len(times) == 2 else (None, times[0])
    if entry is not None:
        stop = _refuse_empty_intervals(entry, stop)
    return Surv(stop, event, entry, time_names[-1], event_name, labels)


def _refuse_empty_intervals(entry: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """R's rule: a row that ends at or before it starts becomes missing, with a warning."""
    empty = stop <= entry
    if not empty.any():
        return stop
    warnings.warn(
        f"{int(empty.sum())} rows end at or before they start; they are left out and counted in "
        "n_missing, as in R. Correct the dates.",
        EstimationWarning,
        stacklevel=5,
    )
    return np.where(empty, np.nan, stop)


def _state_codes(values: pd.Series, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Competing events: the first level (or 0) is censoring, the others are numbered from 1."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = [str(level) for level in values.cat.categories]
        codes = values.cat.codes.to_numpy(dtype=float)
        return np.where(codes < 0, np.nan, codes), tuple(levels[1:])
    array = numeric(values, name, "event")
    whole = np.isnan(array) | ((array >= 0) & (array == np.floor(array)))
    if not whole.all():
        raise InputError(
            f"`{name}` must be 0 for censored and 1, 2, ... for the causes; "
            f"{int((~whole).sum())} rows are not. Recode it, or use an ordered categorical "
            "whose first level is censoring."
        )
    causes = np.unique(array[array > 0])
    codes = np.where(array > 0, np.searchsorted(causes, array) + 1.0, array)
    return codes, tuple(f"{cause:g}" for cause in causes)
