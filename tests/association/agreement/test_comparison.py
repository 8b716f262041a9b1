"""Truth: scipy's paired t test; the balanced mean by its definition; simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.association.agreement.age_decade import age_decade
from faceage_stats.association.agreement.comparison import accuracy_test
from faceage_stats.errors import DesignError, InputError


@pytest.fixture
def frame():
    rng = np.random.default_rng(5)
    age = np.concatenate([rng.uniform(20, 40, 300), rng.uniform(40, 90, 60)])
    return pd.DataFrame(
        {
            "age": age,
            "new": age + rng.normal(0, 4, 360),
            "old": age + rng.normal(0, np.where(age < 40, 4, 9)),
            "third": age + 5,
            "decade": age_decade(age),
        }
    )


def test_a_pair_is_a_paired_t_test(frame):
    row = accuracy_test(frame, ["old", "new"]).tidy().iloc[0]
    errors = [(frame[name] - frame["age"]).abs() for name in ("new", "old")]
    test = stats.ttest_rel(*errors)
    assert row["statistic"] == pytest.approx(test.statistic)
    assert row["p_value"] == pytest.approx(test.pvalue)
    limits = test.confidence_interval()
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((limits.low, limits.high))
    assert row["estimate"] == pytest.approx(row["estimate1"] - row["estimate2"])


def test_the_balanced_error_counts_every_decade_alike(frame):
    fit = accuracy_test(frame, ["new", "old"], by="decade")
    means = fit.means()
    decades = means[(means["variable"] == "decade") & (means["marker"] == "old")]
    balanced = means[(means["metric"] == "balanced_mae") & (means["marker"] == "old")]
    assert balanced["estimate"].item() == pytest.approx(decades["estimate"].mean())
    expected = np.sqrt((decades["std_error"] ** 2).sum()) / len(decades)
    assert balanced["std_error"].item() == pytest.approx(expected)
    # the many young hide how bad the old model is in the old
    plain = means[(means["metric"] == "mae") & (means["variable"] == "all")]
    assert balanced["estimate"].item() > plain.set_index("marker").loc["old", "estimate"] + 1
    table = fit.tidy()
    assert table["metric"].tolist()[:2] == ["mae", "balanced_mae"]
    assert table["family"].unique().item().endswith(f"({len(table)} tests)")


def test_the_balanced_interval_holds_the_truth():
    markers = [f"m{i}" for i in range(12)]  # independent of each other: twelve samples in one table
    group = np.repeat(["a", "b"], [60, 15])
    spread = np.where(group == "a", 4, 9)[:, None]
    truth = (4 + 9) / 2 * np.sqrt(2 / np.pi)
    held = []
    for seed in range(25):
        error = np.random.default_rng(seed).normal(0, spread, (75, 12))
        data = pd.DataFrame(60 + error, columns=markers).assign(age=60.0, group=group)
        means = accuracy_test(data, markers, by="group").means()
        rows = means[means["metric"] == "balanced_mae"]
        assert len(rows) == 12
        held += ((rows["conf_low"] <= truth) & (truth <= rows["conf_high"])).tolist()
    assert np.mean(held) == pytest.approx(0.94, abs=0.04)  # absolute errors are skewed


def test_every_prediction_is_judged_on_the_same_rows(frame):
    frame.loc[:9, "new"] = np.nan
    frame.loc[10:14, "decade"] = None
    fit = accuracy_test(frame, ["new", "old", "third"], by="decade")
    assert fit.glance().iloc[0].tolist() == [345, 15]
    assert fit.means().query("variable == 'all'")["n"].unique().tolist() == [345]
    assert len(fit.tidy().query("variable == 'all' and metric == 'mae'")) == 3
    constant = fit.means().query("marker == 'third' and metric == 'mae' and variable == 'all'")
    assert constant["estimate"].item() == pytest.approx(5)


def test_equal_predictions_do_not_differ(frame):
    row = accuracy_test(frame.assign(copy=frame["new"]), ["new", "copy"]).tidy().iloc[0]
    assert (row["estimate"], row["std_error"]) == (0, 0)
    assert (row["statistic"], row["p_value"]) == (0, 1)


def test_refusals(frame):
    for one in ("new", ["new", "new"]):
        with pytest.raises(InputError, match="two or more different columns of predictions"):
            accuracy_test(frame, one)
    few = frame.assign(site=["x", *["y"] * 359])
    with pytest.raises(DesignError, match=r"fewer than 2 complete rows in site = x\. Join"):
        accuracy_test(few, ["new", "old"], by="site")
