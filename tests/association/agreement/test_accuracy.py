"""Truth: R 4.2.2 (cor.test, t.test), the bootstrap by its definition, the real UTK outputs."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faceage_stats.association.agreement.accuracy import accuracy
from faceage_stats.errors import DesignError, FormulaError


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
    with pytest.raises(FormulaError, match="'race'"):
        accuracy(frame, by="race")


def test_the_level_is_honoured_by_every_interval(frame):
    fit = accuracy(frame, n_resamples=200)
    wide, narrow = fit.tidy(), fit.tidy(conf_level=0.5)
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert (narrow["conf_high"] < wide["conf_high"]).all()
    pd.testing.assert_frame_equal(narrow, accuracy(frame, n_resamples=200, conf_level=0.5).tidy())


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
