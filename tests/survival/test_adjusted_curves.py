"""Adjusted curves and optimism. Truths: the definitions written out, balance, pure noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import InputError
from faceage_stats.survival.adjusted_curves import adjusted_curves
from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.km.survfit import survfit

RNG = np.random.default_rng(12)
N = 120
ROWS = pd.DataFrame({"g": np.tile(["a", "b", "c"], N // 3), "x": np.repeat(RNG.normal(size=40), 3)})
ROWS["site"] = np.repeat(["u", "v"], N // 2)
ROWS["time"] = np.ceil(RNG.exponential(12, N) * np.exp(-0.8 * ROWS["x"] - (ROWS["g"] == "b")))
ROWS["event"] = RNG.integers(0, 4, N) > 0
ROWS["noise"] = RNG.normal(size=N)


@pytest.mark.parametrize("right", ["g + x", "g + x + strata(site)"])
def test_g_formula_is_the_mean_of_predictions(right: str) -> None:
    fit = coxph(f"Surv(time, event) ~ {right}", ROWS)
    table = adjusted_curves(fit, ROWS, by="g", times=[10, 3], n_resamples=5).tidy()
    assert table["time"].tolist() == [3, 10] * 3
    for group in "abc":
        each = fit.predict(ROWS.assign(g=group), "survival", times=[3, 10])
        expected = each.groupby("time")["estimate"].mean().to_numpy()
        got = table.loc[table["group"] == group, "estimate"].to_numpy()
        assert got == pytest.approx(expected, rel=1e-10)


def test_weights_of_balanced_groups_change_nothing() -> None:
    # every x occurs once in each group: the probability of a group is 1/3 for everybody
    fit = coxph("Surv(time, event) ~ g + x", ROWS)
    curves = adjusted_curves(fit, ROWS, by="g", times=[2, 6, 20], method="ipw", n_resamples=5)
    plain = survfit("Surv(time, event) ~ g", ROWS).at([2, 6, 20])["estimate"].to_numpy()
    assert curves.tidy()["estimate"].to_numpy() == pytest.approx(plain, abs=1e-6)


def test_differences_are_against_the_first_group() -> None:
    fit = coxph("Surv(time, event) ~ g + x", ROWS)
    curves = adjusted_curves(fit, ROWS, by="g", times=[5], n_resamples=50, seed=1)
    estimate = curves.tidy()["estimate"].to_numpy()
    table = curves.contrasts()
    assert table[["group1", "group2"]].to_numpy().tolist() == [
        [group, curves.groups[0]] for group in curves.groups[1:]
    ]
    assert table["estimate"].to_numpy() == pytest.approx(estimate[1:] - estimate[0])
    assert (table["conf_low"] < table["estimate"]).all()
    assert table["std_error"].gt(0).all()
    assert curves.glance()["n_resamples"].item() == 50
    assert "g-formula" in repr(curves)


@pytest.mark.parametrize(
    ("formula", "options", "message"),
    [
        ("Surv(time, event) ~ g + x", {"method": "tmle"}, "choose one of g-formula, ipw"),
        ("Surv(time, event) ~ x", {}, "is not a factor of"),
        ("Surv(start, time, event) ~ g + x", {"method": "ipw"}, "use 'g-formula'"),
    ],
)
def test_bad_requests_are_refused(formula: str, options: dict, message: str) -> None:
    data = ROWS.assign(start=0)
    with pytest.raises(InputError, match=message):
        adjusted_curves(coxph(formula, data), data, by="g", times=[5], n_resamples=5, **options)


# Every patient as often as the weight says. Breslow's ties: copies of a patient are tied.
WEIGHTED = ROWS.assign(w=np.tile([1, 2, 3, 1], N // 4), id=np.arange(N))
COPIES = WEIGHTED.loc[WEIGHTED.index.repeat(WEIGHTED["w"])].reset_index(drop=True)


@pytest.mark.parametrize(
    "right", ["g + x", "g + x + strata(site)", "g + x + offset(noise)", "g * x"]
)
def test_a_weight_is_so_many_patients(right: str) -> None:
    formula = f"Surv(time, event) ~ {right}"
    weighted = coxph(formula, WEIGHTED, weights="w", ties="breslow")
    copies = coxph(formula, COPIES, ties="breslow")
    options = {"by": "g", "times": [2, 4], "n_resamples": 2}
    found = adjusted_curves(weighted, WEIGHTED, **options).tidy()["estimate"]
    expected = adjusted_curves(copies, COPIES, **options).tidy()["estimate"]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_weighted_curve_is_the_weighted_mean_of_predictions() -> None:
    fit = coxph("Surv(time, event) ~ g + ns(x, 2)", WEIGHTED, weights="w")
    found = adjusted_curves(fit, WEIGHTED, by="g", times=4, n_resamples=2).tidy()["estimate"]
    each = fit.predict(WEIGHTED.assign(g="b"), "survival", times=[4])["estimate"]
    np.testing.assert_allclose(found[1], np.average(each, weights=WEIGHTED["w"]), rtol=1e-9)


def test_copies_of_a_patient_are_no_further_patients() -> None:
    formula, options = "Surv(time, event) ~ g + x + cluster(id)", {"by": "g", "times": [4, 8]}
    once = adjusted_curves(coxph(formula, WEIGHTED, ties="breslow"), WEIGHTED, **options)
    twice_rows = pd.concat([WEIGHTED, WEIGHTED])
    twice = adjusted_curves(coxph(formula, twice_rows, ties="breslow"), twice_rows, **options)
    np.testing.assert_allclose(once.tidy()["std_error"], twice.tidy()["std_error"], rtol=1e-6)


def test_weights_are_refused_where_they_are_not_used() -> None:
    fit = coxph("Surv(time, event) ~ g + x", WEIGHTED, weights="w")
    with pytest.raises(InputError, match="method = 'ipw' takes no weights"):
        adjusted_curves(fit, WEIGHTED, by="g", times=5, method="ipw")
