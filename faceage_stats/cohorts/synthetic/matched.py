"""Matched cohorts: designs under which one seed realises the published estimates.

``analysis/match.py`` searches them; ``matched.json`` holds what it found: for each cohort its
design, as differences from the default one, and the ids of the published values that it realises.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import Any

__all__ = ["SEED", "adjusted", "matched_design", "matched_values"]

SEED = 0  # under another seed the same design is a cohort like any other


@lru_cache(maxsize=1)
def _stored() -> dict[str, dict[str, Any]]:
    source = resources.files(__package__).joinpath("matched.json")
    found: dict[str, dict[str, Any]] = json.loads(source.read_text(encoding="utf-8"))
    return found


def matched_values(cohort: str) -> list[str]:
    """Ids of the published values that the matched cohort realises."""
    ids: list[str] = _stored()["published"].get(cohort, [])
    return ids


def matched_design(cohort: str, default: Any) -> Any:
    """The design of a cohort's builder under which it is matched."""
    return adjusted(default, _stored()["designs"][cohort])


def adjusted(default: Any, given: Any) -> Any:
    """A design that differs from the default in what is given.

    Parameters
    ----------
    default : dataclass, mapping or number
    given : mapping, str or number
        By field or key, as deep as the default; a name stands for the design of that cohort.

    Returns
    -------
    object
        Of the kind of the default.
    """
    if is_dataclass(default) and not isinstance(default, type):
        fields = _stored()["designs"][given] if isinstance(given, str) else given
        changed = {name: adjusted(getattr(default, name), fields[name]) for name in fields}
        return replace(default, **changed)
    if isinstance(default, Mapping):
        return {
            **default,
            **{key: adjusted(default.get(key), value) for key, value in given.items()},
        }
    return tuple(given) if isinstance(default, tuple) else given
