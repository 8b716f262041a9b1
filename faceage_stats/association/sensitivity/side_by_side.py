"""The same terms of several analyses beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit, check_names
from faceage_stats._call import checked_call
from faceage_stats._near import did_you_mean
from faceage_stats._result import Result
from faceage_stats.errors import InputError

__all__ = ["side_by_side"]

_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "n", "n_event", "fmi")
_SHOWN = (*_NUMBERS, "scale")


@checked_call
def side_by_side(
    fits: Mapping[str, Result],
    terms: Sequence[str] | None = None,
    *,
    exponentiate: bool = False,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Set the same terms of several analyses side by side, with the change from the first.

    Parameters
    ----------
    fits : mapping of label to fit
        The first one is the main analysis (complete cases, say); results whose ``tidy()`` has
        ``term estimate std_error``.
    terms : sequence of str, optional
        Terms to show; by default all of the first fit that are not reference levels.
    exponentiate : bool
        Show ratios.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    pandas.DataFrame
        ``term model estimate std_error conf_low conf_high p_value n n_event fmi scale`` where a
        fit has them, and ``change``: difference of the coefficient from that of the first model, in
        standard errors of the first.

    Raises
    ------
    InputError
        No fit, or a term that a fit does not have.

    See Also
    --------
    bind_tidy : whole tables stacked.

    Notes
    -----
    In R: ``modelsummary::modelsummary(fits)``

    Examples
    --------
    >>> from faceage_stats.association.regression.lm import lm
    >>> data = pd.DataFrame({"gap": [3.0, 5, 1, 6, 2], "bmi": [22, 27, 31, 24, 35]})
    >>> fits = {"all": lm("gap ~ bmi", data), "HC3": lm("gap ~ bmi", data, robust="HC3")}
    >>> side_by_side(fits, ["bmi"])[["model", "change"]].values.tolist()
    [['all', 0.0], ['HC3', 0.0]]
    """
    check_fit(fits, Mapping, "side_by_side() takes fits by label, e.g. {'crude': fit0}")
    for fit in fits.values():
        check_fit(fit, Result, "side_by_side() takes fits by label, e.g. {'crude': fit0}")
    if not fits:
        raise InputError("side_by_side: no fit is given.")
    tables = {
        # a fit by its protocol: tidy() of the base class names no level
        label: fit.tidy(conf_level=conf_level).set_index("term")  # type: ignore[call-arg]
        for label, fit in fits.items()
    }
    first = next(iter(tables.values()))
    if terms is None:
        reference = first.get("is_reference", pd.Series(False, index=first.index)).astype(bool)
        terms = [str(term) for term in first.index[~reference]]
    rows = []
    for term in check_names("terms", terms):
        for label, table in tables.items():
            if term not in table.index:
                near = did_you_mean(term, table.index)
                raise InputError(f"side_by_side: the fit {label!r} has no term {term!r}.{near}")
            row, main = table.loc[term].to_dict(), first.loc[term].to_dict()
            change = (row["estimate"] - main["estimate"]) / main["std_error"]
            cells = {name: row[name] for name in _SHOWN if name in row}
            rows.append({"term": term, "model": label, **cells, "change": change})
    frame = pd.DataFrame(rows)
    if exponentiate:
        ratios = ["estimate", "conf_low", "conf_high"]
        frame[ratios] = np.exp(frame[ratios].astype(float))
        if "scale" in frame:
            frame["scale"] = frame["scale"].str.removeprefix("log ").replace("difference", "ratio")
    return frame
