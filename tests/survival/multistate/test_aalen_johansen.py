"""States over time. Truths: Kaplan-Meier, cuminc, simulation by hand, leave-one-out derivatives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, InputError
from tests.survival.cox.test_predict import read

STATES = ["none", "ill", "dead"]


def illness(n: int = 120, seed: int = 5) -> pd.DataFrame:
    """Whole weeks, so that times tie; some fall ill and then die."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        ill, dead = np.ceil(rng.exponential([8.0, 12.0]))
        end = np.ceil(rng.uniform(3, 20))
        if ill < min(dead, end):
            rows.append((i, 0.0, ill, "ill"))
            later = ill + np.ceil(rng.exponential(4.0))
            rows.append((i, ill, min(later, max(end, ill + 1)), "dead" if later <= end else "none"))
        else:
            rows.append((i, 0.0, min(dead, end), "dead" if dead <= end else "none"))
    table = pd.DataFrame(rows, columns=["id", "start", "stop", "state"])
    return table.assign(state=pd.Categorical(table["state"], STATES))


FORMULA = "Surv(start, stop, state) ~ 1"


def test_two_states_are_kaplan_meier_with_its_jackknife_error():
    data = illness().assign(died=lambda d: (d["state"] == "dead").astype(int))
    two = fs.aalen_johansen("Surv(start, stop, died) ~ 1", data, id="id")
    km = fs.survfit("Surv(start, stop, died) ~ 1", data, id="id", cluster="id").at([3, 9])
    alive = two.at([3, 9]).query("state == '(s0)'")
    np.testing.assert_allclose(alive["estimate"], km["estimate"], rtol=1e-12)
    np.testing.assert_allclose(alive["std_error"], km["std_error"], rtol=1e-10)


def test_competing_causes_are_those_of_cuminc():
    first = illness().query("start == 0")
    states = fs.aalen_johansen("Surv(stop, state) ~ 1", first).at([2, 7])
    incidence = fs.cuminc("Surv(stop, state) ~ 1", first).at([2, 7])
    for state in ("ill", "dead"):
        np.testing.assert_allclose(
            states.loc[states["state"] == state, "estimate"],
            incidence.loc[incidence["cause"] == state, "estimate"],
            rtol=1e-12,
        )


def test_without_censoring_states_are_proportions_and_errors_binomial():
    data = illness()
    last = data.groupby("id")["stop"].transform("max")
    seen = data[(last > 6) | (data["state"].ne("none").groupby(data["id"]).transform("any"))]
    seen = seen[~seen["id"].isin(seen.query("state == 'none' and stop <= 6")["id"])]
    n = seen["id"].nunique()
    ill = seen.query("state == 'ill' and stop <= 6")["id"]
    dead = seen.query("state == 'dead' and stop <= 6")["id"]
    share = (ill.nunique() - ill.isin(dead).sum()) / n
    row = fs.aalen_johansen(FORMULA, seen, id="id").at(6).query("state == 'ill'")
    assert row["estimate"].item() == pytest.approx(share, rel=1e-12)
    assert row["std_error"].item() == pytest.approx(np.sqrt(share * (1 - share) / n), rel=1e-12)


def test_probabilities_add_up_to_one():
    totals = fs.aalen_johansen(FORMULA, illness(), id="id").tidy().groupby("time")["estimate"].sum()
    np.testing.assert_allclose(totals, 1, rtol=1e-12)


def test_the_error_is_the_derivative_in_the_weight_of_each_patient():
    data = illness(30).assign(w=1.0)
    fit = fs.aalen_johansen(FORMULA, data, id="id", weights="w").at(8)
    slopes = []
    for who in data["id"].unique():
        heavier = data.assign(w=data["w"] + 1e-6 * (data["id"] == who))
        moved = fs.aalen_johansen(FORMULA, heavier, id="id", weights="w").at(8)
        slopes.append((moved["estimate"] - fit["estimate"]) / 1e-6)
    np.testing.assert_allclose(fit["std_error"], np.sqrt((np.array(slopes) ** 2).sum(0)), rtol=1e-5)


def test_at_risk_between_times_are_those_at_the_next_end_of_a_row_as_in_r():
    """By hand: between 2 and 5 the fourth patient enters; R counts him from 3 on."""
    data = pd.DataFrame({"start": [0, 0, 0, 3], "stop": [2, 5, 6, 7]})
    data["state"] = pd.Categorical(["ill", "ill", "none", "ill"], STATES)
    fit = fs.aalen_johansen(FORMULA, data)
    began = fit.at([2, 3, 5, 6, 8]).query("state == '(s0)'")
    assert began["n_risk"].tolist() == [3, 3, 3, 2, 0]
    late = fs.survfit("Surv(start, stop, died) ~ 1", data.assign(died=data["state"].eq("ill")))
    assert late.at([2, 3, 5, 6, 8])["n_risk"].tolist() == began["n_risk"].tolist()


def test_the_state_that_a_row_begins_in_may_be_given():
    data = illness()
    given = data.assign(begun=np.where(data["start"] > 0, "ill", "well"))
    named = fs.aalen_johansen(FORMULA, given, id="id", istate="begun")
    assert named.states == ("well", "ill", "dead")
    plain = fs.aalen_johansen(FORMULA, data, id="id")
    pd.testing.assert_frame_equal(
        named.tidy().drop(columns="state"), plain.tidy().drop(columns="state")
    )
    wrong = given.assign(begun="well")
    with pytest.raises(InputError, match="another state than the row before"):
        fs.aalen_johansen(FORMULA, wrong, id="id", istate="begun")


def test_rows_that_cannot_be_followed_are_refused():
    data = illness()
    with pytest.raises(InputError, match="rows repeat an 'id'"):
        fs.aalen_johansen("Surv(stop, state) ~ 1", data, id="id")
    with pytest.raises(InputError, match="overlap another of their patient"):
        fs.aalen_johansen(FORMULA, data.assign(start=0.0), id="id")
    with pytest.raises(DesignError, match="has no transition"):
        fs.aalen_johansen("Surv(stop, d) ~ 1", data.assign(d=0))


def test_a_group_in_which_nobody_moves_stays_where_it_begins():
    data = pd.DataFrame({"t": [1, 2, 3, 4.0], "s": [1, 2, 0, 0], "g": list("aabb")})
    fit = fs.aalen_johansen("Surv(t, s) ~ g", data)
    still = fit.at([2]).query("strata == 'g=b'")
    assert still["estimate"].tolist() == [1, 0, 0]
    assert still["std_error"].tolist() == [0, 0, 0]
    assert still["n_risk"].tolist() == [2, 0, 0]
    assert fit.rmst(2).query("strata == 'g=b'")["estimate"].tolist() == [2, 0, 0]


def test_mean_times_are_areas_with_the_errors_of_a_restricted_mean():
    data = illness().assign(died=lambda d: (d["state"] == "dead").astype(int))
    two = fs.aalen_johansen("Surv(start, stop, died) ~ 1", data, id="id").rmst(10)
    km = fs.survfit("Surv(start, stop, died) ~ 1", data, id="id").rmst(10).tidy()
    assert two["estimate"].sum() == pytest.approx(10)
    alive = two.query("state == '(s0)'")
    assert alive["estimate"].item() == pytest.approx(km["estimate"].item(), rel=1e-12)
    half = alive["conf_high"] - alive["estimate"]
    assert half.item() == pytest.approx(1.959963984540054 * alive["std_error"].item())
    states = fs.aalen_johansen(FORMULA, data, id="id")
    with pytest.raises(InputError, match="within the follow-up of all"):
        states.rmst(1000)


def test_the_error_of_a_mean_time_is_the_jackknife_over_patients():
    """Sum over patients of the derivative in their weight, squared, by small steps."""
    data, tau, step = illness(40), 12.0, 1e-6

    def means(weights):
        rows = data.assign(w=data["id"].map(weights))
        return fs.aalen_johansen(FORMULA, rows, id="id", weights="w").rmst(tau)["estimate"]

    even = pd.Series(1.0, index=data["id"].unique())
    slopes = [
        (means(even.where(even.index != i, 1 + step)) - means(even)) / step for i in even.index
    ]
    due = np.sqrt((np.array(slopes) ** 2).sum(axis=0))
    found = fs.aalen_johansen(FORMULA, data, id="id").rmst(tau)["std_error"]
    np.testing.assert_allclose(found, due, rtol=1e-4)


def test_mean_times_are_those_of_r():
    """print(f, rmean = 240), and sqrt(colSums(residuals(f, times = 240, type = "auc")^2))."""
    table = fs.aalen_johansen("Surv(etime, event) ~ 1", read("more_mgus.csv")).rmst(240)
    means = [110.588899420434, 14.190548127696, 115.220552451871]
    np.testing.assert_allclose(table["estimate"], means, rtol=1e-12)
    errors = [2.3478285447664, 1.3288321841196, 2.4996490240823]
    np.testing.assert_allclose(table["std_error"], errors, rtol=1e-11)
