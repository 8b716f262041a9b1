"""What theory says of every cohort: rows that repeat are weights, and units are units.

Truth: the same numbers, or the same numbers times the ratio of the units.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from tests.door.calls import CALLS
from tests.door.cohorts import clean_cohort
from tests.package_walk import public_functions

DATA = [clean_cohort(seed=seed).data for seed in range(5)]
SURV = "Surv(time, event)"


def values(table: pd.DataFrame, *columns: str) -> np.ndarray:
    return table[list(columns)].to_numpy(float)


def close(one: Any, other: Any, rtol: float = 1e-7) -> None:
    np.testing.assert_allclose(np.asarray(one, float), np.asarray(other, float), rtol, 1e-10)


WEIGHTED: dict[str, Callable[..., np.ndarray]] = {
    "coxph": lambda d, **w: values(
        fs.coxph(f"{SURV} ~ x + site", d, ties="breslow", **w).tidy(), "estimate", "std_error"
    ),
    "clogit": lambda d, **w: values(
        fs.clogit("died ~ x + strata(stage)", d, method="breslow", **w).tidy(),
        *("estimate", "std_error"),
    ),
    "survfit": lambda d, **w: values(
        fs.survfit(f"{SURV} ~ sex", d, **w).tidy(), "time", "estimate", "n_risk", "std_error"
    ),
    "rmst": lambda d, **w: values(
        fs.rmst(f"{SURV} ~ sex", d, tau=15, **w).tidy(), "estimate", "std_error"
    ),
    # its errors are those of patients, a weighted one being one patient, as in R
    "aalen_johansen": lambda d, **w: values(
        fs.aalen_johansen("Surv(time, cause) ~ sex", d, **w).tidy(), "time", "estimate"
    ),
    # its censoring is that of the rows, whatever their weights, as in R: here nobody is censored
    "crr": lambda d, **w: values(
        fs.crr("Surv(time, cause) ~ x + sex", d[d["cause"] > 0], **w).tidy(), "estimate"
    ),
    "survreg": lambda d, **w: values(
        fs.survreg(f"{SURV} ~ x + site + strata(sex)", d, **w).tidy(), "estimate", "std_error"
    ),
    # R's weights of lm are precisions: the degrees of freedom are those of the rows
    "lm": lambda d, **w: values(fs.lm("x ~ z * sex", d, **w).tidy(), "estimate"),
    "logistic": lambda d, **w: values(
        fs.logistic("died ~ x + site", d, **w).tidy(), "estimate", "std_error"
    ),
    "glm": lambda d, **w: values(
        fs.glm("event ~ x + offset(log(time))", d, family="poisson", **w).tidy(),
        *("estimate", "std_error"),
    ),
    "concordance": lambda d, **w: values(
        fs.concordance(f"{SURV} ~ x", d, **w).tidy(), "estimate", "concordant", "discordant"
    ),
    "concordance_test": lambda d, **w: values(
        fs.concordance_test(f"{SURV} ~ x + z", d, **w).tidy(), "estimate1", "estimate2", "estimate"
    ),
}
OTHER_WEIGHTS = {
    "acat": "of p values",
    "finegray": "its rows are those of crr()",
    "kappa": "of disagreements between levels",
    "maxcombo": "of events over time",
    "set_test": "of variants",
}


def test_every_statistic_with_weights_of_rows_is_here() -> None:
    public = {f.__name__ for f in public_functions() if "weights" in signature(f).parameters}
    statistics = public & set(CALLS)
    assert statistics == {*WEIGHTED, *OTHER_WEIGHTS}


@pytest.mark.parametrize("name", WEIGHTED)
@pytest.mark.parametrize("data", DATA)
def test_a_row_so_many_times_is_its_weight(name: str, data: pd.DataFrame) -> None:
    repeated = data.loc[data.index.repeat(data["weight"])].reset_index(drop=True)
    close(WEIGHTED[name](data, weights="weight"), WEIGHTED[name](repeated))


ESTIMATES: dict[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "concordance": lambda d: values(fs.concordance(f"{SURV} ~ x + z", d).tidy(), "estimate"),
    "roc": lambda d: np.array([fs.roc("died ~ x", d).auc]),
    "survfit": lambda d: values(fs.survfit(f"{SURV} ~ 1", d).tidy(), "time", "estimate"),
    "cuminc": lambda d: values(fs.cuminc("Surv(time, cause) ~ sex", d).tidy(), "estimate"),
    "rmst": lambda d: values(fs.rmst(f"{SURV} ~ sex", d, tau=15).tidy(), "estimate"),
    "lm": lambda d: values(fs.lm("x ~ z + site", d).tidy(), "estimate"),
    "age_gap": lambda d: values(fs.age_gap(d, by="site").tidy(), "estimate"),
    "kappa": lambda d: values(fs.kappa("~ rating1 + rating2", d).tidy(), "estimate"),
    "lin_ccc": lambda d: values(fs.lin_ccc("~ faceage + age", d).tidy(), "estimate")[:1],
    "brier": lambda d: values(fs.brier(f"{SURV} ~ risk1", d, 20).tidy(), "estimate"),
    "time_roc": lambda d: values(fs.time_roc(f"{SURV} ~ x", d, [5, 20]).tidy(), "estimate"),
}


@pytest.mark.parametrize("name", ESTIMATES)
@pytest.mark.parametrize("data", DATA)
def test_every_row_twice_changes_no_estimate(name: str, data: pd.DataFrame) -> None:
    close(ESTIMATES[name](data), ESTIMATES[name](pd.concat([data, data])))


SLOPES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "coxph": lambda d: fs.coxph(f"{SURV} ~ age + sex", d).tidy(),
    "coxphf": lambda d: fs.coxphf(f"{SURV} ~ age + sex", d).tidy(),
    "crr": lambda d: fs.crr("Surv(time, cause) ~ age + sex", d).tidy(),
    "lm": lambda d: fs.lm("x ~ age + sex", d).tidy(),
    "logistic": lambda d: fs.logistic("died ~ age + sex", d).tidy(),
    "logistf": lambda d: fs.logistf("died ~ age + sex", d).tidy(),
}


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("unit", [10.0, 1e-3, 1e12, 1e-12])
def test_a_slope_goes_with_the_unit_of_its_covariate(
    name: str, data: pd.DataFrame, unit: float
) -> None:
    per_year, per_unit = (
        SLOPES[name](d).set_index("term") for d in (data, data.assign(age=data["age"] / unit))
    )
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        close(per_unit.loc["age", column], per_year.loc["age", column] * unit, 1e-6)
    close(per_unit.loc["age", "p_value"], per_year.loc["age", "p_value"], 1e-5)
    close(per_unit.loc["sexMale", "estimate"], per_year.loc["sexMale", "estimate"], 1e-5)


@pytest.mark.parametrize("name", SLOPES)
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("far", [1e3, 1e8])
def test_a_slope_does_not_depend_on_where_its_covariate_begins(
    name: str, data: pd.DataFrame, far: float
) -> None:
    here, there = (
        SLOPES[name](d).set_index("term").loc["age"]
        for d in (data, data.assign(age=data["age"] + far))
    )
    close(there["estimate"], here["estimate"], 1e-6)
    close(there["std_error"], here["std_error"], 1e-6)
