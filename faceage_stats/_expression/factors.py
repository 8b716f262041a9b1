"""Functions that make or change a factor: C, factor, as.factor, relevel, cut."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._expression.values import Value, is_factor, numbers
from faceage_stats._levels import as_factor, level_text, match_levels
from faceage_stats.errors import FormulaError

__all__ = ["C", "as_factor_", "cut", "factor", "relevel"]

_CONTRASTS = (None, "contr.treatment", "poly", "contr.poly")


def C(
    x: Value,
    contr: Any = None,
    ref: Any = None,
    levels: Any = None,
    *,
    state: dict[str, Any],
) -> pd.Series:
    """Mark a column as a factor: ``C(g, ref = "a")``, ``C(g, poly)``.

    The reference comes first among the levels. Contrasts concern the columns of a design, not the
    levels: they are chosen where terms are coded.
    """
    if contr not in _CONTRASTS:
        raise FormulaError(
            'C() knows the contrasts poly and contr.treatment; another reference: C(g, ref = "a").'
        )
    coded = _fitted(_series(x, "C()"), levels, state)
    if ref is not None:
        coded = _first(coded, ref, "C()")
    return coded


def factor(
    x: Value,
    levels: Any = None,
    labels: Any = None,
    ordered: Any = None,
    *,
    state: dict[str, Any],
) -> pd.Series:
    """Make a factor; `levels` is their order, `labels` their new names."""
    values = _series(x, "factor()")
    if is_factor(values) and not state:
        values = values.cat.remove_unused_categories()
    coded = _fitted(values, levels, state)
    if labels is not None:
        known = coded.cat.categories
        if not isinstance(labels, list) or len(set(map(level_text, labels))) != len(known):
            raise FormulaError(f"factor(): labels must be {len(known)} different texts.")
        coded = coded.cat.rename_categories([level_text(label) for label in labels])
    return (
        coded
        if ordered is None
        else coded.cat.set_categories(coded.cat.categories, ordered=bool(ordered))
    )


def as_factor_(x: Value, *, state: dict[str, Any]) -> pd.Series:
    """Make a factor; one that is a factor keeps its levels."""
    return _fitted(_series(x, "as.factor()"), None, state)


def relevel(x: Value, ref: Any, *, state: dict[str, Any]) -> pd.Series:
    """Put one level first, as the reference: ``relevel(sex, ref = "male")``."""
    return _first(_fitted(_series(x, "relevel()"), None, state), ref, "relevel()")


def cut(
    x: Value,
    breaks: Any,
    labels: Any = None,
    include_lowest: Any = False,
    right: Any = True,
    dig_lab: Any = 3,
    ordered_result: Any = False,
    *,
    state: dict[str, Any],
) -> pd.Series:
    """Divide a number into intervals as R's cut(); outside them it is missing."""
    values = numbers(x, "cut()")
    if not isinstance(values, pd.Series):
        raise FormulaError("cut() needs a column.")
    if not state:
        state["breaks"] = _breaks(values, breaks)
    points = state["breaks"]
    array, n = values.to_numpy(), len(points) - 1
    codes = np.searchsorted(points, array, side="left" if right else "right") - 1
    if include_lowest:
        edge = points[0] if right else points[-1]
        codes[array == edge] = 0 if right else n - 1
    codes[np.isnan(array) | (codes < 0) | (codes >= n)] = -1
    if labels is False:
        return pd.Series(np.where(codes < 0, np.nan, codes + 1.0), values.index, name=values.name)
    texts = _interval_labels(points, bool(right), bool(include_lowest), int(dig_lab))
    if labels is not None:
        if not isinstance(labels, list) or len(labels) != n:
            raise FormulaError(f"cut(): {n} intervals need {n} labels.")
        texts = [level_text(label) for label in labels]
    return _categorical(values, codes, texts, bool(ordered_result))


def _categorical(values: pd.Series, codes: Any, levels: list[Any], ordered: bool) -> pd.Series:
    coded = pd.Categorical.from_codes(codes, pd.Index(levels), ordered=ordered)
    return pd.Series(coded, index=values.index, name=values.name)


def _series(x: Value, function: str) -> pd.Series:
    if not isinstance(x, pd.Series):
        raise FormulaError(f"{function} needs a column.")
    return x


def _fitted(values: pd.Series, levels: Any, state: dict[str, Any]) -> pd.Series:
    """Make a factor: by the levels of the fit, else those given, else in R's order."""
    if state or levels is not None:
        given = levels if isinstance(levels, list) else [levels]
        known, ordered = state.get("levels", given), state.get("ordered", False)
        coded = _categorical(values, match_levels(values, known), list(known), ordered)
    else:
        coded = as_factor(values)
    state.setdefault("levels", list(coded.cat.categories))
    state.setdefault("ordered", bool(coded.cat.ordered))
    return coded


def _first(values: pd.Series, ref: Any, function: str) -> pd.Series:
    """Move a level to the front."""
    levels = list(values.cat.categories)
    texts = [level_text(level) for level in levels]
    if isinstance(ref, list | pd.Series) or level_text(ref) not in texts:
        listed = ", ".join(texts[:8])
        raise FormulaError(f"{function}: ref is not among the levels: {listed}.")
    level = levels.pop(texts.index(level_text(ref)))
    return values.cat.set_categories([level, *levels], ordered=False)


def _breaks(values: pd.Series, breaks: Any) -> np.ndarray:
    """Give the cut points; a number asks for so many intervals of one width."""
    given = np.atleast_1d(np.asarray(breaks, dtype=float)) if not isinstance(breaks, str) else None
    if given is None or np.isnan(given).any() or len(np.unique(given)) < len(given):
        raise FormulaError(
            "cut() needs different numbers as its cut points, e.g. c(0, 50, 65, 100)."
        )
    if len(given) > 1:
        return np.sort(given)
    n = int(given[0])
    low, high = values.min(), values.max()
    if n < 2 or n > 1000 or not np.isfinite(low) or not low < high:
        raise FormulaError(
            "cut() needs cut points, or 2 or more intervals of a column that varies."
        )
    points = np.linspace(low, high, n + 1)
    points[[0, -1]] = low - (high - low) / 1000, high + (high - low) / 1000
    return points


def _interval_labels(points: np.ndarray, right: bool, closed: bool, digits: int) -> list[str]:
    """Label the intervals as R: with as many digits as tell the cut points apart."""
    for precision in range(digits, max(12, digits) + 1):
        shown = [_number(point, precision) for point in points]
        if len(set(shown)) == len(shown):
            break
    opening, closing = ("(", "]") if right else ("[", ")")
    pairs = itertools.pairwise(shown)
    labels = [f"{opening}{low},{high}{closing}" for low, high in pairs]
    if closed and right:
        labels[0] = "[" + labels[0][1:]
    elif closed:
        labels[-1] = labels[-1][:-1] + "]"
    return labels


def _number(value: float, digits: int) -> str:
    if np.isinf(value):
        return " Inf" if value > 0 else "-Inf"  # R pads the positive one
    return f"{value:.{digits}g}"
