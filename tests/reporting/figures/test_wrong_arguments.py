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
CALLS: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "calibration": (lambda d: figures.calibration(fs.coxph(FIT, d)), "this is a CoxPH"),
    "zph_plot": (lambda d: figures.zph_plot(fs.coxph(FIT, d)), "this is a CoxPH"),
    "bland_altman": (lambda d: figures.bland_altman(fs.coxph(FIT, d)), "this is a CoxPH"),
    "km, times": (lambda d: figures.km(fs.survfit(FIT[:-1] + "g", d), times="all"), "times must"),
    "km, max_time": (
        lambda d: figures.km(fs.survfit(FIT[:-1] + "g", d), max_time=-1), "max_time is -1"
    ),
    "km, p_value": (lambda d: figures.km(fs.survfit(FIT[:-1] + "g", d), p_value=3), "p value lies"),
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
    return frame


@pytest.mark.parametrize("name", CALLS)
def test_it_is_refused_by_name(name, data):
    call, message = CALLS[name]
    with pytest.raises(InputError, match=message):
        call(data)


def test_roc_curves_are_drawn_as_roc_gives_them(data):
    fit = fs.roc("y ~ a + b", data)
    lines = figures.roc_curves(fit).axes[0].lines[1:]  # the first is the line of chance
    areas = [np.trapezoid(line.get_ydata(), line.get_xdata()) for line in lines]
    np.testing.assert_allclose(areas, fit.tidy()["estimate"])
    assert [line.get_label().split()[0] for line in lines] == ["a", "b"]
