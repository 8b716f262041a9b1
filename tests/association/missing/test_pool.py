"""Truth: R's mice through the conformance cases; here closed forms and identities."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import faceage_stats as fs
from faceage_stats.association.missing.pool import pool_rubin, pool_scalar
from faceage_stats.errors import DesignError, InputError


def frames(m=4, n=60, seed=6):
    """Data sets that differ in one column only, as imputed ones do."""
    rng = np.random.default_rng(seed)
    base = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "g": np.where(rng.random(n) < 0.5, "a", "b"),
            "time": rng.exponential(size=n),
            "dead": (rng.random(n) < 0.7).astype(int),
        }
    )
    base["y"] = base["x"] + rng.normal(size=n)
    copies = [base.copy() for _ in range(m)]
    for copy in copies:
        copy.loc[:9, "x"] = rng.normal(size=10)
    return copies


def test_equal_fits_pool_to_one_fit():
    fit = fs.lm("y ~ x + g", frames()[0])
    pooled = pool_rubin([fit, fit, fit])
    one, table = fit.tidy(), pooled.tidy()
    columns = ["term", "estimate", "std_error", "n"]
    pd.testing.assert_frame_equal(table[columns], one[columns], check_dtype=False)
    assert (table["riv"].dropna() == 0).all()
    assert table["is_reference"].tolist() == [False, False, True, False]
    assert table.loc[2, "estimate"] == 0
    assert pooled.df_complete == 57
    assert pooled.glance()["n_imputation"].item() == 3
    assert "Pooled over 3 imputations" in repr(pooled)


def test_a_cox_model_pools_on_the_log_scale():
    fits = [fs.coxph("Surv(time, dead) ~ x + g", data=frame) for frame in frames()]
    pooled = pool_rubin(fits)
    log, ratio = pooled.tidy(), pooled.tidy(exponentiate=True)
    np.testing.assert_allclose(ratio["estimate"], np.exp(log["estimate"]))
    np.testing.assert_allclose(ratio["conf_high"], np.exp(log["conf_high"]))
    np.testing.assert_allclose(ratio["std_error"], log["std_error"])
    x = log.set_index("term").loc["x"]
    estimates = np.array([fit.coef["x"] for fit in fits])
    total = np.mean([fit.vcov().loc["x", "x"] for fit in fits]) + 1.25 * estimates.var(ddof=1)
    assert x["estimate"] == pytest.approx(estimates.mean())
    assert x["std_error"] == pytest.approx(np.sqrt(total))
    assert pooled.df_complete == fits[0].n_event - 2
    one = fits[0].tidy()
    assert log[["n", "n_event"]].to_numpy().tolist() == one[["n", "n_event"]].to_numpy().tolist()


def test_a_sandwich_is_pooled_in_place_of_the_model_variance():
    fits = [fs.coxph("Surv(time, dead) ~ x", data=f, robust=True) for f in frames()]
    within = np.mean([fit.tidy()["robust_se"].item() ** 2 for fit in fits])
    assert pool_rubin(fits).pool.within.item() == pytest.approx(within)


def test_other_results_pool_with_infinite_df_unless_told():
    tests = [fs.t_test("y ~ g", frame) for frame in frames()]
    pooled = pool_rubin(tests)
    assert pooled.df_complete == np.inf
    assert len(pooled.tidy()) == 1
    told = pool_rubin(tests, df_complete=58)
    assert told.tidy()["df"].item() < pooled.tidy()["df"].item()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=2, max_size=8),
    st.floats(0.05, 2),
    st.floats(3, 500),
)
def test_pooled_variance_and_df_lie_where_they_must(estimates, error, df):
    errors = np.full(len(estimates), error)
    fit = pool_scalar(estimates, errors, df_complete=df)
    row = fit.tidy().iloc[0]
    assert row["std_error"] >= error * (1 - 1e-12)
    assert 0 < row["df"] <= df
    assert 0 <= row["lambda"] < 1
    assert row["conf_low"] <= np.mean(estimates) <= row["conf_high"]


def test_refusals():
    fit = fs.lm("y ~ x", frames()[0])
    with pytest.raises(DesignError, match="1 fits; at least 2 imputations"):
        pool_rubin([fit])
    with pytest.raises(DesignError, match="the fits have different rows"):
        pool_rubin([fit, fs.lm("y ~ g", frames()[0])])
    with pytest.raises(InputError, match="has no column estimate"):
        pool_rubin([fs.kruskal_test("y ~ g", data=frames()[0])] * 2)
    with pytest.warns(fs.errors.SingularColumnWarning):
        singular = fs.lm("y ~ x + x2", frames()[0].assign(x2=lambda d: 2 * d["x"]))
    with pytest.raises(DesignError, match="1 quantities have no estimate"):
        pool_rubin([singular, singular])
    with pytest.raises(DesignError, match="1 estimate; at least 2"):
        pool_scalar([0.4], [0.1])
    with pytest.raises(InputError, match="as many standard errors as estimates"):
        pool_scalar([0.4, 0.5], [0.1])
    with pytest.raises(InputError, match="standard errors above 0"):
        pool_scalar([0.4, 0.5], [0.1, 0])
    with pytest.raises(InputError, match="df_complete is 0; it must be positive"):
        pool_scalar([0.4, 0.5], [0.1, 0.1], df_complete=0)


def test_counts_and_scale_come_from_the_fits():
    fits = [fs.logistic("dead ~ x", frame) for frame in frames()]
    pooled = pool_rubin(fits)
    assert pooled.glance()[["n", "n_missing"]].iloc[0].tolist() == [60, 0]
    assert pooled.tidy()["scale"].unique().tolist() == ["log odds ratio"]
    assert pooled.tidy(exponentiate=True)["scale"].unique().tolist() == ["odds ratio"]
    assert np.isnan(pool_scalar([0.4, 0.5], [0.1, 0.1]).glance()["n"].item())
