"""Predictions, curves and residuals of coxph against R (reference/coxph_more.R made the values)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError

HERE = Path(__file__).resolve().parents[1]
DATA = HERE.parent / "conformance" / "cases" / "data"
R = json.loads((HERE / "reference" / "coxph_more.json").read_text(encoding="utf-8"))


def read(name):
    return pd.read_csv(DATA / name, keep_default_na=False, na_values=[""])


def numbers(values):
    return np.array(values, dtype=float)


@pytest.fixture(scope="module")
def veteran():
    data = read("veteran.csv")
    levels = ["squamous", "smallcell", "adeno", "large"]
    data["celltype"] = pd.Categorical(data["celltype"], levels)
    return data


@pytest.fixture(scope="module")
def veteran_fit(veteran):
    return fs.coxph("Surv(time, status) ~ karno + celltype", veteran)


@pytest.fixture(scope="module")
def stratified():
    formula = "Surv(time, status) ~ age + ph_ecog + strata(sex) + offset(0.01 * wt_loss)"
    return fs.coxph(formula, read("lung.csv"))


def agree(table, reference, column="estimate"):
    np.testing.assert_allclose(table[column], numbers(reference["fit"]).ravel("F"), rtol=1e-6)
    se = reference.get("se", reference.get("se.fit"))
    np.testing.assert_allclose(table["std_error"], numbers(se).ravel("F"), rtol=1e-6)


NEW_VETERAN = pd.DataFrame(
    {"karno": [30, 70], "celltype": ["adeno", "squamous"], "time": [50, 200], "status": [1, 0]}
)
NEW_LUNG = pd.DataFrame(
    {
        "age": [50, 70],
        "ph_ecog": [0, 2],
        "sex": [2, 1],
        "wt_loss": [0, 10],
        "time": [200, 400],
        "status": [1, 1],
    }
)


@pytest.mark.parametrize("kind", ["lp", "risk", "expected", "survival"])
def test_predictions_for_new_data_equal_r(veteran_fit, kind):
    agree(veteran_fit.predict(NEW_VETERAN, kind), R["veteran"][kind])


def test_terms_equal_r(veteran_fit):
    table = veteran_fit.predict(NEW_VETERAN, "terms")
    assert table["term"].tolist() == ["karno", "karno", "celltype", "celltype"]
    agree(table, R["veteran"]["terms"])


def test_reference_zero_equals_r(veteran_fit):
    agree(veteran_fit.predict(NEW_VETERAN, reference="zero"), R["veteran"]["lp_zero"])


def test_predictions_for_the_rows_of_the_fit_equal_r(veteran_fit):
    agree(veteran_fit.predict(type="expected").head(6), R["veteran"]["own_expected"])
    agree(veteran_fit.predict(type="risk").head(6), R["veteran"]["own_risk"])


def test_stratified_fit_with_offset_equals_r(stratified):
    reference = R["lung_strata_offset"]
    np.testing.assert_allclose(stratified.coef, reference["coef"], rtol=1e-7)
    agree(stratified.predict(NEW_LUNG), reference["lp"])
    agree(stratified.predict(NEW_LUNG, reference="sample"), reference["lp_sample"])
    agree(stratified.predict().head(6), reference["own_lp"])


def test_expected_events_with_an_offset_are_those_of_the_fit():
    # R 3.5-3 adds the offset of new data outside the exponential; here the rows of a Breslow fit,
    # given back as new data, must have the expected events of the fit.
    data = read("lung.csv").dropna(subset=["ph_ecog", "wt_loss"])
    formula = "Surv(time, status) ~ age + ph_ecog + strata(sex) + offset(0.01 * wt_loss)"
    fit = fs.coxph(formula, data, ties="breslow")
    own, new = fit.predict(type="expected"), fit.predict(data, "expected")
    np.testing.assert_allclose(new.to_numpy(), own.to_numpy(), rtol=1e-9)


def agree_curve(at, reference):
    for column, name in (
        ("estimate", "surv"),
        ("std_error", "se"),
        ("conf_low", "lower"),
        ("conf_high", "upper"),
    ):
        np.testing.assert_allclose(at[column], numbers(reference[name]).ravel(), rtol=1e-6)


def test_curve_of_a_row_in_its_own_stratum_equals_r(stratified):
    agree_curve(
        stratified.survfit(NEW_LUNG.iloc[[1]]).at([100, 300]), R["lung_strata_offset"]["curve"]
    )


def test_start_stop_expected_deviance_and_robust_curves_equal_r():
    fit = fs.coxph(
        "Surv(start, stop, event) ~ age + surgery + transplant", read("heart.csv"), cluster="id"
    )
    agree(fit.predict(type="expected").head(6), R["heart"]["own_expected"])
    np.testing.assert_allclose(fit.residuals("deviance")[:6], R["heart"]["deviance"], rtol=1e-6)
    new = pd.DataFrame({"age": [-5, 5], "surgery": [0, 1], "transplant": [0, 1]})
    agree_curve(fit.survfit(new, conf_type="log-log").at([10, 100, 500]), R["heart"]["curve"])


def test_fractional_weights_strata_and_breslow_equal_r():
    reference = R["gbsg_weights"]
    fit = fs.coxph(
        "Surv(rfstime, status) ~ age + C(grade) + hormon + strata(meno)",
        read("gbsg.csv"),
        weights="w_frac",
        ties="breslow",
    )
    np.testing.assert_allclose(fit.coef, reference["coef"], rtol=1e-7)
    np.testing.assert_allclose(fit.means, reference["means"], rtol=1e-10)
    robust = fit.glance()["statistic_robust"].iloc[0]
    assert robust == pytest.approx(reference["rscore"], rel=1e-7)
    new = pd.DataFrame({"age": [50], "grade": [2], "hormon": [1], "meno": [1]})
    agree_curve(fit.survfit(new).at([500, 1500]), reference["curve"])
    agree(fit.predict().head(6), reference["own_lp"])
    np.testing.assert_allclose(fit.residuals("score")[:4], reference["score"], rtol=1e-5, atol=1e-8)


def test_starting_values_are_the_null_hypothesis_as_in_r():
    data = read("lung.csv")
    fit = fs.coxph("Surv(time, status) ~ age + sex", data, init=[0.01, -0.4])
    assert [fit.estimate.log_lik_null, fit.log_lik] == pytest.approx(R["init"]["loglik"], rel=1e-9)
    tests = fit.tests().set_index("method")["statistic"]
    assert tests["score"] == pytest.approx(R["init"]["score"], rel=1e-7)
    assert tests["wald"] == pytest.approx(R["init"]["wald"], rel=1e-6)
    held = fs.coxph("Surv(time, status) ~ age + sex", data, init=[0.01, -0.4], iter_max=0)
    assert held.coef.tolist() == pytest.approx([0.01, -0.4])
    assert held.log_lik == pytest.approx(np.ravel(R["init"]["loglik_held"])[-1], rel=1e-10)
    np.testing.assert_allclose(held.vcov(), R["init"]["var_held"], rtol=1e-8)


def test_robust_without_cluster_equals_r():
    fit = fs.coxph("Surv(time, status) ~ age + sex", read("lung.csv"), robust=True)
    np.testing.assert_allclose(fit.vcov(), R["robust"]["var"], rtol=1e-7)
    tests = fit.tests().set_index("method")["statistic"]
    assert tests["robust score"] == pytest.approx(R["robust"]["rscore"], rel=1e-7)
    assert tests["wald"] == pytest.approx(R["robust"]["wald"], rel=1e-7)


# ---------------------------------------------------------------- closed forms and properties
def test_survival_at_times_is_exp_of_minus_the_hazard(veteran_fit):
    table = veteran_fit.predict(NEW_VETERAN, "survival", times=[30, 90])
    np.testing.assert_allclose(table["estimate"], np.exp(-table["cumhaz"]))
    assert table["group"].tolist() == [0, 0, 1, 1]
    base = veteran_fit.basehaz(centered=False)
    at_30 = base.loc[base["time"] <= 30, "cumhaz"].iloc[-1]
    risk = veteran_fit.predict(NEW_VETERAN, "risk", reference="zero")["estimate"]
    np.testing.assert_allclose(table["cumhaz"].iloc[::2], at_30 * risk)


def test_martingale_residuals_sum_to_zero_and_score_residuals_too(stratified):
    assert stratified.residuals("martingale").sum() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(stratified.residuals("score").sum(axis=0), 0, atol=1e-7)
    augmented = stratified.augment()
    np.testing.assert_allclose(
        augmented["expected"] + augmented["residual_martingale"], augmented["event"]
    )


def test_contrast_is_a_difference_of_linear_predictors(veteran_fit):
    table = veteran_fit.contrast(NEW_VETERAN, NEW_VETERAN.iloc[[0]])
    lp = veteran_fit.predict(NEW_VETERAN)["estimate"]
    np.testing.assert_allclose(table["estimate"], lp - lp[0], atol=1e-12)
    assert table["std_error"].iloc[0] == 0
    ratio = veteran_fit.contrast(NEW_VETERAN, NEW_VETERAN.iloc[[0]], exponentiate=True)
    np.testing.assert_allclose(ratio["conf_low"], np.exp(table["conf_low"]))


def test_curves_without_new_data_and_their_tables(stratified, veteran_fit):
    curves = stratified.survfit()
    assert curves.median()["strata"].tolist() == ["sex=1", "sex=2"]
    assert set(curves.tidy()["group"]) == {"centre"}
    # new data that do not name the stratum get one curve per stratum
    both = stratified.survfit(NEW_LUNG.drop(columns="sex"))
    assert len(both.median()) == 4
    base = veteran_fit.basehaz()
    np.testing.assert_allclose(veteran_fit.survfit().tidy()["cumhaz"], base["cumhaz"])


def test_baseline_of_breslow_by_hand():
    # three deaths; at 0 everyone has risk exp(b x)
    data = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 0, 1], "x": [1.0, 0.0, 2.0, 1.0]})
    fit = fs.coxph("Surv(t, d) ~ x", data, ties="breslow")
    r = np.exp(fit.coef["x"] * data["x"]).to_numpy()
    steps = [1 / r.sum(), 1 / r[1:].sum(), 0, 1 / r[3:].sum()]
    np.testing.assert_allclose(fit.basehaz(centered=False)["cumhaz"], np.cumsum(steps))
    assert fit.basehaz()["time"].tolist() == [1, 2, 3, 4]


def test_a_missing_value_predicts_missing(veteran_fit):
    new = NEW_VETERAN.assign(karno=[np.nan, 70])
    table = veteran_fit.predict(new)
    assert np.isnan(table["estimate"].iloc[0])
    assert np.isfinite(table["estimate"].iloc[1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"type": "hazard"}, "type is 'hazard'; choose one of lp, risk"),
        ({"type": "lp", "reference": "median"}, "reference is 'median'"),
        ({"type": "lp", "times": [1]}, 'times go with type="survival" only'),
        ({"type": "survival", "times": [1]}, "needs newdata"),
    ],
)
def test_predict_refuses(veteran_fit, options, message):
    with pytest.raises(InputError, match=message):
        veteran_fit.predict(**options)


def test_other_refusals(veteran_fit, stratified):
    with pytest.raises(InputError, match="type is 'partial'; choose one of martingale"):
        veteran_fit.residuals("partial")
    with pytest.raises(InputError, match="strata that the model never saw: sex=3"):
        stratified.predict(NEW_LUNG.assign(sex=3))
    with pytest.raises(InputError, match="no column 'sex'"):
        stratified.predict(NEW_LUNG.drop(columns="sex"))
    with pytest.raises(InputError, match="reference has 2 rows; give one row, or 1"):
        veteran_fit.contrast(NEW_VETERAN.iloc[[0]], NEW_VETERAN)
    with pytest.raises(InputError, match="times must be finite"):
        veteran_fit.survfit().at([np.nan])
    with pytest.raises(InputError, match="newdata has no row"):
        veteran_fit.survfit(NEW_VETERAN.iloc[:0])


def test_values_keep_the_labels_of_the_rows():
    data = pd.DataFrame({"t": [5, 3, 8, 2, 9, 4], "d": [1, 1, 0, 1, 1, 1], "x": [1, 3, 0, 2, 1, 3]})
    data = data.astype({"x": float}).set_axis(list("abcdef"))
    data.loc["c", "x"] = np.nan
    fit = fs.coxph("Surv(t, d) ~ x", data)
    kept = data.index.drop("c")
    assert fit.augment().index.equals(kept)
    assert fit.predict().index.equals(kept)
    assert fit.predict(type="terms").index.equals(kept)
    assert fit.residuals("martingale").index.equals(kept)
    assert fit.residuals("dfbeta").index.equals(kept)
    by_time = data.loc[kept].sort_values("t").index
    assert fit.residuals("schoenfeld").index.equals(by_time)
    assert fs.cox_zph(fit).augment().index.equals(by_time)
    assert fit.predict(data).index.equals(data.index)
    assert fit.predict(data).loc["c"].isna().all()


def test_the_centre_of_weighted_rows_is_that_of_r():
    """R 4.2.2, survival 3.5-3: predict() of coxph(..., weights = w), with and without entry."""
    data = pd.DataFrame({
        "start": [0, 0, 1, 0, 2, 0, 0, 1], "stop": [2, 3, 4, 5, 5, 6, 7, 8],
        "died": [1, 0, 1, 1, 0, 1, 0, 1], "x": [1.5, 0.2, 2.1, -0.7, 0.4, 1.1, -1.3, 0.6],
        "w": [1, 2, 1, 3, 2, 1, 2, 1],
    })  # fmt: skip
    fit = fs.coxph("Surv(start, stop, died) ~ x", data, weights="w")
    of = fit.predict(data.head(2))
    np.testing.assert_allclose(of["estimate"], [0.637415196382478, -0.180994438478975], rtol=1e-9)
    np.testing.assert_allclose(of["std_error"], [0.451430116911003, 0.128183860357445], rtol=1e-9)
    assert fit.basehaz()["cumhaz"].iloc[0] == pytest.approx(0.091460071584518, rel=1e-9)
    fit = fs.coxph("Surv(stop, died) ~ x", data, weights="w")
    expected = [0.8760706450092156, 0.0395964133337499]
    np.testing.assert_allclose(fit.predict(data.head(2))["estimate"], expected, rtol=1e-9)
