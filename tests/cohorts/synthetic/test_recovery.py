"""Planted values come back within Monte Carlo error, by an independent fitter on raw codings.

The Cox fits are those of statsmodels. The designs are built here from the definitions of the
published models, not by the code that planted them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import roc_auc_score
from statsmodels.duration.hazard_regression import PHReg

import faceage_stats as fs


def dummies(column, levels, prefix):
    """0/1 columns named as the truth names them."""
    return {f"{prefix} {level}": column == level for level in levels}


def maastro_design(d):
    pooled = d["site"].where(d["site"].isin(["MAM", "GE", "URO", "LON", "KNO"]), "other")
    return {
        "faceage per decade": d["faceage"] / 10,
        "age per decade": d["age"] / 10,
        "male sex": d["sex"] == "M",
        **{f"tumour group {s} vs MAM": pooled == s for s in ("GE", "URO", "LON", "KNO", "other")},
    }


def thoracic_design(d):
    nsclc = d["histology"].isin(["adenocarcinoma", "adenosquamous", "squamous"])
    sclc = d["histology"].isin(["small_cell", "mixed_small_cell"])
    return {
        "faceage per decade": d["faceage"] / 10,
        "age per decade": d["age"] / 10,
        "male sex": d["sex"] == "M",
        "smoking ever": d["smoking"].isin([1, 2]),
        "ecog > 1": d["ecog"] > 1,
        "stage II": d["clinical_stage"].isin([3, 4]),
        "stage III": d["clinical_stage"].isin([5, 6]),
        "stage IV": d["clinical_stage"] == 7,
        "grade > 1": d["grade"] > 1,
        "ethnicity non-white": d["ethnicity"] != "white",
        "intent curative": d["intent"] != "palliative",
        "histology SCLC": sclc,
        "histology other": ~nsclc & ~sclc,
    }


def palliative_design(d):
    return {
        "faceage per decade": d["faceage"] / 10,
        "lung cancer": d["cancer_type"] == "lung",
        "prostate cancer": d["cancer_type"] == "prostate",
        "other cancer (gynaecological included)": d["cancer_type"].isin(
            ["other", "gynaecological"]
        ),
        "more than 2 courses of palliative chemotherapy": d["prior_chemo_courses"] > 2,
        "ecog 2": d["ecog"] == 2,
        "ecog 3-4": d["ecog"].isin([3, 4]),
        "any prior palliative RT": d["prior_rt_courses"] >= 1,
        "any hospital admission": d["hospital_admissions"] >= 1,
        "any ER admission": d["er_admissions"] >= 1,
        **{
            f"{organ} metastases": d[f"mets_{organ}"]
            for organ in ("liver", "brain", "spine", "adrenal", "other")
        },
        "years to first metastasis, per year": d["years_to_first_metastasis"],
        "years from metastasis to consult, per year": d["years_metastasis_to_consult"],
    }


def fahr_design(d, cuts):
    quartile = pd.cut(d["fahr_survival"], [-np.inf, *cuts, np.inf], labels=[1, 2, 3, 4])
    groups = ("gi", "gu", "lung", "hn", "other")
    races = ("black", "asian", "other") if d["race"].notna().any() else ()
    return {
        **{f"fahr_survival quartile {q} vs 1": quartile == q for q in (2, 3, 4)},
        "fahr_faceage per decade": d["fahr_faceage"] / 10,
        "age per decade": d["age"] / 10,
        "male sex": d["sex"] == "M",
        **{f"race {r} vs white": d["race"] == r for r in races},
        **{f"cancer group {g} vs breast": d["cancer_group"] == g for g in groups},
    }


def serial_design(d):
    rate = (d["faceage2"] - d["faceage1"]) / (d["interval_days"] / 365.25)
    classes = pd.cut(d["interval_days"], [9, 365, 730, 1460], labels=["short", "mid", "long"])
    groups = ("gi", "gu", "lung", "hn", "other")
    return {
        **{
            f"FAR > 1 vs <= 1, {c} interval": (rate > 1) & (classes == c)
            for c in ("short", "mid", "long")
        },
        "interval, per year": d["interval_days"] / 365.25,
        "male sex": d["sex"] == "M",
        **{f"race {r} vs white": d["race"] == r for r in ("black", "asian", "other")},
        **{f"diagnosis {g} vs breast": d["diagnosis"] == g for g in groups},
    }


def older_design(d):
    gap = d["faceage"] - d["age"]
    types = [k for k in d["diagnosis"].unique() if k != "breast"]
    return {
        "gap <= -5 years": gap <= -5,
        "gap >= 10 years": gap >= 10,
        "age per decade": d["age"] / 10,
        "male sex": d["sex"] == "M",
        "palliative intent": d["intent"] == "palliative",
        **{f"diagnosis {k} vs breast": d["diagnosis"] == k for k in types},
    }


def deviations(synthetic, *, cap=None):
    """Fit the published model; (estimate - planted) / SE by term, and the joint Wald p value."""
    data = synthetic.data
    used = {"maastro": ["faceage"], "maastro_rt": ["faceage"]}.get(synthetic.cohort)
    data = data.dropna(subset=used)
    if synthetic.cohort == "maastro":
        data = data[data["exclude"] == 0]
    if synthetic.cohort in ("harvard_rt", "maastro_rt"):
        columns = fahr_design(data, synthetic.truth["quartile_cut_points"]["values"])
    else:
        columns = {
            "maastro": maastro_design,
            "thoracic": thoracic_design,
            "palliative": palliative_design,
            "serial": serial_design,
            "older_rt": older_design,
        }[synthetic.cohort](data)
    design = pd.DataFrame(columns).astype(float)
    time = data["time_days"] / 365.25 if "time_days" in data else data["years"]
    event = data["death"]
    if cap is not None:  # administrative censoring cuts time and event together
        time, event = time.clip(upper=cap), event.where(time <= cap, 0)
    fit = PHReg(time.to_numpy(), design.to_numpy(), status=event.to_numpy(), ties="efron").fit()
    planted = {
        r["term"]: r["log_estimate"]
        for r in synthetic.truth["planted"]
        if r["quantity"] == "hazard_ratio"
    }
    difference = fit.params - np.array([planted[term] for term in design])
    assert set(planted) == set(design)
    wald = difference @ np.linalg.solve(fit.cov_params(), difference)
    return dict(zip(design, difference / fit.bse, strict=True)), stats.chi2.sf(wald, len(planted))


@pytest.mark.parametrize(
    ("cohort", "n"),
    [
        ("maastro", 20_000),
        ("thoracic", 10_000),
        ("palliative", 10_000),
        ("harvard_rt", 15_000),
        ("maastro_rt", 10_000),
        ("serial", 15_000),
        ("older_rt", 8_000),
    ],
)
def test_every_planted_hazard_ratio_is_recovered(cohort, n):
    z, p_value = deviations(fs.simulate(cohort, seed=11, n=n))
    assert max(abs(v) for v in z.values()) < 3.5, z
    assert p_value > 0.001, z


@pytest.mark.parametrize(
    "cohort", ["maastro", "thoracic", "palliative", "harvard_rt", "serial", "older_rt"]
)
def test_the_default_cohort_does_not_embarrass_its_planted_values(cohort):
    synthetic = fs.simulate(cohort)
    z, _ = deviations(synthetic)
    published = [r["term"] for r in synthetic.truth["planted"] if r["id"]]
    assert all(abs(z[term]) < 3 for term in published if term in z), z


def test_early_odds_ratios_of_an_extreme_gap_are_the_planted_ones():
    """The hazard ratio falls with time, so that the odds of early death are those of the paper."""
    synthetic = fs.simulate("older_rt", seed=3, n=200_000)
    d = synthetic.data
    design = np.column_stack([*older_design(d).values(), np.ones(len(d))]).astype(float)
    for days in (30, 60):
        known = ((d["time_days"] > days) | (d["death"] == 1)).to_numpy()
        died = (d["time_days"] <= days)[known]
        fit = sm.Logit(died.to_numpy(float), design[known]).fit(disp=False)
        planted = next(r for r in synthetic.truth["planted"] if f"within {days} days" in r["term"])
        assert abs(fit.params[1] - np.log(planted["estimate"])) < 3 * fit.bse[1]


def test_a_follow_up_cap_leaves_the_planted_values_in_place():
    z, _ = deviations(fs.simulate("maastro", seed=12, n=20_000), cap=7)
    assert abs(z["faceage per decade"]) < 3


def test_maastro_has_as_much_information_as_the_paper():
    # the published interval 1.056-1.254 has a standard error of 0.0438 on the log scale
    data = fs.simulate("maastro").data.query("exclude == 0")
    design = pd.DataFrame(maastro_design(data)).astype(float)
    fit = PHReg(data["time_days"], design, status=data["death"], ties="efron").fit()
    assert fit.bse[0] == pytest.approx(0.0438, rel=0.1)


@pytest.mark.parametrize("cohort", ["maastro", "thoracic", "palliative"])
def test_the_mean_gap_is_the_planted_one(cohort):
    synthetic = fs.simulate(cohort, seed=5, n=20_000)
    data = synthetic.data.query("exclude == 0") if cohort == "maastro" else synthetic.data
    gap = data["faceage"] - data["age"]
    planted = synthetic.truth["gap"]["mean_gap_years"]
    assert abs(gap.mean() - planted) < 4 * gap.std() / np.sqrt(len(gap))
    assert 0.7 < np.corrcoef(data["age"], data["faceage"])[0, 1] < 0.82
    assert np.polyfit(data["age"], gap, 1)[0] < -0.2  # regression to the mean


def test_current_smokers_look_33_months_older_than_never_smokers():
    data = fs.simulate("maastro", seed=5, n=60_000).data.query("exclude == 0")
    gap = 12 * (data["faceage"] - data["age"])
    current, never = gap[data["smoking"] == "current"], gap[data["smoking"] == "never"]
    error = np.sqrt(current.var() / len(current) + never.var() / len(never))
    assert abs(current.mean() - never.mean() - 33) < 4 * error


def test_the_gap_goes_with_ecog_and_weakly_with_bmi():
    synthetic = fs.simulate("maastro", seed=5, n=20_000)
    data = synthetic.data.query("exclude == 0 and bmi < 100").dropna()
    effects = synthetic.truth["gap"]["effects_years"]
    design = np.column_stack(
        [
            np.ones(len(data)),
            data["age"],
            data["smoking"] == "former",
            data["smoking"] == "current",
            data["ps"].astype(float),
            data["bmi"],
        ]
    ).astype(float)
    estimate, *_ = np.linalg.lstsq(design, data["faceage"] - data["age"], rcond=None)
    sd = synthetic.truth["gap"]["noise_sd_years"]
    error = sd * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))
    planted = [effects["former"], effects["current"], effects["ecog"], effects["bmi"]]
    # passive smokers are never smokers here, and count as neither: no bias in the contrasts
    assert (np.abs(estimate[2:] - planted) < 4 * error[2:]).all()


def test_teachh_groups_are_as_far_apart_as_in_2014():
    data = fs.simulate("palliative", seed=5, n=8000).data.dropna()
    points = (
        (~data["cancer_type"].isin(["breast", "prostate"])).astype(int)
        + (data["ecog"] >= 2)
        + (data["age"] > 60)
        + (data["prior_chemo_courses"] >= 2)
        + (data["hospital_admissions"] >= 1)
        + data["mets_liver"]
    )
    group = np.digitize(points.astype(int), [2, 5])
    medians = [12 * data.loc[group == g, "years"].median() for g in range(3)]
    # nearly everybody dies, so the median of the observed times is a little below the true one
    for median, published in zip(medians, [19.9, 5.0, 1.7], strict=True):
        assert 1 / 1.6 < median / published < 1.6


def test_the_readers_have_the_planted_expected_auc():
    synthetic = fs.simulate("survey", seed=3, n=4000)
    data = synthetic.data
    known = (data["years"] > 0.5) | (data["death"] == 1)
    data = data[known].assign(dead=lambda d: (d["years"] <= 0.5) & (d["death"] == 1))
    observed = {}
    for (arm, reader), rows in data.groupby(["arm", "reader_id"]):
        kind = "lay readers" if reader.startswith("lay") else "physicians"
        observed.setdefault((kind, arm), []).append(roc_auc_score(rows["dead"], rows["rating"]))
    for record in synthetic.truth["planted"]:
        aucs = observed[record["term"], record["model"]]
        # readers and cases both vary: 8 (or 2) readers, 4000 cases
        assert np.mean(aucs) == pytest.approx(record["estimate"], abs=0.1 / np.sqrt(len(aucs)))


def test_cdk6_follows_faceage_and_not_age():
    synthetic = fs.simulate("genotyped", seed=3, n=3000)
    patients = fs.simulate("thoracic", seed=3, n=3000).data
    data = synthetic.tables["expression"].merge(patients[["patient_id", "faceage", "age"]])
    cdk6, faceage, age = data["CDK6"], data["faceage"], data["age"]
    slope, intercept = np.polyfit(age, faceage, 1)
    partial = np.corrcoef(cdk6, faceage - intercept - slope * age)[0, 1]
    planted = synthetic.truth["planted"][0]["estimate"]
    assert partial == pytest.approx(planted, abs=4 * (1 - planted**2) / np.sqrt(3000))
    assert stats.pearsonr(cdk6, age).statistic == pytest.approx(0, abs=4 / np.sqrt(3000))


def test_at_the_published_size_cdk6_survives_holm_for_faceage_and_no_gene_does_for_age():
    synthetic = fs.simulate("genotyped")
    data = synthetic.tables["expression"].merge(fs.simulate("thoracic").data)
    genes = synthetic.truth["genes"]["senescence"]
    p = {x: {g: stats.pearsonr(data[g], data[x]).pvalue for g in genes} for x in ("faceage", "age")}
    significant = {x: [g for g in genes if p[x][g] * len(genes) < 0.05] for x in p}
    assert significant == {"faceage": ["CDK6"], "age": []}


def test_null_genes_have_uniform_p_values():
    data = fs.simulate("genotyped", seed=3, n=1000).tables["expression"]
    patients = fs.simulate("thoracic", seed=3, n=1000).data
    faceage = data.merge(patients[["patient_id", "faceage"]])["faceage"]
    # one gene of each block of 20, since the genes of a block are correlated
    null = data[[c for c in data if c.startswith("SYN")]].iloc[:, 10::20]
    p_values = [stats.pearsonr(null[g], faceage).pvalue for g in null]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_alleles_are_in_hardy_weinberg_proportions_and_lean_only_in_cdk6():
    synthetic = fs.simulate("genotyped", seed=3, n=3000)
    dosage = synthetic.tables["genotypes"].drop(columns="patient_id").astype(float)
    variants = synthetic.tables["variants"].set_index("variant_id")
    patients = fs.simulate("thoracic", seed=3, n=3000).data
    data = synthetic.tables["genotypes"][["patient_id"]].merge(patients)
    slope, intercept = np.polyfit(data["age"], data["faceage"], 1)
    own = data["faceage"] - intercept - slope * data["age"]
    z = np.sqrt(3000) * dosage.corrwith(own)
    target = variants["gene"] == "CDK6"
    assert (z[target] > 5).all()
    assert (z[~target].abs() < 4).all()
    for name in variants.index[~target]:
        counts = dosage[name].value_counts().reindex([0, 1, 2], fill_value=0).to_numpy()
        p = (counts[1] + 2 * counts[2]) / (2 * counts.sum())
        expected = counts.sum() * np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])
        assert ((counts - expected) ** 2 / expected).sum() < stats.chi2.ppf(0.9999, 1)
