"""Restricted means. Truths: closed forms, lifelines' area, properties; R in conformance."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import EstimationWarning, InputError
from faceage_stats.survival.km.rmst import rmst
from faceage_stats.survival.km.survfit import survfit

RNG = np.random.default_rng(3)
ROWS = pd.DataFrame(
    {"time": np.ceil(RNG.exponential(8, 80)), "event": RNG.integers(0, 2, 80), "g": list("ab") * 40}
)


def test_uncensored_mean_and_error_by_hand() -> None:
    # every event seen: the mean of min(time, tau), and its plug-in standard error
    data = pd.DataFrame({"time": [1, 2, 4, 9], "event": 1})
    row = rmst("Surv(time, event) ~ 1", data, tau=5).tidy().iloc[0]
    cut = np.array([1, 2, 4, 5])
    assert row["estimate"] == pytest.approx(cut.mean())
    assert row["std_error"] == pytest.approx(cut.std() / 2)
    assert row["rmtl"] == pytest.approx(2.0)
    assert row["n_event"] == 3


def test_area_agrees_with_lifelines() -> None:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    fitter = KaplanMeierFitter().fit(ROWS["time"], ROWS["event"])
    other = restricted_mean_survival_time(fitter, t=9.5)
    ours = rmst("Surv(time, event) ~ 1", ROWS, tau=9.5)
    assert ours.estimate[0] == pytest.approx(other, rel=1e-10)


def test_contrasts_are_against_the_first_group() -> None:
    fit = rmst("Surv(time, event) ~ g", ROWS, tau=9)
    (a, b), (sa, sb) = fit.estimate, fit.std_error
    difference, ratio = fit.contrasts().iloc[0], fit.ratio().iloc[0]
    assert difference["estimate"] == pytest.approx(b - a)
    assert difference["std_error"] == pytest.approx(np.hypot(sa, sb))
    assert ratio["estimate"] == pytest.approx(b / a)
    assert ratio["conf_low"] * ratio["conf_high"] == pytest.approx(ratio["estimate"] ** 2)
    assert (difference["group1"], difference["group2"]) == ("g=b", "g=a")
    assert (difference["estimate1"], difference["estimate2"]) == (b, a)
    assert ratio["estimate1"] == pytest.approx(b)
    assert fit.glance()["n"].item() == 80
    assert "Restricted mean survival time to 9" in repr(fit)


def test_curves_give_the_same_means() -> None:
    direct = rmst("Surv(time, event) ~ g", ROWS, tau=7).tidy()
    pd.testing.assert_frame_equal(survfit("Surv(time, event) ~ g", ROWS).rmst(7).tidy(), direct)


def test_no_event_by_tau_is_said() -> None:
    data = pd.DataFrame({"time": [3, 4], "event": [1, 1], "g": ["a", "b"]})
    with pytest.warns(EstimationWarning, match="No event by tau = 2"):
        fit = rmst("Surv(time, event) ~ g", data, tau=2)
    assert fit.estimate.tolist() == [2, 2]
    assert fit.std_error.tolist() == [0, 0]
    assert fit.contrasts()[["estimate", "std_error", "p_value"]].to_numpy().tolist() == [[0, 0, 1]]


def test_clusters_are_refused_where_the_error_would_ignore_them() -> None:
    clustered = survfit("Surv(time, event) ~ g", ROWS.assign(id=1), cluster="id")
    with pytest.raises(InputError, match="takes no clusters"):
        clustered.rmst(5)


def test_tau_beyond_follow_up_is_said() -> None:
    data = pd.DataFrame({"time": [1, 2], "event": [1, 0]})
    # without the time, which is that of a patient
    with pytest.warns(EstimationWarning, match="beyond the last follow-up of all; the curve"):
        fit = rmst("Surv(time, event) ~ 1", data, tau=4)
    assert fit.estimate[0] == pytest.approx(1 + 0.5 * 3)


@pytest.mark.parametrize("tau", [0, -1, np.nan, np.inf])
def test_tau_must_be_positive(tau: float) -> None:
    with pytest.raises(InputError, match="must be a positive time"):
        rmst("Surv(time, event) ~ 1", ROWS, tau=tau)


def test_a_mean_of_zero_has_no_ratio():
    data = pd.DataFrame({"t": [0, 0, 3, 5], "d": [1, 1, 1, 0], "g": list("aabb")})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ratio = rmst("Surv(t, d) ~ g", data, tau=3).ratio().iloc[0]
    assert np.isnan(ratio[["estimate", "conf_low", "p_value"]].to_numpy(float)).all()
