"""What theory says of every cohort: a row twice is a weight of two, and units are units.

Truth: the same numbers, or the same numbers times the ratio of the units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from tests.door.cohorts import clean_cohort

DATA = [clean_cohort(seed=seed).data for seed in range(5)]
SURV = "Surv(time, event)"
YEAR = 365.25


def values(table: pd.DataFrame, *columns: str) -> np.ndarray:
    return table[list(columns)].to_numpy(float)


def close(one: Any, other: Any, rtol: float = 1e-7) -> None:
    np.testing.assert_allclose(np.asarray(one, float), np.asarray(other, float), rtol, 1e-10)


WEIGHTED: dict[str, Callable[..., np.ndarray]] = {
    "coxph": lambda d, **w: values(
        fs.coxph(f"{SURV} ~ x + site", d, ties="breslow", **w).tidy(), "estimate", "std_error"
    ),
    "survfit": lambda d, **w: values(
        fs.survfit(f"{SURV} ~ sex", d, **w).tidy(), "time", "estimate", "n_risk", "std_error"
    ),
    "rmst": lambda d, **w: values(fs.rmst(f"{SURV} ~ sex", d, tau=15, **w).tidy(), "estimate"),
    "lm": lambda d, **w: values(fs.lm("x ~ z * sex", d, **w).tidy(), "estimate"),
    "logistic": lambda d, **w: values(
        fs.logistic("died ~ x + site", d, **w).tidy(), "estimate", "std_error"
    ),
    "concordance": lambda d, **w: values(fs.concordance(f"{SURV} ~ x", d, **w).tidy(), "estimate"),
}


@pytest.mark.parametrize("name", WEIGHTED)
@pytest.mark.parametrize("data", DATA)
def test_a_row_twice_is_a_weight_of_two(name: str, data: pd.DataFrame) -> None:
    twice = pd.concat([data, data])
    close(WEIGHTED[name](data.assign(w=2), weights="w"), WEIGHTED[name](twice))


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


def in_years(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(time=data["time"] / YEAR)


DAYS_OR_YEARS: dict[str, Callable[[pd.DataFrame, float], np.ndarray]] = {
    "coxph": lambda d, year: values(
        fs.coxph(f"{SURV} ~ x * sex", d).tidy(), "estimate", "std_error"
    ),
    "crr": lambda d, year: values(fs.crr("Surv(time, cause) ~ x", d).tidy(), "estimate"),
    "survdiff": lambda d, year: values(fs.survdiff(f"{SURV} ~ site", d).glance(), "statistic"),
    "concordance": lambda d, year: values(
        fs.concordance(f"{SURV} ~ x", d).tidy(), "estimate", "std_error"
    ),
    "survfit": lambda d, year: values(fs.survfit(f"{SURV} ~ site", d).tidy(), "estimate"),
    "median": lambda d, year: values(fs.survfit(f"{SURV} ~ site", d).median(), "median") * year,
    "rmst": lambda d, year: (
        values(fs.rmst(f"{SURV} ~ sex", d, tau=15 / year).tidy(), "estimate", "std_error") * year
    ),
    "time_roc": lambda d, year: values(
        fs.time_roc(f"{SURV} ~ x", d, [5 / year, 20 / year]).tidy(), "estimate", "std_error"
    ),
    "brier": lambda d, year: values(
        fs.brier(f"{SURV} ~ risk1", d, 20 / year).tidy(), "estimate", "std_error"
    ),
    "cox_zph": lambda d, year: values(
        fs.cox_zph(fs.coxph(f"{SURV} ~ x + z", d)).tidy(), "statistic", "p_value"
    ),
}


@pytest.mark.parametrize("name", DAYS_OR_YEARS)
@pytest.mark.parametrize("data", DATA)
def test_days_or_years(name: str, data: pd.DataFrame) -> None:
    call = DAYS_OR_YEARS[name]
    close(call(data, 1.0), call(in_years(data), YEAR))


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
