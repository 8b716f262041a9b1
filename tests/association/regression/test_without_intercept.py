"""Fits without an intercept, and weighted logistic fits, against R 4.2.2."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError, InputError

DATA = pd.DataFrame(
    {
        "y": [3, 5, 1, 6, 2, 8, 4, 7],
        "x": [22, 27, 31, 24, 35, 19, 28, 23],
        "g": list("ababccab"),
        "e": [0, 1, 1, 0, 1, 0, 0, 1],
        "w": [1, 2, 1, 3, 2, 1, 2, 2],
    }
)


@pytest.mark.parametrize(
    ("right", "expected"),
    [  # R squared, adjusted, F, its degrees of freedom, sigma, log-likelihood, AIC
        (
            "x - 1",
            (0.658316238515, 0.609504272589, 13.4867798504, 1, 7, 3.15557301436, -20.0107434994,
             44.0214869989),
        ),
        (
            "0 + g + x",
            (0.974590893571, 0.949181787143, 38.3559688062, 4, 4, 1.13836041211, -9.6156314807,
             29.2312629614),
        ),
    ],
)  # fmt: skip
def test_lm_through_the_origin_is_compared_with_a_mean_of_zero(right, expected):
    fit = fs.lm(f"y ~ {right}", DATA)
    columns = ["r_squared", "r_squared_adjusted", "statistic", "df", "df_residual", "sigma"]
    row = fit.glance()[[*columns, "log_lik", "aic"]].iloc[0]
    np.testing.assert_allclose(row.to_numpy(float), expected, rtol=1e-10)
    back = fit.predict(DATA)
    np.testing.assert_allclose(back["estimate"], fit.fitted, rtol=1e-12)
    np.testing.assert_allclose(fit.predict()["std_error"], back["std_error"], rtol=1e-12)


def test_a_factor_without_an_intercept_has_the_mean_of_each_group_and_no_reference():
    table = fs.lm("y ~ g - 1", DATA).tidy()
    assert table[["term", "level", "n"]].values.tolist() == [
        ["ga", "a", 3], ["gb", "b", 3], ["gc", "c", 2],
    ]  # fmt: skip
    assert not table["is_reference"].any()
    means = DATA.groupby("g")["y"].mean()
    np.testing.assert_allclose(table["estimate"], means, rtol=1e-12)
    np.testing.assert_allclose(table["std_error"].iloc[0], 1.28235893744, rtol=1e-10)


def test_logistic_without_an_intercept_starts_from_one_half():
    fit = fs.logistic("e ~ x - 1", DATA)
    row = fit.glance().iloc[0]
    np.testing.assert_allclose(fit.tidy()["estimate"], [0.00817951745606], rtol=1e-9)
    np.testing.assert_allclose(
        row[["null_deviance", "deviance", "aic"]].to_numpy(float),
        [11.090354889, 10.9965007354, 12.9965007354],
        rtol=1e-9,
    )
    assert row["df"] == 1
    assert row["p_value_log"] == pytest.approx(0.759, abs=1e-3)
    odds = fs.logistic("e ~ g - 1", DATA).coef
    np.testing.assert_allclose(odds, [-np.log(2), np.log(2), 0], atol=1e-9)
    np.testing.assert_allclose(fit.predict(DATA)["estimate"], fit.fitted, rtol=1e-9)


def test_firth_without_an_intercept_has_half_a_patient_more_in_each_cell():
    fit = fs.logistf("e ~ g - 1", DATA)
    assert fit.names == ["ga", "gb", "gc"]
    # a saturated model: log odds of (events + 1/2) / (others + 1/2)
    np.testing.assert_allclose(fit.coef, [np.log(1.5 / 2.5), np.log(2.5 / 1.5), 0], atol=1e-8)
    assert fit.augment()["fitted"].between(0, 1).all()
    assert len(fit.tidy()) == 3


def test_weights_of_logistic_are_glms_prior_weights():
    fit = fs.logistic("e ~ x", DATA, weights="w")
    table = fit.tidy(limits="profile")
    np.testing.assert_allclose(table["estimate"], [-7.700775158275, 0.294442333118], rtol=1e-8)
    np.testing.assert_allclose(table["std_error"], [4.713105163000, 0.181307094655], rtol=1e-8)
    row = fit.glance()[["null_deviance", "deviance", "log_lik", "aic", "bic"]].iloc[0]
    of_r = [19.4081210557, 15.3716007212, -7.68580036059, 19.3716007212, 19.5304838045]
    np.testing.assert_allclose(row.to_numpy(float), of_r, rtol=1e-9)
    # R interpolates its profile, to about 1e-3
    np.testing.assert_allclose(table["conf_low"], [-19.68096, 0.0062131], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(table["conf_high"], [-0.0805263, 0.7601495], atol=1e-3)
    new = fit.predict(pd.DataFrame({"x": [20, 30]}))
    np.testing.assert_allclose(new["estimate"], [0.140405211052, 0.756299018187], rtol=1e-8)
    np.testing.assert_allclose(new["std_error"], [0.146767403057, 0.181822132448], rtol=1e-8)


def test_a_weight_is_so_many_equal_rows():
    repeated = DATA.loc[DATA.index.repeat(DATA["w"])]
    one, many = fs.logistic("e ~ x", DATA, weights="w"), fs.logistic("e ~ x", repeated)
    columns = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]
    for limits in ("wald", "profile"):
        pd.testing.assert_frame_equal(
            one.tidy(limits=limits)[columns], many.tidy(limits=limits)[columns], rtol=1e-7
        )
    same = ["log_lik", "deviance", "statistic_log", "brier", "r_squared_nagelkerke"]
    np.testing.assert_allclose(one.glance()[same], many.glance()[same], rtol=1e-8)


def test_what_has_no_coefficient_or_no_weight_is_refused():
    for model in (fs.lm, fs.logistic, fs.logistf):
        with pytest.raises(DesignError, match="has no coefficient"):
            model("e ~ 0", DATA)
    with pytest.raises(InputError, match="weights 'e' are 0 in 4 rows"):
        fs.logistic("e ~ x", DATA, weights="e")
    with pytest.raises(InputError, match="counts patients; refit without weights"):
        fs.logistic("e ~ x", DATA, weights="w").hosmer_lemeshow(2)
    for statistic in (fs.survfit, fs.aov, fs.roc):
        formula = "Surv(y, e) ~ g - 1" if statistic is fs.survfit else "e ~ x - 1"
        with pytest.raises(FormulaError, match="- 1"):
            statistic(formula, DATA)
