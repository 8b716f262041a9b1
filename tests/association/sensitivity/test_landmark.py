"""Truth: counting by hand; a Cox model with delayed entry."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.association.sensitivity.landmark import landmark
from faceage_stats.errors import DesignError, InputError


@pytest.fixture
def rows():
    rng = np.random.default_rng(9)
    n = 200
    x = rng.normal(size=n)
    time = rng.exponential(np.exp(-0.4 * x))
    end = rng.uniform(0.5, 3, n)
    return pd.DataFrame(
        {"x": x, "sex": rng.choice(["f", "m"], n), "years": np.minimum(time, end),
         "death": (time <= end).astype(int)}
    )  # fmt: skip


def test_a_landmark_counts_time_from_itself(rows):
    fit = landmark(rows, 0.25)
    later = rows[rows["years"] > 0.25]
    np.testing.assert_allclose(fit.rows["years"], later["years"] - 0.25)
    row = fit.tidy().iloc[0]
    assert row["n_before"] == row["n"] + row["n_event"] + row["n_censor"] == 200
    assert row["n_event"] == rows.loc[rows["years"] <= 0.25, "death"].sum()
    # a Cox model of the later patients does not see the origin of time
    delayed = later.assign(entry=0.25)
    one = fs.coxph("Surv(years, death) ~ x", data=fit.rows)
    two = fs.coxph("Surv(entry, years, death) ~ x", data=delayed)
    assert one.coef["x"] == pytest.approx(two.coef["x"], rel=1e-9)


def test_landmark_refuses(rows):
    with pytest.raises(InputError, match="times is 0; give positive times"):
        landmark(rows, 0)
    with pytest.raises(DesignError, match="none of the 200 rows is followed beyond 50"):
        landmark(rows, 50)
    with pytest.raises(InputError, match="'years' or 'death' is missing in 1 rows"):
        landmark(rows.assign(death=rows["death"].where(rows.index > 0)), 0.25)


def test_several_landmarks_are_stacked(rows):
    both = landmark(rows, [0.25, 0.5])
    assert both.tidy()["time"].tolist() == [0.25, 0.5]
    for time in (0.25, 0.5):
        part = both.rows[both.rows["landmark"] == time].drop(columns="landmark")
        pd.testing.assert_frame_equal(part, landmark(rows, time).rows)
