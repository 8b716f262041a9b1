"""Adjusted restricted means. Truths: R's survival 3.5-3, written out below; balanced groups."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from faceage_stats.errors import InputError
from faceage_stats.survival.adjusted_rmst import adjusted_rmst
from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.km.rmst import rmst

LUNG = (
    pd.read_csv(Path(__file__).parents[1] / "conformance/cases/data/lung.csv")
    .assign(g=lambda d: d["sex"].map({1: "m", 2: "f"}))
    .dropna(subset=["ph_ecog"])
)
FIT = coxph("Surv(time, status) ~ g + age + ph_ecog", LUNG)

# g-formula: sf <- survfit(fit, newdata = nd), all patients of one sex; area under rowMeans(sf$surv)
# ipw: ps <- fitted(glm(I(g == "m") ~ age + ph.ecog, binomial)); survfit(weights = 1 / ps)
OF_R = {
    "g-formula": [287.577437432, 425.004186148, 247.47868108, 321.325696848],
    "ipw": [297.60974206, 432.843255855, 244.707692329, 316.207964004],
}


@pytest.mark.parametrize("method", OF_R)
def test_areas_are_those_of_r(method: str) -> None:
    found = adjusted_rmst(FIT, LUNG, by="g", tau=[730, 365], method=method, n_resamples=3)
    table = found.tidy()
    assert table[["group", "tau"]].to_numpy().tolist() == [
        ["f", 365], ["f", 730], ["m", 365], ["m", 730],
    ]  # fmt: skip
    # the propensities of ipw are those of another optimiser
    within = 1e-10 if method == "g-formula" else 1e-6
    assert table["estimate"].to_numpy() == pytest.approx(OF_R[method], rel=within)
    difference = found.contrasts().query("tau == 730")["estimate"].item()
    assert difference == pytest.approx(OF_R[method][3] - OF_R[method][1], rel=100 * within)


def test_without_covariates_to_balance_it_is_the_mean_of_each_group() -> None:
    balanced = pd.concat([LUNG.assign(g=group) for group in ("a", "b")], ignore_index=True)
    fit = coxph("Surv(time, status) ~ g + age", balanced)
    found = adjusted_rmst(fit, balanced, by="g", tau=500, method="ipw", n_resamples=3)
    plain = rmst("Surv(time, status) ~ g", balanced, tau=500).tidy()["estimate"]
    assert found.tidy()["estimate"].to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-6)


def test_the_error_is_that_of_the_bootstrap() -> None:
    found = adjusted_rmst(FIT, LUNG, by="g", tau=365, n_resamples=200, seed=1)
    both = found.tidy()["std_error"]
    difference = found.contrasts().loc[0]
    plain = rmst("Surv(time, status) ~ g", LUNG, tau=365).contrasts().loc[0]
    assert 0.7 < difference["std_error"] / plain["std_error"] < 1.2  # adjustment loses little
    assert difference["conf_high"] < 0
    assert both.gt(0).all()


@pytest.mark.parametrize("tau", [0, -1, 5000])
def test_a_mean_beyond_the_follow_up_is_refused(tau: float) -> None:
    with pytest.raises(InputError, match="tau must be above 0 and at most 1022"):
        adjusted_rmst(FIT, LUNG, by="g", tau=tau)
