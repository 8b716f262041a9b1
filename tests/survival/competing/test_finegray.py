"""Rows of a Fine-Gray model, and `crr` of them. Truths: survival (reference/fine_gray_rows.R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError, InputError

R = json.loads(
    (Path(__file__).parents[1] / "reference" / "fine_gray_rows.json").read_text(encoding="utf-8")
)
ONE, TWO = pd.DataFrame(R["data"]), pd.DataFrame(R["two"])
# name -> (formula's left side and strata, data, cause, further arguments)
CALLS = {
    "plain": ("Surv(time, status)", "", ONE, 1, {}),
    "weighted": ("Surv(time, status)", "", ONE, 1, {"weights": "w"}),
    "entry": ("Surv(entry, time, status)", "", ONE, 1, {"id": "id"}),
    "two_rows": ("Surv(entry, time, status)", "", TWO, 1, {"id": "id"}),
    "strata": ("Surv(time, status)", " + strata(g)", ONE, 2, {"weights": "w"}),
}


@pytest.mark.parametrize("name", CALLS)
def test_rows_and_weights_are_r_s(name: str) -> None:
    left, strata, data, cause, more = CALLS[name]
    rows = fs.finegray(f"{left} ~ x + z{strata}", data, cause=cause, **more)
    assert len(rows) == R[name]["n_rows"]
    time = (rows["fgwt"] * (rows["fgstop"] - rows["fgstart"])).sum()
    assert time == pytest.approx(R[name]["weighted_time"], rel=1e-12)


@pytest.mark.parametrize("name", CALLS)
def test_crr_is_the_cox_fit_of_the_rows(name: str) -> None:
    left, strata, data, cause, more = CALLS[name]
    fit = fs.crr(f"{left} ~ x + z{strata}", data, cause=cause, **more)
    cox = fit.as_cox()
    assert cox.coef.to_numpy() == pytest.approx(R[name]["coef"], rel=1e-8)
    assert np.sqrt(np.diag(cox.vcov())) == pytest.approx(R[name]["se"], rel=1e-8)
    assert fs.cox_zph(fit).tidy()["statistic"].to_numpy() == pytest.approx(R[name]["zph"], rel=1e-7)
    if name != "plain":  # cmprsk's, with other weights at ties and its own errors
        assert fit.estimate.coefficients == pytest.approx(R[name]["coef"], rel=1e-8)
        assert fit.tidy()["std_error"].to_numpy() == pytest.approx(R[name]["se"], rel=1e-8)


def test_more_rows_than_memory_holds_are_refused(monkeypatch) -> None:
    monkeypatch.setattr("faceage_stats.survival.competing.expand._MOST", len(ONE))
    with pytest.raises(DesignError, match=r"would be \d+, .* Round the times"):
        fs.finegray("Surv(time, status) ~ x", ONE, cause=1)
    assert fs.crr("Surv(time, status) ~ x", ONE).n == len(ONE)


def test_incidence_is_that_of_the_stratum() -> None:
    fit = fs.crr("Surv(time, status) ~ x + z + strata(g)", ONE, cause=2, weights="w")
    new = pd.DataFrame({"x": 0.3, "z": 1, "g": ["a", "b", None]})
    got = fit.predict(new, times=[3, 8])["estimate"].to_numpy()
    assert got[:4] == pytest.approx(R["strata"]["incidence"], rel=1e-8)
    assert np.isnan(got[4:]).all()
    own = fit.predict(times=8)["estimate"].to_numpy()
    assert own == pytest.approx(fit.predict(ONE, times=8)["estimate"].to_numpy(), rel=1e-12)


@pytest.mark.parametrize("empty", ["a", "b"])
def test_a_stratum_without_an_event_has_no_incidence(empty: str) -> None:
    gone = (ONE["g"] == empty) & (ONE["status"] == 1)
    data = ONE.assign(status=ONE["status"].mask(gone, 0))
    formula = "Surv(time, status) ~ x + strata(g)"
    fit, other = fs.crr(formula, data), fs.crr(formula, data[data["g"] != empty])
    assert fit.tidy()["estimate"].tolist() == other.tidy()["estimate"].tolist()
    incidence = fit.predict(times=25)["estimate"]
    assert (incidence[data["g"] == empty] == 0).all()
    assert (incidence[data["g"] != empty] > 0).all()


def test_rows_keep_labels_columns_and_what_was_left_out() -> None:
    data = ONE.assign(time=ONE["time"].where(ONE.index != 5)).set_axis(ONE["id"] + 100)
    rows = fs.finegray("Surv(time, status) ~ x + strata(g)", data)
    assert list(rows) == ["x", "g", "fgstart", "fgstop", "fgstatus", "fgwt"]
    assert set(rows.index) == set(data.index) - {106}
    assert rows.attrs["finegray"] == {"cause": "1", "n_missing": 1}
    assert rows.groupby(level=0)["fgstatus"].sum().sum() == (data["status"] == 1).sum() - (
        ONE["status"][5] == 1
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fs.finegray("Surv(time, status) ~ x", ONE, cause=9), InputError, "causes are 1"),
        (lambda: fs.finegray("Surv(time, status) ~ xx + x", ONE), FormulaError, "no column 'xx'"),
        (
            lambda: fs.finegray("Surv(time, status) ~ x", TWO, id="id"),
            InputError,
            "rows repeat an 'id'",
        ),
        (
            lambda: fs.finegray(
                "Surv(entry, time, status) ~ x",
                TWO.assign(entry=TWO["entry"] + 0.5 * TWO["id"].duplicated()),
                id="id",
            ),
            InputError,
            "after a gap",
        ),
        (
            lambda: fs.finegray(
                "Surv(from, to, status) ~ 1",
                pd.DataFrame({"from": [0, 0, 3, 3], "to": [1, 2, 5, 6], "status": [2, 1, 1, 0]}),
            ),
            DesignError,
            "had just entered",
        ),
        (
            lambda: fs.finegray("Surv(time, status) ~ fgwt", ONE.assign(fgwt=1)),
            InputError,
            "column already",
        ),
        (
            lambda: fs.crr("Surv(time, status) ~ x", ONE.assign(w=ONE["w"] - 0.5), weights="w"),
            InputError,
            "weights 'w' are 0 in",
        ),
    ],
)
def test_bad_requests_are_refused(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
