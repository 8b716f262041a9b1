"""The closing line of the conformance cases, wherever pytest was started and with any workers."""

from __future__ import annotations

from typing import Any


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
        from tests.conformance.runner import summary_line

        terminalreporter.write_line(summary_line(counts))
