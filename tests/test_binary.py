"""Outcomes of 0/1, and refusals of text that help."""

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._binary import binary
from faceage_stats.errors import InputError


def test_binary_names_values_and_rows():
    assert binary(pd.Series([1, 0, None], dtype="Int64"), "d").tolist()[:2] == [1, 0]
    with pytest.raises(InputError, match=r"values other than 0/1: 2 \(2 rows\)"):
        binary(pd.Series([0, 2, 2]), "d")
    with pytest.raises(InputError, match=r"is text, not 0/1: yes \(2 rows\)"):
        binary(pd.Series(["yes", "yes"]), "d")


def test_the_event_is_named_as_the_formula_would():
    data = pd.DataFrame({"died": ["yes", "no", "yes"], "x": [1.0, 2, 3]})
    with pytest.raises(InputError, match=r'e.g. Surv\(time, died == "yes"\)'):
        fs.coxph("Surv(x, died) ~ 1", data)
    with pytest.raises(InputError, match=r'e.g. died == "yes" ~ \.\.\.'):
        fs.logistf("died ~ x", data)


def test_many_texts_and_dates_are_counted_not_shown():
    names = pd.Series([f"name {i}" for i in range(9)])
    with pytest.raises(InputError, match="9 different values") as refusal:
        binary(names, "d")
    assert "name 1" not in str(refusal.value)
    dates = pd.DataFrame({"seen": pd.date_range("2020", periods=5), "x": range(5)})
    with pytest.raises(InputError, match="holds dates") as refusal:
        fs.lm("seen ~ x", dates)
    assert "2020" not in str(refusal.value)
