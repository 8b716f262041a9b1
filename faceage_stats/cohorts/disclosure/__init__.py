"""Disclosure control: small counts, and what would reveal them."""

from typing import Any

__all__ = ["suppress"]


def __getattr__(name: str) -> Any:
    """Import `suppress` on first use: a command's --help needs no pandas."""
    if name != "suppress":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from faceage_stats.cohorts.disclosure.suppression import suppress

    return suppress
