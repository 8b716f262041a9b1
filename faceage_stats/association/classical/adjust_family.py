"""Families of tests, declared by name: p values adjusted over each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, numeric, require_columns
from faceage_stats._near import check_option
from faceage_stats._p_adjust import PAdjust
from faceage_stats._p_adjust import p_adjust as adjusted
from faceage_stats.errors import InputError

__all__ = ["adjust_family"]


@checked_call
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
        A named column is absent or, for `by`, incomplete; an unknown method; a p value outside 0
        to 1.

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
    check_option("p_adjust", p_adjust, PAdjust)
    tests = as_pandas(tests)
    require_columns(["p_value"] if by is None else ["p_value", by], tests, "adjust_family()")
    codes, values = np.zeros(len(tests), int), pd.Index([""])
    if by is not None:
        codes, values = pd.factorize(tests[by])
    n_without = int((codes < 0).sum())
    if n_without:
        raise InputError(f"adjust_family(): '{by}' is missing in {n_without} rows; fill it.")
    p_value = numeric(tests["p_value"], "p_value")
    p_adjusted = np.full(len(tests), np.nan)
    labels = []
    for code, value in enumerate(values):
        rows = codes == code
        p_adjusted[rows] = adjusted(p_value[rows], p_adjust)
        count = int(np.isfinite(p_value[rows]).sum())
        name = family if by is None else f"{family}, {value}"
        labels.append(f"{name} ({count} test{'' if count == 1 else 's'})")
    of_row = [labels[code] for code in codes]
    return tests.assign(p_adjusted=p_adjusted, p_adjust=p_adjust, family=of_row)
