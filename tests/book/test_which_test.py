"""The how-to prints what is shown, and both pages name what exists."""

import re
from pathlib import Path

import faceage_stats as fs
from tests.book.test_how_your_table_is_read import EXAMPLE, printed_by

BOOK = Path(__file__).parents[2] / "book"
WHICH = (BOOK / "which_test.md").read_text(encoding="utf-8")
NOT_HERE = (BOOK / "not_here.md").read_text(encoding="utf-8")


def test_the_examples_print_what_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # one of them writes a file
    names: dict[str, object] = {}
    examples = EXAMPLE.findall(WHICH)
    assert len(examples) == WHICH.count("```python")
    for code, expected in examples:
        assert printed_by(code, names) == expected


def test_every_function_named_exists():
    named = re.findall(r"`(?:fs\.)?([a-z]\w*_test|tost|ipw|maxcombo|survdiff)\b", WHICH)
    assert len(set(named)) > 20
    for name in {*named, *re.findall(r"`fs\.([a-z]\w*)", NOT_HERE)}:
        assert hasattr(fs, name), name
