"""Levels: R's order, whatever the storage, and known again by what they say."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._levels import as_factor, group_codes, list_levels, match_levels
from faceage_stats.errors import InputError, ReadingWarning


def _levels(values: pd.Series) -> list:
    return list(as_factor(values).cat.categories)


@pytest.mark.parametrize("dtype", [object, "string", "string[pyarrow]"])
def test_text_sorts_as_in_r(dtype):
    values = pd.Series(["Squamous", "adeno", "Large-cell", "large cell", "SCLC", None], dtype=dtype)
    assert _levels(values) == ["adeno", "large cell", "Large-cell", "SCLC", "Squamous"]


def test_digits_held_as_text_are_text():
    assert _levels(pd.Series(["2", "10", "1"], dtype="string")) == ["1", "10", "2"]


@pytest.mark.parametrize("dtype", ["int8", "Int64", "float32", object])
def test_numbers_sort_by_value(dtype):
    assert _levels(pd.Series([10, 9, 1], dtype=dtype)) == [1, 9, 10]


def test_fractions_that_print_alike_are_one_level():
    assert as_factor(pd.Series([0.1 + 0.2, 0.3])).cat.codes.tolist() == [0, 0]


def test_dates_and_durations_sort_by_value():
    days = pd.Series([dt.date(2022, 2, 1), dt.date(2021, 12, 1)])
    assert as_factor(days).cat.codes.tolist() == [1, 0]
    assert as_factor(pd.Series(pd.to_timedelta([10, 9], unit="D"))).cat.codes.tolist() == [1, 0]


def test_a_categorical_keeps_its_order_and_its_empty_levels():
    values = pd.Series(pd.Categorical(["b", "a"], ["b", "none", "a"]))
    assert _levels(values) == ["b", "none", "a"]
    assert group_codes(values)[1] == ["b", "a"]


def test_the_index_is_kept():
    assert as_factor(pd.Series(["a", "b"], index=[9, 4])).index.tolist() == [9, 4]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([2, 1, 2]),
        pd.Series([2.0, 1.0, 2.0]),
        pd.Series(["2", "1", "2"]),
        pd.Series([2, "1", "2"]),
        pd.Series(["2", "1", "2"], dtype="string"),
        pd.Series(pd.Categorical([2, 1, 2])),
        pd.Series([2, 1, 2], dtype="int8[pyarrow]"),
    ],
)
@pytest.mark.parametrize("levels", [["1", "2"], [1.0, 2.0], [1, 2]])
def test_a_level_is_known_by_what_it_says(values, levels):
    assert match_levels(values, levels).tolist() == [1, 0, 1]


def test_true_and_false_are_known_in_capitals():
    assert match_levels(pd.Series([True, None]), ["FALSE", "TRUE"]).tolist() == [1, -1]
    assert match_levels(pd.Series(["TRUE", "FALSE"]), [False, True]).tolist() == [1, 0]


def test_a_day_is_known_however_it_is_held():
    day = dt.date(2022, 1, 1)
    for held in (pd.Series([day]), pd.Series([pd.Timestamp(day)]), pd.Series(["2022-01-01"])):
        assert match_levels(held, [pd.Timestamp(day)]).tolist() == [0]


def test_an_unseen_level_is_refused_by_name_and_count():
    with pytest.raises(InputError, match=r"'site' has values in 2 rows .* levels: skin\. Known: l"):
        match_levels(pd.Series(["skin", "lung", "skin"], name="site"), ["lung"])


def test_many_values_may_name_patients_and_are_only_counted():
    with pytest.raises(InputError, match=r"40 different values") as refusal:
        match_levels(pd.Series(np.arange(40) + 900_000, name="site"), ["lung"])
    assert "9000" not in str(refusal.value)
    assert list_levels(["b", "A", "b"]) == "b, A"


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["Male", "Male ", "female"], "2 levels differ in blanks"),
        (["Male", "Male\u00a0", "female"], "2 levels differ in blanks"),
        (["Zo\u00eb", "Zoe\u0308"], "2 levels differ in blanks, or in how an accent is stored"),
        (["Male", "", "female"], "a blank text is a level of its own"),
        (["Male", " "], "a blank text is a level of its own"),
    ],
)
def test_levels_that_look_alike_are_told(texts, told):
    with pytest.warns(ReadingWarning, match=f"column 'sex': {told}"):
        factor = as_factor(pd.Series(texts, name="sex"))
    assert set(factor.cat.categories) == set(texts)  # they stay as they are, as in R


@pytest.mark.parametrize("texts", [["Male", "male"], ["\u00e9t\u00e9", "ete"], [" a", "b"]])
def test_levels_that_differ_to_the_eye_are_not(texts):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_factor(pd.Series(texts))


@pytest.mark.parametrize(
    "call",
    [
        lambda data: fs.oneway_test("x ~ who", data),
        lambda data: fs.age_gap(data, by="who", faceage="x", age="none"),
        lambda data: fs.accuracy_test(data, ["x", "y"], "z", by="who"),
    ],
)
def test_a_refusal_lists_a_few_groups_alone(call):
    data = pd.DataFrame({"who": [f"Nn{i}" for i in range(40)], "x": np.arange(40.0)})
    with pytest.raises(InputError) as refusal:
        call(data.assign(z=data["x"] ** 2, y=1 / (1 + data["x"]), none=np.nan))
    assert "Nn" not in str(refusal.value)
