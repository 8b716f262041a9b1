"""The ledger of claims: what the papers say, where, and which of our numbers would show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from faceage_stats._near import did_you_mean
from faceage_stats.errors import InputError

__all__ = ["CANNOT_TELL", "HOLDS", "PAGE_NOT_KNOWN", "VERDICTS", "Claim", "Where", "read_ledger"]

HOLDS, DOES_NOT, CANNOT_TELL = VERDICTS = ("holds", "does not hold", "cannot tell")
PAGE_NOT_KNOWN = "page not known here"


@dataclass(frozen=True)
class Where:
    """Where a number stands: one of an item's values, or rows of one of its tables.

    `published` is the id of the published value; that of a value is its own. `drawn` names the
    same estimate in cohorts drawn anew.
    """

    item: str
    id: str = ""
    table: str = ""
    where: str = ""
    column: str = "estimate"
    published: str = ""
    drawn: str = ""


@dataclass(frozen=True)
class Claim:
    """A sentence in our words, its source, and the condition under which it holds."""

    id: str
    claim: str
    source: str
    of: Mapping[str, Where]
    holds_if: str
    expected: str
    page: str = PAGE_NOT_KNOWN


def read_ledger(path: str | Path) -> list[Claim]:
    """Read a ledger: YAML with a list of claims.

    Parameters
    ----------
    path : path
        Each claim has ``id, claim, source, of, holds_if, expected`` and, where it is known,
        ``page``; ``of`` maps a name to ``item`` and either ``id``, the id of a value, or ``table``
        with ``where``, a condition on its columns, ``column`` and the id that is ``published``;
        ``drawn`` is the name of the same estimate in cohorts drawn anew.

    Returns
    -------
    list of Claim
        In the order of the file.

    Raises
    ------
    InputError
        An unknown or missing key, a verdict that is none, or an id that stands twice.
    """
    entries = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    if not isinstance(entries, list) or not entries:
        raise InputError("claims(): the ledger must be a list of claims, each with id and claim.")
    claims = [_claim(entry) for entry in entries]
    ids = [claim.id for claim in claims]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise InputError(f"claims(): ids that stand twice in the ledger: {', '.join(twice)}.")
    return claims


def _claim(entry: Any) -> Claim:
    fields = _checked(entry, Claim, "a claim")
    name = f"claim {fields['id']}"
    of = fields["of"]
    if not isinstance(of, Mapping) or not of:
        raise InputError(f"claims(): {name}: `of` must map names to where their numbers stand.")
    places = {str(key): Where(**_checked(place, Where, name)) for key, place in of.items()}
    for key, place in places.items():
        if bool(place.id) == bool(place.table):
            raise InputError(f"claims(): {name}: give `{key}` an id or a table.")
    if fields["expected"] not in VERDICTS:
        raise InputError(
            f"claims(): {name}: expected is {fields['expected']!r}; use {', '.join(VERDICTS)}."
        )
    return Claim(**{**fields, "of": places})


def _checked(entry: Any, kind: type[Claim | Where], name: str) -> dict[str, Any]:
    """The keys of an entry, none unknown and none missing."""
    known = list(kind.__dataclass_fields__)
    if not isinstance(entry, Mapping):
        raise InputError(f"claims(): {name} must have the keys {', '.join(known)}.")
    unknown = [str(key) for key in entry if key not in known]
    if unknown:
        near = did_you_mean(unknown[0], known)
        raise InputError(f"claims(): {name}: unknown key {unknown[0]!r}.{near}")
    missing = [key for key in known if key not in entry and not hasattr(kind, key)]
    if missing:
        raise InputError(f"claims(): {name} lacks {', '.join(missing)}.")
    return dict(entry)
