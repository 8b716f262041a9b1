"""Truth: the printing rules themselves, written out by hand, and order preservation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats.reporting import formats as f


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.125, 2, "0.13"),  # half away from zero, not half to even
        (-0.125, 2, "-0.13"),
        (2.675, 2, "2.68"),  # binary 2.675 lies below the half
        (-0.004, 2, "0.00"),
        (1e6, 0, "1000000"),
        (1e-9, 2, "0.00"),
        (np.float64(1.5), 1, "1.5"),
        (None, 2, "NA"),
        (math.nan, 2, "NA"),
        (math.inf, 2, "Inf"),
        (-math.inf, 2, "-Inf"),
    ],
)
def test_format_number(value, digits, text):
    assert f.format_number(value, digits) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0, "<0.0001"),
        (0.00009999, "<0.0001"),
        (0.0001, "0.0001"),
        (0.00012, "0.0001"),
        (0.0013, "0.0013"),
        (0.013, "0.013"),
        (0.0499, "0.050"),
        (0.05, "0.050"),
        (0.16, "0.16"),
        (0.985, "0.99"),
        (0.9901, ">0.99"),
        (1, ">0.99"),
        (None, "NA"),
    ],
)
def test_format_p(p, text):
    assert f.format_p(p) == text


def test_format_p_named():
    assert f.format_p(1e-8, name=True) == "p < 0.0001"
    assert f.format_p(0.999, name=True) == "p > 0.99"
    assert f.format_p(None, name=True) == "p = NA"


@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_format_p_refuses_what_is_no_p(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        f.format_p(p)


@given(st.floats(0, 1), st.floats(0, 1))
def test_printed_p_values_keep_their_order(a, b):
    low, high = sorted((a, b))
    assert float(f.format_p(low).strip("<>")) <= float(f.format_p(high).strip("<>"))


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_rounding_is_within_half_a_unit(value, digits):
    printed = f.format_number(value, digits)
    assert abs(float(printed) - value) <= 0.5 * 10**-digits * (1 + 1e-9) + 1e-9
    assert printed.lstrip("-0.") or not printed.startswith("-")


def test_intervals_and_estimates():
    assert f.format_interval(1, 2, 1) == "1.0–2.0"
    assert f.format_interval(-1, math.inf, 1) == "-1.0 to Inf"
    assert f.format_estimate_ci(1.151, 1.056, 1.254, 3) == "1.151 (1.056–1.254)"
    assert f.format_estimate_ci(None, 1, 2) == "NA"


def test_counts_and_percentages():
    assert f.format_count(4906) == "4,906"
    assert f.format_count(None) == "NA"
    assert f.format_percent(0.285, 0) == "29%"
    assert f.format_percent(None) == "NA"
