"""Truth: pROC 1.18.0, and power and sample size as each other's inverse."""

import pytest

from faceage_stats.errors import InputError
from faceage_stats.prediction.planning.roc_power import roc_power, roc_sample_size


def test_the_numbers_of_proc():
    assert roc_power(0.73, 41, 72) == pytest.approx(0.989745343551401, rel=1e-9)
    row = roc_sample_size(0.65, power=0.9, kappa=1.7).iloc[0]
    assert tuple(row) == pytest.approx((58.1508261244934, 98.8564044116387), rel=1e-6)


@pytest.mark.parametrize("auc", [0.55, 0.7, 0.9])
@pytest.mark.parametrize("sig_level", [0.01, 0.1])
def test_the_sizes_have_the_power_asked_for(auc, sig_level):
    row = roc_sample_size(auc, power=0.85, kappa=2.5, sig_level=sig_level).iloc[0]
    power = roc_power(auc, row["n_case"], row["n_control"], sig_level=sig_level)
    assert power == pytest.approx(0.85, rel=1e-9)


def test_refusals():
    with pytest.raises(InputError, match=r"auc is 0\.5; it must lie between"):
        roc_power(0.5, 10, 10)
    with pytest.raises(InputError, match="n_case is 0"):
        roc_power(0.7, 0, 10)
