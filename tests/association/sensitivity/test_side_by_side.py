"""Truth: the fits themselves."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.association.sensitivity.landmark import landmark
from faceage_stats.association.sensitivity.side_by_side import side_by_side
from faceage_stats.errors import InputError


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


def test_side_by_side(rows):
    fits = {
        "all": fs.coxph("Surv(years, death) ~ x + sex", data=rows),
        "landmark": fs.coxph("Surv(years, death) ~ x + sex", data=landmark(rows, 0.2).rows),
    }
    table = side_by_side(fits, exponentiate=True)
    assert table["term"].tolist() == ["x", "x", "sexm", "sexm"]
    first = table.iloc[0]
    assert first["estimate"] == pytest.approx(np.exp(fits["all"].coef["x"]))
    assert first["change"] == 0
    shift = fits["landmark"].coef["x"] - fits["all"].coef["x"]
    assert table["change"].iloc[1] == pytest.approx(shift / first["std_error"])
    assert table["n"].iloc[1] < 200
    with pytest.raises(InputError, match="the fit 'landmark' has no term 'sexf2'"):
        side_by_side({"landmark": fits["landmark"]}, ["sexf2"])
    with pytest.raises(InputError, match="no fit is given"):
        side_by_side({})


def test_the_level_is_that_of_every_fit(rows):
    fit = fs.coxph("Surv(years, death) ~ x", data=rows)
    row = side_by_side({"all": fit}, conf_level=0.8).iloc[0]
    assert row["conf_low"] == fit.tidy(conf_level=0.8)["conf_low"].iloc[0]
