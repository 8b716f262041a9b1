"""A table of results as a reader gets it. Truth: what papers print, and properties of any table."""

import math

import numpy as np
import pandas as pd

from faceage_stats.reporting.digits import as_released
from faceage_stats.reporting.tables.cells import decimals_of, printed_cell
from faceage_stats.reporting.tables.headings import heading_of
from faceage_stats.reporting.tables.readable import readable_table
from faceage_stats.reporting.vocabulary import VARIABLES
from faceage_stats.reporting.words import in_words


def cox():
    """Two models of a Cox regression, as bind_tidy gives them."""
    return pd.DataFrame(
        {
            "term": ["sexF", "sexM", "faceage_group<=65"],
            "variable": ["sex", "sex", "faceage_group"],
            "level": ["F", "M", "<=65"],
            "is_reference": [True, False, False],
            "estimate": [1.0, 1.371, 0.8],
            "std_error": [math.nan, 0.1, 0.2],
            "conf_low": [math.nan, 1.13, 0.6],
            "conf_high": [math.nan, 1.66, 1.1],
            "p_value": [math.nan, 0.0015, 0.2],
            "n": [587, 564, 1151],
            "model": ["short"] * 3,
            "scale": ["hazard ratio"] * 3,
        }
    )


def test_a_model_reads_as_in_a_paper():
    table = readable_table(cox()).to_frame()
    assert list(table) == ["Term", "Hazard ratio (95% CI)", "p", "n", "SE"]
    assert table["Term"].tolist() == ["Sex: Women", "Sex: Men", "FaceAge, years: ≤ 65"]
    assert table["Hazard ratio (95% CI)"].tolist()[:2] == ["Reference", "1.37 (1.13–1.66)"]
    assert table["p"].tolist() == ["–", "0.0015", "0.20"]


def test_what_is_the_same_in_every_row_is_said_once():
    assert readable_table(cox()).notes == ["In every row: model 10-365 days."]


def test_what_does_not_fit_is_named():
    narrow = readable_table(cox(), widest=40)
    assert "SE" not in narrow.headings.values()
    assert narrow.notes[-1] == "Also in the download: SE."


def test_no_estimate_is_ever_left_out():
    table = readable_table(cox(), widest=1)
    assert {"Hazard ratio (95% CI)", "p"} <= set(table.headings.values())


def test_the_mean_of_a_reference_group_is_a_number():
    gaps = pd.DataFrame(
        {"group": ["never", "current"], "estimate": [49.1, 81.98], "std_error": [2.2, 2.5],
         "conf_low": [45.0, 77.0], "conf_high": [53.0, 87.0], "is_reference": [True, False],
         "unit": "months", "quantity": "age gap"}
    )  # fmt: skip
    table = readable_table(gaps).to_frame()
    assert table["Age gap, months (95% CI)"].tolist()[0] == "49.10 (45.00–53.00)"


def test_numbers_are_printed_by_what_they_are():
    assert printed_cell("log_lik", -9250.146412, 2) == "-9,250.15"
    assert printed_cell("fraction", 1.8e-08, 3) == "<0.001"
    assert printed_cell("conf_low", math.inf, 2) == "∞"
    assert printed_cell("relative_difference", 8.4779e-05, 6) == "8.5 × 10⁻⁵"
    assert printed_cell("estimate", -0.0001, 3) == "0.000"
    assert printed_cell("reached", False, 0) == "no"  # a missed target is seen
    assert decimals_of(pd.DataFrame({"estimate": [0.58], "conf_high": [2.1]})) == 2


def test_withheld_is_told_from_missing():
    table = pd.DataFrame(
        {"group": ["a", "b"], "mean": [math.nan, 2.5], "suppressed": [True, False]}
    )
    assert readable_table(table).body["c0"].tolist() == ["withheld", "2.50"]


def test_every_variable_has_a_name_that_is_none_of_the_code():
    for name, words in VARIABLES.items():
        assert words[0].isupper() or words.startswith("log"), name
        assert "_" not in words
        assert in_words(name) == words


def test_words_of_readers_are_left_alone():
    for text in ("Kaplan-Meier, capped", "Sexton", "0-1", "chr7_92644900_G_A", "ECOG 1", "CDK6"):
        assert in_words(text) == text
    assert heading_of("hn, N = 540") == "Head and neck, N = 540"


def test_a_published_value_is_printed_as_it_was_published():
    table = pd.DataFrame(
        {"id": ["a", "b", "c"], "published_estimate": [1.151, 749935, 5.0],
         "published_conf_low": [1.056, math.nan, 4.3], "published_conf_high": [1.25, math.nan, 5.6],
         "published_decimals": [3, 0, 1]}
    )  # fmt: skip
    shown = readable_table(table).to_frame()
    assert list(shown) == ["Published number", "Published (95% CI)"]
    assert shown.iloc[:, 1].tolist() == ["1.151 (1.056–1.250)", "749,935", "5.0 (4.3–5.6)"]


def test_p_values_and_their_ranges_follow_the_rule_of_p_values():
    table = pd.DataFrame(
        {"id": ["a", "b"], "implied_p": [0.001337, 4e-36], "implied_p_low": [0.00122, 1e-36],
         "implied_p_high": [0.001464, 1e-35]}
    )  # fmt: skip
    shown = readable_table(table).to_frame()
    assert list(shown) == ["Published number", "Implied p (range)"]
    assert shown.iloc[:, 1].tolist() == ["0.0013 (0.0012–0.0015)", "<0.0001"]
    of_genes = pd.DataFrame({"gene": ["A", "B"], "age_p_holm": [1e-9, 1.0]})
    assert readable_table(of_genes).body["c0"].tolist() == ["<0.0001", ">0.99"]
    printed = pd.DataFrame({"term": ["a", "b"], "Univariable: p": ["<0.0001", "0.020"]})
    assert readable_table(printed).body["c0"].tolist() == ["<0.0001", "0.020"]


def test_a_likelihood_has_no_decimals_that_were_not_released():
    table = pd.DataFrame({"model": ["a", "b"], "aic": [21000.0, 18512.3]})
    with as_released():
        assert readable_table(table).body["c0"].tolist() == ["21,000", "18,512.3"]
    assert readable_table(table).body["c0"].tolist() == ["21,000.00", "18,512.30"]


def test_a_name_of_the_code_inside_a_family_of_tests_is_said_in_words():
    table = pd.DataFrame(
        {"variable": ["sex", "site"], "family": ["interactions with faceage10 (2 tests)"] * 2}
    )
    notes = readable_table(table).notes
    assert notes == ["In every row: adjusted over interactions with FaceAge (2 tests)."]


def test_a_column_without_a_text_is_not_shown():
    table = pd.DataFrame({"column": ["a", "b"], "reference": ["", ""], "type": ["x", "y"]})
    assert readable_table(table).headings == {"c0": "Type"}
    assert readable_table(table).notes == []


def test_a_call_of_r_stands_above_ours():
    table = pd.DataFrame(
        {"case": ["a", "b"], "r_call": ["t.test(x)", None], "our_call": ["t_test(x)", "lm(y)"]}
    )
    shown = readable_table(table)
    assert shown.headings == {"c0": "Call of R, and ours"}
    assert shown.body["c0"].tolist() == ["t.test(x)\nt_test(x)", "\nlm(y)"]


def test_a_column_that_tells_rows_apart_is_not_left_to_the_download():
    variants = ["default", "as_published", "default"]
    table = pd.DataFrame({"term": ["x", "x", "y"], "variant": variants, "n": [1, 2, 3]})
    assert "Variant" in readable_table(table, widest=1).headings.values()
    told = table.assign(term=["x", "z", "y"])
    assert "Variant" not in readable_table(told, widest=1).headings.values()


def test_a_released_table_pads_no_number_and_a_published_one_keeps_its_decimals():
    frame = pd.DataFrame(
        {
            "term": ["a", "b"],
            "estimate": [1.96, 1.4],
            "conf_low": [1.65, 0.78],
            "conf_high": [2.32, 2.5],
            "published_estimate": [1.2, 1.3],
            "published_conf_low": [1.1, 1.0],
            "published_conf_high": [1.3, 1.5],
            "published_decimals": [2, 1],
        }
    )
    with as_released():
        released = readable_table(frame).body
    assert released["c0"].tolist() == ["1.96 (1.65–2.32)", "1.4 (0.78–2.5)"]
    assert released["c1"].tolist() == ["1.20 (1.10–1.30)", "1.3 (1.0–1.5)"]


def test_a_curve_is_as_exact_before_its_first_step_as_later():
    curve = pd.DataFrame({"strata": "g=a", "time": [1.0, 2], "n_risk": [60, 45]})
    curve = curve.assign(
        estimate=[1.0, 0.8462], conf_low=[np.nan, 0.761], conf_high=[np.nan, 0.941]
    )
    with as_released():
        printed = readable_table(curve).to_csv()
    assert [line.split(",")[1] for line in printed.splitlines()[1:]] == [
        "1.000",
        "0.846 (0.761–0.941)",
    ]
