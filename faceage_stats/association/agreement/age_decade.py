"""Ages in decades, for tables and for errors by age."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import numeric

__all__ = ["age_decade"]


@checked_call
def age_decade(age: Any, *, youngest: int = 20, oldest: int = 90) -> pd.Categorical:
    """Label ages by decade, as ordered categories.

    Parameters
    ----------
    age : array_like, shape (n,)
        Ages in years.
    youngest, oldest : int
        Lower bounds of the second and of the last class, years.

    Returns
    -------
    pandas.Categorical
        "<20", "20-29", ..., "90+"; missing ages stay missing.

    See Also
    --------
    accuracy : errors by decade.

    Notes
    -----
    In R: ``cut(df$age, c(-Inf, seq(20, 90, 10), Inf), right = FALSE)``

    Examples
    --------
    >>> list(age_decade([19.9, 20, 64, 93]))
    ['<20', '20-29', '60-69', '90+']
    """
    bounds = list(range(youngest, oldest + 1, 10))
    labels = [f"<{youngest}", *(f"{low}-{low + 9}" for low in bounds[:-1]), f"{oldest}+"]
    return pd.cut(numeric(age, "age"), [-math.inf, *bounds, math.inf], right=False, labels=labels)
