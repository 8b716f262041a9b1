"""A mapping is text: words stay words, and nothing is evaluated."""

from __future__ import annotations

import pytest

import faceage_stats as fs
from faceage_stats.cohorts.prepare.yaml_text import read_yaml
from faceage_stats.errors import InputError


def written(tmp_path, text):
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_words_stay_what_was_written(tmp_path):
    text = "codes:\n  no: 0\n  yes: 1\n  NO: 012\n  2020-01-31: ~\n"
    content, lines = read_yaml(written(tmp_path, text))
    assert content == {"codes": {"no": "0", "yes": "1", "NO": "012", "2020-01-31": None}}
    assert lines["codes", "NO"] == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!python/object/apply:os.system ['true']\n", "line 1: tags"),
        ("a: 1\nb: !own x\n", "line 2: tags"),
        ("a: &x 1\nb: *x\n", "anchors and aliases"),
        ("a: 1\na: 2\n", "line 2: the key 'a' stands twice"),
        ("a: [1\nb: 2\n", "line 2"),
        ("- a\n", "holds no keys"),
        ("", "holds no keys"),
    ],
)
def test_what_is_more_than_text_is_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_yaml(written(tmp_path, text))


def test_a_fault_names_its_line(tmp_path):
    text = "schema: utk\ncolumns:\n  age:\n    from: a\n    unti: years\n"
    with pytest.raises(InputError, match=r"line 5, columns, age, unti: there is no such key"):
        fs.prepare(None, written(tmp_path, text))
