"""Adjusted p values against R and by their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats._p_adjust import P_ADJUST_METHODS, p_adjust
from faceage_stats.errors import InputError

nan = np.nan


def test_step_down_and_step_up_by_hand():
    """Holm: 0.01 x 3, 0.02 x 2, 0.04 x 1, made monotone; Benjamini-Hochberg: 0.01 x 3 / 1, ..."""
    p = [0.04, 0.01, 0.02]
    np.testing.assert_allclose(p_adjust(p, "holm"), [0.04, 0.03, 0.04])
    np.testing.assert_allclose(p_adjust(p, "BH"), [0.04, 0.03, 0.03])
    np.testing.assert_allclose(p_adjust(p, "bonferroni"), [0.12, 0.03, 0.06])
    np.testing.assert_allclose(p_adjust(p, "none"), p)


@pytest.mark.parametrize("method", P_ADJUST_METHODS)
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusting_keeps_the_order_and_never_makes_smaller(method, p):
    adjusted = p_adjust(p, method)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-15).all()


def test_missing_p_values_are_not_counted_and_unlisted_tests_are():
    np.testing.assert_allclose(p_adjust([0.01, None], "bonferroni"), [0.01, np.nan])
    np.testing.assert_allclose(p_adjust([0.01], "bonferroni", n=5), [0.05])


def test_bad_requests_are_refused():
    with pytest.raises(InputError, match="choose one of holm"):
        p_adjust([0.1], "tukey")
    with pytest.raises(InputError, match="1 values outside 0 to 1"):
        p_adjust([1.2])
    with pytest.raises(InputError, match="n is 1, but 2 p values"):
        p_adjust([0.1, 0.2], n=1)


# R: p.adjust(p, m, n) for p = c(0.01, NA, 0.02, 0.03, NA, 0.04, 0.05)
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", [0.05, nan, 0.08, 0.09, nan, 0.09, 0.09]),
        ("hochberg", [0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]),
        ("hommel", [0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]),
        ("bonferroni", [0.05, nan, 0.1, 0.15, nan, 0.2, 0.25]),
        ("BH", [0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]),
        ("fdr", [0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]),
        ("BY", np.array([0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]) * (137 / 60)),
        ("none", [0.01, nan, 0.02, 0.03, nan, 0.04, 0.05]),
    ],
)
def test_missing_p_values_stay_missing_and_are_not_counted(method, expected):
    p = [0.01, None, 0.02, 0.03, nan, 0.04, 0.05]
    np.testing.assert_allclose(p_adjust(p, method), expected, rtol=1e-12)


# R: p.adjust(c(0.001, 0.01, 0.02), m, n = 10)
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", [0.01, 0.09, 0.16]),
        ("hochberg", [0.01, 0.09, 0.16]),
        ("hommel", [0.01, 0.09, 0.16]),
        ("bonferroni", [0.01, 0.1, 0.2]),
        ("BH", [0.01, 0.05, 0.0666666666666667]),
        ("BY", [0.0292896825396825, 0.146448412698413, 0.19526455026455]),
    ],
)
def test_tests_that_are_not_listed_count(method, expected):
    np.testing.assert_allclose(p_adjust([0.001, 0.01, 0.02], method, n=10), expected, rtol=1e-12)


def test_one_and_none():
    assert p_adjust([0.03], "BH").tolist() == [0.03]
    assert p_adjust([], "BH").shape == (0,)
    assert np.isnan(p_adjust([nan], "holm")).all()
