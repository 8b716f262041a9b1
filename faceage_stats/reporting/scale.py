"""The scale of the estimates in a tidy table, as figures and tables read it."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._scale import is_ratio
from faceage_stats.errors import InputError

__all__ = ["as_ratios", "scale_in", "tidy_for_readers"]


def scale_in(data: pd.DataFrame, where: str) -> str | None:
    """Read the one scale of a tidy table from its column ``scale``.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows of one or several fits.
    where : str
        The caller, as the message names it: ``"forest()"``.

    Returns
    -------
    str or None
        ``"hazard ratio"``, ``"log odds ratio"``, ``"difference"`` ...; None without the column.

    Raises
    ------
    InputError
        If the rows are on several scales.

    Examples
    --------
    >>> scale_in(pd.DataFrame({"scale": ["odds ratio", "odds ratio"]}), "forest()")
    'odds ratio'
    """
    found = sorted(map(str, data["scale"].dropna().unique())) if "scale" in data else []
    if len(found) > 1:
        raise InputError(
            f"{where}: the estimates are on {len(found)} scales ({', '.join(found)}). Show one "
            "scale at a time."
        )
    return found[0] if found else None


def tidy_for_readers(
    fit: Any, where: str, *, exponentiate: bool | None = None, **options: Any
) -> pd.DataFrame:
    """Tabulate a fit on the scale that readers expect: ratios in place of their logarithms.

    Parameters
    ----------
    fit : fit
        Anything with ``tidy()``.
    where : str
        Who asks, as the message names it: ``"forest()"``.
    exponentiate : bool, optional
        As asked for; by default unless the fit says that its estimates are no logarithms of
        ratios: differences stay differences.
    **options
        Passed to ``tidy`` where it knows them, e.g. ``conf_level=0.9``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    InputError
        If the fit has no ``tidy()``.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "x": [1, 2, 3, 4]})
    >>> tidy_for_readers(fs.lm("y ~ x", df), "forest()")["scale"].tolist()
    ['difference', 'difference']
    """
    if not hasattr(fit, "tidy"):
        raise InputError(
            f"{where}: got a {type(fit).__name__}; pass a fit, e.g. that of coxph(), lm() or "
            "logistic()."
        )
    known = signature(fit.tidy).parameters
    options = {name: value for name, value in options.items() if name in known}
    table = _effects(fit.tidy(**options))
    if "exponentiate" not in known:
        return table
    if exponentiate is None:
        scale = scale_in(table, where)
        exponentiate = scale is None or scale.startswith("log ")
    return _effects(fit.tidy(exponentiate=exponentiate, **options))


def _effects(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out the parameters of a distribution, which are no effects: scales and shapes."""
    if "scale" not in table:
        return table
    return table[~table["scale"].isin(["log scale", "shape"])].reset_index(drop=True)


def as_ratios(table: pd.DataFrame, scale: str | None) -> tuple[pd.DataFrame, str | None]:
    """Exponentiate estimates and limits that are logarithms of ratios, as their scale says.

    Parameters
    ----------
    table : pandas.DataFrame
        ``estimate, conf_low, conf_high``.
    scale : str or None
        What `scale_in` read.

    Returns
    -------
    tuple of pandas.DataFrame and str or None
        The table and its scale; both as given when that is no logarithm.

    Examples
    --------
    >>> table = pd.DataFrame({"estimate": [0.0], "conf_low": [-1.0], "conf_high": [1.0]})
    >>> ratios, scale = as_ratios(table, "log hazard ratio")
    >>> ratios["estimate"].tolist(), scale
    ([1.0], 'hazard ratio')
    """
    ratio = str(scale).removeprefix("log ")
    if scale == ratio or not is_ratio(ratio):
        return table, scale
    numbers = ["estimate", "conf_low", "conf_high"]
    with np.errstate(over="ignore"):
        ratios = {name: np.exp(table[name].astype(float)) for name in numbers}
    return table.assign(**ratios, scale=ratio), ratio
