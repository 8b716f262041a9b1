"""Follow-up by the reverse curve. Truth: survfit() of the turned event; the median."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError


def cohort(n: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    table = {"t": np.ceil(rng.exponential(20, n)), "d": rng.integers(0, 2, n)}
    return pd.DataFrame(table).assign(g=np.where(np.arange(n) % 2, "a", "b"))


def test_the_end_of_follow_up_is_the_event():
    data = cohort()
    one = fs.follow_up("Surv(t, d) ~ g", data)
    other = fs.survfit("Surv(t, alive) ~ g", data.assign(alive=1 - data["d"]))
    pd.testing.assert_frame_equal(one.tidy(), other.tidy())
    pd.testing.assert_frame_equal(one.median(conf_level=0.9), other.median(conf_level=0.9))


def test_without_a_death_it_is_the_median_of_the_times():
    data = cohort(81).assign(d=0)
    median = fs.follow_up("Surv(t, d) ~ 1", data).median()["median"].item()
    assert median == pytest.approx(data["t"].median())


def test_without_a_survivor_there_is_none():
    with pytest.raises(DesignError, match="none was censored"):
        fs.follow_up("Surv(t, d) ~ 1", cohort().assign(d=1))
