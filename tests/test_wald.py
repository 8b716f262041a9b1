"""Wald statistics against R, SciPy and closed forms."""

import numpy as np
import pytest
from scipy import stats

from faceage_stats._wald import check_conf_level, limits, two_sided, wald
from faceage_stats.errors import InputError


def test_normal_columns_are_the_closed_form():
    """0.5 / 0.2, 2 Phi(-2.5), and 0.5 -/+ 1.644853626951473 x 0.2."""
    columns = wald(0.5, 0.2, 0.9)
    assert columns["statistic"] == pytest.approx(2.5)
    assert columns["p_value"] == pytest.approx(0.0124193306515523, rel=1e-12)
    assert columns["conf_low"] == pytest.approx(0.171029274609706, rel=1e-12)
    assert columns["conf_high"] == pytest.approx(0.828970725390294, rel=1e-12)


def test_the_far_tail_keeps_its_digits():
    assert two_sided(37.0) == pytest.approx(2 * stats.norm.sf(37.0), rel=1e-13, abs=0)
    assert 0 < two_sided(-37.0) < 1e-290
    assert two_sided(60.0, 20) == pytest.approx(2 * stats.t.sf(60, 20), rel=1e-12, abs=0)


@pytest.mark.parametrize("df", [1.0, 7.5, 200.0])
def test_interval_and_p_value_agree(df):
    """A limit touches the null exactly where p = 1 - conf_level."""
    z = stats.t.ppf(0.975, df)
    columns = wald(z * 0.3, 0.3, df=df)
    assert columns["p_value"] == pytest.approx(0.05)
    assert columns["conf_low"] == pytest.approx(0, abs=1e-12)


def test_infinite_degrees_of_freedom_are_normal():
    df, plain = wald([0.4], [0.2], df=np.inf), wald([0.4], [0.2])
    for name in plain:
        np.testing.assert_allclose(df[name], plain[name], rtol=1e-12)


def test_exponentiated_columns_keep_the_error_and_the_test_of_the_log():
    log, ratio = wald([0.2, -1.0], [0.1, 0.3]), wald([0.2, -1.0], [0.1, 0.3], exponentiate=True)
    for name in ("std_error", "statistic", "p_value"):
        np.testing.assert_array_equal(log[name], ratio[name])
    for name in ("estimate", "conf_low", "conf_high"):
        np.testing.assert_array_equal(np.exp(log[name]), ratio[name])


def test_missing_errors_stay_missing_and_infinite_ratios_do_not_warn():
    columns = wald([0.0, 1.0], [np.nan, 0.0], exponentiate=True)
    assert columns["estimate"][0] == 1
    assert np.isnan([columns[name][0] for name in ("p_value", "conf_low", "conf_high")]).all()
    assert columns["p_value"][1] == 0
    assert wald(20.0, 4000.0, exponentiate=True)["conf_high"] == np.inf


def test_a_null_value_moves_the_test_only():
    columns = wald(0.7, 0.1, null_value=0.5)
    assert columns["statistic"] == pytest.approx(2)
    assert columns["conf_low"] == limits(0.7, 0.1)[0]


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, float("nan")])
def test_levels_outside_0_to_1_are_refused(level):
    with pytest.raises(InputError, match="it must lie between 0 and 1"):
        check_conf_level(level)
    with pytest.raises(InputError, match="conf_level is"):
        wald(0.0, 1.0, level)
