"""Concordance. Truths: R (reference/nonparametric.R), a count of all pairs, properties."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival.concordance.comparison import concordance_test
from faceage_stats.survival.concordance.concordance import concordance
from faceage_stats.survival.cox.coxph import coxph

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "nonparametric.json").read_text(encoding="utf-8")
)
ROWS = pd.DataFrame(REFERENCE["data"]).assign(y=lambda d: np.arange(len(d)) % 7)
PAIRED = "Surv(time, event) ~ x + y"


@pytest.mark.parametrize("case", REFERENCE["concordance"])
def test_weights_and_influence_are_those_of_r(case: str) -> None:
    expected = REFERENCE["concordance"][case]
    if case == "delayed":
        result = concordance("Surv(entry, time, event) ~ x", ROWS, weights="w")
    else:
        timewt, ymax = case.split()
        options = {"timewt": timewt, "ymax": float(ymax), "cluster": "id"}
        result = concordance("Surv(time, event) ~ x", ROWS, weights="w", **options)
    assert result.concordance[0] == pytest.approx(expected["concordance"], rel=1e-10)
    assert result.estimate.vcov[0, 0] == pytest.approx(expected["var"], rel=1e-10)
    counts = result.estimate.counts[0]
    # R 3.5-3 miscounts pairs tied in time with weights and delayed entry; its influence is right
    kept = [0, 1, 2, 4] if case == "delayed" else [0, 1, 2, 3, 4]
    assert counts[kept] == pytest.approx(np.array(expected["count"])[kept], rel=1e-10)
    own = np.array(expected["influence"]) * ROWS["w"].to_numpy()[:, None]
    assert own[:, :3].sum(axis=0) / 2 == pytest.approx(counts[:3], rel=1e-10)


def pair_counts(data: pd.DataFrame) -> tuple[float, float, float]:
    """Every pair of rows, compared one by one."""
    same = agree = tied = 0
    for a in data.itertuples():
        for b in data.itertuples():
            later = b.time > a.time or (b.time == a.time and not b.event)
            if a.event and later:
                same += 1
                agree += b.x > a.x
                tied += b.x == a.x
    return agree, same - agree - tied, tied


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.integers(0, 4)), min_size=3))
def test_counts_are_those_of_all_pairs(rows: list[tuple[int, bool, int]]) -> None:
    data = pd.DataFrame(rows, columns=["time", "event", "x"])
    concordant, discordant, tied = pair_counts(data)
    if concordant + discordant + tied == 0:
        with pytest.raises(DesignError, match="No pair can be compared"):
            concordance("Surv(time, event) ~ x", data)
        return
    result = concordance("Surv(time, event) ~ x", data)
    assert result.estimate.counts[0, :3].tolist() == [concordant, discordant, tied]
    moved = concordance("Surv(time, event) ~ exp(x)", data.assign(x=data["x"] / 2))
    assert moved.concordance[0] == result.concordance[0]
    assert moved.estimate.vcov[0, 0] == pytest.approx(result.estimate.vcov[0, 0], abs=1e-15)
    turned = concordance("Surv(time, event) ~ x", data, reverse=True)
    assert turned.concordance[0] == pytest.approx(1 - result.concordance[0])


def test_weights_are_repeated_rows_and_clusters() -> None:
    data = ROWS.assign(k=1 + ROWS["y"] % 3, row=np.arange(len(ROWS)))
    repeated = data.loc[data.index.repeat(data["k"])]
    weighted = concordance("Surv(time, event) ~ x", data, weights="k")
    plain = concordance("Surv(time, event) ~ x", repeated, cluster="row")
    assert weighted.concordance == pytest.approx(plain.concordance, rel=1e-12)
    # pairs within a cluster do not exist in the weighted data: same C, same influence
    assert weighted.estimate.vcov == pytest.approx(plain.estimate.vcov, rel=0.05)


def test_strata_add_their_pairs() -> None:
    result = concordance("Surv(time, event) ~ x + strata(id)", ROWS)
    parts = np.zeros(3)
    for _, own in ROWS.groupby("id"):
        parts += pair_counts(own)
    assert result.estimate.counts[0, :3] == pytest.approx(parts)
    assert result.concordance[0] == pytest.approx((parts[0] + parts[2] / 2) / parts.sum())


def test_uno_agrees_with_scikit_survival_without_ties() -> None:
    # second library: right where an event and a censoring never share a time
    from sksurv.metrics import concordance_index_ipcw
    from sksurv.util import Surv

    rng = np.random.default_rng(5)
    data = pd.DataFrame({"time": rng.permutation(200) + 1.0, "event": rng.integers(0, 2, 200) > 0})
    data["x"] = rng.normal(size=200) - data["time"] / 100
    outcome = Surv.from_arrays(data["event"], data["time"])
    other = concordance_index_ipcw(outcome, outcome, data["x"], tau=150.5)[0]
    ours = concordance("Surv(time, event) ~ x", data, timewt="n/G2", ymax=150.5, reverse=True)
    assert ours.concordance[0] == pytest.approx(other, rel=1e-10)


def test_fits_are_scored_by_their_linear_predictor() -> None:
    fit = coxph("Surv(time, event) ~ x", ROWS)
    other = coxph("Surv(time, event) ~ x + y", ROWS)
    sign = np.sign(fit.coef["x"])
    marker = concordance("Surv(time, event) ~ I(x * sign)", ROWS.assign(sign=sign), reverse=True)
    assert concordance(fit).concordance == pytest.approx(marker.concordance, rel=1e-12)
    test = concordance_test(fit, other)
    assert test.markers == ("x", "x + y")
    assert "shorter survival" in test.orientation
    assert "Paired difference" in repr(test)
    assert "higher marker" in repr(concordance(fit))
    assert concordance(fit).glance()["n_event"].item() == fit.n_event


FIT = coxph("Surv(time, event) ~ x", ROWS)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: concordance("Surv(time, event) ~ x"), InputError, "data is missing"),
        (lambda: concordance("time ~ x", ROWS), FormulaError, "must be Surv"),
        (lambda: concordance("Surv(time, event) ~ 1", ROWS), FormulaError, "names no marker"),
        (lambda: concordance(FIT, ROWS), InputError, "has its data"),
        (lambda: concordance(FIT, reverse=False), InputError, "reverse is True"),
        (lambda: concordance(PAIRED, ROWS, timewt="G"), InputError, "choose one of n, S"),
        (lambda: concordance(PAIRED, ROWS, ymax=np.inf), InputError, "ymax is inf"),
        (lambda: concordance(PAIRED, ROWS, ymin=5), InputError, "censored before ymin = 5"),
        (
            lambda: concordance("Surv(entry, time, event) ~ x", ROWS, timewt="n/G2"),
            InputError,
            "not defined with delayed entry",
        ),
    ],
)
def test_bad_requests_are_refused(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_early_times_move_up_to_ymin() -> None:
    data = ROWS[(ROWS["event"] == 1) | (ROWS["time"] >= 5)]
    moved = concordance("Surv(time, event) ~ x", data.assign(time=data["time"].clip(lower=5)))
    assert concordance("Surv(time, event) ~ x", data, ymin=5).concordance == moved.concordance


def test_text_is_no_marker():
    data = pd.DataFrame({"t": [1.0, 2, 3], "d": [1, 1, 0], "x": [3.0, 1, 2], "site": "lung"})
    with pytest.raises(InputError, match="marker 'site' is text or a category without an order"):
        concordance("Surv(t, d) ~ x + site", data)
    with pytest.raises(InputError, match="'x' is a factor"):
        concordance("Surv(t, d) ~ factor(x)", data)
