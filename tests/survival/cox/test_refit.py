"""Bootstrap of a Cox fit: the truth is coxph on the explicit resampled rows, drawn by seed."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError

OPTIONS = {"n_resamples": 12, "seed": 4, "name": "refit"}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(8)
    n = 150
    table = pd.DataFrame(
        {
            "start": np.floor(rng.exponential(4, n)),
            "event": rng.integers(0, 2, n),
            "a": rng.normal(100, 5, n),
            "b": rng.normal(size=n),
            "g": pd.Categorical(rng.choice(["u", "v", "w"], n)),
            "s": rng.integers(0, 3, n),
            "id": rng.integers(0, 60, n),
            "w": rng.uniform(0.5, 2, n),
            "o": rng.normal(size=n),
        }
    )
    table["stop"] = table["start"] + np.ceil(rng.exponential(12, n))
    table.loc[[3, 77], "b"] = np.nan
    return table


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("Surv(stop, event) ~ a + b + g", {}),
        ("Surv(stop, event) ~ a + b + g", {"ties": "breslow"}),
        ("Surv(stop, event) ~ a * b + strata(s) + offset(o)", {}),
        ("Surv(start, stop, event) ~ a + b + strata(s)", {}),
        ("Surv(stop, event) ~ a + b", {"weights": "w"}),
    ],
)
@pytest.mark.parametrize("plan", [{}, {"stratify": "g"}, {"cluster": "id"}])
def test_every_replicate_is_coxph_on_its_rows(data, formula, options, plan):
    fit = fs.coxph(formula, data, **options)
    fast = fs.resample(fit, data, **OPTIONS, **plan)
    slow = fs.resample(lambda d: fs.coxph(formula, d, **options).coef, data, **OPTIONS, **plan)
    np.testing.assert_allclose(fast.draws, slow.draws, rtol=1e-8, atol=1e-11)
    assert list(fast.draws) == list(slow.draws)
    assert fast.observed == slow.observed
    assert fast.n_failed == 0


def test_the_jackknife_and_bca_limits_are_those_of_explicit_refits(data):
    small = data.head(40)
    fit = fs.coxph("Surv(stop, event) ~ b", small)
    fast = fs.resample(fit, small, n_resamples=50, seed=2)

    def refit(rows):
        return fs.coxph("Surv(stop, event) ~ b", rows).coef

    slow = fs.resample(refit, small, n_resamples=50, seed=2)
    np.testing.assert_allclose(fast.jackknife("b"), slow.jackknife("b"), rtol=1e-9)
    pd.testing.assert_frame_equal(fast.tidy(interval="bca"), slow.tidy(interval="bca"), rtol=1e-7)


def test_the_same_bytes_on_any_number_of_threads(data):
    fit = fs.coxph("Surv(stop, event) ~ a + b + g", data)
    one, three = (fs.resample(fit, data, **OPTIONS, n_jobs=k).draws for k in (1, 3))
    assert one.to_numpy().tobytes() == three.to_numpy().tobytes()


def test_a_level_absent_from_the_resample_has_no_coefficient(data):
    one = np.flatnonzero((data["event"] == 1) & (data["stop"] > 10))[0]
    rare = data.assign(rare=(np.arange(len(data)) == one).astype(float))
    fit = fs.coxph("Surv(stop, event) ~ b + rare", rare)
    fast = fs.resample(fit, rare, **OPTIONS).draws
    slow = fs.resample(
        lambda d: fs.coxph("Surv(stop, event) ~ b + rare", d).coef, rare, **OPTIONS
    ).draws
    assert fast["rare"].isna().any()
    assert fast["rare"].notna().any()
    np.testing.assert_array_equal(fast["rare"].isna(), slow["rare"].isna())
    np.testing.assert_allclose(fast["b"], slow["b"], rtol=1e-7)


def test_a_resample_without_events_has_no_coefficient(data):
    one_event = data.assign(event=(np.arange(len(data)) == 20).astype(int))
    draws = fs.resample(fs.coxph("Surv(stop, event) ~ a", one_event), one_event, **OPTIONS).draws
    assert draws["a"].isna().any()


def test_refusals(data):
    fit = fs.coxph("Surv(stop, event) ~ b", data)
    with pytest.raises(InputError, match="the data have 149 rows, the fit was made on 150"):
        fs.resample(fit, data.head(149), n_resamples=2)
    with pytest.raises(InputError, match="a permutation changes a column before the fit"):
        fs.resample(fit, data, n_resamples=2, kind="permutation", permute="b")
    with pytest.raises(InputError, match="fit_fn is a int; pass a function"):
        fs.resample(3, data, n_resamples=2)
