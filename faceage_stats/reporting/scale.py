"""The scale of the estimates in a tidy table, as figures and tables read it."""

from __future__ import annotations

import pandas as pd

from faceage_stats.errors import InputError

__all__ = ["scale_in"]


def scale_in(data: pd.DataFrame, where: str) -> str | None:
    """Read the one scale of a tidy table from its column ``scale``.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows of one or several fits.
    where : str
        Who asks, as the message names it: ``"forest()"``.

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
