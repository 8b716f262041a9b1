"""Results are printed as R prints them."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._printing import number_text, short_html, short_text

DATA = pd.DataFrame(
    {
        "t": [5, 3, 8, 2, 9, 4, 6, 7, 1, 10, 11, 12],
        "d": [1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1],
        "x": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13],
        "g": list("ababababaabb"),
    }
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1165.26, "1165.3"), (999.99, "1000"), (0.1, "0.1000"), (np.inf, "inf"), (-3.0, "-3")],
)
def test_counts_keep_their_digits_and_estimates_have_four(value, text):
    assert number_text(value) == text
    assert text in short_text("t", pd.DataFrame({"estimate": [value, np.nan]}))
    assert text in short_html("t", pd.DataFrame({"estimate": [value, np.nan]}))


def test_a_missing_number_is_na_as_in_r():
    table = pd.DataFrame({"strata": ["a", "b"], "median": [3.0, np.nan]})
    assert short_text("t", table).split()[-1] == "NA"
    assert "NaN" not in short_html("t", table)


def test_a_cox_fit_shows_the_hazard_ratio_and_its_test():
    text = repr(fs.coxph("Surv(t, d) ~ x + g", DATA))
    head = text.splitlines()[1].split()
    assert head[:5] == ["term", "estimate", "hazard", "ratio", "std_error"]
    assert "scale log hazard ratio" in text
    assert "likelihood ratio test" in text
    assert "NaN" not in text
    assert "None" not in text


def test_what_holds_for_every_row_is_said_once_and_lines_fit():
    for result in (
        fs.lm("x ~ t + g", DATA),
        fs.logistic("d ~ x", DATA),
        fs.t_test("x ~ g", DATA),
        fs.icc(DATA, ["x", "t"]),
    ):
        lines = repr(result).splitlines()
        assert not any(line.endswith("\\") for line in lines), lines
        assert lines[-1].startswith(("n 12", "scale "))


def test_gray_s_test_is_printed_with_the_incidences():
    text = repr(fs.cuminc("Surv(t, d) ~ g", DATA))
    assert "Gray's test, cause 1: chi-squared" in text


def test_what_a_summary_tests_stays_in_it():
    table = fs.subgroup_forest("Surv(t, d) ~ x", DATA, by="g").summary()
    assert list(table)[-2:] == ["p_value", "p_adjusted"]
    assert list(fs.lm("x ~ g", DATA).summary())[0:2] == ["term", "estimate"]


def test_the_summary_of_an_e_value_has_it():
    table = fs.e_value(0.6, 0.4, 0.9, rare=True).summary()
    assert table["e_value"].tolist() == ["2.72", "1.46"]
