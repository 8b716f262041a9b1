"""survfit(id=, start_time=): properties and refusals. R's numbers are conformance cases."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError

RNG = np.random.default_rng(2)
DATA = pd.DataFrame({"time": np.ceil(RNG.exponential(20, 70)), "death": RNG.integers(0, 2, 70)})


def test_rows_that_go_on_are_no_censorings():
    whole = fs.survfit("Surv(time, death) ~ 1", DATA).tidy()
    rows = fs.surv_split("Surv(time, death) ~ .", DATA, cut=[4, 9], id="who")
    split = fs.survfit("Surv(tstart, time, death) ~ 1", rows, id="who").tidy()
    at = split[split["time"].isin(whole["time"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(at, whole, check_dtype=False)
    assert split["n_censor"].sum() == (DATA["death"] == 0).sum()


def test_a_group_that_is_left_is_a_censoring_there():
    rows = pd.DataFrame(
        {"who": [1, 1, 2], "a": [0, 3, 0], "b": [3, 7, 9], "d": [0, 1, 1], "g": ["u", "v", "u"]}
    )
    curves = fs.survfit("Surv(a, b, d) ~ g", rows, id="who").tidy()
    assert curves.loc[curves["strata"] == "g=u", "n_censor"].tolist() == [1, 0]


def test_several_events_of_a_subject_turn_the_jackknife_on():
    rows = pd.DataFrame({"who": [1, 1, 2, 3], "a": [0, 2, 0, 0], "b": [2, 5, 4, 6], "d": 1})
    by_id = fs.survfit("Surv(a, b, d) ~ 1", rows, id="who").tidy()
    clustered = fs.survfit("Surv(a, b, d) ~ 1", rows, cluster="who").tidy()
    np.testing.assert_array_equal(by_id["std_error"], clustered["std_error"])


def test_a_late_start_is_the_curve_over_its_value_there():
    whole = fs.survfit("Surv(time, death) ~ 1", DATA)
    late = fs.survfit("Surv(time, death) ~ 1", DATA, start_time=10.5)
    ratio = whole.at([20, 40])["estimate"] / whole.at(10.5)["estimate"].item()
    np.testing.assert_allclose(late.at([20, 40])["estimate"], ratio, rtol=1e-12)
    assert late.median()["n"].item() == (DATA["time"] >= 10.5).sum()


def test_refusals():
    with pytest.raises(InputError, match="has no starts"):
        fs.survfit("Surv(time, death) ~ 1", DATA.assign(who=1), id="who")
    rows = pd.DataFrame({"who": [1, 1], "a": [0, 1], "b": [3, 7], "d": 0})
    with pytest.raises(InputError, match="1 rows overlap"):
        fs.survfit("Surv(a, b, d) ~ 1", rows, id="who")
    with pytest.raises(InputError, match="nobody is followed up"):
        fs.survfit("Surv(time, death) ~ 1", DATA, start_time=1e6)
    with pytest.raises(InputError, match="counts from time 0"):
        fs.survfit("Surv(time, death) ~ 1", DATA, start_time=2).rmst(9)
