"""Kaplan-Meier curves. Truths: R (reference/nonparametric.R), closed forms, lifelines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceage_stats.errors import DesignError, FaceageError, FormulaError, InputError
from faceage_stats.survival.km.kernel import survival_curve
from faceage_stats.survival.km.limits import curve_quantiles
from faceage_stats.survival.km.survfit import survfit

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "nonparametric.json").read_text(encoding="utf-8")
)
ROWS = pd.DataFrame(REFERENCE["data"])
SMALL = pd.DataFrame(
    {"time": [1, 2, 2, 3, 4, 6], "event": [1, 1, 0, 0, 1, 0], "sex": list("fmfmfm")}
)


def numbers(values: list) -> np.ndarray:
    """JSON with R's Inf and NaN as text."""
    return np.array([np.nan if v in ("NaN", "NA", "Inf", None) else float(v) for v in values])


@pytest.mark.parametrize("case", REFERENCE["curves"])
def test_jackknife_errors_are_those_of_r(case: str) -> None:
    outcome, spread, hazard = case.split()
    arrays = survival_curve(
        ROWS["time"].to_numpy(float),
        ROWS["event"].to_numpy(),
        ROWS["w"].to_numpy() if spread != "cluster" else np.ones(len(ROWS)),
        ROWS["entry"].to_numpy(float) if outcome == "delayed" else None,
        split_ties=hazard == "2",
        cluster=ROWS["id"].to_numpy() if spread != "weights" else np.arange(len(ROWS)),
    )
    expected = REFERENCE["curves"][case]
    for name in ("n_risk", "surv", "std_err", "cumhaz", "cumhaz_se"):
        got = getattr(arrays, name)
        assert got == pytest.approx(numbers(expected[name]), rel=1e-10, abs=1e-12), name


def test_curve_by_hand() -> None:
    # closed form: 5/6, then 4/5 of it, then 1/2 of that
    table = survfit("Surv(time, event) ~ 1", SMALL).tidy()
    assert table["estimate"].tolist() == pytest.approx([5 / 6, 2 / 3, 2 / 3, 1 / 3, 1 / 3])
    assert table["n_risk"].tolist() == [6, 5, 3, 2, 1]
    greenwood = 1 / (6 * 5) + 1 / (5 * 4)
    assert table["std_error"].iloc[1] == pytest.approx(2 / 3 * np.sqrt(greenwood))


def test_agrees_with_lifelines() -> None:
    from lifelines import KaplanMeierFitter

    other = KaplanMeierFitter().fit(ROWS["time"], ROWS["event"])
    ours = survfit("Surv(time, event) ~ 1", ROWS, conf_type="log-log").tidy()
    theirs = other.survival_function_.loc[ours["time"]].to_numpy().ravel()
    assert ours["estimate"].to_numpy() == pytest.approx(theirs, rel=1e-12)
    limits = other.confidence_interval_.loc[ours["time"]].to_numpy()
    below_one = ours["estimate"].between(0, 1, inclusive="neither").to_numpy()
    got = ours[["conf_low", "conf_high"]].to_numpy()
    assert got[below_one] == pytest.approx(limits[below_one], rel=1e-10)


def test_risk_table_counts_events_at_the_tick() -> None:
    table = survfit("Surv(time, event) ~ sex", SMALL).risk_table([0, 2, 4])
    assert table["strata"].tolist() == ["sex=f"] * 3 + ["sex=m"] * 3
    assert table["n_risk"].tolist() == [3, 2, 1, 3, 3, 1]
    assert table["n_event"].tolist() == [0, 1, 2, 0, 1, 1]
    assert table["n_censor"].tolist() == [0, 1, 1, 0, 0, 1]


def test_at_is_sorted_and_counts_since_the_previous_time() -> None:
    table = survfit("Surv(time, event) ~ 1", SMALL).at([10, 1])
    assert table["time"].tolist() == [1, 10]
    assert table["n_event"].tolist() == [1, 2]
    assert table["n_risk"].tolist() == [6, 0]


def test_quantiles_that_are_not_reached_are_missing() -> None:
    fit = survfit("Surv(time, event) ~ 1", SMALL)
    table = fit.quantile([0, 0.25, 0.9])
    assert table["time"].iloc[0] == 0
    assert table["time"].iloc[1] == 2
    assert np.isnan(table["time"].iloc[2])
    assert fit.quantile([0.95])["time"].isna().all()


def test_two_columns_and_missing_rows() -> None:
    data = SMALL.assign(site=["a", "a", "a", "b", "b", None])
    fit = survfit("Surv(time, event) ~ sex + site", data)
    assert fit.strata == ("sex=f, site=a", "sex=f, site=b", "sex=m, site=a", "sex=m, site=b")
    assert fit.n_missing == 1
    assert fit.levels.columns.tolist() == ["sex", "site"]


def test_printing_and_export() -> None:
    fit = survfit("Surv(time, event) ~ sex", SMALL, estimator="exp(-nelson-aalen)")
    assert "sex=f" in repr(fit)
    assert "exp(-nelson-aalen)" in repr(fit)
    assert sum(curve["n"] for curve in fit.to_dict()["glance"]) == len(SMALL)
    assert len(fit.to_dict()["median"]) == 2
    assert fit.rmst(4).tidy()["estimate"].notna().all()
    none = survfit("Surv(time, event) ~ 1", SMALL, conf_type="none")
    assert none.tidy()["conf_low"].isna().all()


def test_event_at_time_zero() -> None:
    data = pd.DataFrame({"time": [0, 1, 2], "event": [1, 1, 1]})
    assert survfit("Surv(time, event) ~ 1", data).at([0])["estimate"].tolist() == [2 / 3]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(1, 3)), min_size=2))
def test_whole_weights_are_repeated_rows(rows: list[tuple[int, bool, int]]) -> None:
    data = pd.DataFrame(rows, columns=["time", "event", "w"])
    repeated = data.loc[data.index.repeat(data["w"])]
    weighted = survfit("Surv(time, event) ~ 1", data, weights="w").tidy()
    plain = survfit("Surv(time, event) ~ 1", repeated).tidy()
    pd.testing.assert_frame_equal(weighted, plain, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(2, 9), st.booleans()), min_size=2))
def test_split_follow_up_gives_the_same_curve(rows: list[tuple[int, bool]]) -> None:
    data = pd.DataFrame(rows, columns=["stop", "event"]).assign(start=0)
    early = data.assign(stop=1, event=False)
    split = pd.concat([early, data.assign(start=1)])
    whole = survfit("Surv(start, stop, event) ~ 1", data).at(range(1, 10))
    parts = survfit("Surv(start, stop, event) ~ 1", split).at(range(1, 10))
    columns = ["estimate", "std_error", "n_event", "cumhaz"]
    pd.testing.assert_frame_equal(whole[columns], parts[columns], rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: survfit("Surv(time, event) ~ 1", SMALL, estimator="km"), "choose one of kaplan"),
        (lambda: survfit("Surv(time, event) ~ 1", SMALL, conf_type="x"), "choose one of log,"),
        (lambda: survfit("Surv(time, event) ~ 1", SMALL, conf_level=95), "between 0 and 1"),
        (lambda: survfit("time ~ sex", SMALL), "left side must be Surv"),
        (lambda: survfit("Surv(time, event) ~ strata(sex)", SMALL), "without strata"),
        (lambda: survfit("Surv(time, event) ~ 1", SMALL).quantile(2), "between 0 and 1"),
        (lambda: survfit("Surv(time, event) ~ 1", SMALL).at([np.inf]), "finite numbers"),
    ],
)
def test_bad_requests_are_refused(call, message: str) -> None:
    with pytest.raises(FaceageError, match=message) as caught:
        call()
    assert isinstance(caught.value, InputError | FormulaError)


# Truth: R 4.2.2, survival 3.5-3, summary(fit, times = c(180, 365)) on the lung data.
def test_survival_of_groups_differs_at_times_as_in_r() -> None:
    from lifelines.datasets import load_lung

    fit = survfit("Surv(time, status) ~ sex", load_lung())
    table = fit.contrasts([365, 180])
    assert table["time"].tolist() == [180, 365]
    assert table[["group1", "group2"]].iloc[0].tolist() == ["sex=2", "sex=1"]
    expected = {
        "estimate": [0.197936704046001, 0.190375195546527],
        "std_error": [0.0562116451910808, 0.0738518773801789],
        "p_value": [0.000429475725504781, 0.009943220690681241],
    }
    for column, values in expected.items():
        np.testing.assert_allclose(table[column], values, rtol=1e-9)


def test_differences_of_one_group_and_of_clusters_are_refused() -> None:
    data = pd.DataFrame({"t": [1.0, 2, 3, 4], "d": 1, "g": list("abab"), "id": [1, 1, 2, 2]})
    with pytest.raises(DesignError, match="a difference needs two"):
        survfit("Surv(t, d) ~ 1", data).contrasts(2)
    with pytest.raises(InputError, match="refit without cluster"):
        survfit("Surv(t, d) ~ g", data, cluster="id").contrasts(2)


def test_a_limit_that_differs_by_rounding_after_a_censoring_is_reached_at_the_event():
    time, low = np.array([1.0, 2, 3, 4]), np.array([0.9, 0.6, 0.6 + 2**-52, 0.3])
    assert curve_quantiles(time, low, np.array([0.25, 0.6])).tolist() == [2.0, 4.0]
