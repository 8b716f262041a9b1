"""The page of commands. Truth: the parser."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from faceage_stats.cli import COMMANDS

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="build_book")
def _build_book(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "analysis"))
    monkeypatch.setenv("COLUMNS", "40")  # restored afterwards: the page sets a width of its own
    import build_book

    yield build_book
    sys.modules.pop("build_book")


def test_every_command_is_on_the_page(build_book):
    page = build_book.commands()
    headings = [
        line.removeprefix("## faceage").strip() for line in page.splitlines() if "## " in line
    ]
    assert [name for name in headings if name and " " not in name] == list(COMMANDS)
    assert {"models list", "models verify", "models fetch", "models demo"} <= set(headings)
    assert page.count("exit codes:") == len(headings)
    assert "_generated/commands.md" in (ROOT / "book" / "commands.md").read_text(encoding="utf-8")
