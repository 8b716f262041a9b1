"""Truth: closed form of a normal interval; the slips named in the sources; simulated reports."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from faceage_stats.errors import InputError
from faceage_stats.reporting.audit import audit, implied
from faceage_stats.reporting.paper import paper_values

Z = stats.norm.ppf(0.975)


def report(**changes):
    row = {
        **dict.fromkeys(("paper", "display_item", "cohort", "model", "term"), "x"),
        **{"id": "x", "quantity": "hazard_ratio", "n": 10, "unit": "ratio", "source_note": ""},
        **{"estimate": 1.5, "conf_low": 1.2, "conf_high": 1.9, "p_reported": "", "decimals": 1},
    }
    return row | changes


def flags(**changes):
    return audit(pd.DataFrame([report(**changes)]))["flags"].iloc[0]


@given(st.floats(-1, 1), st.floats(0.02, 0.5), st.booleans())
def test_exact_numbers_give_back_their_standard_error(point, se, log):
    scale = math.exp if log else float
    result = implied(scale(point), scale(point - Z * se), scale(point + Z * se), log=log)
    assert result.se == pytest.approx(se, rel=1e-9)
    assert result.p == pytest.approx(2 * stats.norm.sf(abs(point) / se), rel=1e-6)
    assert result.symmetric


@given(st.floats(0.2, 1.5), st.floats(0.05, 0.3), st.integers(2, 4))
def test_what_rounding_alone_does_is_never_flagged(point, se, decimals):
    printed = [round(math.exp(point + shift * se), decimals) for shift in (0, -Z, Z)]
    p = 2 * stats.norm.sf(point / se)
    row = dict(zip(("estimate", "conf_low", "conf_high"), printed, strict=True))
    assert flags(**row, p_reported=f"{p:.3f}", decimals=decimals) == ""
    result = implied(*printed, half_unit=0.5 * 10**-decimals)
    assert result.p_low <= p * (1 + 1e-9)
    assert p <= result.p_high * (1 + 1e-9)
    assert result.se_low <= se * (1 + 1e-9)
    assert se <= result.se_high * (1 + 1e-9)


def test_the_two_known_slips_and_no_others_are_found():
    table = audit(paper_values()).set_index("id")
    flagged = table[table["flags"] != ""]["flags"]
    assert flagged.index.tolist() == [
        "faceage_maastro_hr_adjusted",
        "faceage_group3_hr_uva",
        "faceage_group4_hr_uva",
    ]
    assert "p reported 0.013" in flagged.iloc[0]
    assert "imply 0.0013 (0.0012 to 0.0015" in flagged.iloc[0]
    assert "upper limit 2.306, plotted is 2.356" in flagged.iloc[1]
    assert "(it is the lower limit of faceage_group4_hr_uva)" in flagged.iloc[1]
    assert "lower limit 2.356, plotted is 2.306" in flagged.iloc[2]
    assert table.loc["faceage_maastro_hr_adjusted", "interval_of"] == (
        "faceage_maastro_hr_age_sex_site"
    )


def test_an_asymmetric_interval_is_flagged():
    assert "not symmetric" in flags(estimate=1.50, conf_low=1.20, conf_high=2.10, decimals=2)
    assert flags(estimate=1.5, conf_low=1.2, conf_high=1.9) == ""


@pytest.mark.parametrize(
    ("p", "wrong"),
    [
        ("<0.001", False),
        ("<0.0001", True),
        (">0.05", True),
        ("0.0005", False),
        ("0.0004", True),
        ("0.04", True),
    ],
)
def test_printed_p_values(p, wrong):
    # ln(1.5) / ((ln 1.9 - ln 1.2) / 2Z) = 3.455: p = 0.00055
    values = {"estimate": 1.500, "conf_low": 1.192, "conf_high": 1.888, "decimals": 3}
    assert ("p reported" in flags(p_reported=p, **values)) is wrong


def test_words_are_no_p_value_and_other_scales_have_no_p():
    assert flags(p_reported="significant") == ""
    row = audit(pd.DataFrame([report(quantity="auc", estimate=0.8, conf_low=0.76, conf_high=0.83)]))
    assert math.isnan(row["implied_p"].iloc[0])
    assert row["flags"].iloc[0] == ""


def test_a_row_without_any_interval_is_left_out():
    lonely = report(conf_low=math.nan, conf_high=math.nan)
    assert audit(pd.DataFrame([lonely])).empty


def test_coarse_rounding_bounds_p_from_both_sides():
    result = implied(1.0, 0.9, 1.1, half_unit=0.05)
    assert result.p_high == 1.0
    result = implied(1.1, 1.0, 1.1 + 1e-9, half_unit=0.05)
    assert result.p_low == 0.0


def test_an_exact_label_is_not_flagged():
    assert flags(source_note="the printed label there reads 1.2-1.9") == ""


def test_a_wrong_label_that_is_nobodys_limit():
    note = "the printed label there reads 1.3-1.9"
    assert flags(source_note=note) == "printed label has lower limit 1.3, plotted is 1.2"


def test_refusals():
    with pytest.raises(InputError, match="ascending order"):
        implied(1.5, 1.9, 1.2)
    with pytest.raises(InputError, match="stay positive"):
        implied(1.5, 0.0, 1.2)
