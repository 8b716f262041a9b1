"""Curves of patients whose covariates change: R's survival, and errors by the delta method."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError
from tests.survival.cox.test_predict import read

FORMULA = "Surv(tstart, time, status) ~ k + age + strata(prior)"
AT = [30, 100, 200, 300]
PATIENTS = pd.DataFrame(
    {
        "id": [7, 7, 7, 9],
        "tstart": [0, 50, 130, 0],
        "time": [50, 130, 400, 300],
        "k": [70, 55, 40, 60],
        "age": [60, 60, 61, 50],
        "prior": [0, 0, 10, 10],
    }
)


@pytest.fixture(scope="module")
def rows():
    veteran = read("veteran.csv")
    rows = fs.surv_split("Surv(time, status) ~ .", veteran, cut=[60, 120], episode="part")
    return rows.assign(k=rows["karno"] - 5 * (rows["part"] - 1))


@pytest.fixture(scope="module")
def fit(rows):
    return fs.coxph(FORMULA, rows)


def test_survival_is_that_of_r(fit):
    curves = fit.survfit(PATIENTS, id="id")
    table = curves.at(AT)  # summary(survfit(fit, newdata, id = id), times = AT)
    one, other = (table[table["group"] == patient] for patient in (7, 9))
    survival = [0.8136819736138, 0.4426150287295, 0.1709226253535, 0.0521759241167]
    np.testing.assert_allclose(one["estimate"], survival, rtol=1e-9)
    survival = [0.6849164718390, 0.4244753886860, 0.2647279939552]
    np.testing.assert_allclose(other["estimate"][:3], survival, rtol=1e-9)
    error = [0.0730997405423, 0.0843153713888, 0.0761556047101]  # one interval: R's are right
    np.testing.assert_allclose(other["std_error"][:3], error, rtol=1e-8)
    assert curves.median()["median"].tolist() == [92, 84]
    assert one["strata"].unique().tolist() == ["prior=0, prior=10"]
    assert np.isnan(curves.at(401)["estimate"]).all(), "nothing is said of later times"


def test_errors_allow_for_the_covariates_of_each_interval(rows, fit):
    """By a numeric derivative; the rest of the variance grows by the square of each risk."""
    times = [50, 100, 200]

    def cumhaz(coefficients, newdata):
        held = fs.coxph(FORMULA, rows, init=coefficients, iter_max=0)
        return held.survfit(newdata, id="id").at(times)["cumhaz"].to_numpy()

    def rest(newdata):
        b, step = fit.coef.to_numpy(), 1e-5
        slope = [
            (cumhaz(b + step * e, newdata) - cumhaz(b - step * e, newdata)) / (2 * step)
            for e in np.eye(2)
        ]
        total = fit.survfit(newdata, id="id").at(times)["cumhaz_se"].to_numpy() ** 2
        return total - np.einsum("it,ij,jt->t", slope, fit.vcov(), slope)

    path = PATIENTS.head(2).assign(time=[50, 400])
    risk = fit.predict(path, "risk", reference="zero")["estimate"].to_numpy() ** 2
    alone = rest(path.head(1).assign(time=400)) / risk[0]
    due = risk[0] * alone[0] + risk[1] * (alone - alone[0])
    np.testing.assert_allclose(rest(path), due, rtol=1e-5)


def test_intervals_with_the_same_covariates_are_one_curve(fit):
    whole = PATIENTS.tail(1)
    cut = pd.concat([whole.assign(time=120), whole.assign(tstart=120)])
    for method in ("tidy", "median", "quantile"):
        one, other = (getattr(fit.survfit(d, id="id"), method)() for d in (whole, cut))
        pd.testing.assert_frame_equal(one, other)
    alone = fit.survfit(whole).at(AT)
    np.testing.assert_allclose(fit.survfit(cut, id="id").at(AT)["estimate"], alone["estimate"])


def test_a_path_that_cannot_be_followed_is_refused(rows, fit):
    with pytest.raises(InputError, match="there is a gap or an overlap"):
        fit.survfit(PATIENTS.assign(tstart=[0, 60, 130, 0]), id="id")
    with pytest.raises(InputError, match="missing in 1 rows of newdata"):
        fit.survfit(PATIENTS.assign(time=[50, 130, None, 300]), id="id")
    with pytest.raises(InputError, match="a covariate of id 9 is missing"):
        fit.survfit(PATIENTS.assign(k=[70, 55, 40, None]), id="id")
    plain = fs.coxph("Surv(time, status) ~ k", rows)
    with pytest.raises(InputError, match="has no start"):
        plain.survfit(PATIENTS, id="id")
