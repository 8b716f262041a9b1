"""One rate where the other is given, weighted thresholds, power. Truth: pROC 1.18.0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, InputError

ASAH = pd.read_csv(Path(__file__).parents[2] / "conformance" / "cases" / "data" / "asah.csv")
CURVES = fs.roc("outcome ~ s100b + wfns", ASAH, direction="<", levels=("Good", "Poor"))
AT = [0, 0.1, 0.6, 0.85, 0.9, 1]
# coords(r, AT, input = "specificity", ret = "sensitivity"), and the reverse
SENSITIVITY = {
    "s100b": [1, 0.975609756097561, 0.675609756097561, 0.458536585365854, 0.390243902439024,
              0.292682926829268],
    "wfns": [1, 0.990507580751483, 0.860487804878049, 0.604878048780488, 0.517073170731707, 0],
}  # fmt: skip
SPECIFICITY = {
    "s100b": [1, 1, 0.805555555555556, 0.353472222222222, 0.230555555555556, 0],
    "wfns": [1, 0.987345679012346, 0.852777777777778, 0.609953703703704, 0.5625, 0],
}


def test_the_other_rate_is_read_from_the_curve() -> None:
    one = CURVES.band(specificities=AT, n_resamples=100)
    other = CURVES.band(sensitivities=AT, n_resamples=100)
    for marker in CURVES.markers:
        rates = one.query("marker == @marker"), other.query("marker == @marker")
        assert rates[0]["specificity"].tolist() == rates[1]["sensitivity"].tolist() == AT
        assert rates[0]["sensitivity"].to_numpy() == pytest.approx(SENSITIVITY[marker], rel=1e-12)
        assert rates[1]["specificity"].to_numpy() == pytest.approx(SPECIFICITY[marker], rel=1e-12)


@pytest.mark.parametrize("given", ["specificity", "sensitivity"])
@pytest.mark.parametrize("paired", [True, False])
def test_a_test_at_a_point_is_that_of_the_rates(given: str, paired: bool) -> None:
    test = fs.roc_test(CURVES, method=given, paired=paired, n_resamples=400, **{given: 0.85})
    truth = SENSITIVITY if given == "specificity" else SPECIFICITY
    assert test.estimate == pytest.approx([truth[m][3] for m in CURVES.markers], rel=1e-12)
    row = test.tidy().iloc[0]
    spread = np.std(test.draws @ [1, -1], ddof=1)
    assert row["std_error"] == pytest.approx(spread, rel=1e-9)
    assert row["statistic"] == pytest.approx(row["estimate"] / spread, rel=1e-9)
    assert f"at {given} 0.85" in test.metric
    assert test.method.startswith(f"{given.capitalize()} test for two")


def test_thresholds_weigh_cost_and_prevalence() -> None:
    best = CURVES["s100b"].coords("youden", cost=5, prevalence=0.1, ci="none").iloc[0]
    assert best[["threshold", "specificity"]].tolist() == [0.51, 1]
    near = CURVES["s100b"].coords("closest_topleft", cost=5, prevalence=0.1, ci="none").iloc[0]
    assert near["threshold"] == pytest.approx(0.205)
    same = CURVES.coords("youden", cost=1, prevalence=0.5, ci="none")
    pd.testing.assert_frame_equal(same, CURVES.coords("youden", ci="none"))


def test_power_of_two_curves_is_that_of_proc() -> None:
    one, other = CURVES
    power = fs.roc_test_power(one, other, alternative="one.sided", sig_level=0.1)
    assert power["power"].item() == pytest.approx(0.70702311251436, rel=1e-9)
    sizes = fs.roc_test_power(other, one, power=0.7).iloc[0]
    assert sizes["n_case"] == pytest.approx(22.1017758923121, rel=1e-9)
    assert sizes["n_control"] / sizes["n_case"] == pytest.approx(72 / 41)
    one_sided = fs.roc_power(0.7, 30, 50, alternative="one.sided")
    assert one_sided == pytest.approx(0.92997230194231, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fs.roc_test(CURVES, method="specificity"), InputError, "needs specificity="),
        (lambda: fs.roc_test(CURVES, specificity=0.9), InputError, 'needs method="specificity"'),
        (
            lambda: fs.roc_test(CURVES, method="sensitivity", sensitivity=9),
            InputError,
            "between 0 and 1",
        ),
        (lambda: CURVES.band(specificities=1.2), InputError, "between 0 and 1"),
        (lambda: CURVES.band(specificities=0.5, sensitivities=0.5), InputError, "not both"),
        (lambda: CURVES.coords("all", cost=2), InputError, "weigh rule"),
        (lambda: CURVES.coords("youden", prevalence=0), InputError, "prevalence is 0"),
        (lambda: fs.roc_test_power(CURVES, CURVES), DesignError, "two curves of one marker"),
        (
            lambda: fs.roc_test_power(CURVES["wfns"], CURVES["wfns"]),
            InputError,
            "do not differ",
        ),
    ],
)
def test_bad_requests_are_refused(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
