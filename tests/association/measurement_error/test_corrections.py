"""Regression calibration and SIMEX: closed forms, coverage, and what they refuse."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, InputError


def cohort(seed, n=400, error=5.0):
    """Grip strength falls by 0.4 a year of the true face age; age goes along with it."""
    rng = np.random.default_rng(seed)
    true = rng.normal(65, 10, n)
    return pd.DataFrame(
        {
            "faceage": true + rng.normal(0, error, n),
            "age": true + rng.normal(0, 6, n),
            "grip": 60 - 0.4 * true + rng.normal(0, 4, n),
            "years": rng.exponential(5 * np.exp(-0.05 * (true - 65))),
            "death": 1,
        }
    )


def line(data):
    return fs.lm("grip ~ faceage", data)


def calibrate(data, fit_fn=line, **options):
    return fs.regression_calibration(fit_fn, data, marker="faceage", **options)


# Truth: without covariates the slope is divided by the reliability.
def test_slope_is_divided_by_the_reliability():
    table = calibrate(cohort(1), reliability=0.8).tidy()
    assert table["estimate"][1] == pytest.approx(table["estimate_uncorrected"][1] / 0.8, rel=1e-12)


# Truth: a reliability of 1, or no error, changes nothing.
@pytest.mark.parametrize("size", [{"reliability": 1.0}, {"error_sd": 0.0}])
def test_without_error_nothing_changes(size):
    data = cohort(2)
    for found in (
        calibrate(data, lambda d: fs.lm("grip ~ faceage + age", d), given="age", **size),
        fs.simex(line, data, marker="faceage", n_resamples=3, **size),
    ):
        table = found.tidy()
        np.testing.assert_allclose(table["estimate"], table["estimate_uncorrected"], rtol=1e-9)
        np.testing.assert_allclose(table["std_error"], found.fit.tidy()["std_error"], rtol=1e-9)


# Truth: an error that is a column of one value is that value.
def test_error_of_each_row_may_be_a_column():
    data = cohort(3).assign(sd=5.0)
    one, many = (calibrate(data, error_sd=size).tidy() for size in (5, "sd"))
    pd.testing.assert_frame_equal(one, many)


# Truth: with error in some rows only, calibration by row has the smaller variance, and no bias.
def test_rows_without_error_keep_their_value():
    data = cohort(4).assign(sd=lambda d: np.where(np.arange(len(d)) % 2, 5.0, 0.0))
    found = calibrate(data, error_sd="sd")
    exact = (data["sd"] == 0).to_numpy()
    np.testing.assert_allclose(found.marker_expected[exact], data["faceage"][exact])
    assert (found.marker_expected[~exact] != data["faceage"][~exact]).all()


# Truth: the slope that was planted; 95% of 200 intervals hold it, within 3 binomial errors.
def test_coverage_of_the_planted_slope():
    rows = [
        calibrate(cohort(seed, n=150, error=4.0), error_sd=4).tidy().iloc[1] for seed in range(200)
    ]
    held = np.mean([row["conf_low"] <= -0.4 <= row["conf_high"] for row in rows])
    assert abs(held - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 200)


# Truth: the hazard ratio that was planted, 0.05 a year, is recovered from a Cox model.
def test_cox_recovers_the_planted_coefficient():
    data = cohort(5, n=4000)

    def cox(d):
        return fs.coxph("Surv(years, death) ~ faceage", d)

    naive = cox(data).coef["faceage"]
    assert naive < 0.043
    for found in (
        calibrate(data, cox, error_sd=5),
        fs.simex(cox, data, marker="faceage", error_sd=5, n_resamples=10),
    ):
        row = found.tidy().iloc[0]
        assert abs(row["estimate"] - 0.05) < 3 * row["std_error"]
        assert found.tidy(exponentiate=True)["scale"].iloc[0] == "hazard ratio"


def test_same_seed_same_numbers():
    data = cohort(6, n=60)
    options = {"marker": "faceage", "reliability": 0.8, "n_resamples": 4}
    first, again, other = (fs.simex(line, data, seed=seed, **options) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.tidy(), again.tidy())
    assert not first.tidy().equals(other.tidy())


# Truth: the rows without a marker, and their errors, left out beforehand.
def test_errors_given_go_with_the_rows_of_the_table():
    data = cohort(6, n=60)
    data.loc[data.index[[3, 40]], "faceage"] = np.nan
    errors = np.random.default_rng(1).normal(size=(60, 4))
    present = data["faceage"].notna().to_numpy()
    whole = fs.simex(line, data, marker="faceage", error_sd=4, errors=errors)
    left = fs.simex(line, data[present], marker="faceage", error_sd=4, errors=errors[present])
    pd.testing.assert_frame_equal(whole.tidy(), left.tidy())


# Truth: any result with estimates and standard errors can be corrected, such as a C index.
def test_simex_of_a_concordance():
    found = fs.simex(
        lambda d: fs.concordance("Surv(years, death) ~ faceage", d),
        cohort(7), marker="faceage", error_sd=5, n_resamples=10,
    )  # fmt: skip
    row = found.tidy().iloc[0]
    assert abs(row["estimate"] - 0.5) > abs(row["estimate_uncorrected"] - 0.5)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, InputError, "either reliability= "),
        ({"reliability": 0.8, "error_sd": 2}, InputError, "either reliability= "),
        ({"reliability": 1.2}, InputError, "reliability is 1.2"),
        ({"error_sd": -1}, InputError, "negative or missing in 400 of 400 rows"),
        ({"error_sd": 50}, DesignError, "not smaller than the variance of the marker"),
        ({"error_sd": 5, "given": "faceage"}, InputError, "given names the marker"),
        ({"error_sd": 9, "given": "age"}, DesignError, "varies no more than its error"),
    ],
)
def test_regression_calibration_refuses(options, error, message):
    with pytest.raises(error, match=message):
        calibrate(cohort(8), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"added_variance": [1, 1, 2]}, "different positive"),
        ({"added_variance": [1]}, "needs 2 added variances"),
        ({"errors": np.zeros((3, 2))}, "finite numbers for 400 rows"),
    ],
)
def test_simex_refuses(options, message):
    with pytest.raises((InputError, DesignError), match=message):
        fs.simex(line, cohort(9), marker="faceage", error_sd=4, **options)


def test_what_is_no_fit_is_refused():
    with pytest.raises(InputError, match="must return a fit"):
        calibrate(cohort(10), lambda d: d["grip"].mean(), error_sd=4)


# Truth: Spearman's formula by hand.
def test_disattenuate_divides_by_the_roots_of_the_reliabilities():
    test = fs.cor_test("~ faceage + grip", cohort(11))
    row = fs.disattenuate(test, 0.8, 0.5).iloc[0]
    assert row["estimate"] == pytest.approx(test.estimate / np.sqrt(0.4), rel=1e-12)
    with pytest.raises(InputError, match="Pearson"):
        fs.disattenuate(fs.cor_test("~ faceage + grip", cohort(11), method="spearman"), 0.8)
