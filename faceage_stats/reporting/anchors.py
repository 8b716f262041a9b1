"""Names by which a link finds a figure, a table, its rows, or a value."""

from __future__ import annotations

__all__ = ["anchor_of", "value_anchor"]


def anchor_of(item: str, stem: str) -> str:
    """Name that a link gives to a figure or table of an item; a row adds its number.

    Parameters
    ----------
    item, stem : str
        As ``far`` and ``table_rates``.

    Returns
    -------
    str

    Examples
    --------
    >>> anchor_of("far", "table_per_unit_of_rate")
    'far-table-per-unit-of-rate'
    """
    return f"{item}-{stem}".replace("_", "-")


def value_anchor(value: str) -> str:
    """Name the row in which a published value stands beside ours, on the page that computes it.

    Parameters
    ----------
    value : str
        Its id.

    Returns
    -------
    str

    Examples
    --------
    >>> value_anchor("faceage_cdk6")
    'value-faceage-cdk6'
    """
    return anchor_of("value", value)
