"""AUC(t) against the infinitesimal jackknife, scikit-survival and the uncensored case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.horizon.time_roc import Weighting, time_roc
from faceage_stats.prediction.roc.roc import roc

DATA = Path(__file__).parents[2] / "conformance" / "cases" / "data"


def simulate(seed: int = 1, n: int = 150, competing: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    m1, m2 = rng.normal(size=(2, n))
    group = rng.integers(0, 2, n)
    event = rng.exponential(np.exp(-0.8 * m1 - 0.3 * m2))
    censored = rng.exponential(np.where(group == 1, 0.8, 3.0))
    other = rng.exponential(2.0, n) if competing else np.full(n, np.inf)
    times = np.column_stack([censored, event, other])
    columns = {"t": times.min(axis=1), "d": times.argmin(axis=1), "m1": m1, "m2": m2}
    return pd.DataFrame({**columns, "group": group})


def weighted_estimate(data: pd.DataFrame, marker: str, t: float, w: np.ndarray) -> float:
    """AUC(t) from the definition, every row counted w times (no tied times)."""
    data = data.assign(w=w).sort_values("t", ignore_index=True)
    time, status, w = (data[name].to_numpy() for name in ("t", "d", "w"))
    at_risk = np.cumsum(w[::-1])[::-1]
    g = np.cumprod(1 - np.where(status == 0, w / at_risk, 0.0))
    before = np.concatenate([[1.0], g[:-1]])
    g_t = np.concatenate([[1.0], g])[np.searchsorted(time, t, side="right")]
    case = w * ((time <= t) & (status == 1)) / before
    control = w * (time > t) / g_t + w * ((time <= t) & (status == 2)) / before
    m = data[marker].to_numpy()
    won = (m[:, None] > m) + 0.5 * (m[:, None] == m)
    return float(case @ won @ control / case.sum() / control.sum())


@pytest.mark.parametrize("competing", [False, True])
def test_estimate_and_error_equal_the_infinitesimal_jackknife(competing: bool) -> None:
    # truth: numerical derivatives of the definition in the weight of each row
    data, t = simulate(2, competing=competing), 0.7
    n, step = len(data), 1e-6
    influence = np.empty(n)
    for i in range(n):
        w = np.ones(n)
        w[i] += step
        up = weighted_estimate(data, "m1", t, w)
        w[i] -= 2 * step
        influence[i] = n * (up - weighted_estimate(data, "m1", t, w)) / (2 * step)
    result = time_roc("Surv(t, d) ~ m1", data, [t], cause=1)
    assert result.estimate[0, 0] == pytest.approx(weighted_estimate(data, "m1", t, np.ones(n)))
    se = influence.std(ddof=1) / np.sqrt(n)
    assert result.std_error[0, 0] == pytest.approx(se, rel=1e-3)  # first-order form of G


def test_without_censoring_it_is_the_ordinary_auc() -> None:
    # truth: the ROC curve of "event by t", with DeLong's error
    data = simulate(3).assign(d=1)
    t = float(data["t"].median())
    result = time_roc("Surv(t, d) ~ m1 + m2", data, [t]).tidy()
    curves = roc("early ~ m1 + m2", data.assign(early=data["t"] <= t), direction="<")
    np.testing.assert_allclose(result["estimate"], curves.tidy()["estimate"], rtol=1e-13)
    np.testing.assert_allclose(result["std_error"], curves.tidy()["std_error"], rtol=0.02)


def test_estimates_equal_scikit_survival() -> None:
    # truth: a second library (no ties between events and censorings)
    from sksurv.metrics import cumulative_dynamic_auc

    data = simulate(4, 300)
    y = np.array(
        list(zip(data["d"] == 1, data["t"], strict=True)), dtype=[("event", bool), ("time", float)]
    )
    times = np.quantile(data["t"], [0.3, 0.5, 0.7])
    expected, _ = cumulative_dynamic_auc(y, y, data["m1"].to_numpy(), times)
    result = time_roc("Surv(t, d) ~ m1", data, times)
    np.testing.assert_allclose(result.estimate[0], expected, rtol=1e-10)


def test_identical_markers_do_not_differ() -> None:
    data = simulate(5)
    result = time_roc("Surv(t, d) ~ m1 + I(exp(m1)) + I(-m1)", data, [0.3, 0.6])
    rows = result.contrasts()
    same = rows[rows["marker1"] == "I(exp(m1))"]
    assert same["p_value"].tolist() == [1, 1]
    # truth: a reversed marker has the complementary area
    np.testing.assert_allclose(result.estimate[0] + result.estimate[2], 1, rtol=1e-12)


def test_paired_difference_has_the_variance_of_the_influences() -> None:
    result = time_roc("Surv(t, d) ~ m1 + m2", simulate(6), [0.5])
    covariance = result.vcov()
    row = result.contrasts(conf_level=0.9).iloc[0]
    variance = np.trace(covariance) - 2 * covariance.iloc[0, 1]
    assert covariance.index.tolist() == [("m1", 0.5), ("m2", 0.5)]
    assert row["std_error"] == pytest.approx(np.sqrt(variance))
    assert row["estimate"] == pytest.approx(row["estimate1"] - row["estimate2"])
    assert result.to_dict()["contrasts"][0]["marker1"] == "m2"


def test_bands_are_wider_than_intervals_and_reproducible() -> None:
    result = time_roc("Surv(t, d) ~ m1 + m2", simulate(7), [0.2, 0.4, 0.6, 0.8])
    bands, limits = result.bands(seed=1), result.tidy()
    assert (bands["conf_high"] > limits["conf_high"]).all()
    pd.testing.assert_frame_equal(bands, result.bands(seed=1))
    # truth: with one time the band is the interval; with many, at most Bonferroni's
    one = time_roc("Surv(t, d) ~ m1", simulate(7), [0.4])
    gap = one.bands(n_resamples=200_000)["conf_high"] - one.tidy()["conf_high"]
    assert abs(gap.iloc[0]) < 0.02 * one.std_error[0, 0]
    widest = 2.498 * bands["std_error"]  # normal quantile at 1 - 0.05 / 8
    assert (bands["conf_high"] - bands["estimate"] <= widest * 1.02).all()


def test_conventions_differ_only_for_times_at_the_horizon() -> None:
    data = simulate(8).assign(t=lambda d: np.ceil(d["t"] * 10))
    at, between = (
        [
            time_roc("Surv(t, d) ~ m1", data, [t], convention=c)
            for c in ("riskRegression", "timeROC")
        ]
        for t in (4.0, 4.5)
    )
    assert between[0].estimate[0, 0] == pytest.approx(between[1].estimate[0, 0], rel=1e-13)
    assert at[0].counts["n_case"].iloc[0] > at[1].counts["n_case"].iloc[0]
    for result in (*at, *between):
        row = result.counts.iloc[0]
        total = row[["n_case", "n_control", "n_other", "n_excluded"]].sum()
        assert total == result.n


def test_cox_weights_equal_hand_made_ones() -> None:
    # truth: the definition, with G from a Cox model of the censoring time
    from faceage_stats.survival.cox.coxph import coxph

    data, t = simulate(9, 400), 0.6
    fit = coxph("Surv(t, c) ~ group", data.assign(c=(data["d"] == 0).astype(int)))
    base = fit.basehaz(centered=False)
    steps = np.concatenate([[0.0], base["cumhaz"]])
    risk = np.exp(fit.coef["group"] * data["group"].to_numpy())
    time, event = data["t"].to_numpy(), data["d"].to_numpy() == 1
    g_own = np.exp(-steps[np.searchsorted(base["time"], time, side="left")] * risk)
    g_t = np.exp(-steps[np.searchsorted(base["time"], t, side="right")] * risk)
    case, control = ((time <= t) & event) / g_own, (time > t) / g_t
    m = data["m1"].to_numpy()
    expected = case @ (m[:, None] > m) @ control / case.sum() / control.sum()
    result = time_roc("Surv(t, d) ~ m1", data, [t], weighting=Weighting("~ group"))
    assert result.estimate[0, 0] == pytest.approx(expected, rel=1e-9)
    own = time_roc("Surv(t, d) ~ m1 + group", data, [t], weighting="cox")
    assert own.estimate[0, 0] != result.estimate[0, 0]


def test_cox_weights_without_censoring_are_one() -> None:
    data = simulate(10).assign(d=1)
    cox = time_roc("Surv(t, d) ~ m1", data, [0.5], weighting="cox")
    assert cox.estimate[0, 0] == time_roc("Surv(t, d) ~ m1", data, [0.5]).estimate[0, 0]


def test_tiny_censoring_survival_is_cut_visibly() -> None:
    data = simulate(11, 300)
    t = float(data.loc[data["d"] == 1, "t"].max()) * 0.6
    option = Weighting(min_survival=0.6)
    with pytest.warns(EstimationWarning, match="their weights are cut to 1.66667"):
        cut = time_roc("Surv(t, d) ~ m1", data, [t], weighting=option)
    assert cut.counts["n_truncated"].iloc[0] > 0


def test_controls_without_other_events() -> None:
    data = simulate(12, competing=True)
    everybody = time_roc("Surv(t, d) ~ m1", data, [0.5], cause=1)
    free = time_roc("Surv(t, d) ~ m1", data, [0.5], cause="1", controls="event-free")
    assert everybody.counts["n_other"].iloc[0] > 0
    assert free.estimate[0, 0] != everybody.estimate[0, 0]


def test_predictions_by_horizon() -> None:
    data = pd.read_csv(DATA / "lung_risk.csv")
    columns = ["risk_full_180", "risk_full_365"]
    named = time_roc("Surv(time, status) ~ 1", data, [180, 365], risks={"full": columns})
    array = time_roc(
        "Surv(time, status) ~ 1", data, [180, 365], risks={"full": data[columns].to_numpy()}
    )
    np.testing.assert_array_equal(named.estimate, array.estimate)
    first = time_roc("Surv(time, status) ~ 1", data, [180], risks={"full": columns[0]})
    assert first.estimate[0, 0] == named.estimate[0, 0]
    assert len(named.augment()) == named.n
    assert named.glance()["metric"].iloc[0] == "AUC(t)"


def test_missing_values_are_counted() -> None:
    data = simulate(13)
    data.loc[4, "m1"] = np.nan
    data.loc[5, "t"] = np.nan
    assert time_roc("Surv(t, d) ~ m1 + m2", data, [0.5]).n_missing == 2


BAD = [
    ("Surv(t, d) ~ m1", [99.0], {}, DesignError, "no patient is at risk after t = 99"),
    ("Surv(t, d) ~ m1", [1e-9], {}, DesignError, "no patient had the event by"),
    ("Surv(t, d) ~ m1", [], {}, InputError, "positive numbers"),
    ("Surv(t, d) ~ m1", [0.5, 0.5], {}, InputError, "must increase"),
    ("Surv(t, d) ~ m1", [np.nan], {}, InputError, "positive numbers"),
    ("Surv(t, d) ~ m1", [0.5], {"controls": "x"}, InputError, "controls is 'x'"),
    ("Surv(t, d) ~ m1", [0.5], {"convention": "x"}, InputError, "convention is 'x'"),
    ("Surv(t, d) ~ m1", [0.5], {"weighting": "km"}, InputError, "weighting is 'km'"),
    ("Surv(t, d) ~ 1", [0.5], {}, FormulaError, "names no marker"),
    ("Surv(t, d) ~ m1", [0.5], {"cause": 2}, InputError, "cause is 2"),
    ("Surv(t, d) ~ m1 + strata(group)", [0.5], {}, FormulaError, "is not used here"),
    ("d ~ m1", [0.5], {}, FormulaError, "left side must be Surv"),
    ("Surv(t, d) ~ 1", [0.5], {"risks": {"a": ["m1", "m2"]}}, InputError, "names 2 columns"),
    ("Surv(t, d) ~ 1", [0.5], {"risks": {"a": np.ones((2, 1))}}, InputError, "has shape"),
    (
        "Surv(t, d) ~ 1", [0.5], {"risks": {"a": "m1"}, "weighting": "cox"}, InputError,
        "needs covariates",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "times", "options", "error", "text"), BAD)
def test_bad_input_is_refused(formula, times, options, error, text) -> None:
    with pytest.raises(error, match=text):
        time_roc(formula, simulate(), times, **options)


def test_bad_options_of_the_result_are_refused() -> None:
    result = time_roc("Surv(t, d) ~ m1", simulate(), [0.5])
    with pytest.raises(DesignError, match="only one marker"):
        result.contrasts()
    with pytest.raises(InputError, match="not one of the markers"):
        result.vcov("m9")
    with pytest.raises(InputError, match="between 0 and 1"):
        result.bands(conf_level=2)
    with pytest.raises(InputError, match="min_survival is 2"):
        Weighting(min_survival=2)


def test_timeroc_error_with_competing_controls_has_its_denominator() -> None:
    # truth: Blanche and others (2013): AUC = h / {F (1 - F)}, differentiated as timeROC does,
    # with F the weighted incidence; martingale integrals by brute force
    data = simulate(14, 100, competing=True).sort_values("t", ignore_index=True)
    time, status, m, t = data["t"].to_numpy(), data["d"].to_numpy(), data["m1"].to_numpy(), 0.6
    n = len(time)
    at_risk = n - np.arange(n)
    hazard = (status == 0) / at_risk
    g = np.cumprod(1 - hazard)
    before, g_t = np.concatenate([[1.0], g[:-1]]), g[time <= t][-1]
    total = np.cumsum(hazard)
    martingale = np.array(
        [(status[i] == 0) * (time[i] <= time) - np.minimum(total, total[i]) for i in range(n)]
    ).T
    phi = np.cumsum(np.diff(martingale, axis=0, prepend=0) / (at_risk / n)[:, None], axis=0)
    case = ((time < t) & (status == 1)) / before
    beyond, other = (time > t) / g_t, ((time < t) & (status == 2)) / before
    won = case[:, None] * ((m[:, None] > m) + 0.5 * (m[:, None] == m))
    h1, h2 = won * beyond, won * other
    f, h = case.mean(), (h1 + h2).sum() / n**2
    slope = h * (1 - 2 * f) / (f * (1 - f))
    influence = (h1 + h2).sum(axis=1) / n - slope * case + (h1 + h2).sum(axis=0) / n
    influence += (h1.sum() * phi[np.flatnonzero(time <= t)[-1]] + h2.sum(axis=0) @ phi) / n**2
    influence += (h1 + h2).sum(axis=1) @ phi / n**2 - slope * (case @ phi) / n
    se = (influence / (f * (1 - f))).std(ddof=1) / np.sqrt(n)
    result = time_roc("Surv(t, d) ~ m1", data, [t], cause=1, convention="timeROC")
    assert result.estimate[0, 0] == pytest.approx(h / (f * (1 - f)))
    assert result.std_error[0, 0] == pytest.approx(se, rel=1e-12)
    known = time_roc("Surv(t, d) ~ m1", data, [t], cause=1, weighting=Weighting(conservative=True))
    assert known.std_error[0, 0] != result.std_error[0, 0]
    assert list(known.augment()) == ["row", "time", "status", "censoring_survival"]
    assert "contrasts" not in known.to_dict()
