"""What each conformance test hands to the closing line (see tests/conftest.py)."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def count_values(record_property: Any) -> Any:
    """Hand (values compared, values without an answer) to the closing line."""

    def record(compared: int, without_answer: int) -> None:
        record_property("conformance", (compared, without_answer))

    return record
