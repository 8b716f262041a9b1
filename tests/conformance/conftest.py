"""The closing line of a conformance run."""

from __future__ import annotations

from typing import Any

import pytest

from .runner import summary_line


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counts = [
        tuple(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for key, value in report.user_properties
        if key == "conformance"
    ]
    if counts:
        terminalreporter.write_line(summary_line(counts))


@pytest.fixture
def count_values(record_property: Any) -> Any:
    """Hand (values compared, values without an answer) to the closing line."""

    def record(compared: int, without_answer: int) -> None:
        record_property("conformance", (compared, without_answer))

    return record
