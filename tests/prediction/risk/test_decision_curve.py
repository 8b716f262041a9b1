"""Net benefit by hand, against the binary case, and with analytic standard errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.risk.decision_curve import decision_curve


def simulate(seed: int = 1, n: int = 400, competing: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lp = rng.normal(-0.5, 1, n)
    risk = 1 / (1 + np.exp(-lp))
    times = np.column_stack(
        [
            rng.exponential(1.5, n),
            rng.exponential(np.exp(-lp)),
            rng.exponential(1.5, n) if competing else np.full(n, np.inf),
        ]
    )
    data = {"t": times.min(axis=1), "d": times.argmin(axis=1), "risk": risk}
    return pd.DataFrame({**data, "y": (rng.random(n) < risk).astype(int), "flat": 0.3})


def test_net_benefit_by_hand() -> None:
    # truth: counting
    data = simulate()
    curve = decision_curve("y ~ risk", data, [0.2, 0.4], n_resamples=0)
    table = curve.tidy().set_index(["marker", "threshold"])
    for p in (0.2, 0.4):
        positive = data["risk"] >= p
        tp, fp = (positive & (data["y"] == 1)).mean(), (positive & (data["y"] == 0)).mean()
        row = table.loc[("risk", p)]
        assert row["estimate"] == pytest.approx(tp - fp * p / (1 - p))
        everybody = table.loc[("treat all", p), "estimate"]
        avoided = (row["estimate"] - everybody) / (p / (1 - p))
        assert row["net_intervention_avoided"] == pytest.approx(avoided)
    assert table.loc[("treat none", 0.2), "estimate"] == 0
    assert table["std_error"].isna().all()


def test_treating_everybody_breaks_even_at_the_prevalence() -> None:
    # truth: a property of net benefit
    data = simulate()
    curve = decision_curve("y ~ risk", data, [data["y"].mean()], n_resamples=0)
    assert curve.net_benefit[0, 0] == pytest.approx(0, abs=1e-12)


def test_bootstrap_error_equals_the_binomial_one() -> None:
    # truth: net benefit is a mean of tp - odds fp over patients
    data, p = simulate(2), 0.3
    curve = decision_curve("y ~ risk", data, [p], n_resamples=3000, seed=3)
    value = (data["risk"] >= p) * np.where(data["y"] == 1, 1, -p / (1 - p))
    row = curve.tidy().set_index("marker").loc["risk"]
    assert row["std_error"] == pytest.approx(value.std() / np.sqrt(len(data)), rel=0.05)
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    difference = curve.contrasts().set_index("marker1").loc["risk"]
    everybody = np.where(data["y"] == 1, 1, -p / (1 - p))
    expected = (value - everybody).std() / np.sqrt(len(data))
    assert difference["std_error"] == pytest.approx(expected, rel=0.05)
    same = decision_curve("y ~ risk", data, [p], n_resamples=3000, seed=3)
    np.testing.assert_array_equal(curve.draws, same.draws)


def test_without_censoring_survival_is_binary() -> None:
    # truth: the binary curve of "event by t"
    data = simulate(3).assign(d=1)
    data["early"] = (data["t"] <= 0.7).astype(int)
    thresholds = [0.1, 0.3, 0.5]
    censored = decision_curve("Surv(t, d) ~ risk", data, thresholds, times=0.7, n_resamples=200)
    binary = decision_curve("early ~ risk", data, thresholds, n_resamples=200)
    np.testing.assert_allclose(censored.net_benefit, binary.net_benefit, atol=1e-12)
    np.testing.assert_allclose(censored.draws, binary.draws, atol=1e-10)
    assert censored.prevalence == pytest.approx(binary.prevalence)


def test_competing_events_lower_the_benefit() -> None:
    data = simulate(4, competing=True)
    formula, options = "Surv(t, d) ~ risk", {"thresholds": [0.2], "times": 0.7, "n_resamples": 0}
    competing = decision_curve(formula, data, cause=1, **options)
    censored = decision_curve(formula, data.assign(d=(data["d"] == 1) * 1), **options)
    assert competing.prevalence < censored.prevalence


def test_case_control_data_are_weighted_to_the_prevalence() -> None:
    data = simulate(5)
    share = data["y"].mean()
    plain = decision_curve("y ~ risk", data, [0.2], n_resamples=0)
    stated = decision_curve("y ~ risk", data, [0.2], prevalence=share, n_resamples=200)
    # truth: with the sample's own prevalence nothing changes, and the bootstrap keeps it
    np.testing.assert_allclose(plain.net_benefit, stated.net_benefit)
    assert np.ptp(stated.draws[:, 0, 0]) < 1e-12
    assert stated.glance()["prevalence"].iloc[0] == share


def test_harm_is_subtracted() -> None:
    data = simulate(6)
    with_harm = decision_curve("y ~ risk", data, [0.2], harm={"risk": 0.05}, n_resamples=100)
    without = decision_curve("y ~ risk", data, [0.2], n_resamples=100)
    assert with_harm.net_benefit[2, 0] == pytest.approx(without.net_benefit[2, 0] - 0.05)
    assert with_harm.draws[0, 2, 0] == pytest.approx(without.draws[0, 2, 0] - 0.05)


def test_risks_of_zero_and_one() -> None:
    data = pd.DataFrame({"y": [0, 1, 1, 0], "risk": [0.0, 1.0, 0.5, 0.2]})
    curve = decision_curve("y ~ risk", data, [0.0, 0.9], n_resamples=0)
    assert (curve.tp_rate[2] + curve.fp_rate[2]).tolist() == [0.75, 0.25]
    assert np.isnan(curve.tidy()["net_intervention_avoided"].iloc[0])


def test_nobody_followed_to_the_horizon_leaves_no_value() -> None:
    data = pd.DataFrame({"t": [1.0, 2, 9, 9], "d": [0, 0, 1, 0], "risk": [0.9, 0.8, 0.2, 0.1]})
    with pytest.warns(EstimationWarning, match="undefined at 1 thresholds"):
        curve = decision_curve("Surv(t, d) ~ risk", data, [0.05, 0.5], times=5, n_resamples=0)
    assert np.isnan(curve.net_benefit[2]).tolist() == [False, True]
    # nobody above the threshold at all: nobody is treated
    assert (
        decision_curve("Surv(t, d) ~ risk", data, [0.95], times=5, n_resamples=0).net_benefit[2, 0]
        == 0
    )


def test_default_thresholds_and_printing() -> None:
    curve = decision_curve("y ~ risk + flat", simulate(), n_resamples=0)
    assert len(curve.thresholds) == 99
    assert "Decision curve y ~ risk + flat" in repr(curve)


BAD = [
    ("y ~ 1", {}, FormulaError, "names no predicted risk"),
    ("y ~ t", {}, InputError, "outside 0 to 1"),
    ("y ~ risk", {"thresholds": [1.0]}, InputError, "thresholds must lie"),
    ("y ~ risk", {"thresholds": []}, InputError, "thresholds must lie"),
    ("y ~ risk", {"times": 1}, InputError, "go with Surv"),
    ("y ~ risk", {"prevalence": 1.5}, InputError, "prevalence is 1.5"),
    ("y ~ risk", {"harm": {"rsik": 0.1}}, InputError, "harm names rsik"),
    ("y ~ risk", {"n_resamples": 3}, InputError, "n_resamples is 3"),
    ("Surv(t, d) ~ risk", {}, InputError, "times is missing"),
    ("Surv(t, d) ~ risk", {"times": 1, "prevalence": 0.1}, InputError, "is for a binary"),
    ("Surv(t, d) ~ risk", {"times": 1e9}, DesignError, "no patient is at risk"),
    ("one ~ risk", {}, DesignError, "one class only"),
]


@pytest.mark.parametrize(("formula", "options", "error", "text"), BAD)
def test_bad_input_is_refused(formula, options, error, text) -> None:
    data = simulate().assign(one=1, t=lambda d: d["t"] + 1)
    with pytest.raises(error, match=text):
        decision_curve(formula, data, **options)


def test_bad_reference_is_refused() -> None:
    curve = decision_curve("y ~ risk", simulate(), [0.2], n_resamples=0)
    with pytest.raises(InputError, match="reference is 'nothing'"):
        curve.contrasts("nothing")
    assert curve.contrasts("treat none")["estimate"].notna().all()


def test_limits_follow_the_level_and_contrasts_are_differences() -> None:
    curve = decision_curve("y ~ risk", simulate(), [0.2, 0.4], n_resamples=200)
    for table in (curve.tidy, curve.contrasts):
        assert (table(conf_level=0.5)["conf_high"] <= table()["conf_high"]).all()
    rows = curve.contrasts()
    assert rows["marker1"].tolist() == ["treat none"] * 2 + ["risk"] * 2
    np.testing.assert_allclose(rows["estimate"], rows["estimate1"] - rows["estimate2"])
    risk = rows.set_index("marker1").loc["risk"]
    np.testing.assert_allclose(risk["statistic"], risk["estimate"] / risk["std_error"])


def test_a_decision_curve_is_printed_at_ten_thresholds() -> None:
    lines = repr(decision_curve("y ~ risk", simulate(), n_resamples=0)).splitlines()
    assert lines[1].split() == ["threshold", "treat", "all", "treat", "none", "risk"]
    assert [float(line.split()[0]) for line in lines[2:]] == [k / 10 for k in range(1, 10)]
    one = repr(decision_curve("y ~ risk", simulate(), 0.2, n_resamples=0)).splitlines()
    assert [float(line.split()[0]) for line in one[2:]] == [0.2]
