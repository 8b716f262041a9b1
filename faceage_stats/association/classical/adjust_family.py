"""Families of tests, declared by name: p values adjusted over each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from faceage_stats._p_adjust import PAdjust
from faceage_stats._p_adjust import p_adjust as adjusted
from faceage_stats.errors import InputError

__all__ = ["adjust_family"]


def adjust_family(
    tests: pd.DataFrame, *, family: str, p_adjust: PAdjust = "holm", by: str | None = None
) -> pd.DataFrame:
    """Add ``p_adjusted`` and say over which family of tests the adjustment ran.

    Parameters
    ----------
    tests : pandas.DataFrame
        One row per test with a column ``p_value``.
    family : str
        Plain name of the family ("smoking, pairwise"); it is written into the table so that
        a page can say what was adjusted over what.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Method of :func:`faceage_stats.p_adjust`.
    by : str, optional
        Column that splits the tests into separate families, named "`family`, value".

    Returns
    -------
    pandas.DataFrame
        `tests` with ``p_adjusted``, ``p_adjust`` (the method) and ``family`` ("name (k tests)").

    Raises
    ------
    InputError
        A named column is absent, an unknown method, or a p value outside 0 to 1.

    See Also
    --------
    p_adjust : the adjustment itself.

    Notes
    -----
    In R: ``p.adjust(tests$p_value, method = "holm")``

    Examples
    --------
    >>> adjust_family(pd.DataFrame({"p_value": [0.01, 0.04]}), family="smoking")
       p_value  p_adjusted p_adjust             family
    0     0.01        0.02     holm  smoking (2 tests)
    1     0.04        0.04     holm  smoking (2 tests)
    """
    absent = [name for name in ("p_value", by) if name is not None and name not in tests]
    if absent:
        raise InputError(f"adjust_family: no column {', '.join(map(repr, absent))} in the tests.")
    pieces: Any = [("", tests)]
    if by is not None:
        pieces = tests.groupby(by, sort=False, observed=True)
    parts: list[pd.DataFrame] = []
    for value, part in pieces:
        count = int(part["p_value"].notna().sum())
        label = family if by is None else f"{family}, {value}"
        columns = {
            "p_adjusted": adjusted(part["p_value"], p_adjust),
            "p_adjust": p_adjust,
            "family": f"{label} ({count} test{'' if count == 1 else 's'})",
        }
        parts.append(part.assign(**columns))
    return pd.concat(parts).loc[tests.index]
