"""The exact partial likelihood, against the sum over all sets and conditional logistic regression.

R's numbers are conformance cases.
"""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import optimize
from statsmodels.discrete.conditional_models import ConditionalLogit

import faceage_stats as fs
from faceage_stats.errors import InputError, SingularColumnWarning

RNG = np.random.default_rng(21)
N = 24
DATA = pd.DataFrame(
    {
        "start": RNG.uniform(0, 0.9, N),
        "time": np.ceil(RNG.exponential(2, N)),
        "death": RNG.integers(0, 2, N),
        "x": RNG.normal(size=N),
        "z": RNG.normal(size=N),
        "s": RNG.integers(0, 2, N),
    }
)


def all_sets(start, time, death):
    """At each time of death the rows that died, and every set of as many rows at risk."""
    found = []
    for t in np.unique(time[death == 1]):
        dead = np.flatnonzero((time == t) & (death == 1))
        at_risk = np.flatnonzero((start < t) & (time >= t))
        found.append((dead, np.array(list(itertools.combinations(at_risk, len(dead))))))
    return found


def by_all_sets(beta, x, sets):
    """Minus the log-likelihood, set by set."""
    risk = np.exp(x @ beta)
    total = (
        np.log(risk[each].prod(axis=1).sum()) - np.log(risk[dead]).sum() for dead, each in sets
    )
    return sum(total)


@pytest.mark.parametrize("left", ["Surv(time, death)", "Surv(start, time, death)"])
def test_maximises_the_sum_over_all_sets(left):
    fit = fs.coxph(f"{left} ~ x + z", DATA, ties="exact")
    start = DATA["start"] if "start" in left else pd.Series(-1.0, DATA.index)
    columns = (each.to_numpy() for each in (start, DATA["time"], DATA["death"]))
    given = (DATA[["x", "z"]].to_numpy(), all_sets(*columns))
    other = optimize.minimize(by_all_sets, np.zeros(2), given, method="BFGS")
    assert fit.log_lik == pytest.approx(-other.fun, rel=1e-10)
    assert fit.estimate.log_lik_null == pytest.approx(-by_all_sets(np.zeros(2), *given), rel=1e-12)
    np.testing.assert_allclose(fit.coef, other.x, atol=1e-5)

    def score(j, h=1e-4):
        step = np.eye(2)[j] * h
        up, down = (optimize.approx_fprime(fit.coef + s, by_all_sets, 1e-6, *given)
                    for s in (step, -step))  # fmt: skip
        return (up - down) / (2 * h)

    information = np.array([score(0), score(1)])
    np.testing.assert_allclose(np.linalg.inv(fit.vcov()), information, rtol=1e-3)


def test_many_deaths_at_one_time_run_over_nothing():
    n = 3000
    x = RNG.normal(size=n)
    death = (RNG.uniform(size=n) < 1 / (1 + np.exp(-x))).astype(int)
    data = pd.DataFrame({"t": 1, "d": death, "x": 3 * x})
    fit = fs.coxph("Surv(t, d) ~ x", data, ties="exact")
    # with many rows at risk the conditional estimate is that of an ordinary logistic regression
    logistic = fs.logistic("d ~ x", data).tidy().set_index("term").loc["x"]
    assert fit.coef["x"] == pytest.approx(logistic["estimate"], rel=2e-3)
    assert np.sqrt(fit.vcov().iloc[0, 0]) == pytest.approx(logistic["std_error"], rel=2e-3)


def test_matched_sets_equal_statsmodels():
    sets = np.repeat(np.arange(40), 5)
    x = RNG.normal(size=(200, 2))
    case = np.concatenate([RNG.permutation([1, 1, 0, 0, 0]) for _ in range(40)])
    data = pd.DataFrame({"case": case, "x": x[:, 0], "z": x[:, 1], "set": sets})
    fit = fs.clogit("case ~ x + z + strata(set)", data)
    other = ConditionalLogit(case, x, groups=sets)
    assert fit.log_lik == pytest.approx(other.loglike(fit.coef.to_numpy()), rel=1e-12)
    np.testing.assert_allclose(other.score(fit.coef.to_numpy()), 0, atol=1e-10)
    information = -other.hessian(fit.coef.to_numpy())  # numerical
    np.testing.assert_allclose(np.linalg.inv(fit.vcov()), information, rtol=1e-4)


def test_without_ties_all_agree():
    data = DATA.assign(time=np.arange(N) + 1.0)
    fits = [fs.coxph("Surv(time, death) ~ x + strata(s)", data, ties=t) for t in ("exact", "efron")]
    np.testing.assert_allclose(fits[0].coef, fits[1].coef, rtol=1e-9)
    assert fits[0].log_lik == pytest.approx(fits[1].log_lik, rel=1e-12)


def test_a_column_that_repeats_another_is_left_out():
    with pytest.warns(SingularColumnWarning):
        fit = fs.coxph("Surv(time, death) ~ x + I(2 * x)", DATA, ties="exact")
    alone = fs.coxph("Surv(time, death) ~ x", DATA, ties="exact")
    assert np.isnan(fit.coef.iloc[1])
    assert fit.coef.iloc[0] == pytest.approx(alone.coef["x"], rel=1e-8)
    assert alone.anova().tidy()["df"].tolist()[1:] == [1]


def test_what_is_not_defined_is_refused():
    fit = fs.coxph("Surv(time, death) ~ x", DATA, ties="exact")
    for call in (
        lambda: fs.coxph("Surv(time, death) ~ x", DATA.assign(w=2), ties="exact", weights="w"),
        lambda: fs.coxph("Surv(time, death) ~ x", DATA, ties="exact", cluster="s"),
        lambda: fit.residuals("dfbeta"),
        lambda: fs.cox_zph(fit),
        lambda: fs.resample(fit, DATA, n_resamples=2),
    ):
        with pytest.raises(InputError, match="exact"):
            call()
