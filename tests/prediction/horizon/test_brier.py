"""Brier score against scikit-survival, the uncensored case and the delete-one jackknife."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.horizon.brier import NULL_MODEL, brier


def simulate(seed: int = 1, n: int = 200, competing: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    m = rng.normal(size=n)
    times = np.column_stack(
        [
            rng.exponential(2.0, n),
            rng.exponential(np.exp(-m)),
            rng.exponential(2.0, n) if competing else np.full(n, np.inf),
        ]
    )
    data = {"t": times.min(axis=1), "d": times.argmin(axis=1), "m": m}
    for horizon in (1, 2, 3):  # the planted risk at 0.3, 0.6, 0.9
        data[f"r{horizon}"] = 1 - np.exp(-0.3 * horizon * np.exp(m))
        data[f"s{horizon}"] = 0.5 * data[f"r{horizon}"] + 0.1
    return pd.DataFrame(data)


TIMES = [0.3, 0.6, 0.9]
RISKS = {"true": ["r1", "r2", "r3"], "shrunk": ["s1", "s2", "s3"]}


def test_estimates_equal_scikit_survival() -> None:
    # truth: a second library (no tied times, so that its G(T) is our G(T-) for events)
    from sksurv.metrics import brier_score, integrated_brier_score

    data = simulate()
    y = np.array(
        list(zip(data["d"] == 1, data["t"], strict=True)), dtype=[("event", bool), ("time", float)]
    )
    result = brier("Surv(t, d) ~ 1", data, TIMES, risks=RISKS)
    survival = 1 - data[RISKS["true"]].to_numpy()
    np.testing.assert_allclose(result.estimate[1], brier_score(y, y, survival, TIMES)[1], rtol=1e-9)
    integrated = result.ibs().tidy().query("marker == 'true'")["estimate"].iloc[-1]
    assert integrated == pytest.approx(integrated_brier_score(y, y, survival, TIMES))


def test_without_censoring_it_is_a_mean_of_squares() -> None:
    # truth: closed form, with the standard error of a mean
    data = simulate(2).assign(d=1)
    result = brier("Surv(t, d) ~ r1", data, [0.3]).tidy().set_index("marker")
    loss = ((data["t"] <= 0.3) - data["r1"]) ** 2
    assert result.loc["r1", "estimate"] == pytest.approx(loss.mean())
    assert result.loc["r1", "std_error"] == pytest.approx(loss.std() / np.sqrt(len(data)))
    share = (data["t"] <= 0.3).mean()
    assert result.loc[NULL_MODEL, "estimate"] == pytest.approx(share * (1 - share))


@pytest.mark.parametrize("quantity", ["ipa", "ibs"])
def test_errors_of_ratios_and_integrals_equal_the_jackknife(quantity: str) -> None:
    # truth: leaving out one row at a time; the null model's risk counts as given, so that the
    # comparison for the index is loose
    data = simulate(3, 120)
    full = brier("Surv(t, d) ~ 1", data, TIMES, risks=RISKS)
    values = np.array(
        [
            getattr(brier("Surv(t, d) ~ 1", data.drop(i), TIMES, risks=RISKS), quantity)().estimate[
                1
            ]
            for i in range(len(data))
        ]
    )
    n = len(data)
    expected = np.sqrt((n - 1) / n * ((values - values.mean(axis=0)) ** 2).sum(axis=0))
    got = getattr(full, quantity)()
    tolerance = 0.1 if quantity == "ipa" else 0.03
    np.testing.assert_allclose(got.std_error[1], expected, rtol=tolerance)
    assert got.contrasts()["marker2"].iloc[0] == NULL_MODEL


def test_integrals() -> None:
    result = brier("Surv(t, d) ~ 1", simulate(4), TIMES, risks=RISKS)
    b = result.estimate[1]
    # truth: the two rules by hand
    steps = result.ibs("step").estimate[1]
    np.testing.assert_allclose(steps, [0, b[0] * 0.3 / 0.6, (b[0] + b[1]) * 0.3 / 0.9])
    trapezoid = result.ibs().estimate[1]
    np.testing.assert_allclose(trapezoid, [(b[0] + b[1]) / 2, (b[0] + 2 * b[1] + b[2]) / 4])
    assert result.ipa().estimate[0].tolist() == [0, 0, 0]
    assert result.ipa().std_error[0].tolist() == [0, 0, 0]


def test_competing_events_count_as_no_event() -> None:
    data = simulate(5, competing=True)
    result = brier("Surv(t, d) ~ 1", data, TIMES, risks=RISKS, cause=1)
    # truth: without censoring, the plain mean of squares
    whole = data.assign(d=np.where(data["d"] == 0, 1, data["d"]))
    row = brier("Surv(t, d) ~ r1", whole, [0.3], cause=1).tidy().set_index("marker")
    loss = (((whole["t"] <= 0.3) & (whole["d"] == 1)) - whole["r1"]) ** 2
    assert row.loc["r1", "estimate"] == pytest.approx(loss.mean())
    assert np.isfinite(result.std_error).all()


def test_perfect_null_model_leaves_the_index_undefined() -> None:
    data = pd.DataFrame({"t": [5.0, 6, 7, 8], "d": 1, "r": [0.1, 0.2, 0.1, 0.3]})
    with pytest.warns(EstimationWarning, match="null model is perfect"):
        assert np.isnan(brier("Surv(t, d) ~ r", data, [2.0]).ipa().estimate[0, 0])


def test_conservative_errors_leave_out_the_weights() -> None:
    from faceage_stats.prediction.horizon.time_roc import Weighting

    data = simulate(6)
    known = brier(
        "Surv(t, d) ~ 1", data, TIMES, risks=RISKS, weighting=Weighting(conservative=True)
    )
    full = brier("Surv(t, d) ~ 1", data, TIMES, risks=RISKS)
    np.testing.assert_array_equal(known.estimate, full.estimate)
    assert (known.std_error != full.std_error).all()


BAD = [
    ("Surv(t, d) ~ 1", [0.3], {}, FormulaError, "names no predicted risk"),
    ("Surv(t, d) ~ r1", [0.3, 0.6], {}, InputError, "one column per time"),
    ("Surv(t, d) ~ m", [0.3], {}, InputError, "outside 0 to 1"),
    ("Surv(t, d) ~ r1", [99.0], {}, DesignError, "no patient is at risk"),
]


@pytest.mark.parametrize(("formula", "times", "options", "error", "text"), BAD)
def test_bad_input_is_refused(formula, times, options, error, text) -> None:
    with pytest.raises(error, match=text):
        brier(formula, simulate(), times, **options)


def test_bad_rules_are_refused() -> None:
    one = brier("Surv(t, d) ~ r1", simulate(), [0.3])
    with pytest.raises(InputError, match="rule is 'spline'"):
        one.ibs("spline")
    with pytest.raises(InputError, match="two horizons"):
        one.ibs()
