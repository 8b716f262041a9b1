"""Truth: published E-values, arithmetic by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats.association.sensitivity.e_value import e_value
from faceage_stats.errors import InputError


def test_published_e_values():
    """VanderWeele and Ding 2017: RR 3.9 (1.8-8.7) gives 7.26 and 3.0; RR 0.80 (0.71-0.91)."""
    assert e_value(3.9, 1.8, 8.7, scale="risk").tidy()["e_value"].round(2).tolist() == [7.26, 3.0]
    protective = e_value(0.80, 0.71, 0.91, scale="risk").tidy()["e_value"]
    assert protective.round(2).tolist() == [1.81, 1.43]


def test_scales():
    odds = e_value(4.0, scale="odds").tidy().iloc[0]
    assert odds["risk_ratio"] == pytest.approx(2.0)
    assert odds["e_value"] == pytest.approx(2 + np.sqrt(2))
    hazard = e_value(1.5).tidy()["risk_ratio"].item()
    assert hazard == pytest.approx((1 - 0.5 ** np.sqrt(1.5)) / (1 - 0.5 ** np.sqrt(1 / 1.5)))
    rare = e_value(1.5, rare=True)
    assert rare.tidy()["risk_ratio"].item() == 1.5
    assert rare.glance()["method"].item() == "E-value, rare outcome"
    assert "hazard ratio" in repr(rare)


@given(st.floats(0.2, 5), st.sampled_from(["risk", "odds", "hazard"]))
def test_a_ratio_and_its_inverse_have_one_e_value(ratio, scale):
    one, two = (e_value(r, scale=scale).tidy()["e_value"].item() for r in (ratio, 1 / ratio))
    assert one == pytest.approx(two, rel=1e-6)
    assert one >= 1


def test_an_interval_that_holds_the_null_needs_no_confounding():
    assert e_value(1.2, 0.9, 1.6).tidy()["e_value"].iloc[1] == 1
    assert e_value(1.2, 0.9, 1.6, null=1.2).tidy()["e_value"].tolist() == [1, 1]


def test_e_value_refuses():
    with pytest.raises(InputError, match="scale is 'rate'; choose one of hazard, odds, risk"):
        e_value(1.2, scale="rate")
    with pytest.raises(InputError, match="give both limits or none"):
        e_value(1.2, conf_low=1.1)
    with pytest.raises(InputError, match="finite and above 0"):
        e_value(-0.2)
    with pytest.raises(InputError, match="does not lie between its limits"):
        e_value(1.2, 1.3, 1.4)
