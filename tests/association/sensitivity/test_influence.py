"""Truth: refits without the most influential patients."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.association.sensitivity.influence import influence
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


def test_influence_agrees_with_leaving_patients_out(rows):
    fit = fs.coxph("Surv(years, death) ~ x + sex", data=rows)
    table = influence(fit, proportion=0.02).set_index("term")
    change = np.asarray(fit.residuals("dfbeta"))[:, 0]
    out = np.argsort(change)[-4:]  # those that raise the coefficient most
    refit = fs.coxph("Surv(years, death) ~ x + sex", data=rows.drop(index=out))
    row = table.loc["x"]
    assert row["n_out"] == 4
    assert row["estimate_min"] == pytest.approx(refit.coef["x"], abs=0.35 * abs(change[out].sum()))
    assert row["estimate_min"] < row["estimate"] < row["estimate_max"]
    worst = np.abs(change).argmax()
    one = fs.coxph("Surv(years, death) ~ x + sex", data=rows.drop(index=worst))
    shift = (fit.coef["x"] - one.coef["x"]) / row["std_error"]
    assert row["dfbetas"] == pytest.approx(shift, rel=0.25)
    scaled = np.abs(change) / row["std_error"]
    assert row["n_beyond"] == (scaled > 2 / np.sqrt(200)).sum()
    single = influence(fs.coxph("Surv(years, death) ~ x", data=rows))
    assert single["term"].tolist() == ["x"]
    with pytest.raises(InputError, match="proportion is 1; it must lie between 0 and 1"):
        influence(fit, proportion=1)
