"""The page on reading shows what its examples print, and lists every function of formulas."""

import contextlib
import io
import re
from pathlib import Path

from faceage_stats._expression.functions import FUNCTIONS

PAGE = Path(__file__).parents[2] / "book" / "how_your_table_is_read.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```python\n(.*?)```\n\n```\n(.*?)```", re.DOTALL)


def printed_by(code: str, names: dict[str, object]) -> str:
    """What an example prints; `names` are what those before it defined."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, PAGE.name, "exec"), names)
    return printed.getvalue()


def test_the_examples_print_what_is_shown():
    names = {}
    examples = EXAMPLE.findall(TEXT)
    assert len(examples) == TEXT.count("```python")
    for code, shown in examples:
        assert printed_by(code, names) == shown


def test_every_function_is_listed():
    listed = set(re.findall(r"`([A-Za-z][\w.]*)", TEXT[TEXT.index("| function |") :]))
    assert set(FUNCTIONS) - listed == set()
