"""NHANES: Cox models of PhenoAge. Truth: R 4.2.2, survival 3.5-3 and rms 6.5-0."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from tests.real.people import CLOSED, ITERATIVE, close, cut, reference, same_p

FULL = "Surv(years, death) ~ pheno10 + age10 + sex"
NESTED = {
    "phenoage_given_age": ("age10", "pheno10 + age10"),
    "phenoage_given_age_sex": ("age10 + sex", "pheno10 + age10 + sex"),
    "age_given_phenoage_sex": ("pheno10 + sex", "pheno10 + age10 + sex"),
    "phenoage_given_sex": ("sex", "pheno10 + sex"),
    "age_given_sex": ("sex", "age10 + sex"),
}


def same_fit(fit, expected):
    """Everything that R prints of a Cox model."""
    close([fit.n, fit.n_event], [expected["n"], expected["n_event"]])
    terms = fit.tidy().query("~is_reference")
    assert terms["term"].tolist() == expected["terms"]
    for ours, theirs in {"estimate": "coef", "std_error": "se", "statistic": "z"}.items():
        close(terms[ours], expected[theirs], ITERATIVE)
    same_p(terms["p_value"], expected["p"])
    ratios = fit.tidy(exponentiate=True).query("~is_reference")
    for ours, theirs in {
        "estimate": "hr",
        "conf_low": "conf_low",
        "conf_high": "conf_high",
    }.items():
        close(ratios[ours], expected[theirs], ITERATIVE)
    row = fit.glance().iloc[0]
    for ours, theirs in {"log_lik_null": "loglik_null", "log_lik": "loglik", "aic": "aic",
                         "bic": "bic", "statistic_log": "lr", "statistic_wald": "wald",
                         "statistic_sc": "score", "df": "df", "concordance": "c",
                         "concordance_se": "c_se"}.items():  # fmt: skip
        close(row[ours], expected[theirs], ITERATIVE)


def same_test(small, large, expected):
    row = fs.anova(small, large).tidy().iloc[-1]
    close(row[["statistic", "df"]], [expected["chisq"], expected["df"]], ITERATIVE)
    same_p(row["p_value"], expected["p"])


def same_zph(fit, expected):
    test = fs.cox_zph(fit, expected["transform"]).tidy()
    assert test["term"].tolist() == expected["terms"]
    assert test["df"].tolist() == expected["df"]
    close(test["statistic"], expected["chisq"], ITERATIVE)
    close(test["p_value"], expected["p"], ITERATIVE)


def test_every_step(nhanes):
    rows, r = nhanes
    for expected in r["cox"].values():
        same_fit(fs.coxph(expected["formula"], rows), expected)


@pytest.mark.parametrize("name", NESTED)
def test_likelihood_ratios(nhanes, name):
    rows, r = nhanes
    small, large = (fs.coxph(f"Surv(years, death) ~ {right}", rows) for right in NESTED[name])
    same_test(small, large, r["lrt"][name])


def test_proportional_hazards(nhanes):
    rows, r = nhanes
    same_zph(fs.coxph("Surv(years, death) ~ pheno10", rows), r["zph"]["pheno"])
    full = fs.coxph(FULL, rows)
    for name in ("pheno_age_sex", "pheno_age_sex_log", "pheno_age_sex_identity"):
        same_zph(full, r["zph"][name])


def test_follow_up_cut_and_by_period(nhanes):
    rows, r = nhanes
    for years, expected in ((10, r["cox_follow_up_cut_at_10_years"]),):
        early = cut(rows, years)
        base, full = (fs.coxph(expected[k]["formula"], early) for k in ("age_sex", "pheno_age_sex"))
        same_fit(base, expected["age_sex"])
        same_fit(full, expected["pheno_age_sex"])
        same_test(base, full, expected["lrt"])
        same_zph(full, expected["zph"])
    late, expected = cut(rows, 18), r["robustness"]["follow_up_cut_at_18_years"]
    base, full = fs.coxph("Surv(years, death) ~ age10 + sex", late), fs.coxph(FULL, late)
    same_fit(full, expected)
    same_test(base, full, expected["lrt_given_age_sex"])
    same_zph(full, expected["zph"])
    split = fs.surv_split("Surv(years, death) ~ pheno10 + age10 + sex", rows, cut=[5, 10],
                          start="tstart", episode="period")  # fmt: skip
    for period, expected in enumerate(r["cox_by_period"].values(), start=1):
        same_fit(fs.coxph(expected["formula"], split[split["period"] == period]), expected)


@pytest.mark.parametrize("by", ["sex", "age_band"])
def test_subgroups(nhanes, by):
    rows, r = nhanes
    expected = r["subgroups"][by]
    fit = fs.subgroup_forest(FULL, rows, by=[by])
    levels = fit.tidy(exponentiate=True).set_index("level")
    for level, numbers in expected["levels"].items():
        row = levels.loc[level]
        for ours, theirs in {"n": "n", "n_event": "n_event", "estimate": "hr", "std_error": "se",
                             "conf_low": "conf_low", "conf_high": "conf_high"}.items():  # fmt: skip
            close(row[ours], numbers[theirs], ITERATIVE)
        close(np.log(row["estimate"]), numbers["coef"], ITERATIVE)
        same_p(row["p_value"], numbers["p"])
    test = fit.tests().iloc[0]
    close(test[["statistic", "df", "p_value"]], list(expected["interaction"].values()), ITERATIVE)


@pytest.mark.parametrize("name", ["ns3", "rcs4"])
def test_form(nhanes, name):
    rows, r = nhanes
    expected = r["form"][name]
    knots = expected.get("knots")
    if knots:
        close(np.quantile(rows["gap10"], [0.05, 0.35, 0.65, 0.95]), knots)
    spline = (
        "ns(gap10, df = 3)" if name == "ns3" else f"rcs(gap10, c({', '.join(map(str, knots))}))"
    )
    straight = fs.coxph("Surv(years, death) ~ gap10 + age10 + sex", rows)
    fit = fs.coxph(f"Surv(years, death) ~ {spline} + age10 + sex", rows)
    close([fit.log_lik, fit.glance()["aic"][0]], [expected["loglik"], expected["aic"]], ITERATIVE)
    same_test(straight, fit, expected["nonlinear"])
    points = pd.DataFrame(expected["hr_against_gap_0"])
    at = pd.concat([rows.iloc[[0]]] * len(points)).assign(gap10=points["gap"].to_numpy() / 10)
    curve = fit.contrast(at, rows.iloc[[0]].assign(gap10=0.0))
    close(curve["estimate"], points["log_hr"], ITERATIVE, atol=1e-10)
    close(curve["std_error"], points["se"], ITERATIVE, atol=1e-10)
    ratios = fit.contrast(at, rows.iloc[[0]].assign(gap10=0.0), exponentiate=True)
    close(ratios[["estimate", "conf_low", "conf_high"]], points[["hr", "conf_low", "conf_high"]],
          ITERATIVE)  # fmt: skip


def test_robustness(nhanes):
    rows, r = nhanes
    rob = r["robustness"]
    same_fit(fs.coxph(FULL, fs.landmark(rows, 2).rows), rob["landmark_2_years"])
    fit = fs.coxph(FULL, rows)
    row = fit.tidy(exponentiate=True).iloc[0]
    value = fs.e_value(*row[["estimate", "conf_low", "conf_high"]]).tidy()["e_value"]
    expected = rob["e_value_hr_per_decade"]
    close(value, [expected["estimate"], expected["limit"]], ITERATIVE)
    robust = fs.coxph(FULL, rows, robust=True).tidy().query("~is_reference")
    close(robust["robust_se"], rob["robust_variance"]["robust_se"], ITERATIVE)
    close(robust["estimate"], rob["robust_variance"]["coef"], ITERATIVE)
    shift = fs.influence(fit).iloc[0]
    close(shift[["dfbetas", "n_beyond"]], list(rob["dfbetas_largest"].values()), ITERATIVE)


VARIANTS = {
    "cap_90": {"cap": 90},
    "cap_110": {"cap": 110},
    "cap_120": {"cap": 120},
    "no_cap": {"cap": None},
    "divisor_0.090165": {"divisor": 0.090165},
    "creatinine_as_measured": {"calibrate_creatinine": False},
}


@pytest.mark.parametrize("name", [*VARIANTS, "without_age_85", "without_the_capped",
                                  "naive_formula", "crp_ln_1_plus", "crp_ln_mg_l"])  # fmt: skip
def test_what_each_choice_of_the_formula_does(nhanes, name):
    rows, r = nhanes
    expected = r["robustness"][name]
    if name in VARIANTS:
        rows = rows.assign(pheno10=fs.phenoage(rows, **VARIANTS[name])["phenoage"] / 10)
    elif name == "crp_ln_1_plus":
        years = fs.phenoage(rows.assign(crp_mg_l=rows["crp_mg_l"] + 10))["phenoage"]
        rows = rows.assign(pheno10=years / 10)
    elif name == "crp_ln_mg_l":  # refused as another unit; the score is linear in ln CRP
        with pytest.raises(fs.errors.InputError, match="mg/L"):
            fs.phenoage(rows.assign(crp_mg_l=rows["crp_mg_l"] * 10))
        years = rows["phenoage_uncapped"] + 0.09536762 * np.log(10) / 0.09165
        rows = rows.assign(pheno10=years.clip(upper=100) / 10)
    else:
        kept = {
            "without_age_85": rows["age"] < 85,
            "without_the_capped": rows["phenoage_uncapped"] <= 100,
            "naive_formula": rows["mortality10"] < 1,
        }
        rows = rows[kept[name]]
    fit = fs.coxph(FULL, rows)
    row = fit.tidy(exponentiate=True).iloc[0]
    got = {"n": fit.n, "n_event": fit.n_event, "hr": row["estimate"], "conf_low": row["conf_low"],
           "conf_high": row["conf_high"], "coef": fit.coef.iloc[0], "se": row["std_error"],
           "c": fit.concordance, "gap_mean": (rows["pheno10"] - rows["age10"]).mean() * 10,
           "r": fs.cor_test("~ pheno10 + age10", rows).estimate}  # fmt: skip
    assert set(got) == set(expected)
    for key, value in got.items():
        close(value, expected[key], ITERATIVE)
    close((rows["pheno10"] - rows["age10"]).mean() * 10, expected["gap_mean"], CLOSED)


def test_uncapped_few_people_bend_the_line(nhanes):
    rows, r = nhanes
    rows = rows.assign(pheno10=rows["phenoage_uncapped"] / 10)
    rows["gap10"] = rows["pheno10"] - rows["age10"]
    expected = r["robustness"]["no_cap_fits"]
    fit = fs.coxph(FULL, rows)
    same_fit(fit, expected)
    same_zph(fit, expected["zph"])
    same_fit(fs.coxph("Surv(years, death) ~ pheno10", rows), expected["univariable"])
    same_fit(fs.coxph("Surv(years, death) ~ pheno10 + age10", rows), expected["with_age"])
    base = fs.coxph("Surv(years, death) ~ age10 + sex", rows)
    same_test(base, fit, expected["lrt_given_age_sex"])
    close(fs.influence(fit).iloc[0]["dfbetas"], -expected["dfbetas_max"], ITERATIVE)
    robust = fs.coxph(FULL, rows, robust=True).tidy().query("~is_reference")
    close(robust["robust_se"], expected["robust_se"], ITERATIVE)
    knots = ", ".join(map(str, np.quantile(rows["gap10"], [0.05, 0.35, 0.65, 0.95])))
    bent = fs.coxph(f"Surv(years, death) ~ rcs(gap10, c({knots})) + age10 + sex", rows)
    straight = fs.coxph("Surv(years, death) ~ gap10 + age10 + sex", rows)
    same_test(straight, bent, expected["gap_rcs4_nonlinear"])


def glucose(rows):
    """Glucose removed by the rule of the reference."""
    number = rows["seqn"].astype(int)
    gone = ((number % 2 == 0) & (rows["age"] >= 55)) | (number % 7 == 0)
    rows = rows.assign(
        glucose_mmol=rows["glucose_mg_dl"] * 0.0555, log_crp=np.log(rows["crp_mg_l"] / 10)
    )
    return rows, rows.assign(glucose_mmol=rows["glucose_mmol"].mask(gone))


def test_complete_cases(nhanes):
    rows, r = nhanes
    whole, incomplete = glucose(rows)
    expected = r["missing"]
    assert int(incomplete["glucose_mmol"].isna().sum()) == expected["n_missing"]
    formula = expected["nothing_missing"]["formula"]
    same_fit(fs.coxph(formula, whole), expected["nothing_missing"])
    same_fit(fs.coxph(formula, incomplete), expected["complete_cases"])


@pytest.mark.parametrize("method", ["pmm", "norm"])
def test_predictive_mean_matching_shrinks_a_skewed_marker_and_a_normal_model_does_not(
    everybody, method
):
    # truth: mice 3.15; both are random: half a standard error is agreement
    _, incomplete = glucose(everybody)
    formula = "Surv(years, death) ~ glucose_mmol + log_crp + age10 + sex"
    filled = fs.impute(formula, incomplete, m=5, iterations=5, method=method)
    pooled = filled.pool(lambda rows: fs.coxph(formula, rows)).tidy().query("~is_reference")
    expected = reference("nhanes")["whole"]["missing"]["imputed"][method]
    assert pooled["term"].tolist() == expected["terms"]
    for row, coef, se in zip(pooled.itertuples(), expected["coef"], expected["se"], strict=True):
        assert abs(row.estimate - coef) < se / 2, row.term
        assert row.std_error == pytest.approx(se, rel=0.3)
