"""Schemas and validation. Truth: hand-made tables whose every breach is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats.cohorts.schema.data_dictionary import data_dictionary
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.schema_names import schema_names
from faceage_stats.cohorts.schema.validate import validate
from faceage_stats.cohorts.synthetic.simulate import COHORTS, simulate
from faceage_stats.errors import InputError, SchemaError

SCHEMAS = Path(__file__).parents[3] / "data_schemas"


def maastro(n: int = 3) -> pd.DataFrame:
    rows = {
        "patient_id": [f"P{i:03d}" for i in range(n)],
        "faceage": np.linspace(60, 80, n),
        "age": np.linspace(55, 75, n),
        "sex": ["F"] * n,
        "site": ["MAM"] * n,
        "exclude": [0] * n,
        "smoking": ["never"] * n,
        "bmi": [24.5] * n,
        "ps": [1] * n,
        "time_days": np.arange(100, 100 + n),
        "death": [0] * n,
    }
    return pd.DataFrame(rows)


def serial() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient_id": ["A", "B"],
            "photo1_on": ["2020-01-01", "2020-02-01"],
            "photo2_on": ["2020-03-01", "2021-02-01"],
            "interval_days": [60, 366],
            "faceage1": [60.0, 61.0],
            "faceage2": [60.5, 63.0],
            "age": [58, 59],
            "sex": ["F", "M"],
            "race": ["white", ""],
            "diagnosis": ["gi", "gu"],
            "time_days": [30, 40],
            "death": [1, 0],
        }
    )


def survey() -> pd.DataFrame:
    rows = [
        {"patient_id": p, "reader_id": r, "occupation": o, "arm": "photo", "rating": 40.0}
        for p in ("A", "B")
        for r, o in (("R1", "staff"), ("R2", "lay"))
    ]
    frame = pd.DataFrame(rows).assign(call_dead_6mo=0, age_guess=70.0, faceage=66.0)
    return frame.assign(age=64.0, sex="F", years=0.4, death=1)


def problems(frame: pd.DataFrame, schema: str) -> pd.DataFrame:
    with pytest.raises(SchemaError) as caught:
        validate(frame, schema)
    return caught.value.problems.set_index(["column", "rule"])


def change(frame: pd.DataFrame, column: str, row: int, value: object) -> pd.DataFrame:
    frame = frame.astype({column: object})
    frame.loc[row, column] = value
    return frame


# ---- the schemas themselves


def test_every_table_of_the_cohort_list_has_a_schema():
    assert schema_names() == [
        *("biomarkers", "expression", "fahr_rt", "genotypes", "maastro", "nhanes"),
        *(
            "node_positive",
            "older_rt",
            "palliative",
            "serial_photos",
            "survey",
            "thoracic",
            "utk",
            "variants",
        ),
    ]


@pytest.mark.parametrize("name", sorted(p.stem for p in SCHEMAS.glob("*.json")))
def test_schema_is_consistent(name):
    raw = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    schema = load_schema(name)
    assert raw["name"] == name
    columns = [field.name for field in schema.fields]
    assert len(set(columns)) == len(columns)
    assert set(schema.primary_key) <= set(columns)
    for field in schema.fields:
        assert field.type in ("string", "number", "integer", "date"), field.name
        assert field.description.endswith("."), field.name
        if field.type == "number":
            assert field.unit, f"{field.name} has no unit"
        if field.levels:
            assert set(field.levels) == set(field.constraints["enum"])
            assert field.reference == field.levels[0]
        if field.labels:
            assert set(field.labels) == {str(level) for level in field.levels}
    for rule in schema.rules:
        assert set(rule["columns"]) <= set(columns)
        assert rule["description"].endswith(".")
        assert rule["cure"].endswith(".")


def test_pooled_labels_keep_the_order_of_the_levels():
    site = load_schema("maastro").field("site")
    assert site.label_levels == ["breast", "gi", "gu", "lung", "hn", "other"]
    assert load_schema("thoracic").field("intent").label_levels == ["palliative", "curative"]


def test_unknown_schema_and_unknown_column_are_refused():
    with pytest.raises(InputError, match=r"unknown schema 'mastro'.*biomarkers, expression"):
        load_schema("mastro")
    with pytest.raises(InputError, match=r"utk schema has no column 'sex'.*subj_id, faceage"):
        load_schema("utk").field("sex")


def test_a_schema_of_ones_own_by_path_may_forbid_extra_columns(tmp_path):
    raw = json.loads((SCHEMAS / "utk.json").read_text(encoding="utf-8"))
    raw["extraColumns"]["allowed"] = False
    path = tmp_path / "strict.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    utk = pd.DataFrame({"subj_id": [1], "faceage": 60, "age": 61, "gender": 0, "race": 1})
    validate(utk, str(path))
    found = problems(utk.assign(note="x"), str(path))
    assert found.index.tolist() == [("note", "not in the schema")]


@pytest.mark.parametrize("name", ["maastro", "genotypes", "variants", "survey"])
def test_data_dictionary_lists_every_field_and_family(name):
    schema = load_schema(name)
    table = data_dictionary(name)
    families = [pattern for pattern, _, _ in schema.pattern_fields]
    assert table["column"].tolist() == [f.name for f in schema.fields] + families
    assert set(table["required"]) <= {"yes", "column", "no"}
    assert (table["description"] != "").all()


def test_data_dictionary_says_what_is_allowed():
    table = data_dictionary("maastro").set_index("column")
    assert table.loc["time_days", ["unit", "allowed"]].tolist() == ["days", "> 0 and <= 30000"]
    assert table.loc["sex", "allowed"] == "F = female, M = male"
    assert table.loc["bmi", "required"] == "column"
    assert data_dictionary("variants").set_index("column").loc["consequence", "required"] == "no"


# ---- what a valid table becomes


@pytest.mark.parametrize("cohort", COHORTS)
def test_synthetic_cohorts_are_valid_and_validation_is_idempotent(cohort):
    aliases = {"harvard_rt": "fahr_rt", "maastro_rt": "fahr_rt"}
    for name, table in simulate(cohort, seed=3).tables.items():
        schema = aliases.get(name, name)
        once = validate(table, schema)
        pd.testing.assert_frame_equal(validate(once, schema), once)


def test_types_levels_order_and_index():
    raw = maastro().iloc[:, ::-1].assign(note=["x", "y", "z"])
    raw["patient_id"] = [7.0, 8.0, 9.0]  # read as numbers
    raw["smoking"] = ["", "NA", "former"]
    raw["ps"] = ["0", None, "2"]
    raw.index = [10, 20, 30]
    before = raw.copy(deep=True)
    typed = validate(raw, "maastro")
    pd.testing.assert_frame_equal(raw, before)
    assert typed.columns.tolist() == [*maastro().columns, "note"]
    assert typed.index.tolist() == [10, 20, 30]
    assert typed["patient_id"].tolist() == ["7", "8", "9"]
    assert typed["smoking"].cat.categories.tolist() == ["never", "former", "current", "passive"]
    assert typed["smoking"].isna().tolist() == [True, True, False]
    assert typed["ps"].dtype == "float64"
    assert typed["death"].dtype == "int64"
    assert typed.attrs["schema"] == "maastro"


def test_dates_of_every_kind():
    frame = serial()
    expected = validate(frame, "serial_photos")["photo1_on"]
    for dates in (
        pd.to_datetime(frame["photo1_on"]),
        pd.to_datetime(frame["photo1_on"]).dt.tz_localize("UTC"),
        pd.to_datetime(frame["photo1_on"]).dt.date,
        pd.to_datetime(frame["photo1_on"]).astype(object),
    ):
        typed = validate(frame.assign(photo1_on=dates), "serial_photos")
        pd.testing.assert_series_equal(typed["photo1_on"], expected)
    assert expected.dtype == "datetime64[ns]"


def test_truth_values_count_as_0_and_1():
    for death in ([True, False, True], ["TRUE", "False", "true"]):
        assert validate(maastro().assign(death=death), "maastro")["death"].tolist() == [1, 0, 1]


def test_nullable_and_categorical_and_polars_input():
    import polars

    frame = maastro()
    nullable = frame.convert_dtypes().astype({"sex": "category"})
    nullable.loc[0, "bmi"] = pd.NA
    assert np.isnan(validate(nullable, "maastro")["bmi"].iloc[0])
    typed = validate(polars.from_pandas(frame), "maastro")
    pd.testing.assert_frame_equal(typed, validate(frame, "maastro"))


def test_not_a_frame_is_refused():
    with pytest.raises(InputError, match="is a str; pass a pandas"):
        validate("maastro.csv", "maastro")


# ---- what is refused


CASES = [
    # column, value, rule, a word of the cure
    ("sex", "female", "allowed codes", "F = female, M = male"),
    ("site", " MAM", "allowed codes", "MAM = breast"),
    ("time_days", -5, "greater than 0", "> 0 and <= 30000 in days"),
    ("time_days", 0, "greater than 0", "Check the unit"),
    ("age", 430, "at most 120", "years"),
    ("faceage", -1, "at least 0", "years"),
    ("faceage", np.inf, "not finite", "Leave the cell empty"),
    ("faceage", "-inf", "not finite", "Leave the cell empty"),
    ("faceage", None, "missing values", "Fill in the cells"),
    ("sex", "NA", "missing values", "Fill in the cells"),
    ("time_days", "2021-03-04", "dates where numbers are expected", "Expected days"),
    ("time_days", "4/3/2021 00:00", "dates where numbers are expected", "Subtract"),
    ("bmi", "24,5", "decimal commas", "read_table"),
    ("bmi", "tall", "not a number", "Expected kg/m^2"),
    ("ps", 1.5, "not a whole number", "only whole numbers"),
    ("ps", 5, "allowed codes", "0, 1, 2, 3, 4"),
    ("death", 2, "allowed codes", "0, 1"),
    ("patient_id", "P000", "duplicates", "Keep one row"),
    ("patient_id", " P9", "format", "matches"),
]


@pytest.mark.parametrize(("column", "value", "rule", "cure"), CASES)
def test_one_breach_is_one_problem(column, value, rule, cure):
    found = problems(change(maastro(), column, 1, value), "maastro")
    assert found.index.tolist() == [(column, rule)]
    row = found.iloc[0]
    assert row["rows"] == ("1, 2" if rule == "duplicates" else "2")
    assert row["n_rows"] == (2 if rule == "duplicates" else 1)
    assert cure in row["cure"]


def test_every_problem_is_listed_at_once_and_no_value_is_shown():
    frame = maastro(8)
    for column, value, _, _ in CASES[:4]:
        frame = change(frame, column, 3, value)
    frame = change(frame, "patient_id", 4, "SECRET-1")
    frame = change(frame, "patient_id", 5, "SECRET-1")
    frame = frame.assign(death=7).drop(columns="age").rename(columns={"bmi": "BMI"})
    with pytest.raises(SchemaError) as caught:
        validate(frame, "maastro")
    text = str(caught.value)
    assert text.startswith("maastro table of 8 rows: 7 problems.\n  1. column 'patient_id'")
    assert "SECRET" not in text
    assert "7" not in caught.value.problems.query("column == 'death'")["cure"].iloc[0]
    assert "column 'death', allowed codes: 8 rows (rows 1, 2, 3, 4, 5 ...)" in text
    assert "Did you mean 'BMI'? Rename it to 'bmi'; it may hold missing values." in text
    assert caught.value.problems.columns.tolist() == ["column", "rule", "n_rows", "rows", "cure"]
    assert caught.value.problems.loc[0, ["column", "rule", "rows"]].tolist() == [
        *("patient_id", "duplicates", "5, 6"),
    ]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Sex", "sex"),
        ("time days", "time_days"),
        ("chrono_age", "age"),
        ("patientid", "patient_id"),
    ],
)
def test_near_misses_are_suggested(given, wanted):
    found = problems(maastro().rename(columns={wanted: given}), "maastro")
    assert found.index.tolist() == [(wanted, "missing from the table")]
    assert f"Did you mean '{given}'?" in found["cure"].iloc[0]


def test_missing_column_without_a_near_miss():
    found = problems(maastro().drop(columns="site"), "maastro")
    assert found.loc[("site", "missing from the table"), "cure"].startswith("Add it. ")


def test_misspelt_optional_column_is_not_lost_silently():
    variants = simulate("genotyped", seed=1).tables["variants"]
    validate(variants.drop(columns="consequence", errors="ignore"), "variants")
    found = problems(variants.assign(imputation_R2=0.9), "variants")
    assert found.index.tolist() == [("imputation_r2", "misspelt")]


def test_columns_twice_and_empty_table():
    twice = pd.concat([maastro(), maastro()[["sex"]]], axis=1)
    assert problems(twice, "maastro").index.tolist() == [("sex", "appears more than once")]
    assert problems(maastro().iloc[:0], "maastro").index.tolist() == [("(table)", "no rows")]
    found = problems(pd.DataFrame(), "utk")
    assert ("(table)", "no rows") in found.index
    assert len(found) == 6


def test_datetime_column_for_a_time():
    frame = maastro().assign(time_days=pd.Timestamp("2020-01-01"))
    found = problems(frame, "maastro")
    assert found.index.tolist() == [("time_days", "dates where numbers are expected")]
    assert found["n_rows"].tolist() == [3]


def test_dates_that_are_none():
    found = problems(change(serial(), "photo1_on", 0, "01/02/2020"), "serial_photos")
    assert ("photo1_on", "not a date") in found.index
    assert "YYYY-MM-DD" in found["cure"].iloc[0]
    numbers = problems(serial().assign(photo1_on=[43831, 43862]), "serial_photos")
    assert numbers.index.tolist() == [("photo1_on", "numbers where dates are expected")]


def test_rules_across_columns():
    swapped = serial()
    swapped.loc[1, ["photo1_on", "photo2_on"]] = ["2021-02-01", "2020-02-01"]
    found = problems(swapped, "serial_photos")
    assert found.index.tolist() == [
        ("photo1_on, photo2_on", "photographs_in_order"),
        ("photo1_on, photo2_on, interval_days", "interval_is_the_difference"),
    ]
    assert found["rows"].tolist() == ["2", "2"]
    with pytest.raises(SchemaError, match=r"columns 'photo1_on, photo2_on', photographs_in_order"):
        validate(swapped, "serial_photos")
    # a rule whose column is missing is not applied: the column is the problem
    assert problems(serial().drop(columns="photo2_on"), "serial_photos").index.tolist() == [
        ("photo2_on", "missing from the table")
    ]


def test_values_that_must_repeat_and_keys_of_several_columns():
    validate(survey(), "survey")
    found = problems(change(survey(), "age", 0, 50.0), "survey")
    assert found.index.tolist() == [("age", "one value per patient_id")]
    assert found["n_rows"].tolist() == [2]
    found = problems(pd.concat([survey(), survey().iloc[[0]]]), "survey")
    assert found.index.tolist() == [("reader_id, patient_id, arm", "duplicates")]
    assert found["rows"].tolist() == ["1, 5"]


def test_rules_of_the_survey():
    assert problems(change(survey(), "arm", 1, "photo_chart"), "survey").index.tolist() == [
        ("occupation, arm", "lay_readers_see_photographs_only")
    ]
    silent = survey()
    silent.loc[0, ["rating", "call_dead_6mo", "age_guess"]] = np.nan
    assert problems(silent, "survey").index.tolist() == [("arm", "an_answer_was_given")]


def test_intervals_longer_than_life():
    table = simulate("palliative", seed=1, n=50).tables["palliative"]
    table.loc[4, "years_to_first_metastasis"] = 79.0
    table.loc[4, "years_metastasis_to_consult"] = 79.0
    assert [rule for _, rule in problems(table, "palliative").index] == ["diagnosed_after_birth"]


def test_families_of_columns():
    genotypes = pd.DataFrame({"patient_id": ["A", "B"], "rs12": [0, 1.5], "pc1": [0.1, -9.0]})
    typed = validate(genotypes.assign(rs12=["0", "1.5"]), "genotypes")
    assert typed["rs12"].tolist() == [0, 1.5]
    found = problems(genotypes.assign(rs12=[2.5, -1]), "genotypes")
    assert found.index.tolist() == [("rs12", "between 0 and 2")]
    assert found["rows"].tolist() == ["1, 2"]
    found = problems(genotypes.drop(columns="rs12"), "genotypes")
    assert [rule for _, rule in found.index] == ["at least 1 column named so"]


def test_biomarkers_need_a_score_exactly_when_scored():
    table = pd.DataFrame(
        {
            "photo": ["a.jpg", "b.jpg"],
            "model": "faceage",
            "model_sha256": "0" * 64,
            "status": ["ok", "no_face"],
            "reason": ["", "no face found"],
            "score": [61.2, np.nan],
            "score_unit": ["years", ""],
        }
    )
    typed = validate(table, "biomarkers")
    assert typed["status"].cat.categories[0] == "ok"
    found = problems(table.assign(score=[np.nan, 70.0]), "biomarkers")
    assert found.index.tolist() == [("status", "score_only_when_scored")]
    assert found["rows"].tolist() == ["1, 2"]
    found = problems(table.assign(score=[222.0, np.nan]), "biomarkers")
    assert [rule for _, rule in found.index] == ["years_in_range"]
    found = problems(table.assign(reason=""), "biomarkers")
    assert [rule for _, rule in found.index] == ["reason_when_not_scored"]


@given(st.lists(st.integers(0, 19), min_size=1, max_size=20, unique=True))
def test_positions_are_those_of_the_broken_rows(rows):
    frame = maastro(20)
    frame.loc[rows, "age"] = 500.0
    found = problems(frame, "maastro").iloc[0]
    expected = ", ".join(str(r + 1) for r in sorted(rows)[:5]) + (" ..." if len(rows) > 5 else "")
    assert (found["n_rows"], found["rows"]) == (len(rows), expected)
