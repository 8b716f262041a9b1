"""p values adjusted for the number of tests, as R's p.adjust."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from faceage_stats._call import checked_call
from faceage_stats._columns import numeric
from faceage_stats._near import check_option
from faceage_stats.errors import InputError

__all__ = ["P_ADJUST_METHODS", "PAdjust", "p_adjust", "p_values"]

PAdjust = Literal["holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"]

# R's name -> statsmodels' name
P_ADJUST_METHODS: dict[str, str | None] = {
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "hommel": "hommel",
    "bonferroni": "bonferroni",
    "BH": "fdr_bh",
    "fdr": "fdr_bh",
    "BY": "fdr_by",
    "none": None,
}


@checked_call
def p_adjust(p: ArrayLike, method: PAdjust = "holm", n: int | None = None) -> np.ndarray:
    """Adjust p values for the number of tests made, as R's ``p.adjust``.

    Parameters
    ----------
    p : array-like of shape (k,)
        p values in any order. A missing p value stays missing and is not counted.
    method : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        "holm" and "bonferroni" control the family-wise error rate under any dependence,
        "hochberg" and "hommel" under independence or positive dependence; "BH" (also "fdr")
        and "BY" control the false discovery rate.
    n : int, optional
        Number of tests in the family when some are not listed; at least the number of
        p values that are not missing, which is the default.

    Returns
    -------
    numpy.ndarray of shape (k,)
        Adjusted p values in the order of `p`.

    Raises
    ------
    InputError
        An unknown method, a p value outside 0 to 1, or `n` smaller than the number of p values.

    See Also
    --------
    adjust_family : Adjust the p values of a table of tests, family by family.
    qvalue : Estimate false discovery rates with the proportion of true null hypotheses.

    Notes
    -----
    Tests that were made but are not listed count as having a p value of 1, which is what R's
    formulas come to. The arithmetic is that of statsmodels' ``multipletests``.

    In R: ``p.adjust(p, method = "BH", n = length(p))``

    References
    ----------
    Holm S (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics 6:65-70.

    Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and powerful
    approach to multiple testing. Journal of the Royal Statistical Society Series B 57:289-300,
    doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> p_adjust([0.01, None, 0.02, 0.04], method="BH")
    array([0.03,  nan, 0.03, 0.04])
    """
    check_option("method", method, PAdjust)
    values = p_values(p)
    listed = values[~np.isnan(values)]
    family_size = len(listed) if n is None else n
    if family_size < len(listed):
        raise InputError(f"n is {n}, but {len(listed)} p values are given; n counts all tests.")
    adjusted = values.copy()
    adjusted[~np.isnan(values)] = _adjust(listed, P_ADJUST_METHODS[method], family_size)
    return adjusted


def p_values(p: ArrayLike) -> np.ndarray:
    """Read p values as floats, NaN for missing; refuse what lies outside 0 to 1.

    Examples
    --------
    >>> p_values([0.5, 2])
    Traceback (most recent call last):
    faceage_stats.errors.InputError: p holds 1 values outside 0 to 1; p values are expected.
    """
    values = numeric(p, "p")
    outside = int(((values < 0) | (values > 1)).sum())
    if outside:
        raise InputError(f"p holds {outside} values outside 0 to 1; p values are expected.")
    return values


def _adjust(p: np.ndarray, method: str | None, n: int) -> np.ndarray:
    """Adjust complete p values among n tests."""
    if method is None or n <= 1 or len(p) == 0:
        return p
    if method == "holm":
        return _holm(p, n)
    from statsmodels.stats.multitest import multipletests

    unlisted = np.ones(n - len(p))
    adjusted = multipletests(np.concatenate([p, unlisted]), method=method)[1]
    return np.asarray(adjusted[: len(p)])


def _holm(p: np.ndarray, n: int) -> np.ndarray:
    """Step down from n times the smallest; statsmodels empties Python's memory at each call."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(n, n - len(p), -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted
