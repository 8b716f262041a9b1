"""Every claim of the papers as a condition on our results, and whether it holds on these rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats.reporting.anchors import anchor_of, value_anchor
from faceage_stats.reporting.claims.ledger import Claim, Where, read_ledger
from faceage_stats.reporting.claims.power import drawn_power, normal_power
from faceage_stats.reporting.claims.quantity import Quantity, find
from faceage_stats.reporting.claims.verdict import all_of, verdict
from faceage_stats.reporting.store.read_item import StoredItem, read_item

__all__ = ["claims"]


@checked_call
def claims(
    ledger: str | Path,
    results: str | Path,
    *,
    planted: Mapping[str, float] | None = None,
    drawn: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Test every claim of a ledger on stored results.

    A claim holds when its condition is true everywhere in the confidence intervals of its numbers,
    does not hold when it is true nowhere there, and cannot be told otherwise, or where a number is
    missing or withheld. On synthetic rows a verdict is about the software and what was planted.

    Parameters
    ----------
    ledger : path
        YAML list of claims: ``id``, ``claim`` (the sentence), ``source``, ``page`` where it is
        known, ``of`` (names of numbers, each an item's value by ``id``, or rows of its ``table``
        ``where`` a condition is true; ``drawn`` names the same estimate in `drawn`), ``holds_if``
        (a condition in R's grammar) and ``expected`` (the verdict that the prose assumes).
    results : path
        Folder with one stored item per name.
    planted : mapping of id to value, optional
        What was planted in synthetic cohorts, for a power by the normal distribution.
    drawn : DataFrame, optional
        The estimates in cohorts drawn anew with the same effects, for a power without an
        assumption: ``drawn seed estimate conf_low conf_high p_value``.

    Returns
    -------
    pandas.DataFrame
        One row per claim: ``id claim source page condition verdict pinned estimate conf_low
        conf_high p_value n published power power_from is_synthetic item place anchor``.
        ``pinned`` is the verdict that the ledger expects; the numbers are those of the first
        quantity that the claim names, and ``anchor`` names its row on the page of the book.
        ``power_from`` says whether the power was counted in cohorts drawn anew or approximated.

    Raises
    ------
    InputError
        A ledger that cannot be read.
    FormulaError
        A condition that cannot be read, or names a number that the claim does not have.

    See Also
    --------
    paper_values : The published numbers themselves.
    audit : Check the published numbers against each other.

    Examples
    --------
    >>> import tempfile
    >>> ledger = '''
    ... - id: hr_site
    ...   claim: Ten more years of FaceAge go with a higher hazard of death.
    ...   source: FaceAge 2025, abstract
    ...   of: {hr: {item: fig3c, id: faceage_maastro_hr_adjusted}}
    ...   holds_if: hr > 1
    ...   expected: holds
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "claims.yaml"
    ...     _ = path.write_text(ledger)
    ...     judged = claims(path, folder)  # no result lies there
    >>> judged["verdict"].tolist()
    ['cannot tell']
    """
    read = read_ledger(ledger)
    names = {place.item for claim in read for place in claim.of.values()}
    stored = {
        name: read_item(Path(results) / name)
        for name in sorted(names)
        if (Path(results) / name / "item.json").is_file()
    }
    rows = [_judged(claim, stored, planted or {}, drawn) for claim in read]
    return pd.DataFrame(rows)


def _judged(
    claim: Claim,
    stored: Mapping[str, StoredItem],
    planted: Mapping[str, float],
    drawn: pd.DataFrame | None,
) -> dict[str, object]:
    """One row: the verdict over every row that the claim is about, and its first number."""
    first_name, place = next(iter(claim.of.items()))
    found = {name: find(where, stored) for name, where in claim.of.items()}
    sets = _sets(found)
    shown = found[first_name][0] if len(found[first_name]) == 1 else Quantity()
    synthetic = [
        bool(stored[where.item].provenance["synthetic"])
        for where in claim.of.values()
        if where.item in stored
    ]
    share, source = np.nan, ""
    if any(synthetic) and len(sets) == 1:
        share, source = _power(claim.holds_if, sets[0], planted, drawn)
    return {
        "id": claim.id,
        "claim": claim.claim,
        "source": claim.source,
        "page": claim.page,
        "condition": claim.holds_if,
        "verdict": all_of(verdict(claim.holds_if, each) for each in sets),
        "pinned": claim.expected,
        "estimate": shown.estimate,
        "conf_low": shown.conf_low,
        "conf_high": shown.conf_high,
        "p_value": shown.p_value,
        "n": shown.n,
        "published": shown.published,
        "power": share,
        "power_from": source,
        "is_synthetic": any(synthetic),
        "item": place.item,
        "place": place.id or f"{place.table}: {place.where or 'every row'}",
        "anchor": _anchor(place, found[first_name]),
    }


def _power(
    condition: str,
    quantities: Mapping[str, Quantity],
    planted: Mapping[str, float],
    drawn: pd.DataFrame | None,
) -> tuple[float, str]:
    """Count the cohorts drawn anew where there are such, else by the normal distribution."""
    if drawn is not None:
        share, n = drawn_power(condition, quantities, drawn)
        if n:
            return share, f"{n} cohorts"
    share = normal_power(condition, quantities, planted)
    return share, "" if np.isnan(share) else "normal distribution"


def _anchor(place: Where, found: list[Quantity]) -> str:
    """Row of the value, or first row of the table that the claim is about; the page without."""
    if place.id:
        return value_anchor(place.id) if found else ""
    table = anchor_of(place.item, f"table_{place.table}")
    return f"{table}-{found[0].row}" if found else table


def _sets(found: Mapping[str, list[Quantity]]) -> list[dict[str, Quantity]]:
    """One set of numbers per row of what has several rows; the others are the same in each."""
    if not all(found.values()):
        return []
    longest = max(len(rows) for rows in found.values())
    return [
        {name: rows[i] if len(rows) > 1 else rows[0] for name, rows in found.items()}
        for i in range(longest)
    ]
