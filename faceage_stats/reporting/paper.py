"""Published values, and the table published / planted / recovered that keeps them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats.errors import InputError
from faceage_stats.reporting.agreement import RATIO, difference, standard_error

__all__ = ["STATUS", "compare", "paper_values"]

_NUMBERS = ("estimate", "conf_low", "conf_high")
_DIFFERENCE = ["difference", "difference_conf_low", "difference_conf_high", "difference_p"]

STATUS: dict[str, str] = {
    "matched": "recovered from rows that were matched to the published value: equal as printed",
    "not matched": "recovered from rows that were matched to the published value: not equal",
    "holds": "the recovered interval holds the planted value",
    "misses": "the recovered interval does not hold the planted value",
    "no interval": "recovered without an interval, so it cannot be judged",
    "not planted": "recovered from synthetic rows in which this value was not planted",
    "reproduced": "recovered from the published data; equals the published value as printed",
    "not reproduced": "recovered from the published data; not the published value as printed",
    "compatible": "of another cohort; its difference from the published value may be chance",
    "differs": "of another cohort; the interval of its difference from the published value "
    "holds no 0 (of ratios: no 1)",
    "real, unpublished": "recovered from real data; no published value to compare with",
    "not recovered": "published or planted, but no item computes it",
}


@lru_cache(maxsize=1)
def _read() -> pd.DataFrame:
    source = resources.files("faceage_stats.reporting").joinpath("paper_values.csv")
    with source.open(encoding="utf-8") as stream:
        printed = pd.read_csv(stream, dtype=str, keep_default_na=False)
    values = printed.copy()
    for column in (*_NUMBERS, "n"):
        values[column] = pd.to_numeric(printed[column].replace("", np.nan))
    values["n"] = values["n"].astype("Int64")
    values["decimals"] = [
        max((_decimals(row[column]) for column in _NUMBERS), default=0)
        for row in printed.to_dict(orient="records")
    ]
    return values


@checked_call
def paper_values() -> pd.DataFrame:
    """Return every published number that the book reproduces or audits.

    Returns
    -------
    pandas.DataFrame
        ``id, paper, display_item, cohort, quantity, model, term, estimate, conf_low, conf_high,
        p_reported, n, unit, source_note, decimals``. ``p_reported`` is text, as printed;
        ``decimals`` is the number of decimals printed in the row: what rounding may hide.

    See Also
    --------
    audit : Check these numbers against each other.

    Examples
    --------
    >>> row = paper_values().set_index("id").loc["faceage_maastro_hr_adjusted"]
    >>> print(row["estimate"], row["p_reported"], row["decimals"])
    1.151 0.013 3
    """
    return _read().copy()


def _decimals(text: str) -> int:
    return max(0, -int(Decimal(text).as_tuple().exponent)) if text else 0


def compare(
    values: pd.DataFrame,
    truth: pd.DataFrame | Iterable[Mapping[str, Any]],
    *,
    real: Collection[str] = (),
    original: Collection[str] = (),
    matched: Collection[str] = (),
    published: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Set what was published, planted and recovered side by side, by id.

    A value recovered from synthetic rows is judged against what was planted in them, never
    against the publication, unless the rows were matched to it; one recovered from real rows is
    judged against the publication.

    Parameters
    ----------
    values : DataFrame
        Recovered values: ``id, estimate`` and, where there are, ``conf_low, conf_high, p_value, n,
        variant``. Values with an id that is neither published nor planted are omitted.
    truth : DataFrame or records
        Planted values with ``id`` and ``estimate`` (``planted`` in a cohort's truth file). Records
        without an id are omitted: there is no published value to compare.
    real : collection of str
        Ids in `values` that were computed from real data.
    original : collection of str
        Those of `real` that were computed from the data of the publication: they are to equal the
        published value. All others are of another cohort, and are compared with it.
    matched : collection of str
        Ids in `values` whose synthetic rows were made to give the published value.
    published : DataFrame, optional
        Instead of :func:`paper_values`.

    Returns
    -------
    pandas.DataFrame
        ``id, paper, display_item, cohort, quantity, model, term, unit``; the groups
        ``published_estimate, published_conf_low, published_conf_high, published_p,
        published_decimals``, then ``planted``, then ``recovered_estimate, recovered_conf_low,
        recovered_conf_high, recovered_p, recovered_n``; ``difference, difference_conf_low,
        difference_conf_high, difference_p`` of another cohort from the published value, of ratios
        the quotient;
        ``variant`` and ``status`` (keys of ``STATUS``).

    Raises
    ------
    InputError
        Without the columns, or when one id was planted with two values.

    Examples
    --------
    >>> recovered = pd.DataFrame({"id": ["faceage_maastro_hr_adjusted"], "estimate": [1.18],
    ...                           "conf_low": [1.09], "conf_high": [1.28]})
    >>> truth = [{"id": "faceage_maastro_hr_adjusted", "estimate": 1.151}]
    >>> compare(recovered, truth).query("status != 'not recovered'")["status"].tolist()
    ['holds']
    """
    published = paper_values() if published is None else published
    for name, frame in {"values": values, "published": published}.items():
        absent = [column for column in ("id", "estimate") if column not in frame]
        if absent:
            raise InputError(f"compare: {name} have no column {', '.join(absent)}.")
    planted = _planted(truth)
    described = ["paper", "display_item", "cohort", "quantity", "model", "term", "unit"]
    left = published[["id", *described]].copy()
    for column in _NUMBERS:
        left[f"published_{column}"] = published[column]
    left["published_p"] = published["p_reported"]
    left["published_decimals"] = published["decimals"]
    table = left.merge(planted.rename("planted"), on="id", how="outer")
    table = table.merge(_recovered(values), on="id", how="left")
    others = set(real) - set(original)
    compared = [
        _difference(row) if row["id"] in others else {} for row in table.to_dict(orient="records")
    ]
    table[_DIFFERENCE] = pd.DataFrame(compared, table.index, _DIFFERENCE, dtype=float)
    table["status"] = [_status(row, real, original, matched) for _, row in table.iterrows()]
    order = {key: position for position, key in enumerate(published["id"])}
    table["_order"] = table["id"].map(order).fillna(len(order))
    table = table.sort_values(["_order", "id"], kind="stable", ignore_index=True)
    return table.drop(columns="_order")


def _planted(truth: pd.DataFrame | Iterable[Mapping[str, Any]]) -> pd.Series:
    records = truth if isinstance(truth, pd.DataFrame) else pd.DataFrame(list(truth))
    if records.empty:
        return pd.Series([], index=pd.Index([], name="id", dtype=object), dtype=float)
    absent = [column for column in ("id", "estimate") if column not in records]
    if absent:
        raise InputError(f"compare: the truth has no column {', '.join(absent)}.")
    records = records.dropna(subset=["id"]).drop_duplicates(["id", "estimate"])
    twice = sorted(records.loc[records["id"].duplicated(), "id"].unique())
    if twice:
        raise InputError(f"compare: planted with two different values: {', '.join(twice)}.")
    return records.set_index("id")["estimate"].astype(float)


def _recovered(values: pd.DataFrame) -> pd.DataFrame:
    quantities = ["estimate", "conf_low", "conf_high", "p_value", "n"]
    kept = values.reindex(columns=["id", "variant", *quantities])
    kept["variant"] = kept["variant"].astype(object).fillna("default")
    names = {name: f"recovered_{'p' if name == 'p_value' else name}" for name in quantities}
    return kept.rename(columns=names)


def _difference(row: Mapping[Any, Any]) -> dict[str, float]:
    """A value of another cohort minus the published one; of ratios their quotient."""
    log = row["unit"] == RATIO
    theirs, ours = row["published_estimate"], row["recovered_estimate"]
    printed = pd.to_numeric(row["published_p"], errors="coerce")
    errors = (
        standard_error(
            row["recovered_conf_low"], row["recovered_conf_high"],
            log=log, estimate=ours, p=row["recovered_p"],
        ),
        standard_error(
            row["published_conf_low"], row["published_conf_high"],
            log=log, estimate=theirs, p=printed,
        ),
    )  # fmt: skip
    if pd.isna([theirs, ours, *errors]).any():
        return {}
    found = difference(ours, errors[0], theirs, errors[1], log=log)
    numbers = (found.estimate, found.conf_low, found.conf_high, found.p_value)
    return dict(zip(_DIFFERENCE, numbers, strict=True))


def _status(
    row: pd.Series, real: Collection[str], original: Collection[str], matched: Collection[str]
) -> str:
    estimate, low, high = (row[f"recovered_{name}"] for name in _NUMBERS)
    if pd.isna(estimate):
        return "not recovered"
    if row["id"] in real:
        if pd.isna(row["published_estimate"]):
            return "real, unpublished"
        if row["id"] not in original:
            return _agreement(row)
        near = _as_printed_there(row, "estimate")
        return "reproduced" if near else "not reproduced"
    if row["id"] in matched and (judged := _matches(row)) is not None:
        return "matched" if judged else "not matched"
    if pd.isna(row["planted"]):
        return "not planted"
    if pd.isna(low) or pd.isna(high):
        return "no interval"
    return "holds" if low <= row["planted"] <= high else "misses"


def _as_printed_there(row: pd.Series, name: str) -> bool:
    """Whether a recovered number is the published one to its last printed digit."""
    half_unit = 0.5 * 10.0 ** -float(row["published_decimals"])
    difference = abs(row[f"recovered_{name}"] - row[f"published_{name}"])
    return bool(difference <= half_unit * (1 + 1e-9))


def _matches(row: pd.Series) -> bool | None:
    """Whether every number that was printed is recovered; None where only words were.

    A printed p value counts where it stands alone: beside an interval it may disagree with it.
    """
    printed = [name for name in _NUMBERS if pd.notna(row[f"published_{name}"])]
    if printed:
        return all(_as_printed_there(row, name) for name in printed)
    text = str(row["published_p"])
    p = pd.to_numeric(text, errors="coerce")
    if pd.isna(p):
        return None
    return bool(abs(row["recovered_p"] - p) <= 0.5 * 10.0 ** -_decimals(text))


def _agreement(row: pd.Series) -> str:
    """Whether a value of another cohort differs from the published one beyond chance."""
    low, high = row["difference_conf_low"], row["difference_conf_high"]
    if pd.isna(low):
        return "no interval"
    null = 1.0 if row["unit"] == RATIO else 0.0
    return "compatible" if low <= null <= high else "differs"
