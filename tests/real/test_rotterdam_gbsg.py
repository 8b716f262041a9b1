"""A model of Rotterdam, unchanged in GBSG. Truth: R 4.2.2, survival 3.5-3, riskRegression."""

import numpy as np
import pytest

import faceage_stats as fs
from tests.real.people import CLOSED, ITERATIVE, close, column, reference, table

FORMULA = "Surv(years, event) ~ age10 + size + grade3 + log_nodes + log_pgr + hormon"
TIMES = [1, 3, 5]
AT = {"observed": "observed_risk", "predicted": "mean_predicted", "o_e": "observed_expected_ratio",
      "auc": "AUC", "brier": "Brier score", "ipa": "index of prediction accuracy"}  # fmt: skip
ERRORS = {"observed_se": "observed_risk", "auc_se": "AUC", "brier_se": "Brier score"}


@pytest.fixture(scope="module")
def r():
    return reference("rotterdam_gbsg")


@pytest.fixture(scope="module")
def rotterdam():
    return table("rotterdam")


@pytest.fixture(scope="module")
def model(rotterdam):
    return fs.risk_model(FORMULA, rotterdam, times=TIMES)


@pytest.fixture(scope="module", params=["apparent_rotterdam", "external_gbsg"])
def validated(request, r, model, rotterdam):
    rows = rotterdam if request.param == "apparent_rotterdam" else table("gbsg")
    return model.validate(rows, n_resamples=0), r[request.param]


def test_model(r, model):
    terms = model.fit.tidy().query("~is_reference")
    assert terms["term"].tolist() == r["model"]["terms"]
    for ours, theirs in {"estimate": "coef", "std_error": "se", "p_value": "p"}.items():
        close(terms[ours], r["model"][theirs], ITERATIVE)
    close(model.fit.log_lik, r["model"]["loglik"][1], ITERATIVE)
    hazard = model.fit.basehaz(centered=False).set_index("time")["cumhaz"]
    at = [hazard[hazard.index <= time].iloc[-1] for time in TIMES]
    close(at, r["model"]["baseline_hazard_at_zero"], ITERATIVE)
    close([model.fit.n, model.fit.n_event], [r["model"]["n"], r["model"]["n_event"]])
    close(model.fit.glance()["log_lik_null"], r["model"]["loglik"][:1], ITERATIVE)
    close(model.fit.tidy(exponentiate=True).query("~is_reference")["estimate"], r["model"]["hr"],
          ITERATIVE)  # fmt: skip
    test = fs.cox_zph(model.fit).tidy()
    assert test["term"].tolist() == r["zph"]["terms"]
    for ours, theirs in {"statistic": "chisq", "df": "df", "p_value": "p"}.items():
        close(test[ours], r["zph"][theirs], ITERATIVE)


def test_overall(validated):
    fit, expected = validated
    overall = fit.tidy().query("time.isna()").set_index("quantity")
    c, slope = overall.loc["concordance"], overall.loc["calibration slope"]
    close([c["estimate"], c["std_error"]], [expected["c"], expected["c_se"]], ITERATIVE)
    close([slope["estimate"], slope["std_error"], slope["p_value"]],
          [expected[k] for k in ("slope", "slope_se", "slope_p_against_1")], ITERATIVE,
          atol=1e-8)  # fmt: skip
    unchanged = expected["coefficients_unchanged"]
    close(overall.loc["coefficients", "p_value"], unchanged["p"], ITERATIVE)
    refit = fs.coxph(f"{FORMULA} + offset(linear_predictor)", fit.rows).glance().iloc[0]
    close(refit[["statistic_log", "df"]], [unchanged["chisq"], unchanged["df"]], ITERATIVE,
          atol=1e-6)  # fmt: skip
    uno = fs.concordance(
        "Surv(years, event) ~ linear_predictor", fit.rows, reverse=True, timewt="n/G2", ymax=5
    )
    close(uno.concordance, [expected["c_uno_5_years"]], ITERATIVE)


def test_at_each_time(validated, model):
    fit, expected = validated
    close([len(fit.rows), fit.rows["event"].sum()], [expected["n"], expected["n_event"]])
    lp = model.fit.predict(fit.rows, "lp", reference="zero")["estimate"]
    close([lp.mean(), lp.std()], [expected["lp_mean"], expected["lp_sd"]], ITERATIVE)
    reverse = fs.survfit("Surv(years, alive) ~ 1", fit.rows.assign(alive=1 - fit.rows["event"]))
    close(reverse.median()["median"], [expected["follow_up_median_reverse_km"]])
    risks = {"model": fit.rows[["risk_0", "risk_1", "risk_2"]].to_numpy()}
    brier = fs.brier("Surv(years, event) ~ 1", fit.rows, TIMES, risks=risks).tidy()
    null = brier[brier["marker"] == "Null model"]
    close(null["estimate"], column(expected["at"], "brier_null"), ITERATIVE)
    at = fit.tidy().dropna(subset="time").set_index(["quantity", "time"])
    for theirs, ours in AT.items():
        close(at.loc[ours, "estimate"], column(expected["at"], theirs), ITERATIVE)
    for theirs, ours in ERRORS.items():
        close(at.loc[ours, "std_error"], column(expected["at"], theirs), ITERATIVE)


def test_fifths(validated):
    fit, expected = validated
    rows = fit.rows.assign(risk=fit.rows["risk_2"])
    groups = fs.calibration("Surv(years, event) ~ risk", rows, times=5, groups=5, n_resamples=0)
    groups, expected = groups.groups(), expected["fifths_at_5_years"]
    assert groups["n"].tolist() == column(expected, "n")
    close(groups["predicted"], column(expected, "predicted"), ITERATIVE)
    close(groups["estimate"], column(expected, "observed"), CLOSED)
    close(groups["std_error"], column(expected, "std_error"), CLOSED)


def test_royston(validated):
    fit, expected = validated
    # of the predictor refitted, as R's call is; the formula would take it as it was predicted
    d = fs.royston(fit.recalibrated).tidy()
    got = d.set_index("quantity")["estimate"]
    names = {"d": "D", "r2_d": "R.D", "r2_kent_oquigley": "R.KO", "r2_nagelkerke": "R.N",
             "gonen_heller_c": "C.GH"}  # fmt: skip
    close(got[list(names)], [expected["royston"][name] for name in names.values()], ITERATIVE)
    close(d["std_error"][0], expected["royston"]["se(D)"], ITERATIVE)


def test_recalibration(r, model):
    got = model.validate(table("gbsg"), n_resamples=0).recalibration().set_index("method")
    names = {"unchanged": "unchanged", "baseline": "new_baseline",
             "baseline and slope": "new_baseline_and_slope"}  # fmt: skip
    for ours, theirs in names.items():
        close(got.loc[ours, "estimate"], r["recalibration_gbsg"][theirs], ITERATIVE)
    assert np.all(np.diff(got.loc["observed", "estimate"]) > 0)
