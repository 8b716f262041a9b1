"""Where the schemas lie, and their names; quick, for the help of commands."""

from __future__ import annotations

from pathlib import Path

__all__ = ["schema_folder", "schema_names"]

_PACKAGE = Path(__file__).resolve().parents[2]


def schema_names() -> list[str]:
    """List the schemas of the package, in alphabetical order.

    Returns
    -------
    list of str

    Examples
    --------
    >>> schema_names()[:3]
    ['biomarkers', 'expression', 'fahr_rt']
    """
    return sorted(path.stem for path in schema_folder().glob("*.json"))


def schema_folder() -> Path:
    """The schemas inside an installed package, or beside it in a checkout."""
    inside = _PACKAGE / "data_schemas"
    return inside if inside.is_dir() else _PACKAGE.parent / "data_schemas"
