"""Rules of a schema: the small language, read when the schema is loaded; nothing else runs."""

import json

import pandas as pd
import pytest

from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.rules import row_problems
from faceage_stats.cohorts.schema.schema_names import schema_names
from faceage_stats.errors import InputError


def schema_with(tmp_path, expression, columns=("age",)):
    """A schema of two numbers and a text, with one rule."""
    empty = {"description": "A column.", "constraints": {}}
    fields = [
        {"name": "age", "type": "number", "unit": "years", **empty},
        {"name": "age.2", "type": "number", "unit": "years", **empty},
        {"name": "sex", "type": "string", **empty},
    ]
    rule = {"name": "tested", "columns": list(columns), "expression": expression}
    declared = {
        **{"name": "t", "title": "T", "description": "T.", "row": "a patient"},
        **{"fields": fields, "primaryKey": "age", "missingValues": [""]},
        **{"rules": [rule | {"description": "It holds.", "cure": "Correct it."}]},
        "extraColumns": {"allowed": True},
    }
    path = tmp_path / "t.json"
    path.write_text(json.dumps(declared), encoding="utf-8")
    return load_schema(str(path))


@pytest.mark.parametrize(
    ("expression", "broken"),
    [
        ("age < age.2", ["2", "3"]),
        ("!is.na(age.2) & age < age.2", ["2", "3"]),
        ("is.na(age.2) | age < age.2", ["2"]),
        ("sex %in% c('f', 'm')", ["3"]),
        ("sex == 'f' or age > 65", ["3"]),
        ("sex.isin(['f', 'm']) & age.notna()", ["3"]),
        ("abs(age - 60) <= 1", ["2", "3"]),
    ],
)
def test_a_rule_says_which_rows_break_it(tmp_path, expression, broken):
    schema = schema_with(tmp_path, expression)
    table = pd.DataFrame(
        {"age": [60.0, 70.0, 50.0], "age.2": [61.0, 60.0, None], "sex": ["f", "m", None]}
    )
    (problem,) = row_problems(table, schema)
    assert (problem.rule, problem.rows.split(", ")) == ("tested", broken)


@pytest.mark.parametrize(
    "expression",
    [
        "@pd.io.common.os.system('touch canary') == age",
        "__import__('os').system('touch canary') == age",
        "open('canary', 'w') == age",
        "age.to_pickle('canary') == age",
        "age.__class__ == age",
        "age.values > 0",
        "(age).map(print) > 0",
        "[x for x in age]",
        "log(age) > 0",
        "ns(age, 3) > 0",
        "age == nope",
        "1 == 1",
        "age >",
        "",
        "age = 60",
        "age; sex",
        "(" * 5000,
    ],
)
def test_what_is_no_comparison_of_columns_is_refused_when_the_schema_is_read(
    tmp_path, monkeypatch, expression
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="rule tested"):
        schema_with(tmp_path, expression)
    assert not (tmp_path / "canary").exists()


def test_rules_of_the_package_read_in_r_too():
    for name in schema_names():
        for rule in load_schema(name).rules:
            pandas_only = ("isna(", "notna(", "isin(", ".dt.", "@", "**")
            assert not any(spelling in rule["expression"] for spelling in pandas_only)


def test_an_edited_schema_is_read_anew(tmp_path):
    table = pd.DataFrame({"age": [70.0], "age.2": [60.0], "sex": ["f"]})
    assert row_problems(table, schema_with(tmp_path, "age < age.2"))
    assert not row_problems(table, schema_with(tmp_path, "age > age.2"))
