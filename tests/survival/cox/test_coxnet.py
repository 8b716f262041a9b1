"""coxnet: scikit-survival directly, the unpenalised fit as a limit, the lasso's own conditions."""

import functools
import sys

import numpy as np
import pandas as pd
import pytest
from sksurv.linear_model import CoxnetSurvivalAnalysis
from sksurv.util import Surv

import faceage_stats as fs
from faceage_stats._seed import generator
from faceage_stats.errors import (
    ConvergenceError,
    ConvergenceWarning,
    DesignError,
    FormulaError,
    InputError,
    MissingExtraError,
)

FORMULA = "Surv(time, event) ~ a + b + c + g"


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    n = 150
    table = pd.DataFrame(rng.normal(size=(n, 3)) * [1, 10, 0.1], columns=["a", "b", "c"])
    table["g"] = rng.choice(["u", "v"], n)
    table["time"] = np.ceil(rng.exponential(30, n) * np.exp(-0.8 * table["a"]))
    table["event"] = rng.integers(0, 2, n)
    table.loc[4, "b"] = np.nan
    return table


def columns(data):
    complete = data.dropna()
    x = np.column_stack([complete[["a", "b", "c"]], complete["g"] == "v"])
    return x, Surv.from_arrays(complete["event"] == 1, complete["time"])


@pytest.mark.parametrize("alpha", [1.0, 0.5])
def test_equals_scikit_survival(data, alpha):
    x, y = columns(data)
    direct = CoxnetSurvivalAnalysis(l1_ratio=alpha, tol=1e-15).fit(x, y)
    ours = fs.coxnet(FORMULA, data, alpha=alpha, standardize=False)
    np.testing.assert_allclose(ours.coefficients, direct.coef_.T, rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(ours.penalties, direct.alphas_, rtol=1e-12)
    table = ours.tidy()
    assert list(table) == ["penalty", "term", "variable", "level", "estimate", "scale"]
    assert table["term"].tolist()[:4] == ["a", "b", "c", "gv"]
    glance = ours.glance()
    assert ours.path()["n_nonzero"].iloc[0] == 0
    assert (glance["n"].iloc[0], glance["n_missing"].iloc[0]) == (149, 1)
    scaled = CoxnetSurvivalAnalysis(l1_ratio=alpha, tol=1e-15).fit(x / x.std(axis=0), y)
    ours = fs.coxnet(FORMULA, data, alpha=alpha)
    expected = scaled.coef_.T / x.std(axis=0)
    np.testing.assert_allclose(ours.coefficients, expected, rtol=1e-6, atol=1e-10)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_vanishing_penalty_is_coxph(data, alpha):
    fit = fs.coxnet(FORMULA, data, alpha=alpha, penalties=[1e-9, 1e-3])
    plain = fs.coxph(FORMULA, data, ties="breslow")
    np.testing.assert_allclose(fit.coef(1e-9), plain.coef, rtol=1e-4, atol=1e-6)
    centred = fit.predict(penalty=1e-9)["estimate"]
    again = fit.predict(data.dropna(), penalty=1e-9)
    pd.testing.assert_series_equal(centred, again["estimate"])
    risk = fit.predict(data.dropna(), "risk", penalty=1e-9)["estimate"]
    np.testing.assert_allclose(np.log(risk), centred, atol=1e-12)
    assert centred.mean() == pytest.approx(0, abs=1e-10)


def test_ridge_solves_its_score_equation(data):
    # d/db: score / n = penalty * b for standardised columns; the score by central differences
    fit = fs.coxnet(FORMULA, data, alpha=0, penalties=[0.1])
    beta = fit.coef(0.1).to_numpy()
    for j, scale in enumerate(fit.scale):
        step = np.zeros(4)
        step[j] = 1e-4 / scale
        up, down = (
            fs.coxph(FORMULA, data, ties="breslow", init=b, iter_max=0).log_lik
            for b in (beta + step, beta - step)
        )
        assert (up - down) / 2e-4 / fit.frame.n == pytest.approx(0.1 * beta[j] * scale, abs=1e-5)
    path = fs.coxnet(FORMULA, data, alpha=0, n_penalties=5)
    assert len(path.penalties) == 5
    assert (np.diff((path.coefficients**2 * path.scale**2).sum(axis=1)) > 0).all()


def test_cross_validation_by_hand(data):
    fit = fs.coxnet(FORMULA, data, penalties=[0.2, 0.1, 0.01])
    cv = fit.cross_validate(n_folds=3, seed=1)
    from sklearn.model_selection import StratifiedKFold

    used = data.dropna().reset_index(drop=True)
    n_event = used["event"].sum()
    x, y = columns(data)
    state = int(generator(1, "coxnet").integers(2**32))
    splits = StratifiedKFold(3, shuffle=True, random_state=state).split(used, used["event"])
    for score, (rows, _) in zip(cv.scores, splits, strict=True):
        part = CoxnetSurvivalAnalysis(alphas=[0.2, 0.1, 0.01], l1_ratio=1.0, tol=1e-15)
        beta = part.fit(x[rows] / fit.scale, y[rows]).coef_[:, 2] / fit.scale
        both = [
            fs.coxph(FORMULA, d, ties="breslow", init=beta, iter_max=0).log_lik
            for d in (used, used.iloc[rows])
        ]
        assert score[2] == pytest.approx((both[0] - both[1]) * 3 / n_event, rel=1e-6)
    table = cv.tidy()
    assert cv.penalty_best == table.loc[table["log_lik_cv"].idxmax(), "penalty"]
    assert cv.penalty_1se >= cv.penalty_best
    assert cv.glance()["n_fold"].tolist() == [3]
    assert cv.selected()["penalty"].tolist() == [cv.penalty_best, cv.penalty_1se]
    again = fit.cross_validate(n_folds=3, seed=1)
    assert again.scores.tobytes() == cv.scores.tobytes()
    assert "3-fold cross-validation, seed 1" in repr(cv)
    assert "3 penalties, alpha 1" in repr(fit)


def test_folds_whose_path_ends_early_are_compared_where_all_have_a_fit():
    """A fold may explain all it can at a larger penalty than all rows together."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(size=(60, 10))).add_prefix("x")
    table["time"] = rng.exponential(np.exp(-3 * table["x0"]))
    table["event"] = np.arange(60) % 3 > 0
    fit = fs.coxnet(f"Surv(time, event) ~ {' + '.join(table.columns[:10])}", table, alpha=0.5)
    cv = fit.cross_validate(n_folds=3)
    assert 1 < cv.scores.shape[1] < len(fit.penalties)
    assert cv.tidy()["penalty"].tolist() == fit.penalties[: cv.scores.shape[1]].tolist()
    assert cv.penalty_best in cv.tidy()["penalty"].to_numpy()
    assert np.isfinite(cv.scores).all()


def test_refusals(data):
    with pytest.raises(InputError, match="alpha is 2; it must lie between 0"):
        fs.coxnet(FORMULA, data, alpha=2)
    with pytest.raises(InputError, match="penalties must be finite numbers above 0"):
        fs.coxnet(FORMULA, data, penalties=[0.1, 0.0])
    with pytest.raises(FormulaError, match="must be Surv"):
        fs.coxnet("time ~ a", data)
    with pytest.raises(FormulaError, match=r"strata\(g\) is not used"):
        fs.coxnet("Surv(time, event) ~ a + strata(g) + offset(b)", data)
    with pytest.raises(DesignError, match="no columns to penalise"):
        fs.coxnet("Surv(time, event) ~ 1", data)
    with pytest.raises(InputError, match="no events among"):
        fs.coxnet("Surv(time, event) ~ a", data.assign(event=0))
    fit = fs.coxnet(FORMULA, data, penalties=[0.1])
    with pytest.raises(InputError, match=r"penalty 0\.2 is not on the path"):
        fit.coef(0.2)
    with pytest.raises(InputError, match="n_folds is 1; it must be at least 2"):
        fit.cross_validate(n_folds=1)


def test_separated_events_need_a_penalty(data):
    split = data.assign(event=1, mark=-data["time"])
    with pytest.raises(ConvergenceError, match="the path diverged"):
        fs.coxnet("Surv(time, event) ~ mark", split, penalties=[1e-12])


def test_a_path_that_stops_early_says_so(data, monkeypatch):
    one_step = functools.partial(CoxnetSurvivalAnalysis, max_iter=1)
    monkeypatch.setattr("sksurv.linear_model.CoxnetSurvivalAnalysis", one_step)
    with pytest.warns(ConvergenceWarning, match="stopped before its tolerance"):
        fs.coxnet(FORMULA, data, penalties=[1e-4])


def test_without_scikit_survival_the_message_says_how_to_get_it(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "sksurv.linear_model", None)
    with pytest.raises(MissingExtraError, match=r"needs scikit-survival.*\[coxnet\]"):
        fs.coxnet(FORMULA, data)


# set.seed(3) in R; times with many ties
R_DATA = pd.DataFrame(
    {
        "time": [2, 11, 2, 18, 4, 4, 4, 7, 19, 2, 3, 2, 7, 12, 10, 5, 5, 7, 2, 2],
        "event": [0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1],
        "a": [
            -0.96,
            -0.29,
            0.26,
            -1.15,
            0.2,
            0.03,
            0.09,
            1.12,
            -1.22,
            1.27,
            -0.74,
            -1.13,
            -0.72,
            0.25,
            0.15,
            -0.31,
            -0.95,
            -0.65,
            1.22,
            0.2,
        ],
        "b": [
            0.57,
            0.92,
            0.26,
            0.35,
            1.17,
            -0.48,
            -0.42,
            0.96,
            -1.29,
            0.19,
            -0.03,
            0.47,
            1.02,
            0.27,
            0.23,
            0.75,
            1.22,
            0.38,
            -0.99,
            -0.16,
        ],
    }
)
# glmnet 4.1-6, R 4.2.2: glmnet(cbind(a, b), Surv(time, event), family = "cox", alpha = alpha,
# lambda = c(.3, .1, .05, .01), thresh = 1e-16)$dev.ratio
DEV_RATIO = {
    1: [0.0, 0.0340288652172, 0.0446097599346, 0.0500639056255],
    0: [0.0427697002517, 0.0487811783166, 0.0498389929461, 0.0502700864719],
}


@pytest.mark.parametrize("alpha", DEV_RATIO)
@pytest.mark.parametrize("order", ["time", "a", "b"])
def test_the_deviance_ratio_is_that_of_glmnet_in_any_order_of_rows(alpha, order):
    rows = R_DATA.sort_values(order)
    fit = fs.coxnet(
        "Surv(time, event) ~ a + b", rows, alpha=alpha, penalties=[0.3, 0.1, 0.05, 0.01]
    )
    np.testing.assert_allclose(
        fit.path()["deviance_ratio"], DEV_RATIO[alpha], rtol=1e-8, atol=1e-12
    )
