"""The glossary: one name for one thing, in the words of the field."""

import re

import pytest

from faceage_stats._glossary import GLOSSARY, RETIRED

IN_USE = {name: text for name, text in GLOSSARY.items() if name not in RETIRED}


def test_no_two_names_mean_the_same():
    by_text: dict[str, list[str]] = {}
    for name, text in IN_USE.items():
        by_text.setdefault(text, []).append(name)
    assert [names for names in by_text.values() if len(names) > 1] == []


def test_a_retired_name_has_its_successor():
    assert set(RETIRED.values()) <= set(IN_USE)


@pytest.mark.parametrize("name", sorted(IN_USE))
def test_names_and_explanations_are_plain(name):
    text = IN_USE[name]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert text == text.strip() != ""
    assert not text.endswith(".")
    assert not re.search(r"\b(share|alike|wanted|taken out)\b", text)
