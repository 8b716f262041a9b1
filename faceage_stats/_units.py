"""Units that more than one room needs."""

from __future__ import annotations

__all__ = ["DAYS_PER_YEAR"]

DAYS_PER_YEAR = 365.25
