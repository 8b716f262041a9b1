"""A factor with one level, and an outcome among its own terms: R 4.2.2 refuses, drops or warns."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import (
    ConstantFactorError,
    DesignError,
    EstimationWarning,
    SingularColumnWarning,
)

DATA = pd.DataFrame(
    {
        "t": [5, 3, 8, 2, 9, 4, 6, 7],
        "d": [1, 0, 1, 1, 0, 1, 1, 1],
        "x": [1.0, 3, 2, 4, 2, 6, 5, 4],
        "y": [2.0, 1, 4, 3, 6, 5, 7, 9],
        "g": list("aabbabab"),
        "id": [1, 1, 2, 2, 3, 3, 4, 4],
        "site": "breast",
        "part": [*"aaaaab", None, "b"],
        "known": [1.0, 2, 3, 2, 4, None, None, None],
    }
)
MODELS = {
    "coxph": ("Surv(t, d)", {}),
    "coxphf": ("Surv(t, d)", {}),
    "crr": ("Surv(t, d)", {}),
    "survreg": ("Surv(t, d)", {}),
    "lm": ("y", {}),
    "glm": ("y", {"family": "gaussian"}),
    "logistic": ("d", {}),
    "logistf": ("d", {}),
    "gee": ("y", {"id": "id"}),
    "lmer": ("y", {"id": "id"}),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("terms", ["x + site", "site", "x:site", "x + C(site)"])
def test_a_factor_with_one_level_is_refused_by_name(name, terms):
    left, options = MODELS[name]
    told = rf"^{name}\(\): .*'site' has one level, 'breast', in the 8 rows used\. A factor needs"
    with pytest.raises(ConstantFactorError, match=told):
        getattr(fs, name)(f"{left} ~ {terms}", DATA, **options)


def test_the_levels_are_those_of_the_rows_used():
    told = "'part' has one level, 'a', in the 5 rows used; 3 of 8 rows are left out"
    with pytest.raises(ConstantFactorError, match=told):
        fs.lm("y ~ part + known", DATA)
    two = DATA.assign(part=DATA["part"].astype("category"))
    with pytest.raises(ConstantFactorError, match=told):
        fs.lm("y ~ part + known", two)
    with pytest.warns(fs.errors.SingularColumnWarning):  # R's coxph keeps the declared level
        fit = fs.coxph("Surv(t, d) ~ part + known", two)
    assert np.isnan(fit.coef["partb"])


def test_one_stratum_multiplied_is_refused_and_alone_is_not():
    with pytest.raises(ConstantFactorError, match=r"'strata\(site\)' has one level"):
        fs.coxph("Surv(t, d) ~ x*strata(site)", DATA)
    fit = fs.coxph("Surv(t, d) ~ x + strata(site)", DATA)
    assert fit.coef["x"] == pytest.approx(0.4533109, rel=1e-6)


def test_a_subgroup_is_fitted_without_what_is_constant_in_it():
    rng = np.random.default_rng(3)
    n = 240
    data = pd.DataFrame(
        {
            "t": rng.exponential(size=n),
            "d": rng.integers(0, 2, n),
            "marker": rng.normal(size=n),
            "site": rng.choice(["breast", "lung", "prostate"], n),
            "sex": rng.choice(["female", "male"], n),
        }
    )
    data.loc[data["site"] == "prostate", "sex"] = "male"
    table = fs.subgroup_forest("Surv(t, d) ~ marker + sex", data, by="site").tidy()
    for site, right in {"lung": "marker + sex", "prostate": "marker"}.items():
        alone = fs.coxph(f"Surv(t, d) ~ {right}", data[data["site"] == site]).tidy().iloc[0]
        row = table.set_index("level").loc[site]
        assert row[["estimate", "std_error"]].tolist() == alone[["estimate", "std_error"]].tolist()
    first = fs.subgroup_forest("Surv(t, d) ~ sex + marker", data, by="site").tidy()
    notes = first.set_index("level")["note"]
    assert notes["prostate"] == "the first term does not vary"


def test_a_risk_model_is_validated_where_a_factor_has_one_level():
    rng = np.random.default_rng(4)
    data = pd.DataFrame(
        {
            "t": rng.exponential(size=300),
            "d": rng.integers(0, 2, 300),
            "x": rng.normal(size=300),
            "sex": rng.choice(["female", "male"], 300),
        }
    )
    model = fs.risk_model("Surv(t, d) ~ x + sex", data, times=[0.5])
    men = data[data["sex"] == "male"]
    refitted = model.validate(men, n_resamples=0).refitted
    assert list(refitted.coef.index) == ["x"]
    slope = fs.coxph("Surv(t, d) ~ x", men).coef["x"] - model.fit.coef["x"]
    assert refitted.coef["x"] == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(
    ("formula", "expected"),  # coef(lm(...)), R 4.2.2
    [
        ("y ~ y + x", [2.3962264, 0.6603774]),
        ("y ~ y*x", [3.7877062, -1.1176245, 0.2672044]),
        ("log(y) ~ log(y) + x", [0.7577218, 0.1726152]),
        ("y ~ y", [4.625]),
        ("y ~ g*y", [4.0, -4.0, 1.0]),
        ("y ~ y:g + y", [3.453048, 0.446458]),
    ],
)
def test_the_outcome_as_a_term_is_left_out(formula, expected):
    with pytest.warns(EstimationWarning, match="the outcome is also a term"):
        fit = fs.lm(formula, DATA)
    np.testing.assert_allclose(fit.coef, expected, rtol=2e-6)


def test_the_outcome_within_another_term_stays():
    fit = fs.lm("y ~ x + y:x", DATA)
    np.testing.assert_allclose(fit.coef, [3.7877062, -1.1176245, 0.2672044], rtol=1e-6)


@pytest.mark.parametrize("right", ["x + offset(log(t))", "x + strata(g) + d"])
def test_a_time_or_an_event_that_explains_is_told(right):
    with pytest.warns() as told:
        fs.coxph(f"Surv(t, d) ~ {right}", DATA)
    assert "is on both sides of the formula" in str(told[0].message)


@pytest.mark.parametrize("name", MODELS)
def test_columns_without_a_coefficient_are_named(name):
    left, options = MODELS[name]
    told = "'?twice'? (is|are) constant or"
    data = DATA.assign(twice=2 * DATA["x"] + 1)
    if name in ("gee", "lmer", "coxphf", "logistf", "crr", "survreg"):
        with pytest.raises(DesignError, match=told):
            getattr(fs, name)(f"{left} ~ x + twice", data, **options)
    else:
        with pytest.warns(SingularColumnWarning, match=told):
            getattr(fs, name)(f"{left} ~ x + twice", data, **options)


def test_predictions_that_do_not_vary_have_no_calibration_slope():
    with pytest.warns(SingularColumnWarning, match="the predictions do not vary"):
        table = fs.calibration("d ~ p", DATA.assign(p=0.5), n_resamples=0).tidy()
    assert np.isnan(table.set_index("quantity").loc["slope", "estimate"])
