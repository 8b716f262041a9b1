"""An argument of the wrong kind is refused by name, in every function of the room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import EstimationWarning, FaceageError

S = "Surv(t, d) ~ "
VARIANCE = fs.ReaderVariance(8e-4, 3.4e-4, 3.4e-4, 2.4e-4, 2e-4, n_case=114)

# what is called, and what the message says
CALLS: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "levels": (lambda d: fs.roc("y ~ a", d, levels=1), "levels must be a pair"),
    "curves": (lambda d: fs.roc_test(d["y"], d["a"]), r"roc_test\(\) takes curves of roc\(\)"),
    "threshold": (
        lambda d: fs.roc("y ~ a", d).coords(threshold="high"), "threshold must be numbers"
    ),
    "risks, a list": (lambda d: fs.brier(S + "1", d, 1, risks=["p"]), "risks takes predictions"),
    "risks, a fit": (
        lambda d: fs.brier(S + "1", d, 1, risks={"fit": fs.coxph(S + "a", d)}),
        r"risks\['fit'\] is a CoxPH",
    ),
    "risks, text": (
        lambda d: fs.brier(S + "1", d, 1, risks={"site": "g"}), "column 'g' holds text"
    ),
    "thresholds": (lambda d: fs.decision_curve("y ~ p", d, "low"), "thresholds must be"),
    "harm": (lambda d: fs.decision_curve("y ~ p", d, harm={"p": "none"}), "harm of p is 'none'"),
    "cuts": (lambda d: fs.nri("y ~ p + q", d, cuts="tertiles"), "cuts must be"),
    "times": (lambda d: fs.risk_model(S + "a", d, times="late"), "times must be"),
    "fit": (lambda d: fs.royston(fs.lm("y ~ a", d)), "this is a LinearModel"),
    "hazard_ratio": (lambda d: fs.cox_sample_size("1.3"), "hazard_ratio is '1.3'"),
    "power": (lambda d: fs.cox_sample_size(1.3, power="80%"), "power is '80%'"),
    "n": (lambda d: fs.cox_power("all", 1.3, event_fraction=0.4), "n is 'all'"),
    "parameters": (
        lambda d: fs.pmsampsize_binary(2.5, prevalence=0.2, c_statistic=0.7), "parameters is 2.5"
    ),
    "prevalence": (
        lambda d: fs.pmsampsize_binary(2, prevalence=None, c_statistic=0.7), "prevalence is None"
    ),
    "gain": (lambda d: fs.reader_power(VARIANCE, "5%", n_reader=4, n_case=60), "gain must be"),
    "one row": (lambda d: fs.brier(S + "p", d.iloc[:1], 1), "one complete row is no sample"),
    "ratings": (
        lambda d: fs.mrmc("y ~ r", d.assign(r=np.nan, i=range(60)), reader="g", case="i"),
        r"mrmc\(\): none of the 60 rows has both 'y' and 'r'",
    ),
    "reader": (
        lambda d: fs.reader_auc("y ~ a", d, reader=["g"], case="t"), "here stands a list"
    ),
    "pilot": (lambda d: fs.reader_power(d, 0.05, n_reader=4, n_case=60), "this is a DataFrame"),
}  # fmt: skip


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    n = 60
    frame = pd.DataFrame({"a": rng.normal(size=n), "g": np.where(np.arange(n) % 2, "u", "v")})
    frame["p"] = 1 / (1 + np.exp(-frame["a"]))
    frame["q"] = rng.uniform(0.1, 0.9, n)
    frame["y"] = (rng.random(n) < frame["p"]).astype(int)
    frame["t"], frame["d"] = rng.exponential(2, n) + 0.1, rng.integers(0, 2, n)
    return frame


@pytest.mark.parametrize("name", CALLS)
def test_the_argument_is_named(name, data):
    call, message = CALLS[name]
    with pytest.raises(FaceageError, match=message):
        call(data)


def test_predicted_risks_may_be_a_table(data):
    risks = 1 - fs.risk_model(S + "a", data, times=[0.5, 1]).predict().iloc[:, 1:]
    table = fs.brier(S + "1", data, [0.5, 1], risks={"model": risks}).tidy()
    array = fs.brier(S + "1", data, [0.5, 1], risks={"model": risks.to_numpy()}).tidy()
    pd.testing.assert_frame_equal(table, array)


def test_predictions_that_are_all_the_same_have_no_slope(data):
    with pytest.warns(EstimationWarning, match="the same in all 60 rows") as warned:
        table = fs.calibration(S + "p", data.assign(p=0.3), times=1, n_resamples=0).tidy()
    assert len(warned) == 1
    table = table.set_index("quantity")["estimate"]
    assert np.isnan(table["slope"])
    assert table["ici"] == pytest.approx(abs(table["observed_risk"] - 0.3))
