"""Truth: published E-values, refits, arithmetic by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import faceage_stats as fs
from faceage_stats.association.sensitivity.e_value import e_value
from faceage_stats.association.sensitivity.influence import influence, landmark, side_by_side
from faceage_stats.errors import DesignError, InputError


def test_published_e_values():
    """VanderWeele and Ding 2017: RR 3.9 (1.8-8.7) gives 7.26 and 3.0; RR 0.80 (0.71-0.91)."""
    assert e_value(3.9, 1.8, 8.7, scale="risk").tidy()["e_value"].round(2).tolist() == [7.26, 3.0]
    protective = e_value(0.80, 0.71, 0.91, scale="risk").tidy()["e_value"]
    assert protective.round(2).tolist() == [1.81, 1.43]


def test_scales():
    odds = e_value(4.0, scale="odds").tidy().iloc[0]
    assert odds["risk_ratio"] == pytest.approx(2.0)
    assert odds["e_value"] == pytest.approx(2 + np.sqrt(2))
    hazard = e_value(1.5).tidy()["risk_ratio"].item()
    assert hazard == pytest.approx((1 - 0.5 ** np.sqrt(1.5)) / (1 - 0.5 ** np.sqrt(1 / 1.5)))
    rare = e_value(1.5, rare=True)
    assert rare.tidy()["risk_ratio"].item() == 1.5
    assert rare.glance()["method"].item() == "E-value, rare outcome"
    assert "hazard ratio" in repr(rare)


@given(st.floats(0.2, 5), st.sampled_from(["risk", "odds", "hazard"]))
def test_a_ratio_and_its_inverse_have_one_e_value(ratio, scale):
    one, two = (e_value(r, scale=scale).tidy()["e_value"].item() for r in (ratio, 1 / ratio))
    assert one == pytest.approx(two, rel=1e-6)
    assert one >= 1


def test_an_interval_that_holds_the_null_needs_no_confounding():
    assert e_value(1.2, 0.9, 1.6).tidy()["e_value"].iloc[1] == 1
    assert e_value(1.2, 0.9, 1.6, null=1.2).tidy()["e_value"].tolist() == [1, 1]


def test_e_value_refuses():
    with pytest.raises(InputError, match="scale is 'rate'; choose one of risk, odds, hazard"):
        e_value(1.2, scale="rate")
    with pytest.raises(InputError, match="give both limits or none"):
        e_value(1.2, conf_low=1.1)
    with pytest.raises(InputError, match="finite and above 0"):
        e_value(-0.2)
    with pytest.raises(InputError, match="does not lie between its limits"):
        e_value(1.2, 1.3, 1.4)


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
    table = influence(fit, share=0.02).set_index("term")
    change = fit.residuals("dfbeta").to_numpy()[:, 0]
    out = np.argsort(change)[-4:]  # those that raise the coefficient most
    refit = fs.coxph("Surv(years, death) ~ x + sex", data=rows.drop(index=out))
    row = table.loc["x"]
    assert row["n_out"] == 4
    assert row["conf_low"] == pytest.approx(refit.coef["x"], abs=0.35 * abs(change[out].sum()))
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    worst = np.abs(change).argmax()
    one = fs.coxph("Surv(years, death) ~ x + sex", data=rows.drop(index=worst))
    shift = (fit.coef["x"] - one.coef["x"]) / row["std_error"]
    assert row["dfbetas"] == pytest.approx(shift, rel=0.25)
    scaled = np.abs(change) / row["std_error"]
    assert row["n_beyond"] == (scaled > 2 / np.sqrt(200)).sum()
    single = influence(fs.coxph("Surv(years, death) ~ x", data=rows))
    assert single["term"].tolist() == ["x"]
    with pytest.raises(InputError, match="share is 1; it must lie between 0 and 1"):
        influence(fit, share=1)


def test_a_landmark_counts_time_from_itself(rows):
    fit = landmark(rows, 0.25)
    later = rows[rows["years"] > 0.25]
    np.testing.assert_allclose(fit.rows["years"], later["years"] - 0.25)
    row = fit.glance().iloc[0]
    assert row["n_before"] == row["n"] + row["n_event"] + row["n_censor"] == 200
    assert row["n_event"] == rows.loc[rows["years"] <= 0.25, "death"].sum()
    # a Cox model of the later patients does not see the origin of time
    delayed = later.assign(entry=0.25)
    one = fs.coxph("Surv(years, death) ~ x", data=fit.rows)
    two = fs.coxph("Surv(entry, years, death) ~ x", data=delayed)
    assert one.coef["x"] == pytest.approx(two.coef["x"], rel=1e-9)


def test_landmark_refuses(rows):
    with pytest.raises(InputError, match="at is 0; give a positive time"):
        landmark(rows, 0)
    with pytest.raises(DesignError, match="none of the 200 rows is followed beyond 50"):
        landmark(rows, 50)
    with pytest.raises(InputError, match="follow-up is missing in 1 rows"):
        landmark(rows.assign(death=rows["death"].where(rows.index > 0)), 0.25)


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
