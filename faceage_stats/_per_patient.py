"""One score per patient from several photographs, by a stated rule."""

from __future__ import annotations

import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats._photo_rules import SCORED, Rule
from faceage_stats.errors import InputError

__all__ = ["per_patient"]

_OF_MODEL = ("model_version", "model_sha256", "score_unit")


@checked_call
def per_patient(
    biomarkers: pd.DataFrame, rule: Rule, *, dates: pd.Series | None = None
) -> pd.DataFrame:
    """Reduce a biomarker table to one row per patient.

    Parameters
    ----------
    biomarkers : pandas.DataFrame
        A biomarker table with ``patient_id``; ``taken_on`` is needed for `first` and `nearest`.
    rule : {"first", "nearest", "mean", "median"}
        ``"first"`` the earliest scored photograph; ``"nearest"`` the one closest to the patient's
        date, the earlier one in case of a tie; ``"mean"`` or ``"median"`` over the scored
        photographs.
    dates : Series, optional
        For ``"nearest"``: a date per patient, indexed by patient_id (start of treatment, say).

    Returns
    -------
    DataFrame
        ``patient_id``, ``score``, ``n_photos`` (listed), ``n_scored``, ``rule``, for `first` and
        `nearest` the ``photo``, ``taken_on`` and, for `nearest`, ``days_apart`` chosen; then
        ``model`` and, where the table has them, its version, hash and the unit of the score.
        Patients without a scored photograph keep a row with a missing score.

    Raises
    ------
    InputError
        Unknown rule, a missing column, several models in one table, or rows without what the rule
        needs (with their count).

    See Also
    --------
    add_scores : Join the scores to a clinical table.

    Notes
    -----
    In R: ``dplyr::slice_min(photos, abs(taken_on - date), by = patient_id)`` for `nearest`.

    Examples
    --------
    >>> import pandas as pd
    >>> from faceage_stats import per_patient
    >>> table = pd.DataFrame({"patient_id": ["a", "a", "b"], "photo": ["1", "2", "3"],
    ...                       "model": "m", "status": ["ok", "ok", "no_face"],
    ...                       "score": [60.0, 64.0, None]})
    >>> per_patient(table, "mean")[["patient_id", "score", "n_photos", "n_scored"]]
      patient_id  score  n_photos  n_scored
    0          a   62.0         2         2
    1          b    NaN         1         0
    """
    needed = ["patient_id", "photo", "model", "status", "score"]
    needed += ["taken_on"] if rule in {"first", "nearest"} else []
    _check(biomarkers, rule, needed, dates)
    scored = biomarkers[biomarkers["status"].isin(SCORED) & biomarkers["score"].notna()].copy()
    n_photos = biomarkers.groupby("patient_id", sort=False, observed=True).size()
    of_patient = scored.groupby("patient_id", observed=True)
    n_scored = of_patient.size().reindex(n_photos.index, fill_value=0)
    out = pd.DataFrame({"n_photos": n_photos, "n_scored": n_scored})
    if rule in {"mean", "median"}:
        out["score"] = of_patient["score"].agg(rule)
    else:
        out = out.join(_chosen(scored, rule, dates))
    out["rule"] = rule
    for name in ("model", *_OF_MODEL):
        for value in biomarkers[name].dropna().iloc[:1] if name in biomarkers else ():
            out[name] = value
    leading = ["patient_id", "score", "n_photos", "n_scored", "rule"]
    out = out.reset_index()
    return out[leading + [name for name in out if name not in leading]]


def _check(data: pd.DataFrame, rule: str, needed: list[str], dates: pd.Series | None) -> None:
    check_option("rule", rule, Rule)
    absent = [name for name in needed if name not in data]
    if absent:
        raise InputError(f"The rule {rule!r} needs the columns {', '.join(absent)}.")
    if any(data[name].nunique() > 1 for name in ("model", *_OF_MODEL) if name in data):
        raise InputError("The table holds several models; reduce one model at a time.")
    n_nameless = int((data["patient_id"].isna() | (data["patient_id"] == "")).sum())
    if n_nameless:
        raise InputError(f"{n_nameless} rows have no `patient_id`. Add it to the manifest.")
    if rule == "nearest" and dates is None:
        raise InputError("The rule 'nearest' needs `dates`: one date per patient.")


def _chosen(scored: pd.DataFrame, rule: str, dates: pd.Series | None) -> pd.DataFrame:
    """The photograph that the rule picks for each patient."""
    scored = scored.assign(taken_on=pd.to_datetime(scored["taken_on"]))
    undated = int(scored["taken_on"].isna().sum())
    if undated:
        raise InputError(
            f"{undated} scored photographs have no `taken_on`; add it to the manifest."
        )
    order, kept = ["taken_on", "photo"], ["score", "photo", "taken_on"]
    if rule == "nearest" and dates is not None:
        target = scored["patient_id"].map(pd.to_datetime(dates))
        if target.isna().any():
            n = scored.loc[target.isna(), "patient_id"].nunique()
            raise InputError(f"{n} patients have scored photographs but no entry in `dates`.")
        apart = scored["taken_on"] - target
        scored["days_apart"], scored["_distance"] = apart.dt.days, apart.abs()
        order, kept = ["_distance", *order], [*kept, "days_apart"]
    ordered = scored.sort_values(order, kind="stable")
    return ordered.groupby("patient_id", observed=True)[kept].first()
