"""The memory that a piece of code takes, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

PEAK = """
import resource, sys
def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""


@pytest.fixture
def measured() -> Callable[[str], str]:
    """Run code that may ask for `peak()`, its largest memory so far in bytes; what it prints."""
    pytest.importorskip("resource", reason="Windows does not tell the peak memory of a process")

    def run(code: str) -> str:
        command = [sys.executable, "-c", PEAK + code]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return run
