"""Resampling. Truths: closed forms, an exact permutation distribution, identity across workers."""

from __future__ import annotations

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats._resample import resample
from faceage_stats.errors import ConvergenceError, DesignError, EstimationWarning, InputError

ROWS = pd.DataFrame(
    {
        "x": np.random.default_rng(4).gamma(2.0, size=60),
        "g": np.repeat(["a", "b", "c"], 20),
        "id": np.repeat(np.arange(20), 3),
    }
)


def mean_x(data: pd.DataFrame) -> dict[str, float]:
    return {"mean": data["x"].mean(), "n": len(data)}


def test_draws_do_not_depend_on_the_number_of_workers() -> None:
    one = resample(mean_x, ROWS, n_resamples=24, seed=3)
    two = resample(mean_x, ROWS, n_resamples=24, seed=3, n_jobs=2)
    assert one.draws.to_numpy().tobytes() == two.draws.to_numpy().tobytes()


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_an_outer_configuration_decides_and_changes_no_byte(backend: str) -> None:
    one = resample(mean_x, ROWS, n_resamples=24, seed=3)
    with joblib.parallel_config(backend=backend, n_jobs=2 if backend != "sequential" else 1):
        other = resample(mean_x, ROWS, n_resamples=24, seed=3)
    assert one.draws.to_numpy().tobytes() == other.draws.to_numpy().tobytes()


def test_a_backend_that_somebody_else_registered_gets_the_work() -> None:
    """What a cluster does: joblib hands the blocks to its backend, here one that says so."""
    taken = []

    class Telling(joblib.parallel.ThreadingBackend):
        def configure(self, *args, **options):
            taken.append(options)
            return super().configure(*args, **options)

    joblib.register_parallel_backend("telling", Telling)
    with joblib.parallel_config(backend="telling", n_jobs=2):
        result = resample(mean_x, ROWS, n_resamples=24, seed=3)
    assert taken
    pd.testing.assert_frame_equal(
        result.draws, resample(mean_x, ROWS, n_resamples=24, seed=3).draws
    )


def test_a_longer_run_starts_with_the_shorter_one() -> None:
    short = resample(mean_x, ROWS, n_resamples=5, seed=3).draws
    long = resample(mean_x, ROWS, n_resamples=9, seed=3).draws
    pd.testing.assert_frame_equal(short, long.head(5))


def test_names_and_seeds_give_other_draws() -> None:
    base = resample(mean_x, ROWS, n_resamples=5, seed=3).draws["mean"]
    assert not base.equals(resample(mean_x, ROWS, n_resamples=5, seed=4).draws["mean"])
    assert not base.equals(
        resample(mean_x, ROWS, n_resamples=5, seed=3, name="other").draws["mean"]
    )


def test_bootstrap_error_of_a_mean_is_its_plug_in_value() -> None:
    # closed form: sd(x) with divisor n, over sqrt(n)
    result = resample(mean_x, ROWS, n_resamples=4000, seed=1).tidy().set_index("term")
    expected = ROWS["x"].std(ddof=0) / np.sqrt(len(ROWS))
    assert result.loc["mean", "std_error"] == pytest.approx(expected, rel=0.05)
    assert result.loc["mean", "bias"] == pytest.approx(0, abs=4 * expected / np.sqrt(4000))


def test_strata_keep_their_sizes_and_clusters_stay_whole() -> None:
    def sizes(data: pd.DataFrame) -> pd.Series:
        return data["g"].value_counts().sort_index()

    strata = resample(sizes, ROWS, n_resamples=10, seed=1, stratify="g").draws
    assert (strata == 20).all().all()

    def whole(data: pd.DataFrame) -> float:
        return float((data["id"].value_counts() % 3 == 0).all() and len(data) == 60)

    assert resample(whole, ROWS, n_resamples=10, seed=1, cluster="id").draws["estimate"].eq(1).all()


def test_permutation_p_value_is_the_exact_one() -> None:
    # all 20 splits of six values: 2 of 20 are as far apart as the observed one
    data = pd.DataFrame({"x": [1.0, 2, 3, 10, 11, 12], "g": [0, 0, 0, 1, 1, 1]})

    def gap(d: pd.DataFrame) -> float:
        return d.loc[d["g"] == 1, "x"].mean() - d.loc[d["g"] == 0, "x"].mean()

    result = resample(gap, data, n_resamples=4000, seed=2, kind="permutation", permute="g")
    assert result.tidy()["p_value"].item() == pytest.approx(0.1, abs=0.02)


def test_bca_agrees_with_scipy() -> None:
    # second library: scipy.stats.bootstrap, other draws, so up to Monte-Carlo error
    result = resample(mean_x, ROWS, n_resamples=8000, seed=5)
    limits = result.conf_int(interval="bca").set_index("term").loc["mean"]
    other = stats.bootstrap(
        (ROWS["x"].to_numpy(),), np.mean, n_resamples=8000, method="BCa", rng=1
    ).confidence_interval
    assert limits.tolist() == pytest.approx([other.low, other.high], rel=0.02)


def test_percentile_limits_are_quantiles_of_the_draws() -> None:
    result = resample(mean_x, ROWS, n_resamples=200, seed=5)
    table = result.tidy(conf_level=0.9).set_index("term")
    low, high = np.quantile(result.draws["mean"], [0.05, 0.95])
    assert table.loc["mean", ["conf_low", "conf_high"]].tolist() == [low, high]
    assert result.glance()["n_failed"].item() == 0


def test_failed_replicates_are_counted() -> None:
    def fragile(data: pd.DataFrame) -> float:
        if (data["x"] == ROWS["x"].iloc[0]).sum() == 0:
            raise DesignError("row 0 is absent")
        return data["x"].mean()

    with pytest.warns(EstimationWarning, match="replicates gave no estimate"):
        result = resample(fragile, ROWS, n_resamples=30, seed=1)
    assert result.n_failed == result.draws["estimate"].isna().sum() > 0


def test_no_estimate_at_all_is_an_error() -> None:
    def broken(data: pd.DataFrame) -> float:
        if len(data.drop_duplicates()) < len(data):
            raise DesignError("repeated rows")
        return 0.0

    with pytest.raises(ConvergenceError, match="none of the 5 replicates"):
        resample(broken, ROWS, n_resamples=5, seed=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "jackknife"}, "choose 'bootstrap' or 'permutation'"),
        ({"kind": "permutation"}, "permute= names the column"),
        ({"permute": "x"}, "permute= names the column"),
        ({"kind": "permutation", "permute": "x", "cluster": "id"}, "is stratify="),
        ({"stratify": "h"}, "no column 'h'"),
        ({"stratify": "x", "cluster": "id"}, "varies within 20 clusters"),
        ({"n_resamples": 0}, "a whole number, 1 or more"),
    ],
)
def test_bad_requests_are_refused(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        resample(mean_x, ROWS, **{"n_resamples": 5, "seed": 1, **options})


def test_missing_stratum_is_refused() -> None:
    with pytest.raises(InputError, match="'g' is missing in 1 rows"):
        resample(
            mean_x, ROWS.assign(g=ROWS["g"].where(ROWS.index > 0)), n_resamples=5, stratify="g"
        )


def test_bad_intervals_are_refused() -> None:
    result = resample(mean_x, ROWS, n_resamples=5, seed=1)
    with pytest.raises(InputError, match="choose one of percentile, bca, normal"):
        result.tidy(interval="t")
    with pytest.raises(InputError, match="between 0 and 1"):
        result.conf_int(conf_level=95)


def test_a_permutation_has_no_interval() -> None:
    result = resample(mean_x, ROWS, n_resamples=5, seed=1, kind="permutation", permute="x")
    with pytest.raises(InputError, match="it has no interval"):
        result.conf_int()


def test_the_numbers_of_a_resampling_are_told() -> None:
    row = resample(mean_x, ROWS, n_resamples=5, seed=1).glance().iloc[0]
    assert row.to_dict() == {
        "method": "bootstrap", "n": 60, "n_missing": 0, "n_resamples": 5, "n_failed": 0, "seed": 1
    }  # fmt: skip


def test_several_unnamed_numbers_get_names() -> None:
    draws = resample(lambda d: [d["x"].min(), d["x"].max()], ROWS, n_resamples=3, seed=1).draws
    assert draws.columns.tolist() == ["estimate0", "estimate1"]
