"""Whether a claim holds: its condition, evaluated over the intervals of its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import pandas as pd

from faceage_stats._expression.evaluate import evaluate
from faceage_stats.reporting.claims.ledger import CANNOT_TELL, HOLDS, VERDICTS
from faceage_stats.reporting.claims.quantity import Quantity

__all__ = ["all_of", "verdict", "verdicts"]

_COHORT = "(cohort)"  # no name of a number can have parentheses
_DOES_NOT = VERDICTS[1]


def verdict(condition: str, quantities: Mapping[str, Quantity]) -> str:
    """Say whether a condition is true for all, for none or for some of what the intervals allow.

    Parameters
    ----------
    condition : str
        In R's grammar, such as ``hr > 1 & hr.p < 0.05``. A name stands for the number anywhere in
        its interval; ``.estimate .low .high .p .n .published`` after it for that one number.
    quantities : mapping of name to Quantity

    Returns
    -------
    str
        One of ``VERDICTS``: "cannot tell" where the intervals include both, or a number is
        missing. Intervals of several numbers are taken together as a box, which is cautious.

    Examples
    --------
    >>> above = Quantity(estimate=1.2, conf_low=1.1, conf_high=1.3)
    >>> around = Quantity(estimate=1.2, conf_low=0.9, conf_high=1.6)
    >>> verdict("hr > 1", {"hr": above}), verdict("hr > 1", {"hr": around})
    ('holds', 'cannot tell')
    """
    return verdicts(condition, [quantities])[0]


def verdicts(condition: str, cohorts: Sequence[Mapping[str, Quantity]]) -> list[str]:
    """Judge one condition in several cohorts at once.

    Parameters
    ----------
    condition : str
    cohorts : sequence of mapping of name to Quantity

    Returns
    -------
    list of str
        As `verdict`, one per cohort.
    """
    boxes = [row for i, cohort in enumerate(cohorts) for row in _corners(cohort, i)]
    table = pd.DataFrame(boxes)
    is_true = evaluate(condition, table, "claims()").astype("boolean")
    return [_one(each) for _, each in is_true.groupby(table[_COHORT])]


def _corners(quantities: Mapping[str, Quantity], cohort: int) -> Iterator[dict[str, float]]:
    """One row per corner of the box, beside the numbers themselves."""
    same: dict[str, float] = {_COHORT: cohort}
    for name, q in quantities.items():
        same |= {f"{name}.estimate": q.estimate, f"{name}.low": q.conf_low}
        same |= {f"{name}.high": q.conf_high, f"{name}.p": q.p_value, f"{name}.n": q.n}
        same |= {f"{name}.published": q.published}
    for corner in product(*(q.corners for q in quantities.values())):
        yield {**dict(zip(quantities, corner, strict=True)), **same}


def _one(is_true: pd.Series) -> str:
    if is_true.isna().any() or is_true.nunique() > 1:
        return CANNOT_TELL
    return HOLDS if bool(is_true.iloc[0]) else _DOES_NOT


def all_of(verdicts: Iterable[str]) -> str:
    """Join the verdicts of several rows: one that does not hold decides.

    Examples
    --------
    >>> all_of(["holds", "cannot tell"]), all_of(["holds", "does not hold"]), all_of([])
    ('cannot tell', 'does not hold', 'cannot tell')
    """
    found = set(verdicts)
    if _DOES_NOT in found:
        return _DOES_NOT
    return HOLDS if found == {HOLDS} else CANNOT_TELL
