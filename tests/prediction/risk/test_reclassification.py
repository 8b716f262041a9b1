"""NRI, IDI and paired concordance: closed forms, the jackknife, properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.horizon.incidence import incidence_influence
from faceage_stats.prediction.risk.rcorrp_cens import rcorrp_cens
from faceage_stats.prediction.risk.reclassification import idi, nri
from faceage_stats.survival.competing.kernel import aalen_johansen


def simulate(seed: int = 1, n: int = 150, competing: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lp = rng.normal(size=n)
    times = np.column_stack(
        [
            rng.exponential(1.5, n),
            rng.exponential(np.exp(-lp)),
            rng.exponential(1.5, n) if competing else np.full(n, np.inf),
        ]
    )
    old = 1 / (1 + np.exp(-0.5 * lp - rng.normal(size=n)))
    new = 1 / (1 + np.exp(-lp - 0.5 * rng.normal(size=n)))
    columns = {"t": times.min(axis=1), "d": times.argmin(axis=1), "old": old, "new": new}
    return pd.DataFrame({**columns, "y": (times[:, 1] < 0.6).astype(int)})


def test_category_nri_by_hand() -> None:
    # truth: counting; one of two events moves up, one of three others moves down
    data = pd.DataFrame(
        {"y": [1, 1, 0, 0, 0], "old": [0.1, 0.3, 0.3, 0.1, 0.1], "new": [0.2, 0.4, 0.1, 0.15, 0.1]}
    )
    result = nri("y ~ old + new", data, cuts=[0.2])
    table = result.tidy().set_index("quantity")
    assert table["estimate"].tolist() == pytest.approx([1 / 2, 1 / 3, 5 / 6])
    assert result.tables["event"].to_numpy().tolist() == [[0, 1], [0, 1]]
    assert result.tables["nonevent"].to_numpy().tolist() == [[2, 0], [1, 0]]
    assert result.tables["event"].index.tolist() == ["[-inf, 0.2)", "[0.2, inf)"]
    assert table.loc["nri_event", "std_error_null"] == pytest.approx(np.sqrt(0.5 / 2))
    assert "category net reclassification" in repr(result)
    assert result.glance()["n_event"].iloc[0] == 2


def test_idi_is_the_difference_of_discrimination_slopes() -> None:
    # truth: Yates' slopes of the two risks
    data = simulate()
    event = data["y"] == 1

    def slope(risk: str) -> float:
        return data.loc[event, risk].mean() - data.loc[~event, risk].mean()

    row = idi("y ~ old + new", data).tidy().set_index("quantity").loc["idi"]
    assert row["estimate"] == pytest.approx(slope("new") - slope("old"))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_exchanging_the_risks_changes_the_sign(seed: int) -> None:
    # truth: a property of the measures
    data = simulate(seed, 60)
    if data["y"].nunique() < 2 or not ((data["d"] == 1) & (data["t"] < 0.5)).any():
        return
    for measure, options in ((nri, {}), (nri, {"cuts": [0.3, 0.6]}), (idi, {})):
        for left, horizon in (("y", {}), ("Surv(t, d)", {"times": 0.5})):
            one = measure(f"{left} ~ old + new", data, **options, **horizon).tidy()
            two = measure(f"{left} ~ new + old", data, **options, **horizon).tidy()
            np.testing.assert_allclose(one["estimate"], -two["estimate"], atol=1e-12)
            np.testing.assert_allclose(one["std_error"], two["std_error"], rtol=1e-9, atol=1e-12)


def test_equal_risks_do_not_differ() -> None:
    data = simulate().assign(same=lambda d: d["old"])
    for result in (
        nri("y ~ old + I(old * 1.0)", data),
        idi("y ~ old + same", data),
        nri("Surv(t, d) ~ old + same", data, times=0.5, cuts=[0.5]),
        idi("Surv(t, d) ~ old + same", data, times=0.5),
    ):
        assert result.tidy()["estimate"].tolist() == [0, 0, 0]
        assert result.tidy()["p_value"].tolist() == [1, 1, 1]


def test_without_censoring_the_survival_forms_are_the_binary_ones() -> None:
    # truth: the binary measures of "event by t"
    data = simulate(2).assign(d=1)
    data["early"] = (data["t"] <= 0.5).astype(int)
    for cuts in (None, [0.3, 0.6]):
        censored = nri("Surv(t, d) ~ old + new", data, times=0.5, cuts=cuts).tidy()
        plain = nri("early ~ old + new", data, cuts=cuts).tidy()
        np.testing.assert_allclose(censored["estimate"], plain["estimate"], rtol=1e-10)
        np.testing.assert_allclose(censored["std_error"], plain["std_error"], rtol=0.02)
    censored, plain = idi("Surv(t, d) ~ old + new", data, times=0.5), idi("early ~ old + new", data)
    np.testing.assert_allclose(censored.tidy()["estimate"], plain.tidy()["estimate"], rtol=1e-10)
    np.testing.assert_allclose(censored.tidy()["std_error"], plain.tidy()["std_error"], rtol=0.02)


@pytest.mark.parametrize("competing", [False, True])
@pytest.mark.parametrize("measure", ["nri", "category", "idi"])
def test_survival_errors_equal_the_jackknife(measure: str, competing: bool) -> None:
    # truth: leaving out one row at a time
    data = simulate(3, competing=competing)
    options = {"times": 0.5, "cause": 1}
    if measure == "category":
        options["cuts"] = [0.4, 0.7]
    function = idi if measure == "idi" else nri

    def estimate(rows: pd.DataFrame) -> np.ndarray:
        return function("Surv(t, d) ~ old + new", rows, **options).table["estimate"].to_numpy()

    values = np.array([estimate(data.drop(i)) for i in range(len(data))])
    n = len(data)
    expected = np.sqrt((n - 1) / n * ((values - values.mean(axis=0)) ** 2).sum(axis=0))
    got = function("Surv(t, d) ~ old + new", data, **options).tidy()["std_error"]
    np.testing.assert_allclose(got, expected, rtol=0.03)


@pytest.mark.parametrize("competing", [False, True])
def test_incidence_influence_gives_the_known_variance(competing: bool) -> None:
    # truth: Aalen-Johansen and its variance; ties
    rng = np.random.default_rng(4)
    time, status = np.ceil(rng.exponential(6, 400)), rng.integers(0, 3 if competing else 2, 400)
    risk, influence = incidence_influence(time, status, 5.0, np.ones(400, bool))
    curve = aalen_johansen(time, status, 1)[0]
    at = np.searchsorted(curve.time, 5.0, side="right") - 1
    assert risk == pytest.approx(curve.estimate[at])
    assert influence.mean() == pytest.approx(0, abs=1e-12)
    assert np.mean(influence**2) / 400 == pytest.approx(curve.variance[at], rel=0.02)
    assert incidence_influence(time, status, 5.0, np.zeros(400, bool))[0] == 0


def test_expected_events_of_the_cells() -> None:
    data = simulate(5).assign(d=1)
    tables = nri("Surv(t, d) ~ old + new", data, times=0.5, cuts=[0.5]).tables
    # truth: without censoring, counts
    early = data[data["t"] <= 0.5]
    expected = pd.crosstab(early["old"] >= 0.5, early["new"] >= 0.5)
    np.testing.assert_allclose(tables["expected_event"], expected)
    assert tables["all"].to_numpy().sum() == len(data)


def test_docstrings_warn_of_optimism() -> None:
    for function in (nri, idi):
        assert "likelihood-ratio" in function.__doc__
        assert "optimis" in function.__doc__


def test_paired_concordance() -> None:
    data = simulate(6, 80)
    one = rcorrp_cens("Surv(t, d) ~ old + new", data)
    two = rcorrp_cens("Surv(t, d) ~ new + old", data)
    # truth: with method 1 exchanging the markers changes the sign
    assert one.estimate == pytest.approx(-two.estimate)
    assert one.std_error == pytest.approx(two.std_error)
    # truth: C as concordance() has it
    from faceage_stats.survival.concordance.concordance import concordance

    harrell = concordance("Surv(t, d) ~ old + new", data).concordance
    assert [one.concordance1, one.concordance2] == pytest.approx(harrell)
    same = rcorrp_cens("Surv(t, d) ~ old + I(old * 1.0)", data).tidy().iloc[0]
    assert (same["estimate"], same["p_value"]) == (0, 1)
    assert one.glance()["n"].iloc[0] == 80
    assert "method 1" in repr(one)


BAD = [
    (nri, "y ~ old", {}, InputError, "must name two risks"),
    (nri, "y ~ old + t", {}, InputError, "outside 0 to 1"),
    (nri, "y ~ old + new", {"cuts": [0.5, 0.2]}, InputError, "cuts must increase"),
    (nri, "y ~ old + new", {"cuts": []}, InputError, "cuts must increase"),
    (nri, "y ~ old + new", {"times": 1.0}, InputError, "go with Surv"),
    (idi, "y ~ old + new", {"cause": 1}, InputError, "go with Surv"),
    (nri, "Surv(t, d) ~ old + new", {}, InputError, "times is missing"),
    (idi, "Surv(t, d) ~ old + new", {"times": 1e-9}, DesignError, "no patient had the event"),
    (idi, "Surv(t, d) ~ old + new", {"times": 1e9}, DesignError, "no patient is at risk"),
    (nri, "one ~ old + new", {}, DesignError, "one class only"),
    (rcorrp_cens, "Surv(t, d) ~ old + new", {"method": 3}, InputError, "choose one of 1, 2"),
    (rcorrp_cens, "Surv(t, d) ~ old", {}, FormulaError, "two markers"),
    (rcorrp_cens, "y ~ old + new", {}, FormulaError, "must be Surv"),
    (rcorrp_cens, "Surv(t, zero) ~ old + new", {}, DesignError, "no pair of patients"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "formula", "options", "error", "text"), BAD)
def test_bad_input_is_refused(function, formula, options, error, text) -> None:
    with pytest.raises(error, match=text):
        function(formula, simulate().assign(one=1, zero=0, t=lambda d: d["t"] + 1e-3), **options)
