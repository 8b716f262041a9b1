"""Join the scores of photographs to a clinical table, one per patient by a stated rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, require_columns
from faceage_stats._near import check_option
from faceage_stats._per_patient import per_patient
from faceage_stats._photo_rules import DEMONSTRATION, SCORED, Rule
from faceage_stats._scalar import check_number
from faceage_stats._warn import warn
from faceage_stats.cohorts.curation.flow import Curated, count_step, flow_of
from faceage_stats.cohorts.prepare.cells import texts
from faceage_stats.errors import InputError, ReadingWarning

__all__ = ["add_scores"]

_WINDOW = "be a number of days, 0 or more"


@checked_call
def add_scores(
    clinical: pd.DataFrame,
    biomarkers: pd.DataFrame,
    *,
    rule: Rule = "nearest",
    date: str | None = None,
    within_days: float | None = None,
    patient_id: str = "patient_id",
    into: str = "faceage",
    demonstration: bool = False,
) -> Curated:
    """Join the scores of photographs to a clinical table, one per patient by a stated rule.

    Parameters
    ----------
    clinical : pandas.DataFrame
        One row per patient.
    biomarkers : pandas.DataFrame
        One row per photograph, as `faceage score` writes it: ``patient_id``, ``photo``,
        ``model``, ``status``, ``score``, and ``taken_on`` for a rule with dates.
    rule : {"nearest", "first", "mean", "median"}
        Which score stands for a patient, as in `per_patient`.
    date : str, optional
        Column of `clinical` with the date that photographs are to be near to; needed for
        ``"nearest"`` and for `within_days`.
    within_days : float, optional
        Photographs further from `date` than this, before or after, are left out.
    patient_id : str
        Column of `clinical` that identifies the patient.
    into : str
        Name of the new column.
    demonstration : bool
        Take scores of the demonstration model, whose weights are random.

    Returns
    -------
    Curated
        ``rows``: all rows of `clinical` with the new column, missing where a patient has no
        score; ``flow``: how many have none, and why (``n_changed``). ``rows.attrs["scores"]``
        holds the model, its version and hash, the rule, and the counts of photographs.

    Raises
    ------
    InputError
        A column is missing or there already, a patient has several rows, no identifier is in both
        tables, several models, or demonstration scores that were not asked for.

    Warns
    -----
    ReadingWarning
        Scores of patients who are not in `clinical`.

    See Also
    --------
    per_patient : The rule by itself.
    prepare : A hospital's export, with the same join in its mapping.

    Notes
    -----
    In R: ``dplyr::left_join(clinical, scores, by = "patient_id")`` of one score per patient.

    Examples
    --------
    >>> import pandas as pd
    >>> import faceage_stats as fs
    >>> clinical = pd.DataFrame({"patient_id": ["a", "b", "c"],
    ...                          "start": pd.to_datetime(["2020-01-10"] * 3)})
    >>> photos = pd.DataFrame({"patient_id": ["a", "a", "b"], "photo": ["1", "2", "3"],
    ...                        "taken_on": ["2020-01-09", "2020-03-01", "2020-01-10"],
    ...                        "model": "faceage", "status": ["ok", "ok", "no_face"],
    ...                        "score": [61.0, 64.0, None]})
    >>> joined = fs.add_scores(clinical, photos, rule="nearest", date="start", within_days=30)
    >>> joined.rows["faceage"].tolist()
    [61.0, nan, nan]
    >>> joined.flow.tidy()[["step", "n_changed"]].values.tolist()[1:]
    [['No photograph', 1], ['No photograph with a score', 1], ['No photograph in time', 0]]
    """
    check_option("rule", rule, Rule)
    rows, photos = as_pandas(clinical).copy(), as_pandas(biomarkers).copy()
    _check(rows, photos, rule, date, within_days, patient_id, into)
    _refuse_models(photos, into, demonstration)
    patients = texts(rows[patient_id])
    photos["patient_id"] = texts(photos["patient_id"])
    _refuse_repeated(patients, patient_id)
    n_strangers = _strangers(photos, patients)
    photos = photos[photos["patient_id"].isin(patients.dropna())]
    scored = photos[photos["status"].isin(SCORED) & photos["score"].notna()]
    dates = None if date is None else pd.Series(pd.to_datetime(rows[date]).to_numpy(), patients)
    near = _near(scored, dates, within_days)
    chosen = per_patient(near, rule, dates=dates).set_index("patient_id")["score"]
    rows[into] = patients.map(chosen).astype(float).to_numpy()
    has = {
        "No photograph": patients.isin(photos["patient_id"]),
        "No photograph with a score": patients.isin(scored["patient_id"]),
        "No photograph in time": patients.isin(near["patient_id"]),
    }
    rows.attrs["scores"] = _provenance(photos, rule, date, within_days) | {
        "n_photographs": len(photos),
        "n_scored": len(scored),
        "n_used": int(rows[into].notna().sum()),
        "n_without_patient": n_strangers,
    }
    return Curated(rows, flow_of("clinical", _record(rows, has, date, within_days)))


def _check(
    rows: pd.DataFrame,
    photos: pd.DataFrame,
    rule: str,
    date: str | None,
    within_days: float | None,
    patient_id: str,
    into: str,
) -> None:
    """Refuse what the join cannot be made from."""
    require_columns([patient_id, *([date] if date else [])], rows, "add_scores(), clinical")
    needed = ["patient_id", "photo", "model", "status", "score"]
    require_columns(needed, photos, "add_scores(), biomarkers")
    if into in rows:
        raise InputError(
            f"add_scores(): clinical has a column '{into}' already. Remove it, or name another "
            "column in `into`."
        )
    if date is None and (rule == "nearest" or within_days is not None):
        what = "rule 'nearest'" if rule == "nearest" else "within_days"
        raise InputError(f"add_scores(): {what} needs `date`, a column of clinical with dates.")
    if within_days is not None and check_number("within_days", within_days, _WINDOW) < 0:
        raise InputError(f"within_days is {within_days}; it must {_WINDOW}.")
    if date is not None and not pd.api.types.is_datetime64_any_dtype(rows[date]):
        raise InputError(f"add_scores(): column '{date}' holds no dates. Use pandas.to_datetime.")


def _refuse_models(photos: pd.DataFrame, into: str, demonstration: bool) -> None:
    """Refuse random scores, scores of several models, and scores that are no years."""
    if (photos["model"] == DEMONSTRATION).any() and not demonstration:
        raise InputError(
            "add_scores(): these scores are of the demonstration model, whose weights are random: "
            "they mean nothing for a patient. Score the photographs with the released model."
        )
    for name in ("model", "model_version", "model_sha256"):
        n = photos[name].nunique() if name in photos else 1
        if n > 1:
            raise InputError(
                f"add_scores(): biomarkers has {n} values in '{name}'. Choose the rows of one."
            )
    units = set(photos["score_unit"].dropna()) if "score_unit" in photos else set()
    if into == "faceage" and units - {"years"}:
        raise InputError("add_scores(): the scores are not in years; name the column in `into`.")


def _refuse_repeated(patients: pd.Series, name: str) -> None:
    n = int(patients.dropna().duplicated(keep=False).sum())
    if n:
        raise InputError(
            f"add_scores(): {n} rows of clinical share their '{name}' with another. Keep one row "
            "per patient."
        )


def _strangers(photos: pd.DataFrame, patients: pd.Series) -> int:
    """Patients of the biomarker table who are not in the clinical one; refused if all are."""
    known = photos["patient_id"].dropna()
    strangers = known[~known.isin(patients.dropna())]
    n = int(strangers.nunique())
    if n and n == known.nunique():
        raise InputError(
            "add_scores(): no patient_id of biomarkers is in clinical. Are they written alike "
            "(leading zeros, which `leading_zeros: ignore` of a mapping overlooks, prefixes, "
            "pseudonyms)?"
        )
    if n:
        warn(
            f"add_scores(): patients of biomarkers who are not in clinical: {n}, with "
            f"{len(strangers)} photographs. Their scores are left out.",
            ReadingWarning,
        )
    return n


def _near(scored: pd.DataFrame, dates: pd.Series | None, within_days: float | None) -> pd.DataFrame:
    """Photographs that have a date to compare with, and are near enough to it."""
    if dates is None:
        return scored
    dates = dates[dates.index.notna()]
    target = scored["patient_id"].map(dates)
    if within_days is None:
        return scored[target.notna()]
    require_columns(["taken_on"], scored, "add_scores(), biomarkers")
    apart = (pd.to_datetime(scored["taken_on"]) - pd.to_datetime(target)).dt.days.abs()
    return scored.loc[apart.le(within_days).to_numpy()]


def _record(
    rows: pd.DataFrame, has: dict[str, Any], date: str | None, within_days: float | None
) -> list[dict[str, Any]]:
    """Patients without a score, each counted once, where their photographs end."""
    window = f"within {within_days:g} days of {date}" if within_days is not None else "with a date"
    reasons = (
        "the patient is not in the biomarker table",
        "no photograph of the patient could be scored",
        f"no scored photograph of the patient is {window}",
    )
    record = [count_step("Clinical table", "one patient per row", rows)]
    before = np.ones(len(rows), dtype=bool)
    for (name, has_one), reason in zip(has.items(), reasons, strict=True):
        mask = has_one.to_numpy()
        lost = before & ~mask
        record.append(count_step(name, reason, rows, n_changed=int(lost.sum())))
        before &= mask
    return record


def _provenance(
    photos: pd.DataFrame, rule: str, date: str | None, within_days: float | None
) -> dict[str, Any]:
    names = [n for n in ("model", "model_version", "model_sha256") if n in photos and len(photos)]
    found = {name: photos[name].iloc[0] for name in names}
    return found | {"rule": rule, "date": date, "within_days": within_days}
