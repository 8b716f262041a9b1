"""Differences in the order of R's functions: the first minus the second."""

from __future__ import annotations

from typing import Any

__all__ = ["first_minus_second"]


def first_minus_second(table: Any, what: str = "marker") -> Any:
    """Turn a table of contrasts, which are new minus old, into R's first minus second."""
    swapped = {"conf_low": "conf_high", "conf_high": "conf_low"}
    for name in (what, "estimate"):
        swapped |= {f"{name}1": f"{name}2", f"{name}2": f"{name}1"}
    turned = [n for n in ("estimate", "conf_low", "conf_high", "statistic") if n in table]
    table = table.assign(**{name: -table[name] for name in turned})
    return table.rename(columns=swapped)
