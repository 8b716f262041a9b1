"""Competing risks. Truths: cmprsk (reference/competing_risks.R), closed forms, the Cox model."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import DesignError, FormulaError
from faceage_stats.survival.competing.crr import crr
from faceage_stats.survival.competing.cuminc import cuminc
from faceage_stats.survival.km.survfit import survfit

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "competing_risks.json").read_text(encoding="utf-8")
)
ROWS = pd.DataFrame(REFERENCE["data"])


def test_incidence_and_variance_are_those_of_cmprsk() -> None:
    table = cuminc("Surv(time, status) ~ k", ROWS).at([2, 5, 10])
    table = table.sort_values(["cause", "group", "time"], kind="stable")
    expected = np.array(REFERENCE["estimate"], float).ravel()
    assert table["estimate"].to_numpy() == pytest.approx(expected, rel=1e-10)
    variance = np.array(REFERENCE["variance"], float).ravel()
    assert table["std_error"].to_numpy() ** 2 == pytest.approx(variance, rel=1e-10)


def test_gray_test_of_three_groups_is_that_of_cmprsk() -> None:
    plain = cuminc("Surv(time, status) ~ k", ROWS).gray_test()
    assert plain is not None
    assert plain["statistic"].tolist() == pytest.approx(REFERENCE["gray"], rel=1e-10)
    strata = cuminc("Surv(time, status) ~ k + strata(g)", ROWS, rho=0.5).gray_test()
    assert strata is not None
    assert strata["statistic"].tolist() == pytest.approx(REFERENCE["gray_stratified_rho"], rel=1e-9)
    assert strata["df"].tolist() == [2, 2]


def test_incidences_and_survival_add_to_one() -> None:
    fit = cuminc("Surv(time, status) ~ 1", ROWS)
    survival = survfit("Surv(time, status > 0) ~ 1", ROWS).at([3, 8])["estimate"].to_numpy()
    total = fit.at([3, 8]).groupby("time")["estimate"].sum().to_numpy()
    assert total + survival == pytest.approx(1.0)


def test_one_cause_is_one_minus_kaplan_meier() -> None:
    data = ROWS.assign(status=(ROWS["status"] == 1).astype(int))
    table = cuminc("Surv(time, status) ~ 1", data).tidy()
    curve = survfit("Surv(time, status) ~ 1", data).at(table["time"])
    assert table["estimate"].to_numpy() == pytest.approx(1 - curve["estimate"].to_numpy())
    assert table["n_risk"].to_numpy() == pytest.approx(curve["n_risk"].to_numpy())


def test_levels_name_the_causes() -> None:
    levels = ["alive", "tumour", "other"]
    named = ROWS.assign(status=pd.Categorical.from_codes(ROWS["status"], levels))
    fit = cuminc("Surv(time, status) ~ g", named.assign(g=ROWS["g"].where(ROWS.index > 0)))
    assert fit.n_missing == 1
    assert fit.tidy()["cause"].unique().tolist() == ["tumour", "other"]
    assert (
        crr("Surv(time, status) ~ x", named, cause="tumour").n_event == (ROWS["status"] == 1).sum()
    )


def test_no_estimate_after_the_last_follow_up() -> None:
    last = ROWS["time"].max()
    late = cuminc("Surv(time, status) ~ 1", ROWS).at([last, last + 1])
    assert late["estimate"].isna().tolist() == [False, True, False, True]


def test_results_print() -> None:
    curves = cuminc("Surv(time, status) ~ k", ROWS)
    assert "Cumulative incidence" in repr(curves)
    assert curves.glance()["method"].item() == "Aalen-Johansen; Gray's test"
    limits = curves.tidy().dropna()
    assert (limits["conf_low"] <= limits["estimate"]).all()
    assert (limits["estimate"] <= limits["conf_high"]).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: cuminc("Surv(start, time, status) ~ 1", ROWS.assign(start=-1.0)),
            FormulaError,
            "has delayed entry",
        ),
        (lambda: cuminc("Surv(time, status) ~ 1", ROWS.assign(status=0)), DesignError, "no event"),
    ],
)
def test_bad_requests_are_refused(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_gray_test_is_unknown_where_the_pooled_incidence_is_one_before_the_end():
    data = pd.DataFrame({"t": [0, 0, 2, 1], "d": 1, "g": list("ccab")})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        test = cuminc("Surv(t, d) ~ g", data).gray_test().iloc[0]
    assert np.isnan(test["statistic"])
    assert np.isnan(test["p_value"])
