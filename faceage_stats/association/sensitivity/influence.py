"""How far a result depends on choices: influence of single patients, landmark, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, numeric, require_columns
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, InputError

__all__ = ["Landmark", "influence", "landmark", "side_by_side"]


def influence(fit: Any, *, share: float = 0.01) -> pd.DataFrame:
    """How much the coefficients of a Cox model hang on single patients.

    Parameters
    ----------
    fit : CoxPH
        A fitted Cox model.
    share : float
        Share of the patients, the most influential ones for each coefficient, that are taken out
        together.

    Returns
    -------
    pandas.DataFrame
        One row per coefficient: ``term, estimate, std_error``; ``dfbetas`` the largest change
        that leaving out one patient makes, in standard errors, with its sign; ``n_beyond`` the
        patients whose change exceeds 2 / sqrt(n) standard errors; ``conf_low`` and ``conf_high``
        the lowest and highest estimate without the `share` of patients that push it most the
        other way (first order); ``n_out`` how many these are; ``n``.

    Raises
    ------
    InputError
        `share` outside 0 to 1.

    Notes
    -----
    From the dfbeta residuals; nothing is refitted. No row is named: the result can be published.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> raw = fs.simulate("maastro", seed=1, n=300).tables["maastro"]
    >>> fit = fs.coxph("Surv(years, death) ~ faceage10", data=fs.curate(raw, "maastro").rows)
    >>> influence(fit)[["term", "n_out"]].values.tolist()
    [['faceage10', 3]]
    """
    if not 0 < share < 1:
        raise InputError(f"influence: share is {share}; it must lie between 0 and 1, e.g. 0.01.")
    change = fit.residuals("dfbeta").to_numpy()
    std_error = np.sqrt(np.diag(fit.vcov(robust=False)))
    scaled = change / std_error
    n = len(change)
    n_out = max(round(share * n), 1)
    ordered = np.sort(change, axis=0)
    estimate = fit.coef.to_numpy(float)
    largest = np.abs(scaled).argmax(axis=0)
    return pd.DataFrame(
        {
            "term": list(fit.coef.index),
            "estimate": estimate,
            "std_error": std_error,
            "dfbetas": scaled[largest, np.arange(len(estimate))],
            "n_beyond": (np.abs(scaled) > 2 / math.sqrt(n)).sum(axis=0),
            # without the patients that raise it most the estimate falls by what they add
            "conf_low": estimate - ordered[-n_out:].sum(axis=0),
            "conf_high": estimate - ordered[:n_out].sum(axis=0),
            "n_out": n_out,
            "n": n,
        }
    )


@frozen_result
class Landmark(Result):
    """Patients still followed at a landmark; see :func:`landmark`."""

    rows: pd.DataFrame
    table: pd.DataFrame

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row: ``time, n_before, n_event`` (before it)``, n_censor`` (before it)``, n``."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Repeat ``tidy()``."""
        return self.tidy()


def landmark(data: Any, at: float, *, time: str = "years", event: str = "death") -> Landmark:
    """Keep the patients still under observation at a landmark and count their time from there.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        Follow-up known in every row.
    at : float
        Landmark, in the unit of `time`.
    time, event : str
        Columns of follow-up time and 0/1 event.

    Returns
    -------
    Landmark
        ``rows``, with `time` counted from the landmark; ``tidy()``: who left before or at it.

    Raises
    ------
    InputError
        A landmark that is not positive, or follow-up that is missing or not a number.
    DesignError
        Nobody is followed beyond the landmark.

    Examples
    --------
    >>> frame = pd.DataFrame({"years": [0.1, 0.5, 2.0], "death": [1, 0, 1]})
    >>> landmark(frame, 0.25).rows["years"].tolist()
    [0.25, 1.75]
    """
    frame = as_pandas(data)
    require_columns([time, event], frame, "landmark()")
    if not (math.isfinite(at) and at > 0):
        raise InputError(f"landmark: at is {at}; give a positive time, e.g. 0.25 years.")
    years, died = numeric(frame[time], time, "time"), numeric(frame[event], event, "event")
    n_missing = int((np.isnan(years) | np.isnan(died)).sum())
    if n_missing:
        raise InputError(f"landmark: follow-up is missing in {n_missing} rows; drop them first.")
    later = years > at
    if not later.any():
        raise DesignError(f"landmark: none of the {len(frame)} rows is followed beyond {at:g}.")
    table = pd.DataFrame(
        {
            "time": [at],
            "n_before": [len(frame)],
            "n_event": [int(died[~later].sum())],
            "n_censor": [int((died[~later] == 0).sum())],
            "n": [int(later.sum())],
        }
    )
    rows = frame[later]
    return Landmark(rows.assign(**{time: rows[time] - at}), table)


def side_by_side(
    fits: Mapping[str, Any], terms: Sequence[str] | None = None, *, exponentiate: bool = False
) -> pd.DataFrame:
    """Set the same terms of several analyses side by side, with the change from the first.

    Parameters
    ----------
    fits : mapping of label to fit
        The first one is the main analysis (complete cases, say); anything with ``tidy()``.
    terms : sequence of str, optional
        Terms to show; by default all of the first fit that are not reference levels.
    exponentiate : bool
        Show ratios.

    Returns
    -------
    pandas.DataFrame
        ``term, model, estimate, std_error, conf_low, conf_high, p_value, change`` (difference of
        the coefficients from the first model's, in standard errors of the first)``, n, n_event,
        fmi`` where a fit has them.

    Raises
    ------
    InputError
        No fit, or a term that a fit does not have.

    Examples
    --------
    >>> from faceage_stats.association.regression.lm import lm
    >>> frame = pd.DataFrame({"gap": [3.0, 5, 1, 6, 2], "bmi": [22, 27, 31, 24, 35]})
    >>> fits = {"all": lm("gap ~ bmi", frame), "HC3": lm("gap ~ bmi", frame, robust="HC3")}
    >>> side_by_side(fits, ["bmi"])[["model", "change"]].values.tolist()
    [['all', 0.0], ['HC3', 0.0]]
    """
    if not fits:
        raise InputError("side_by_side: no fit is given.")
    tables = {label: fit.tidy().set_index("term") for label, fit in fits.items()}
    first = next(iter(tables.values()))
    if terms is None:
        reference = first.get("is_reference", pd.Series(False, index=first.index)).astype(bool)
        terms = list(first.index[~reference])
    shown = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "n", "n_event", "fmi")
    rows = []
    for term in terms:
        for label, table in tables.items():
            if term not in table.index:
                raise InputError(f"side_by_side: the fit {label!r} has no term {term!r}.")
            row = table.loc[term]
            change = (row["estimate"] - first.loc[term, "estimate"]) / first.loc[term, "std_error"]
            cells = {name: row[name] for name in shown if name in row}
            rows.append({"term": term, "model": label, **cells, "change": change})
    frame = pd.DataFrame(rows)
    if exponentiate:
        ratios = ["estimate", "conf_low", "conf_high"]
        frame[ratios] = np.exp(frame[ratios].astype(float))
    return frame
