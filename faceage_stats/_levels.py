"""Levels of a column: their order, their text, and how a level is known again in other data.

The one place where values become groups. The order is that of R's factor(): a categorical keeps
its own, text is sorted as R sorts it (`_collation`), numbers, true/false and dates by value.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._collation import collation_key
from faceage_stats._kinds import by_kind, level_text
from faceage_stats._warn import warn
from faceage_stats.errors import InputError, ReadingWarning

__all__ = [
    "FEW",
    "as_factor",
    "group_codes",
    "level_text",
    "list_levels",
    "match_levels",
    "sort_text",
]

FEW = 5  # levels that a message lists; many may be an identifier


def sort_text(values: Iterable[str]) -> list[str]:
    """Sort texts as R's sort() does in a UTF-8 locale, on every machine alike.

    Examples
    --------
    >>> sort_text(["Male", "female", "10", "9"])
    ['10', '9', 'female', 'Male']
    """
    return sorted(values, key=collation_key)


def as_factor(values: pd.Series) -> pd.Series:
    """Make a factor of any column: dtype category, its levels in the order of R's factor().

    Examples
    --------
    >>> list(as_factor(pd.Series(["Male", "female", None])).cat.categories)
    ['female', 'Male']
    >>> list(as_factor(pd.Series([2, 1, 1], dtype="Int8")).cat.categories)
    [1.0, 2.0]
    """
    values = by_kind(values)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values
    codes, levels = _coded(values)
    factor = pd.Categorical.from_codes(codes, pd.Index(levels))
    return pd.Series(factor, index=values.index, name=values.name)


def _coded(values: pd.Series) -> tuple[Any, list[Any]]:
    """Number the values of a column that is no categorical by their sorted levels."""
    codes, found = pd.factorize(values)
    levels = [_value(level) for level in found]
    is_text = bool(levels) and isinstance(levels[0], str)
    if is_text:
        _tell_alike(levels, values.name)
    order = sort_text(set(levels)) if is_text else sorted(set(levels))
    place = {level: i for i, level in enumerate(order)}
    return np.array([*(place[level] for level in levels), -1], np.int64)[codes], order


def _tell_alike(levels: Sequence[str], name: Any) -> None:
    """Warn of levels that a reader cannot tell apart, and of a blank one: in R, too, they differ.

    Only a text of unlike characters or with blanks around it can look like another.
    """
    odd = [text for text in levels if not text.isascii() or text != text.strip() or not text]
    if not odd:
        return
    seen = Counter(unicodedata.normalize("NFC", text).strip() for text in levels)
    if seen[""]:
        what, cure = "a blank text is a level of its own", f"data['{name}'].replace({{'': None}})"
    elif max(seen.values()) > 1:
        n = sum(count for count in seen.values() if count > 1)
        what = f"{n} levels differ in blanks, or in how an accent is stored, alone"
        cure = f"data['{name}'].str.normalize('NFC').str.strip()"
    else:
        return
    warn(f"column '{name}': {what}. Where that is not meant: {cure}.", ReadingWarning)


def _value(level: Any) -> Any:
    """Round a fraction as R does before it compares levels: .3 and .1 + .2 are one."""
    is_fraction = isinstance(level, float) and not level.is_integer()
    return float(level_text(level)) if is_fraction else level


def group_codes(values: Any) -> tuple[np.ndarray, list[str]]:
    """Number the groups of a column in the order of `as_factor`.

    Returns
    -------
    codes : numpy.ndarray of int
        -1 for missing.
    labels : list of str
        The level of each code, as text; levels without rows are excluded.

    Examples
    --------
    >>> group_codes(["b", None, "A"])
    (array([ 1, -1,  0]), ['A', 'b'])
    """
    values = by_kind(pd.Series(values))
    if isinstance(values.dtype, pd.CategoricalDtype):
        used = values.cat.remove_unused_categories()
        codes, levels = used.cat.codes.to_numpy(np.int64), list(used.cat.categories)
    else:
        codes, levels = _coded(values)
    return codes, [level_text(level) for level in levels]


def match_levels(values: pd.Series, levels: Sequence[Any]) -> np.ndarray:
    """Find each value among known levels by what it says: 1, 1.0 and "1" are one level.

    Parameters
    ----------
    values : pandas.Series
        Its name stands in messages.
    levels : sequence
        The known levels: texts or values.

    Returns
    -------
    numpy.ndarray of int
        The position of each value in `levels`, -1 where it is missing.

    Raises
    ------
    InputError
        A value is no known level.

    Examples
    --------
    >>> match_levels(pd.Series([2, None, 1], name="ecog"), ["1", "2"]).tolist()
    [1, -1, 0]
    """
    codes, found = pd.factorize(by_kind(values))
    known = {level_text(level): place for place, level in enumerate(levels)}
    texts = [level_text(level) for level in found]
    place = np.array([*(known.get(text, -2) for text in texts), -1], np.int64)
    matched: np.ndarray = place[codes]
    n_new = int((matched == -2).sum())
    if n_new:
        new = list_levels(sort_text(text for text in texts if text not in known))
        raise InputError(
            f"column '{values.name}' has values in {n_new} rows that are none of the known levels: "
            f"{new}. Known: {list_levels(known)}. Recode or drop those rows."
        )
    return matched


def list_levels(levels: Iterable[Any]) -> str:
    """List a few levels for a message; of many say only how many: they may name patients.

    Examples
    --------
    >>> list_levels(["low", "high"]), list_levels(range(1000))
    ('low, high', '1000 different values')
    """
    texts = list(dict.fromkeys(level_text(level) for level in levels))
    return ", ".join(texts) if len(texts) <= FEW else f"{len(texts)} different values"
