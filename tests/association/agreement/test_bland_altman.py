"""Truth: R's nlme (components of variance of a balanced table), simulation; see conformance."""

import numpy as np
import pandas as pd
import pytest

from faceage_stats.association.agreement.bland_altman import bland_altman
from faceage_stats.errors import DesignError, InputError


@pytest.fixture
def balanced():
    x = [61, 63, 60, 70, 73, 72, 58, 55, 57, 66, 69, 64, 75, 78, 79, 50, 52, 49]
    y = [60, 61, 61, 71, 70, 69, 59, 57, 58, 63, 64, 66, 72, 74, 75, 52, 51, 53]
    return pd.DataFrame({"x": x, "y": y, "id": np.repeat(range(6), 3)})


def test_repeated_pairs_equal_the_random_effects_model(balanced):
    """lme(d ~ 1, random = ~ 1 | id): REML equals the analysis of variance in a balanced table."""
    fit = bland_altman(balanced, "x", "y", subject="id")
    assert fit.std_dev == pytest.approx(2.6991081859253, rel=1e-5)
    table = fit.tidy().set_index("term")
    assert table.loc["bias", "estimate"] == pytest.approx(0.833333333333334)
    assert table.loc["bias", "std_error"] == pytest.approx(0.837765962149109, rel=1e-5)
    assert fit.glance()[["n", "n_subject"]].iloc[0].tolist() == [18, 6]
    assert "repeated" in fit.glance()["method"].item()


def test_one_pair_per_subject_is_the_plain_method(balanced):
    plain = bland_altman(balanced, "x", "y")
    single = bland_altman(balanced.assign(id=range(18)), "x", "y", subject="id")
    pd.testing.assert_frame_equal(plain.tidy(), single.tidy())


def simulated(seed, n=40):
    rng = np.random.default_rng(seed)
    repeats = rng.integers(1, 5, n)
    subject = np.repeat(np.arange(n), repeats)
    difference = rng.normal(1, 3, n)[subject] + rng.normal(0, 2, len(subject))
    return pd.DataFrame({"x": difference, "y": 0.0, "id": subject})


def test_unequal_repeats_are_unbiased_and_intervals_hold():
    upper = 1 + 1.959964 * np.sqrt(13)
    fits = [bland_altman(simulated(s), "x", "y", subject="id") for s in range(400)]
    variance = np.mean([fit.std_dev**2 for fit in fits])
    assert variance == pytest.approx(13, rel=0.03)
    rows = [fit.tidy().set_index("term").loc["limit_high"] for fit in fits]
    held = np.mean([row["conf_low"] <= upper <= row["conf_high"] for row in rows])
    assert held == pytest.approx(0.95, abs=0.035)
    spread = np.std([row["estimate"] for row in rows])
    assert np.mean([row["std_error"] for row in rows]) == pytest.approx(spread, rel=0.08)


def test_rows_without_a_subject_are_dropped_and_few_subjects_refused(balanced):
    balanced["id"] = balanced["id"].astype(float).where(balanced["id"] > 0)
    assert bland_altman(balanced, "x", "y", subject="id").n_missing == 3
    with pytest.raises(DesignError, match="2 subjects with complete pairs; 3 are needed"):
        bland_altman(balanced[balanced["id"] < 3], "x", "y", subject="id")


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "faceage": [62.0, 71, 66, 80, 59, 68, 61, 77, 55, 83, 64, 70],
            "age": [60, 70, 63, 77, 60, 70, 63, 77, 58, 75, 66, 64],
            "sex": list("FMFMMFMFFMFM"),
        }
    )


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


def test_the_rule_of_1986():
    data = pd.DataFrame({"a": [62.0, 69, 60, 81, 74], "b": [60, 70, 63, 77, 75], "id": range(5)})
    low = bland_altman(data, "a", "b", approximate=True).tidy().iloc[1]
    assert low["std_error"] == pytest.approx((data["a"] - data["b"]).std() * (3 / 5) ** 0.5)
    with pytest.raises(InputError, match="one pair per subject"):
        bland_altman(data, "a", "b", approximate=True, subject="id")
