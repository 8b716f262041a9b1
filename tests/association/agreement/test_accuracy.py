"""Truth: R 4.2.2 (lm, cor.test, t.test), the bootstrap by its definition, the real UTK outputs."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faceage_stats.association.agreement.accuracy import (
    accuracy,
    age_decade,
    calibration_line,
)
from faceage_stats.association.agreement.bland_altman import bland_altman
from faceage_stats.errors import DesignError, InputError


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "faceage": [62.0, 71, 66, 80, 59, 68, 61, 77, 55, 83, 64, 70],
            "age": [60, 70, 63, 77, 60, 70, 63, 77, 58, 75, 66, 64],
            "sex": list("FMFMMFMFFMFM"),
        }
    )


def simulated(n=300, seed=5):
    rng = np.random.default_rng(seed)
    age = rng.uniform(20, 90, n)
    return pd.DataFrame({"age": age, "faceage": age + rng.normal(1, 6, n)})


def test_metrics_equal_r(frame):
    table = accuracy(frame).tidy().set_index("metric")
    expected = {
        "mae": 2.75,
        "mean_error": 1.083333333333333,
        "rmse": 3.476108935769035,
        "pearson_r": 0.927667410188826,
        "r_squared": 0.860566823926444,
        "r_squared_identity": 0.711681855840928,
    }
    for metric, value in expected.items():
        assert table.loc[metric, "estimate"] == pytest.approx(value, rel=1e-12)
    limits = table[["conf_low", "conf_high"]].astype(float)
    np.testing.assert_allclose(limits.loc["pearson_r"], [0.756539984413419, 0.979887102473675])
    np.testing.assert_allclose(limits.loc["mean_error"], [-1.10860139870833, 3.27526806537500])


def test_bootstrap_equals_its_definition():
    frame = simulated()
    table = accuracy(frame, n_resamples=4000, seed=1).tidy().set_index("metric")
    rng = np.random.default_rng(99)
    x, y = frame["faceage"].to_numpy(), frame["age"].to_numpy()
    rows = rng.integers(0, len(x), (4000, len(x)))
    mae = np.abs(x[rows] - y[rows]).mean(axis=1)
    r = np.array([np.corrcoef(x[i], y[i])[0, 1] for i in rows[:1000]])
    assert table.loc["mae", "std_error"] == pytest.approx(mae.std(), rel=0.05)
    assert table.loc["mae", "conf_low"] == pytest.approx(np.quantile(mae, 0.025), abs=0.05)
    assert table.loc["pearson_r", "std_error"] == pytest.approx(r.std(), rel=0.1)


def test_a_shift_of_both_ages_changes_nothing():
    frame = simulated()
    moved = frame + 1e6
    one, two = accuracy(frame).tidy(), accuracy(moved).tidy()
    np.testing.assert_allclose(one["conf_low"], two["conf_low"], rtol=1e-6)
    np.testing.assert_allclose(one["estimate"], two["estimate"], rtol=1e-8)


def test_groups_do_not_depend_on_each_other(frame):
    both = accuracy(frame, by="sex", seed=3).tidy()
    women = both[both["level"] == "F"].reset_index(drop=True)
    alone = accuracy(frame[frame["sex"] == "F"], by=["sex"], seed=3).tidy()
    pd.testing.assert_frame_equal(women, alone[alone["level"] == "F"].reset_index(drop=True))
    assert both["variable"].unique().tolist() == ["all", "sex"]
    again = accuracy(frame, by="sex", seed=3).tidy()
    pd.testing.assert_frame_equal(both, again)
    assert not both["conf_low"].equals(accuracy(frame, by="sex", seed=4).tidy()["conf_low"])


def test_batches_do_not_change_the_numbers(frame, monkeypatch):
    whole = accuracy(frame, n_resamples=50).tidy()
    monkeypatch.setattr("faceage_stats.association.agreement.accuracy._BATCH", 12 * 7)
    pd.testing.assert_frame_equal(whole, accuracy(frame, n_resamples=50).tidy())


def test_accuracy_glance_and_missing(frame):
    frame.loc[0, "age"] = np.nan
    fit = accuracy(frame, n_resamples=20, seed=9)
    assert fit.glance().iloc[0].to_dict() == {
        "n": 11,
        "n_missing": 1,
        "n_resamples": 20,
        "seed": 9,
    }
    assert fit.wide()["n"].tolist() == [11]


def test_accuracy_refuses(frame):
    with pytest.raises(DesignError, match="sex = X has 1 rows; 4 are needed"):
        accuracy(frame.assign(sex=["X"] + ["F"] * 11), by="sex")
    with pytest.raises(InputError, match="'race'"):
        accuracy(frame, by="race")


def test_decades():
    decades = age_decade([np.nan, 20, 29.99, 30, 90, 105])
    assert decades.tolist()[1:] == ["20-29", "20-29", "30-39", "90+", "90+"]
    assert pd.isna(decades[0])
    assert decades.ordered


def test_bland_altman_rows_and_refusal(frame):
    frame.loc[2, "faceage"] = np.nan
    fit = bland_altman(frame)
    assert fit.glance()["n_missing"].iloc[0] == 1
    rows = fit.augment()
    assert rows.loc[0].tolist() == [61.0, 2.0]
    assert rows["difference"].mean() == pytest.approx(fit.tidy()["estimate"].iloc[0])
    with pytest.raises(DesignError, match="2 complete pairs"):
        bland_altman(frame.head(3))


def test_limits_hold_their_share_and_their_intervals_cover():
    # simulation: 400 samples of 40 normal differences, limits known
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        frame = pd.DataFrame({"faceage": rng.normal(0, 1, 40), "age": 0.0})
        high = bland_altman(frame).tidy().set_index("term").loc["limit_high"]
        covered += high["conf_low"] <= 1.959964 <= high["conf_high"]
    assert 0.91 <= covered / 400 <= 0.985


def test_calibration_line_equals_lm(frame):
    fit = calibration_line(frame)
    table = fit.tidy().set_index("term")
    assert table["estimate"].tolist() == pytest.approx([-11.1690140845070, 1.1830985915493])
    assert table["std_error"].tolist() == pytest.approx([10.124390890172009, 0.150595396984795])
    assert table.loc["slope", "conf_low"] == pytest.approx(0.847551136597178)
    assert table["p_value"].tolist() == pytest.approx([0.295789181930016, 0.251971253235011])
    row = fit.glance().iloc[0]
    assert row["r_squared"] == pytest.approx(0.860566823926444)
    assert row["sigma"] == pytest.approx(3.377222794370681)
    with pytest.raises(DesignError, match="3 complete rows with different x"):
        calibration_line(frame.assign(age=60))


@pytest.mark.skipif("FACEAGE_DATA_DIR" not in os.environ, reason="needs the UTK outputs")
def test_the_published_utk_numbers():
    path = Path(os.environ["FACEAGE_DATA_DIR"]) / "utk_faceage_ext.csv"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == "0c87a46b84115dd36fd2c5de4b6dac2b16aa73d59141cfd17a6dcfa3e8ef3fad"
    utk = pd.read_csv(path)
    overall = accuracy(utk, n_resamples=100).wide().iloc[0]
    assert overall["n"] == 2547
    assert round(overall["mae"], 3) == 7.459
    assert round(overall["pearson_r"], 5) == 0.90143
    old = accuracy(utk[utk["age"] >= 60], n_resamples=100).wide().iloc[0]
    assert (old["n"], round(old["mae"], 3), round(old["mean_error"], 3)) == (671, 6.504, 0.276)
