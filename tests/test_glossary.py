"""The glossary: one name for one thing, in the words of the field."""

import ast
import re

from faceage_stats._glossary import GLOSSARY
from tests.package_walk import MODULES, ROOT


def test_no_two_names_mean_the_same():
    by_text: dict[str, list[str]] = {}
    for name, text in GLOSSARY.items():
        by_text.setdefault(text, []).append(name)
    assert [names for names in by_text.values() if len(names) > 1] == []


def test_names_and_explanations_are_plain():
    for name, text in GLOSSARY.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert text == text.strip() != "", name
        assert not text.endswith("."), name
        assert not re.search(r"\b(share|alike|wanted|taken out)\b", text), name


def test_every_column_of_the_glossary_is_used():
    used, starts = set(), set()
    for path in [*MODULES, *(ROOT / "analysis" / "items").glob("*.py")]:
        if path.stem == "_glossary":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used |= set(node.value.split()) if len(node.value) < 400 else set()
            elif isinstance(node, ast.keyword | ast.arg):
                used.add(node.arg)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                used.add(node.target.id)  # a field of a dataclass that becomes a column
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                starts.add(str(node.values[0].value))  # f"p_{method}"
    built = {f"{start}{word}" for start in starts if start[-1:] == "_" for word in used if word}
    unused = sorted(set(GLOSSARY) - used - built)
    assert not unused, f"no table has these columns; take them out of _glossary.py: {unused}"
