"""Binary outcome: picks the event level and counts dropped rows."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._binary import is_text
from faceage_stats._columns import as_pandas
from faceage_stats._expression.evaluate import evaluate
from faceage_stats._formula.frame import ModelFrame, frame_of
from faceage_stats._formula.parse import is_surv, split_formula
from faceage_stats._formula.sides import Special
from faceage_stats._kinds import by_kind
from faceage_stats._levels import group_codes, level_text, list_levels
from faceage_stats._warn import warn
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError

__all__ = ["BinaryFrame", "binary_frame", "require_probabilities"]


@dataclass(frozen=True)
class BinaryFrame:
    """Rows used, their 0/1 outcome, and what its two values were called."""

    frame: ModelFrame
    outcome: str
    negative: str
    positive: str

    @property
    def is_case(self) -> np.ndarray:
        """True where the outcome is the positive level."""
        return np.asarray(self.frame.y == 1)

    @property
    def names(self) -> list[str]:
        """Names of the columns on the right side, each a marker or a risk by itself."""
        return self.frame.design.markers()


def binary_frame(
    formula: str,
    data: Any,
    levels: Sequence[Any] | None = None,
    *,
    allow: Set[Special] = frozenset(),
    weights: str | None = None,
    cluster: str | None = None,
    subset: str | None = None,
    caller: str = "",
) -> BinaryFrame:
    """Evaluate ``outcome ~ columns`` on data; refuse an outcome that has one class only.

    Parameters
    ----------
    formula : str
    data : pandas.DataFrame or polars.DataFrame
    levels : (negative, positive), optional
        Without it 0/1 and logical outcomes mean themselves, and of two text levels the second (in
        the order of R's factor()) is positive, as in R.
    allow : set of {"strata", "cluster", "offset", "- 1"}
        The specials that the caller uses; any other is refused.
    weights, cluster, subset : str, optional
        As `model_frame`.
    caller : str
        The user's function, named in messages.

    Returns
    -------
    BinaryFrame

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"died": ["no", "yes", "no"], "x": [1, 2, 3]})
    >>> frame = binary_frame("died ~ x", df)
    >>> frame.positive, frame.is_case.tolist()
    ('yes', [False, True, False])
    """
    data = as_pandas(data)
    left, _ = split_formula(formula)
    if is_surv(left):
        raise FormulaError(
            f"`{formula}`: the outcome must be binary here; use a column of 0/1 or two levels."
        )
    values = evaluate(left, data, "The left side")
    y, negative, positive = _zero_one(values, left, levels)
    sides = {"weights": weights, "cluster": cluster, "subset": subset}
    frame = frame_of(formula, data, y, allow=allow, caller=caller, **sides)
    _refuse_one_class(frame.y, left, (negative, positive), frame.n_missing)
    return BinaryFrame(frame, left, negative, positive)


def _zero_one(
    values: pd.Series, name: str, levels: Sequence[Any] | None
) -> tuple[np.ndarray, str, str]:
    codes, texts = group_codes(values)
    if levels is None:
        negative, positive = _two_levels(texts, name, is_text(by_kind(values)))
    else:
        negative, positive = _named_levels(texts, name, levels)
    lookup = np.full(len(texts) + 1, np.nan)  # the last cell serves the code -1 of a missing value
    lookup[:-1] = [{negative: 0.0, positive: 1.0}.get(text, np.nan) for text in texts]
    y = lookup[codes]
    n_other = int((np.isnan(y) & (codes >= 0)).sum())
    if n_other:
        warn(
            f"`{name}` is neither {negative} nor {positive} in {n_other} rows; they are excluded "
            "and counted in n_missing.",
            EstimationWarning,
        )
    return y, negative, positive


def _named_levels(texts: list[str], name: str, levels: Sequence[Any]) -> tuple[str, str]:
    is_list = isinstance(levels, Sequence | np.ndarray) and not isinstance(levels, str)
    if not is_list or len(levels) != 2:
        raise InputError("levels must be a pair: (negative, positive).")
    negative, positive = (level_text(level) for level in levels)
    for level in (negative, positive):
        if level not in texts:
            raise DesignError(
                f"`{name}` has no row with the level {level}; it has "
                f"{list_levels(texts) or 'no value at all'}."
            )
    return negative, positive


def _two_levels(texts: list[str], name: str, is_factor: bool) -> tuple[str, str]:
    if not texts:
        raise DesignError(f"`{name}` has no value.")
    if set(texts) <= {"0", "1"}:
        return "0", "1"
    if set(texts) <= {"TRUE", "FALSE"}:
        return "FALSE", "TRUE"
    if len(texts) != 2 or not is_factor:
        raise InputError(
            f"`{name}` has {len(texts)} distinct values ({list_levels(texts)}), not 0/1. "
            "Name the two classes: levels=(negative, positive)."
        )
    return texts[0], texts[1]


def _refuse_one_class(y: np.ndarray, name: str, levels: tuple[str, str], n_missing: int) -> None:
    n_case = int(y.sum())
    if n_case in (0, len(y)):
        raise DesignError(
            f"`{name}` has one class only: {len(y)} rows are {levels[int(n_case > 0)]} and none is "
            f"{levels[int(n_case == 0)]} ({n_missing} rows had a missing value). Both "
            "are needed."
        )


def require_probabilities(x: np.ndarray, names: Sequence[str]) -> None:
    """Refuse columns that are not probabilities."""
    for name, column in zip(names, x.T, strict=True):
        n_bad = int(((column < 0) | (column > 1)).sum())
        if n_bad:
            raise InputError(
                f"`{name}` lies outside 0 to 1 in {n_bad} rows; it must hold predicted "
                "probabilities (not percentages, scores or linear predictors)."
            )
