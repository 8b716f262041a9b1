"""Paired comparison of concordances. Truths: the joint influence, a marker against itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.concordance.comparison import concordance_test
from faceage_stats.survival.concordance.concordance import concordance
from faceage_stats.survival.cox.coxph import coxph

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "nonparametric.json").read_text(encoding="utf-8")
)
ROWS = pd.DataFrame(REFERENCE["data"]).assign(y=lambda d: np.arange(len(d)) % 7)
PAIRED = "Surv(time, event) ~ x + y"


def test_paired_difference_comes_from_the_joint_covariance() -> None:
    test = concordance_test(PAIRED, data=ROWS)
    row = test.tidy().iloc[0]
    joint = concordance(PAIRED, ROWS)
    assert row["estimate"] == pytest.approx(joint.concordance[1] - joint.concordance[0])
    gap = joint.estimate.dfbeta[:, 0] - joint.estimate.dfbeta[:, 1]
    assert row["std_error"] == pytest.approx(np.sqrt(np.sum(gap**2)), rel=1e-12)
    again = concordance_test(joint).tidy()
    pd.testing.assert_frame_equal(again, test.tidy())
    wide = test.tidy(conf_level=0.99).iloc[0]
    assert wide["conf_low"] < row["conf_low"] < row["estimate"] < row["conf_high"]


def test_a_marker_against_itself_differs_by_nothing() -> None:
    row = concordance_test("Surv(time, event) ~ x + I(x * 2)", data=ROWS).tidy().iloc[0]
    assert row["estimate"] == 0
    assert row["std_error"] == pytest.approx(0, abs=1e-12)


def test_three_markers_give_three_pairs() -> None:
    table = concordance_test("Surv(time, event) ~ x + y + w", data=ROWS).tidy()
    assert table[["marker1", "marker2"]].to_numpy().tolist() == [["y", "x"], ["w", "x"], ["w", "y"]]


def test_u_statistic_variance_is_close_to_the_jackknife() -> None:
    u = concordance_test(PAIRED, data=ROWS, method="u-statistic")
    jackknife = concordance_test(PAIRED, data=ROWS)
    assert np.sqrt(np.diag(u.vcov())) == pytest.approx(np.sqrt(np.diag(jackknife.vcov())), rel=0.15)
    assert u.glance()["method"].item() == "u-statistic"


def test_the_data_may_follow_the_formula():
    df = pd.DataFrame({"t": [1, 2, 3, 4, 5], "d": 1, "a": [5, 4, 3, 1, 2], "b": [5, 1, 2, 4, 3]})
    by_name = concordance_test("Surv(t, d) ~ a + b", data=df)
    pd.testing.assert_frame_equal(concordance_test("Surv(t, d) ~ a + b", df).tidy(), by_name.tidy())


FIT = coxph("Surv(time, event) ~ x", ROWS)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: concordance_test(PAIRED, ROWS, method="z"), InputError, "one of jackknife"),
        (lambda: concordance_test("Surv(time, event) ~ x", data=ROWS), DesignError, "one marker"),
        (lambda: concordance_test(PAIRED, FIT), InputError, "one formula"),
        (
            lambda: concordance_test(concordance(PAIRED, ROWS), data=ROWS),
            InputError,
            "is complete",
        ),
        (
            lambda: concordance_test(PAIRED, data=ROWS, method="u-statistic", timewt="S"),
            InputError,
            "needs timewt = 'n'",
        ),
        (
            lambda: concordance_test(PAIRED, data=ROWS, method="u-statistic", weights="w"),
            InputError,
            "not defined with weights",
        ),
        (
            lambda: concordance_test(PAIRED, data=ROWS.head(3), method="u-statistic"),
            InputError,
            "at least 4 rows",
        ),
        (
            lambda: concordance_test(FIT, coxph("Surv(time, event) ~ y", ROWS.head(50))),
            DesignError,
            "different rows",
        ),
        (
            lambda: concordance_test(FIT, coxph("Surv(time, event) ~ y", ROWS, cluster="id")),
            DesignError,
            "different clusters or weights",
        ),
    ],
)
def test_bad_requests_are_refused(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
