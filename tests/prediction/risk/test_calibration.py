"""Calibration against leave-one-out curves, planted truth and properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.horizon.pseudo import pseudo_risk, risk_at
from faceage_stats.prediction.risk.calibration import calibration
from faceage_stats.survival.competing.kernel import aalen_johansen


def binary(seed: int = 1, n: int = 4000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lp = rng.normal(-0.5, 1.0, n)
    true = 1 / (1 + np.exp(-lp))
    return pd.DataFrame(
        {
            "y": (rng.random(n) < true).astype(int),
            "true": true,
            "shifted": 1 / (1 + np.exp(-(lp + 0.7))),
            "extreme": 1 / (1 + np.exp(-2 * lp)),
        }
    )


def survival(seed: int = 1, n: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lp = rng.normal(size=n)
    event, censored = rng.exponential(np.exp(-lp)), rng.exponential(2.0, n)
    risk = 1 - np.exp(-0.5 * np.exp(lp))
    return pd.DataFrame(
        {
            "t": np.minimum(event, censored),
            "d": (event <= censored).astype(int),
            "lp": lp,
            "risk": risk,
            "low": 0.5 * risk,
        }
    )


def quantities(result) -> pd.DataFrame:
    return result.tidy().set_index("quantity")


def test_right_predictions_are_calibrated_and_wrong_ones_are_not() -> None:
    # truth: planted calibration
    data = binary()
    good = quantities(calibration("y ~ true", data, n_resamples=0))
    assert good.loc["slope", "conf_low"] < 1 < good.loc["slope", "conf_high"]
    assert good.loc["unreliability", "p_value"] > 0.01
    assert good.loc["ici", "estimate"] < 0.02
    shifted = quantities(calibration("y ~ shifted", data, n_resamples=0))
    assert shifted.loc["intercept", "estimate"] == pytest.approx(-0.7, abs=0.1)
    assert shifted.loc["observed_expected_ratio", "conf_high"] < 1
    extreme = quantities(calibration("y ~ extreme", data, n_resamples=0))
    assert extreme.loc["slope", "estimate"] == pytest.approx(0.5, abs=0.05)
    assert extreme.loc["slope", "p_value"] < 1e-10
    assert extreme.loc["ici", "estimate"] > good.loc["ici", "estimate"] + 0.02


def test_likelihood_ratio_parts_add_up() -> None:
    table = quantities(calibration("y ~ shifted", binary(2, 500), n_resamples=0))["estimate"]
    parts = table["intercept_lr_test"] + table["slope_given_intercept_lr_test"]
    assert table["unreliability"] == pytest.approx(parts)


def test_curve_groups_and_bootstrap() -> None:
    data = binary(3, 400)
    result = calibration("y ~ true", data, groups=5, n_resamples=100)
    row = quantities(result).loc["ici"]
    assert 0 < row["std_error"] < 0.05
    assert row["conf_low"] < row["conf_high"]
    again = quantities(calibration("y ~ true", data, groups=5, n_resamples=100))
    pd.testing.assert_frame_equal(quantities(result), again)
    curve = result.curve()
    assert curve["predicted"].iloc[0] == pytest.approx(data["true"].min())
    assert (curve["conf_low"] <= curve["estimate"]).all()
    assert result.groups()["n"].tolist() == [80] * 5
    assert result.groups()["n_event"].sum() == result.glance()["n_event"].iloc[0]
    assert "Calibration y ~ true" in repr(result)


def test_every_limit_follows_the_level() -> None:
    result = calibration("y ~ true", binary(3, 400), groups=5, n_resamples=100)
    for table in (result.tidy, result.curve, result.groups):
        wide, narrow = table(), table(conf_level=0.5)
        known = wide["conf_high"].notna()
        assert (wide["conf_high"] >= narrow["conf_high"])[known].all()
        assert (wide["conf_high"] > narrow["conf_high"])[known].any()
    # truth: normal limits by hand, and on the log scale
    table = quantities(result)
    for name, scale in (("slope", lambda x: x), ("observed_expected_ratio", np.log)):
        row = table.loc[name]
        half = (scale(row["conf_high"]) - scale(row["conf_low"])) / 2
        assert half == pytest.approx(1.959963984540054 * row["std_error"])


def test_two_valued_risk_gets_a_straight_line() -> None:
    data = binary(4, 300)
    data["two"] = np.where(data["true"] > 0.4, 0.6, 0.2)
    result = calibration("y ~ two", data, groups=2, n_resamples=0)
    # truth: a line through two points is the observed share at either
    observed = data.groupby("two")["y"].mean()
    gap = np.abs(data["two"].map(observed) - data["two"])
    assert quantities(result).loc["ici", "estimate"] == pytest.approx(gap.mean(), rel=1e-6)


@pytest.mark.parametrize("competing", [False, True])
def test_pseudo_observations_equal_leaving_one_out(competing: bool) -> None:
    # truth: the definition, a new curve without each row (tied times included)
    rng = np.random.default_rng(7)
    time = np.ceil(rng.exponential(5, 60))
    status = rng.integers(0, 3 if competing else 2, 60)
    t = 6.0

    def risk(rows: np.ndarray) -> float:
        curve = aalen_johansen(time[rows], status[rows], 1)[0]
        steps = np.concatenate([[0.0], curve.estimate])
        return float(steps[np.searchsorted(curve.time, t, side="right")])

    everybody = np.arange(60)
    full = risk(everybody)
    expected = [60 * full - 59 * risk(np.delete(everybody, i)) for i in range(60)]
    np.testing.assert_allclose(pseudo_risk(time, status, t), expected, rtol=1e-10, atol=1e-12)
    assert risk_at(time, status, t)[0] == pytest.approx(full)


def test_pseudo_observations_without_censoring_are_the_outcome() -> None:
    time = np.arange(1.0, 11.0)
    np.testing.assert_allclose(pseudo_risk(time, np.ones(10), 4.5), time <= 4.5, atol=1e-12)


def test_survival_calibration_recovers_what_was_planted() -> None:
    data = survival()
    good = calibration("Surv(t, d) ~ risk", data, times=0.5, lp="lp", groups=5, n_resamples=0)
    table = quantities(good)
    assert table.loc["slope", "conf_low"] < 1 < table.loc["slope", "conf_high"]
    assert table.loc["observed_expected_ratio", "estimate"] == pytest.approx(1, abs=0.08)
    assert table.loc["ici", "estimate"] < 0.03
    assert (good.groups()["conf_low"] <= good.groups()["predicted"]).sum() >= 4
    # the slope of a proportional hazards prediction is the same without lp
    same = quantities(calibration("Surv(t, d) ~ risk", data, times=0.5, n_resamples=0))
    assert same.loc["slope", "estimate"] == pytest.approx(table.loc["slope", "estimate"])
    low = quantities(calibration("Surv(t, d) ~ low", data, times=0.5, n_resamples=0))
    assert low.loc["observed_expected_ratio", "estimate"] == pytest.approx(2, abs=0.2)
    assert low.loc["ici", "estimate"] > 0.1


def test_survival_bootstrap_and_competing_events() -> None:
    data = survival(2, 300)
    row = quantities(
        calibration("Surv(t, d) ~ risk", data, times=0.5, n_resamples=100, groups=3)
    ).loc["ici"]
    assert row["conf_low"] <= row["conf_high"]
    rng = np.random.default_rng(3)
    data["d"] = np.where((data["d"] == 1) & (rng.random(300) < 0.3), 2, data["d"])
    result = calibration("Surv(t, d) ~ risk", data, times=0.5, cause=1, n_resamples=0)
    curve = aalen_johansen(data["t"].to_numpy(), data["d"].to_numpy(), 1)[0]
    expected = curve.estimate[np.searchsorted(curve.time, 0.5, side="right") - 1]
    assert quantities(result).loc["observed_risk", "estimate"] == pytest.approx(expected)


BAD = [
    ("y ~ percent", {}, InputError, "outside 0 to 1"),
    ("y ~ edge", {}, InputError, "exactly 0 or 1"),
    ("y ~ true + shifted", {}, InputError, "one column"),
    ("y ~ true", {"times": 1}, InputError, "go with Surv"),
    ("y ~ true", {"lp": "true"}, InputError, "lp goes with Surv"),
    ("y ~ true", {"groups": 1}, InputError, "groups is 1"),
    ("y ~ true", {"n_resamples": 1}, InputError, "n_resamples is 1"),
    ("one ~ true", {}, DesignError, "one class only"),
]


@pytest.mark.parametrize(("formula", "options", "error", "text"), BAD)
def test_bad_input_is_refused(formula, options, error, text) -> None:
    data = binary(1, 60)
    data = data.assign(percent=100 * data["true"], edge=(data["true"] > 0.5) * 1.0, one=1)
    with pytest.raises(error, match=text):
        calibration(formula, data, **options)


def test_bad_survival_input_is_refused() -> None:
    data = survival(1, 100)
    for formula, options, error, text in (
        ("Surv(t, d) ~ risk", {}, InputError, "times is missing"),
        ("Surv(t, d) ~ risk", {"times": [0.5, 1]}, InputError, "2 horizons; a predicted risk"),
        ("Surv(t, d) ~ risk", {"times": 1e9}, DesignError, "no patient is at risk"),
        ("Surv(t, d) ~ lp", {"times": 0.5, "lp": "lp"}, InputError, "one column"),
        ("Surv(t, d) ~ nope", {"times": 0.5}, FormulaError, "nope"),
    ):
        with pytest.raises(error, match=text):
            calibration(formula, data, **options)
