"""Truth: cells of a table, where weights are known, and what weighting is for."""

import numpy as np
import pandas as pd
import pytest

from faceage_stats.association.weighting.ipw import ipw
from faceage_stats.errors import DesignError, InputError

# 6 of 8 old and 2 of 8 young patients are treated: propensities are 3/4 and 1/4.
DATA = pd.DataFrame({"old": np.repeat([1, 0], 8), "treated": [1] * 6 + [0] * 2 + [1] * 2 + [0] * 6})
OWN = np.repeat([3 / 4, 1 / 4, 1 / 4, 3 / 4], [6, 2, 2, 6])


@pytest.mark.parametrize(
    ("estimand", "target"),
    [
        ("ATE", np.ones(16)),
        ("ATT", np.repeat([3 / 4, 1 / 4], 8)),
        ("ATC", np.repeat([1 / 4, 3 / 4], 8)),
        ("ATO", np.full(16, 3 / 16)),
    ],
)
def test_weights_are_the_target_over_the_probability_of_the_arm(estimand, target):
    fit = ipw("treated ~ old", DATA, estimand=estimand)
    np.testing.assert_allclose(fit.augment()["weight"], target / OWN)
    row = fit.balance().iloc[0]
    assert row["smd_after"] == pytest.approx(0, abs=1e-9)
    assert abs(row["smd_before"]) > 1
    assert row["mean1"] == pytest.approx((target * DATA["old"]).sum() / target.sum())


def test_stabilised_weights_have_a_mean_of_1_and_their_effective_size():
    fit = ipw("treated ~ old", DATA, stabilised=True)
    assert fit.augment()["weight"].mean() == pytest.approx(1)
    assert fit.tidy()["n_effective"].tolist() == pytest.approx([6, 6])


def test_rows_keep_their_labels_and_missing_ones_are_counted():
    data = DATA.assign(old=DATA["old"].astype(float)).set_axis(list("abcdefghijklmnop"))
    data.loc["c", "old"] = np.nan
    fit = ipw("treated ~ old", data)
    assert fit.glance()["n_missing"][0] == 1
    assert fit.augment().index.tolist() == list("abdefghijklmnop")


def test_truncation_cuts_and_trimming_leaves_out():
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"x": rng.normal(size=200)})
    data["treated"] = rng.binomial(1, 1 / (1 + np.exp(-data["x"])))
    whole = ipw("treated ~ x", data).augment()
    cut = ipw("treated ~ x", data, truncate=(0.05, 0.95)).augment()
    bounds = np.quantile(whole["weight"], [0.05, 0.95])
    np.testing.assert_allclose(cut["weight"], np.clip(whole["weight"], *bounds))
    kept = ipw("treated ~ x", data, trim=(0.2, 0.8)).augment()
    assert kept.index.equals(whole.index[whole["propensity"].between(0.2, 0.8)])
    assert len(ipw("treated ~ x", data, trim=(0.2, 0.8)).balance()) == 1


def test_refusals():
    with pytest.raises(InputError, match="stabilised weights are of the ATE"):
        ipw("treated ~ old", DATA, estimand="ATT", stabilised=True)
    with pytest.raises(InputError, match="give two proportions"):
        ipw("treated ~ old", DATA, truncate=(0.9, 0.1))
    with pytest.raises(DesignError, match="no patient of one arm"):
        ipw("treated ~ old", DATA, trim=(0.8, 0.9))
