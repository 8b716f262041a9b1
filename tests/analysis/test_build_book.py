"""The page of commands (truth: the parser), and how a build of pages ends."""

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


def _pages(folder, text):
    (folder / "_config.yml").write_text("title: Two pages\n", encoding="utf-8")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n  - file: second\n", encoding="utf-8"
    )
    (folder / "index.md").write_text("# First\n", encoding="utf-8")
    (folder / "second.md").write_text(f"# Second\n\n{text}\n", encoding="utf-8")


@pytest.mark.parametrize("cores", [1, 2])
def test_a_build_writes_every_page(build_book, tmp_path, cores):
    _pages(tmp_path, "See [the first](index.md).")
    code, said = build_book.jupyter_book(tmp_path, tmp_path / "_build" / "html", cores)
    assert code == 0, said
    assert 'href="index.html"' in (tmp_path / "_build/html/second.html").read_text(encoding="utf-8")


def test_a_build_with_a_warning_fails_and_says_which(build_book, tmp_path):
    _pages(tmp_path, "See {doc}`third`.")
    code, said = build_book.jupyter_book(tmp_path, tmp_path / "_build" / "html", 1)
    assert code == 1
    assert "second.md" in said
    assert "third" in said
