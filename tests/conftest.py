"""The same property examples on every run, and the closing line of the conformance cases."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

# No example depends on the day or on how busy the machine is.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


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
