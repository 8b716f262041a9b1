"""Expected survival and deaths. Truths: closed forms, R's poisson.test, person-time by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival.life_tables.poisson import count_limits, exact_p

RATE = 0.03
FLAT = pd.DataFrame({"age": [0, 50, 100], "rate_per_year": RATE})


def cohort(n: int = 80, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = {"t": rng.uniform(0.2, 9, n), "d": rng.integers(0, 2, n), "age": rng.uniform(50, 90, n)}
    return pd.DataFrame({**table, "sex": rng.choice(["F", "M"], n), "g": rng.choice(["a", "b"], n)})


@pytest.mark.parametrize("method", ["ederer", "hakulinen", "conditional"])
def test_one_rate_for_all_is_exponential_survival(method):
    curve = fs.survexp(
        "Surv(t, d) ~ g", cohort(), rates=FLAT, age="age", times=[1, 4], method=method,
        time_unit="years",
    )  # fmt: skip
    np.testing.assert_allclose(curve.tidy()["estimate"], np.exp(-RATE * np.array([1, 4, 1, 4])))
    np.testing.assert_allclose(curve.augment()["cumhaz"], RATE * cohort()["t"], rtol=1e-12)


def test_a_patient_moves_from_cell_to_cell():
    """59.5 years on 2000-07-01: half a year at 59, then at 60; the calendar changes on the way."""
    cells = [(59, 2000, 0.1), (60, 2000, 0.2), (59, 2001, 0.3), (60, 2001, 0.4)]
    rates = pd.DataFrame(cells, columns=["age", "year", "rate_per_year"])
    data = pd.DataFrame({"t": [365.25], "d": [1], "age": [59.5], "start": ["2000-07-01"]})
    found = fs.survexp("Surv(t, d) ~ 1", data, rates=rates, age="age", start="start", times=365.25)
    at_59, until_new_year = 365.25 / 2, 183.0 + 1  # 31 + 31 + 30 + 31 + 30 + 31 days
    assert until_new_year == 184
    hazard = 0.1 * at_59 + 0.2 * (until_new_year - at_59) + 0.4 * (365.25 - until_new_year)
    assert found.augment()["cumhaz"].item() == pytest.approx(hazard / 365.25, rel=1e-12)


def test_ederer_takes_all_hakulinen_those_who_are_followed():
    """A young patient who stays and an old one who leaves at once."""
    rates = pd.DataFrame({"age": [0, 70], "rate_per_day": [0.001, 0.01]})
    data = pd.DataFrame({"t": [100.0, 1.0], "d": [0, 0], "age": [40, 80]})
    call = {"rates": rates, "age": "age", "times": [1, 50]}
    ederer = fs.survexp("Surv(t, d) ~ 1", data, **call).tidy()["estimate"]
    followed = fs.survexp("Surv(t, d) ~ 1", data, method="hakulinen", **call).tidy()["estimate"]
    first = (np.exp(-0.001) + np.exp(-0.01)) / 2
    np.testing.assert_allclose(ederer, [first, (np.exp(-0.05) + np.exp(-0.5)) / 2], rtol=1e-12)
    np.testing.assert_allclose(followed, [first, first * np.exp(-0.049)], rtol=1e-12)


def test_beyond_the_last_follow_up_nobody_is_expected_by_those_at_risk():
    curve = fs.survexp(
        "Surv(t, d) ~ 1", cohort(), rates=FLAT, age="age", times=[3, 20], method="conditional",
        time_unit="years",
    )  # fmt: skip
    assert curve.tidy()["estimate"].isna().tolist() == [False, True]
    assert curve.tidy()["n_risk"].tolist() == [(cohort()["t"] >= 3).sum(), 0]


def test_a_mortality_ratio_is_observed_over_expected():
    data = cohort()
    fit = fs.smr("Surv(t, d) ~ g", data, rates=FLAT, age="age", time_unit="years")
    expected = RATE * data.groupby("g")["t"].sum().to_numpy()
    observed = data.groupby("g")["d"].sum().to_numpy()
    table = fit.tidy()
    np.testing.assert_allclose(table["estimate"], observed / expected, rtol=1e-12)
    np.testing.assert_allclose(table["person_years"], data.groupby("g")["t"].sum(), rtol=1e-12)
    test = fit.logrank()
    np.testing.assert_allclose(test["statistic"], (observed - expected) ** 2 / expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("count", "mean", "p"),
    [
        (10, 4.5, 0.0170927328994),
        (2, 7.3, 0.0412519007975),
        (0, 3.1, 0.0838534079018),
        (5, 5.2, 1),
        (120, 90.5, 0.0031778584331),
        (1, 0.3, 0.259181779318),
        (0, 2.2, 0.291450736658996),
        (3, 40.5, 6.88148603014518e-14),
        (60, 40.5, 0.0035545942986026),
        (1_002_500, 1e6, 0.0124544162407217),
        (997_000, 1e6, 0.00269094342467829),
        (10**15, 9e14, 0),  # no array of so many counts
    ],
)
def test_the_exact_p_value_is_that_of_r(count, mean, p):
    """stats::poisson.test of R 4.2.2."""
    assert exact_p(count, mean) == pytest.approx(p, rel=1e-11)


def test_exact_limits_are_the_means_that_just_agree():
    from scipy import stats

    low, high = count_limits(np.array([7.0]), 0.9, "exact")
    assert stats.poisson.sf(6, low).item() == pytest.approx(0.05, rel=1e-9)
    assert stats.poisson.cdf(7, high).item() == pytest.approx(0.05, rel=1e-9)
    near = count_limits(np.array([200.0]), 0.95, "byar")
    exact = count_limits(np.array([200.0]), 0.95, "exact")
    np.testing.assert_allclose(near, exact, rtol=1e-4)


def test_person_years_are_those_of_rows_split_by_age():
    data = cohort()
    counted = fs.pyears(
        "Surv(t, d) ~ 1", data, age="age", breaks=[50, 60, 70, 120], time_unit="years"
    )
    long = data.assign(start=data["age"], stop=data["age"] + data["t"])
    parts = fs.surv_split(
        "Surv(start, stop, d) ~ .", long[["start", "stop", "d"]], cut=[60, 70], episode="band"
    )
    by_hand = (parts["stop"] - parts["start"]).groupby(parts["band"]).sum()
    np.testing.assert_allclose(counted.tidy()["person_years"], by_hand, rtol=1e-10)
    np.testing.assert_allclose(counted.tidy()["n_event"], parts.groupby("band")["d"].sum())
    assert counted.glance()["person_years_outside"].item() == pytest.approx(0, abs=1e-9)


def test_rates_and_people_that_do_not_fit_are_refused():
    data, call = cohort(), {"age": "age", "time_unit": "years"}
    by_sex = fs.simulated_rates()
    with pytest.raises(InputError, match="name the column of data with sex="):
        fs.smr("Surv(t, d) ~ 1", data, rates=by_sex, **call)
    with pytest.raises(InputError, match="leave sex= out"):
        fs.smr("Surv(t, d) ~ 1", data, rates=FLAT, sex="sex", **call)
    with pytest.raises(InputError, match="rows that the rates do not have"):
        fs.smr("Surv(t, d) ~ 1", data.replace({"M": "male"}), rates=by_sex, sex="sex", **call)
    with pytest.raises(InputError, match="each cell needs one row"):
        fs.smr("Surv(t, d) ~ 1", data, rates=pd.concat([FLAT, FLAT]), **call)
    with pytest.raises(InputError, match="rate_per_year"):
        fs.smr("Surv(t, d) ~ 1", data, rates=FLAT.rename(columns={"rate_per_year": "qx"}), **call)
    with pytest.raises(FormulaError, match="delayed entry"):
        fs.smr("Surv(t, t + 1, d) ~ 1", data, rates=FLAT, **call)
    with pytest.raises(DesignError, match="expects no death"):
        fs.smr("Surv(t, d) ~ 1", data, rates=FLAT.assign(rate_per_year=0.0), **call)
    with_year = FLAT.assign(year=2000)
    with pytest.raises(InputError, match="must hold dates"):
        fs.smr("Surv(t, d) ~ 1", data, rates=with_year, start="t", **call)


def test_who_lacks_an_age_is_counted():
    data = cohort()
    data.loc[[3, 5], "age"] = np.nan
    fit = fs.smr("Surv(t, d) ~ 1", data, rates=FLAT, age="age", time_unit="years")
    assert fit.glance()[["n", "n_missing"]].iloc[0].tolist() == [78, 2]
