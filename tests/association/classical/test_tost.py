"""Truth: the interval at 1 - 2 alpha decides as the two tests do (Schuirmann)."""

import numpy as np
import pytest

from faceage_stats.association.classical.tost import tost
from faceage_stats.errors import InputError

RNG = np.random.default_rng(2)
FIRST, SECOND = RNG.normal(0, 4, 40), RNG.normal(1, 5, 45)


@pytest.mark.parametrize("sig_level", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("margin", [0.5, 1.5, 2.5, 3.5, 5.0])
def test_interval_and_p_value_decide_alike(margin, sig_level):
    test = tost(FIRST, SECOND, low=-margin, high=margin, sig_level=sig_level)
    row = test.glance().iloc[0]
    inside = -margin < row["conf_low"] and row["conf_high"] < margin
    assert (test.p_value < sig_level) == inside
    assert row["conf_level"] == 1 - 2 * sig_level


def test_refusals():
    with pytest.raises(InputError, match="low must be below high"):
        tost(FIRST, SECOND, low=3, high=-3)
    with pytest.raises(InputError, match=r"between 0 and 0\.5"):
        tost(FIRST, SECOND, low=-3, high=3, sig_level=0.5)
