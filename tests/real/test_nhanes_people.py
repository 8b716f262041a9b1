"""NHANES: who they are, age gaps and survival. Truth: R 4.2.2, survival 3.5-3."""

import numpy as np
import pytest

import faceage_stats as fs
from tests.real.people import close, column, same_columns, same_p

AT = {"estimate": "survival", "std_error": "std_error", "conf_low": "conf_low",
      "conf_high": "conf_high", "n_risk": "n_risk", "time": "time"}  # fmt: skip
GROUPS = {"all_by_accel_quartile": "accel_q", "age60_by_phenoage": "pheno_band"}


def test_people(nhanes):
    rows, r = nhanes
    p = r["people"]
    reverse = fs.survfit("Surv(years, alive) ~ 1", rows.assign(alive=1 - rows["death"]))
    pearson = fs.cor_test(rows["phenoage"], rows["age"])
    line = fs.lm("phenoage ~ age", rows)
    agreement = fs.bland_altman(rows, "phenoage").tidy().set_index("term")["estimate"]
    got = {
        "n": len(rows),
        "n_event": rows["death"].sum(),
        "n_female": (rows["sex"] == "female").sum(),
        "n_age_85": (rows["age"] == 85).sum(),
        "n_phenoage_over_120": (rows["phenoage_uncapped"] > 120).sum(),
        "person_years": rows["years"].sum(),
        "age_mean": rows["age"].mean(),
        "age_sd": rows["age"].std(),
        "age_median": rows["age"].median(),
        "phenoage_mean": rows["phenoage"].mean(),
        "phenoage_sd": rows["phenoage"].std(),
        "phenoage_median": rows["phenoage"].median(),
        "uncapped_mean": rows["phenoage_uncapped"].mean(),
        "uncapped_sd": rows["phenoage_uncapped"].std(),
        "uncapped_pearson": fs.cor_test(rows["phenoage_uncapped"], rows["age"]).estimate,
        "pearson_20_to_84": fs.cor_test("~ phenoage + age", rows[rows["age"] < 85]).estimate,
        "gap_median": rows["gap"].median(),
        "accel_sd": rows["accel"].std(),
        "follow_up_max": rows["years"].max(),
        "first_censoring": rows.loc[rows["death"] == 0, "years"].min(),
        "n_capped": (rows["phenoage_uncapped"] > 100).sum(),
        "uncapped_max": rows["phenoage_uncapped"].max(),
        "n_mortality10_rounds_to_1": (rows["mortality10"] == 1).sum(),
        "gap_mean": rows["gap"].mean(),
        "gap_sd": rows["gap"].std(),
        "follow_up_median_reverse_km": reverse.median()["median"].iloc[0],
        "pearson": pearson.estimate,
        "pearson_low": pearson.conf_low,
        "pearson_high": pearson.conf_high,
        "spearman": fs.cor_test(rows["phenoage"], rows["age"], method="spearman").estimate,
        "mae": fs.accuracy(rows, "phenoage", n_resamples=2).tidy()["estimate"].iloc[0],
        "slope": line.coef.iloc[1],
        "intercept": line.coef.iloc[0],
        "residual_sd": line.glance()["sigma"].iloc[0],
        "limits_of_agreement": [agreement["limit_low"], agreement["limit_high"]],
    }
    assert set(got) == set(p)
    for name, value in got.items():
        close(value, p[name])


@pytest.mark.parametrize(("by", "name"), [("sex", "by_sex"), ("age_band", "by_age_band")])
def test_mean_gap_of_groups(nhanes, by, name):
    rows, r = nhanes
    table = fs.age_gap(rows, by=by, faceage="phenoage").tidy()
    expected = r["age_gap"][name]
    assert table["group"].tolist() == column(expected, "group")
    same_columns(table, expected, estimate="mean", std_dev="sd", n="n", conf_low="conf_low",
                 conf_high="conf_high", median="median")  # fmt: skip


def test_gap_by_sex_and_age_band(nhanes):
    rows, r = nhanes
    gap = r["age_gap"]
    t = fs.t_test("gap ~ sex", rows)
    expected = gap["sex_female_minus_male"]
    close([t.estimate, t.conf_low, t.conf_high, t.statistic, t.df, t.p_value],
          [expected[k] for k in ("estimate", "conf_low", "conf_high", "t", "df", "p")])  # fmt: skip
    w = fs.wilcox_test("gap ~ sex", rows, exact=False)
    close([w.statistic, w.p_value], list(gap["sex_wilcoxon"].values()))
    welch = fs.oneway_test("gap ~ age_band", rows)
    close([welch.statistic, welch.df, welch.df_residual, welch.p_value],
          list(gap["age_band_welch"].values()))  # fmt: skip
    kruskal = fs.kruskal_test("gap ~ age_band", rows)
    close([kruskal.statistic, kruskal.df, kruskal.p_value], list(gap["age_band_kruskal"].values()))
    male = fs.lm("gap ~ sex + age", rows).tidy().set_index("term").loc["sexmale"]
    close(male[["estimate", "std_error", "statistic", "p_value"]],
          list(gap["male_given_age"].values()))  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
def test_survival_by_group(nhanes, name):
    rows, r = nhanes
    rows = rows[rows["age"] >= 60] if name == "age60_by_phenoage" else rows
    expected, formula = r["km"][name], f"Surv(years, death) ~ {GROUPS[name]}"
    km = fs.survfit(formula, rows)
    same_columns(km.at([5, 10, 15, 20]), expected["at"], **AT)
    same_columns(km.median(), expected["strata"], n="n", n_event="n_event", median="median",
                 conf_low="median_low", conf_high="median_high")  # fmt: skip
    if name == "all_by_accel_quartile":
        close(np.quantile(rows["accel"], [0.25, 0.5, 0.75]), expected["cut_points"])
    test = fs.survdiff(formula, rows)
    close([test.statistic, test.df], [expected["logrank"]["chisq"], expected["logrank"]["df"]])
    close(np.log(test.p_value), np.log(expected["logrank"]["p"]))
    close(test.tidy()["observed"], expected["logrank"]["observed"])
    close(test.tidy()["expected"], expected["logrank"]["expected"])
    pairs = fs.pairwise_survdiff(formula, rows, p_adjust="holm").tidy()
    names = pairs[["group1", "group2"]].map(lambda label: label.removeprefix(f"{GROUPS[name]}="))
    pairs.index = map(frozenset, names.to_numpy())
    for pair in expected["pairwise"]:
        ours = pairs.loc[[frozenset((pair["group1"], pair["group2"]))]].iloc[0]
        close(ours["statistic"], pair["chisq"])
        same_p(ours["p_value"], pair["p"], 1e-8)
        same_p(ours["p_adjusted"], pair["p_holm"], 1e-8)


def test_survival_of_all_and_stratified(nhanes):
    rows, r = nhanes
    at = fs.survfit("Surv(years, death) ~ 1", rows).at([5, 10, 15, 20])
    same_columns(at, r["km"]["overall"], **AT)
    test = fs.survdiff("Surv(years, death) ~ accel_q + strata(age_band)", rows)
    expected = r["km"]["logrank_accel_stratified_by_age_band"]
    close([test.statistic, test.df, test.p_value], [expected[k] for k in ("chisq", "df", "p")])
    means = fs.survfit("Surv(years, death) ~ accel_q", rows).rmst(15).tidy()
    close(means["estimate"], column(r["km"]["rmst15_by_accel_quartile"], "rmst"))
    close(means["std_error"], column(r["km"]["rmst15_by_accel_quartile"], "std_error"))
