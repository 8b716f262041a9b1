"""Adjusted p values against R and by their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats._p_adjust import P_ADJUST_METHODS, p_adjust
from faceage_stats.errors import InputError


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
