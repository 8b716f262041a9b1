"""Rows and weights that turn a Cox model into Fine and Gray's, as R's finegray."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, require_columns
from faceage_stats._expression.nodes import names_of
from faceage_stats._formula.frame import SurvivalFrame, named, read_frame, require_surv
from faceage_stats._formula.parse import split_formula
from faceage_stats._formula.sides import Sides, read_right
from faceage_stats._near import did_you_mean
from faceage_stats._surv import Surv, parse_surv
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.competing.expand import FineGrayRows, FollowUp, fine_gray_rows
from faceage_stats.survival.km.subjects import Subjects

__all__ = ["cause_codes", "finegray", "follow_up_of"]

_NEW = ("fgstart", "fgstop", "fgstatus", "fgwt")


@checked_call
def finegray(
    formula: str,
    data: Any,
    *,
    cause: int | str = 1,
    weights: str | None = None,
    id: str | None = None,  # noqa: A002 - R's name
) -> pd.DataFrame:
    """Make the weighted rows of a Fine-Gray model, as R's ``survival::finegray``.

    A patient who has another cause stays at risk of the cause of interest, with a weight that falls
    as others are censored. A weighted Cox fit of the rows is Fine and Gray's model, and takes what
    Cox models take: strata, `cox_zph`, curves.

    Parameters
    ----------
    formula : str
        ``Surv(time, status) ~ age + sex`` keeps these columns, ``~ .`` all of them; `status` is 0
        for censored and 1, 2 ... for the causes, or a categorical whose first level is censoring.
        ``Surv(entry, time, status)`` for delayed entry. ``strata(site)`` estimates the
        distribution of censoring in each stratum.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval at risk with `id`.
    cause : int or str
        Cause of interest: its value or level.
    weights : str, optional
        Column of case weights, by which ``fgwt`` is multiplied.
    id : str, optional
        Column of the patient, needed where one has several rows.

    Returns
    -------
    pandas.DataFrame
        The columns kept, then ``fgstart fgstop fgstatus fgwt``: interval, 1 for the cause of
        interest, weight. Rows keep their labels, so a patient's label stands as often as the
        patient has rows. ``attrs["finegray"]`` has the cause and the rows left out because time,
        status, weight or stratum is missing.

    Raises
    ------
    FormulaError, InputError
        As every formula; `cause` does not occur; rows of a patient with gaps, or that go on after
        an event.
    DesignError
        No event of the cause; another cause before the distribution of entries can be estimated.

    See Also
    --------
    crr : Fine and Gray's model itself, with errors that allow for the estimated weights.
    coxph : The fit of the rows, with ``weights="fgwt"``.

    Notes
    -----
    Exits by any cause come before censorings at the same time. With delayed entry the weights also
    use the distribution of the entries. Columns of ``strata()`` are kept; R drops them. With both
    strata and weights survival 3.5-3 gives each stratum the weights of the first rows of the data;
    here each row has its own.

    In R: ``survival::finegray(Surv(time, status) ~ ., data = df, etype = "relapse")``

    References
    ----------
    Geskus RB (2011). Cause-specific cumulative incidence estimation and the Fine and Gray model
    under both left truncation and right censoring. Biometrics 67:39-49.
    doi:10.1111/j.1541-0420.2010.01420.x

    Examples
    --------
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "status": [2, 0, 1, 1], "x": [1, 0, 0, 1]})
    >>> finegray("Surv(t, status) ~ x", df)
       x  fgstart  fgstop  fgstatus      fgwt
    0  1      0.0     2.0         0  1.000000
    0  1      2.0     4.0         0  0.666667
    1  0      0.0     2.0         0  1.000000
    2  0      0.0     3.0         1  1.000000
    3  1      0.0     4.0         1  1.000000
    """
    data, where = as_pandas(data), named("finegray()", formula)
    require_surv(split_formula(formula)[0], where)
    left, right = read_right(formula, data, {"strata"}, where)
    of_strata = [name for node in right.strata for name in names_of(node)]
    kept = list(dict.fromkeys([*right.required, *of_strata]))
    require_columns(kept, data, "finegray()")  # they are carried along, not read
    surv = parse_surv(left, data, states=True)
    frame = read_frame(formula, right.without_terms(), data, surv.is_missing, where, Sides(weights))
    frame = SurvivalFrame(**vars(frame), surv=surv.complete(frame.rows))
    code = cause_codes(frame.surv, cause, "finegray()")
    follow = follow_up_of(frame, code, data, id, "finegray()")
    strata = np.zeros(frame.n, np.int64) if frame.strata is None else frame.strata
    made = fine_gray_rows(follow, strata)
    table = _table(data, frame, kept, made, code)
    table.attrs["finegray"] = {"cause": str(cause), "n_missing": frame.n_missing}
    return table


def cause_codes(surv: Surv, cause: int | str, caller: str) -> np.ndarray:
    """Code the rows: 0 for censored, 1 for the cause of interest, 2 for another."""
    if str(cause) not in surv.states:
        raise InputError(
            f"{caller}: cause {cause!r} does not occur; causes are "
            f"{', '.join(surv.states) or 'none: there is no event'}."
            f"{did_you_mean(cause, surv.states)}"
        )
    code = np.where(surv.event == surv.states.index(str(cause)) + 1, 1, 2)
    code = np.where(surv.event == 0, 0, code)
    if not (code == 1).any():
        raise DesignError(f"{caller}: no event of cause {cause!r} among the complete rows.")
    return code


def follow_up_of(
    frame: SurvivalFrame, code: np.ndarray, data: pd.DataFrame, name: str | None, caller: str
) -> FollowUp:
    """Read the intervals and whose they are; a patient's rows must follow one another."""
    time, entry = merge_near_ties(frame.surv.time, frame.surv.entry)
    if entry is None:  # R's rule
        first = float(time.min())
        entry = np.full(frame.n, 0.0 if first > 0 else 2 * first - 1)
    one = np.zeros(frame.n, np.int64)
    found = Subjects.read(name, data, frame, one, caller)
    if found.subject is None or found.goes_on is None:
        return FollowUp(entry, time, code, np.arange(frame.n), one.astype(bool))
    last = ~found.goes_on
    n_broken = int(last.sum()) - len(np.unique(found.subject))
    if n_broken:
        raise InputError(
            f"{caller}: {n_broken} rows of '{name}' are followed by another after a gap or an "
            "event; each patient needs rows without gaps, and an event in the last only."
        )
    return FollowUp(entry, time, code, found.subject, found.goes_on)


def _table(
    data: pd.DataFrame,
    frame: SurvivalFrame,
    kept: list[str],
    made: FineGrayRows,
    code: np.ndarray,
) -> pd.DataFrame:
    for name in _NEW:
        if name in kept:
            raise InputError(f"finegray(): '{name}' is a column already; rename it first.")
    table = pd.DataFrame(data[kept].iloc[frame.rows[made.row]])
    weight = made.weight if frame.weights is None else made.weight * frame.weights[made.row]
    status = (code[made.row] == 1).astype(np.int64)
    return table.assign(fgstart=made.start, fgstop=made.stop, fgstatus=status, fgwt=weight)
