"""Truths: Student's t for two means, R's ptukey and qtukey, SciPy, an integral to 12 digits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from faceage_stats._studentized_range import range_quantile, range_tail

DF = [1, 1.3, 4, 7.7, 94.03, 1e4, 1e6, 1e9, np.inf]


@pytest.mark.parametrize("df", DF)
def test_two_means_are_student_s_t_far_into_the_tail(df):
    q = np.array([1e-3, 0.1, 1, 3, 6, 10])
    truth = 2 * stats.t.sf(q / np.sqrt(2), df)
    np.testing.assert_allclose(range_tail(q, 2, df), truth, rtol=1e-8)
    levels = [0.01, 0.5, 0.95, 0.999]
    found = [float(range_quantile(level, 2, df)) for level in levels]
    truth = stats.t.isf((1 - np.array(levels)) / 2, df) * np.sqrt(2)
    np.testing.assert_allclose(found, truth, rtol=1e-9)


@pytest.mark.parametrize(
    ("q", "k", "df", "p", "ours"),
    [  # ptukey(q, k, df, lower.tail = FALSE), and how far R itself is from the integral
        (3.5, 3, 20, 0.0558918490821, 1e-09),
        (3.5, 6, 7.3, 0.244452594872, 1e-09),
        (1, 4, 12, 0.892355908443, 1e-09),
        (6, 10, 60, 0.00290526298182, 1e-07),
        (4, 3, 2.5, 0.152322928004, 1e-05),
        (5, 20, 300, 0.056726877512, 1e-09),
        (12, 5, 3, 0.0135149212143, 0.0002),
    ],
)
def test_tails_are_those_of_r_and_of_scipy(q, k, df, p, ours):
    assert float(range_tail(q, k, df)) == pytest.approx(p, rel=ours)
    assert float(range_tail(q, k, df)) == pytest.approx(
        stats.studentized_range.sf(q, k, df), rel=1e-9
    )


def test_a_small_p_value_is_that_of_the_integral():
    # integrated to 12 digits; R's ptukey gives 5.57737e-07
    assert float(range_tail(7.96084185513523, 3, 94.0254863377648)) == pytest.approx(
        5.572539878949887e-07, rel=1e-10
    )


@pytest.mark.parametrize("k", [3, 4, 10, 60])
@pytest.mark.parametrize("df", [5.5, 40, np.inf])
def test_quantiles_are_those_of_scipy(k, df):
    truth = stats.studentized_range.ppf(0.95, k, df)
    assert float(range_quantile(0.95, k, df)) == pytest.approx(truth, rel=1e-7)


def test_edges():
    found = range_tail([0, -1, np.inf, np.nan, 3], 3, [5, 5, 5, 5, np.nan])
    np.testing.assert_array_equal(found, [1, 1, 0, np.nan, np.nan])
    assert np.isnan(range_quantile(0.95, 3, np.nan))
    assert range_tail(np.ones((2, 1)), 3, [4, 5, 6]).shape == (2, 3)
