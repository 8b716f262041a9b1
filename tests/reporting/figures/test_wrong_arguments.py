"""What a figure cannot draw is refused by name; results go in as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats import figures
from faceage_stats.errors import InputError

FIT = "Surv(t, d) ~ a"
CURVE = pd.DataFrame({"modality": "photo", "one_minus_specificity": [0, 1.0], "estimate": [0, 1.0]})
READERS = pd.DataFrame({"modality": ["photo"], "reader": ["r"], "estimate": [0.7]})
PAIRS = pd.DataFrame({"group1": ["b"], "group2": ["a"], "estimate": [1.0], "conf_low": [0.0],
                      "conf_high": [2.0], "p_value": [0.1]})  # fmt: skip
BENEFIT = pd.DataFrame({"marker": ["risk"] * 2, "threshold": [0.1, 0.2], "estimate": [0.3, 0.2]})
CALLS: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "calibration": (lambda d: figures.calibration(fs.coxph(FIT, d)), "this is a CoxPH"),
    "zph_plot": (lambda d: figures.zph_plot(fs.coxph(FIT, d)), "this is a CoxPH"),
    "bland_altman": (lambda d: figures.bland_altman(fs.coxph(FIT, d)), "this is a CoxPH"),
    "km, times": (lambda d: figures.km(fs.survfit(FIT[:-1] + "g", d), times="all"), "times must"),
    "km, max_time": (
        lambda d: figures.km(fs.survfit(FIT[:-1] + "g", d), max_time=-1), "max_time is -1"
    ),
    "km, p_value": (lambda d: figures.km(fs.survfit(FIT[:-1] + "g", d), p_value=3), "p value lies"),
    "km, other curves": (
        lambda d: figures.km(fs.cuminc("Surv(t, s) ~ g", d)), "figures.cuminc.. draws a CumInc"
    ),
    "km, their table": (
        lambda d: figures.km(fs.cuminc("Surv(t, s) ~ g", d).tidy()), "go to figures.cuminc"
    ),
    "km, a rising curve": (
        lambda d: figures.km(fs.cuminc("Surv(t, s) ~ 1", d).tidy().head(3)), "its survival rises"
    ),
    "km, a model": (lambda d: figures.km(fs.coxph(FIT, d)), "takes a fit of survfit.*a CoxPH"),
    "cuminc": (lambda d: figures.cuminc(fs.survfit(FIT[:-1] + "g", d)), "this is a SurvFit"),
    "roc": (lambda d: figures.roc(0.8), "takes results of roc..; this is a float"),
    "roc, none": (lambda d: figures.roc(), "none was given"),
    "roc, twice": (lambda d: figures.roc(*[fs.roc("y ~ a", d)] * 2), "'a' occurs twice"),
    "roc, labels": (
        lambda d: figures.roc(fs.roc("y ~ a + b", d), labels=["A"]), "1 label.s. for 2 curve"
    ),
    "roc_curves": (lambda d: figures.roc_curves(fs.roc("y ~ a", d)), "go to figures.roc()"),
    "adjusted": (lambda d: figures.adjusted(fs.coxph(FIT, d)), "this is a CoxPH"),
    "forest": (lambda d: figures.forest(fs.survfit(FIT, d)), "no column 'scale'"),
    "labels, roc_curves": (
        lambda d: figures.roc_curves(CURVE, labels={"foto": "P"}), "Did you mean 'photo'"
    ),
    "labels, reader_dots": (
        lambda d: figures.reader_dots(READERS, labels={"foto": "P"}), "Did you mean 'photo'"
    ),
    "labels, decision_curve": (
        lambda d: figures.decision_curve(BENEFIT, labels={"risc": "R"}), "Did you mean 'risk'"
    ),
    "order": (
        lambda d: figures.pairwise_matrix(PAIRS, order=["a", "b", "c"]), "order names 'c'"
    ),
    "columns": (lambda d: figures.forest(PAIRS, label="group", ratio=False, effect="x"),
                "Did you mean 'group"),
    "qq_data": (lambda d: figures.qq_data([0.5, 2]), "1 of 2 p values lie outside 0 to 1"),
    "gap_vs": (lambda d: figures.gap_vs(d["g"], d["a"], x_label="g"), "column 'x' holds text"),
    "scatter": (lambda d: figures.scatter_with_margins([], []), "have no rows"),
}  # fmt: skip


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    n = 40
    frame = pd.DataFrame({"a": rng.normal(size=n), "g": np.where(np.arange(n) % 2, "u", "v")})
    frame["b"], frame["y"] = -frame["a"], (frame["a"] + rng.normal(size=n) > 0).astype(int)
    frame["t"], frame["d"] = rng.exponential(2, n) + 0.1, rng.integers(0, 2, n)
    frame["s"] = rng.integers(0, 3, n)
    return frame


@pytest.mark.parametrize("name", CALLS)
def test_it_is_refused_by_name(name, data):
    call, message = CALLS[name]
    with pytest.raises(InputError, match=message):
        call(data)
