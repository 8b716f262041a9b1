"""Disclosure control: small counts, and what would reveal them."""

from faceage_stats.cohorts.disclosure.suppress import suppress

__all__ = ["suppress"]
