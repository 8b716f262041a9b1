"""Spline bases against R 4.2.2 (splines) and against their defining properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats._expression.splines import natural_spline_basis, rcs_basis, rcs_knots
from faceage_stats._formula.frame import survival_frame
from faceage_stats.errors import FormulaError

# ns(c(0, 1, 2, 4, 7, 11, 13), knots = c(3, 6), Boundary.knots = c(1, 11))
R_NS = np.array(
    [
        [0.1282754276720577, -0.3335161119473501, 0.2052406842752924],
        [0, 0, 0],
        [-0.1119754790187031, 0.3171362454486282, -0.195160766429925],
        [0.01970423455714024, 0.5882689901514355, -0.358806558041909],
        [0.4990872511884783, 0.3663731469099565, -0.02546039809843471],
        [-0.1550387596899224, 0.4031007751937983, 0.7519379844961241],
        [-0.643410852713178, 0.4728682170542633, 1.170542635658915],
    ]
)
# x <- c(1, 2, 4, 7, 11, 13, 20.5, 8); ns(x, df = 3): interior knots 5 and 10, first two rows used
R_NS_DF3 = np.array([[0, 0, 0], [-0.06989749904812709, 0.1766068583131754, -0.1052848578405468]])


def test_ns_equals_r_inside_and_beyond_the_boundary():
    basis = natural_spline_basis([0, 1, 2, 4, 7, 11, 13], [3, 6], [1, 11])
    np.testing.assert_allclose(basis, R_NS, rtol=1e-12, atol=1e-14)


def test_ns_term_places_knots_as_r_and_keeps_them_for_new_data():
    x = [1, 2, 4, 7, 11, 13, 20.5, 8]
    df = pd.DataFrame({"x": x, "t": range(1, 9), "d": 1})
    frame = survival_frame("Surv(t, d) ~ ns(x, df=3)", df)
    np.testing.assert_allclose(frame.x[:2], R_NS_DF3, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(frame.design.encode(df.iloc[[1]]), frame.x[[1]], rtol=1e-14)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=20))
def test_natural_splines_are_linear_beyond_the_boundary(offsets):
    below = np.sort(-60 - np.abs(offsets))
    basis = natural_spline_basis(np.r_[below, -60.0], [0.0, 20.0], [-50.0, 50.0])
    slope = natural_spline_basis([-61.0], [0.0, 20.0], [-50.0, 50.0]) - basis[-1]
    expected = basis[-1] + (-60 - np.r_[below, -60.0])[:, None] * slope
    np.testing.assert_allclose(basis, expected, atol=1e-8)


def test_rcs_is_linear_beyond_its_knots_and_cubic_between():
    # closed form: below the first knot every added column is zero
    assert np.all(rcs_basis([-5.0, -1.0], [-1, 0, 1.5])[:, 1:] == 0)
    tail = rcs_basis([2.0, 3.0, 4.0], [-1, 0, 1.5])[:, 1]
    assert tail[2] - tail[1] == pytest.approx(tail[1] - tail[0])


def test_rcs_knots_of_a_small_sample_are_the_fifth_values():
    x = np.arange(50.0)
    assert rcs_knots(x, 4)[[0, -1]].tolist() == [4.0, 45.0]


def test_splines_say_what_they_need():
    df = pd.DataFrame({"x": range(20), "t": range(1, 21), "d": 1})
    with pytest.raises(FormulaError, match=r"ns\(\) needs df="):
        survival_frame("Surv(t, d) ~ ns(x)", df)
    with pytest.raises(FormulaError, match="at least 3 knots, not 2"):
        rcs_knots(range(200), 2)
