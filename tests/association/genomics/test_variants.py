"""Truth: exact rational sums for Hardy-Weinberg, statsmodels and coxph for the models."""

from fractions import Fraction
from math import factorial

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import faceage_stats as fs
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError

N = 120


def exact_hwe(hom, het, other):
    """Sum of the probabilities not above the observed one, in fractions."""
    n, alleles = hom + het + other, 2 * hom + het

    def probability(h):
        a = (alleles - h) // 2
        ways = Fraction(factorial(n), factorial(a) * factorial(h) * factorial(n - a - h))
        return ways * 2**h

    every = range(alleles % 2, min(alleles, 2 * n - alleles) + 1, 2)
    total = sum(map(probability, every))
    return float(sum(p for p in map(probability, every) if p <= probability(het)) / total)


@given(st.integers(0, 25), st.integers(0, 25), st.integers(0, 25))
@settings(max_examples=150, deadline=None)
def test_hwe_is_exact(hom, het, other):
    if hom + het + other:
        got = fs.hwe_test(hom, het, other).p_value
        assert got == pytest.approx(exact_hwe(hom, het, other), rel=1e-9)
        assert got == pytest.approx(fs.hwe_test(other, het, hom).p_value)


def test_hwe_of_large_counts_and_of_one_allele():
    assert fs.hwe_test(25_000, 50_000, 25_000).p_value == pytest.approx(1, abs=1e-9)
    alone = fs.hwe_test(40, 0, 0)
    assert alone.p_value == 1
    assert np.isnan(alone.estimate)
    assert fs.hwe_test(30, 0, 30).estimate == 1


@pytest.mark.parametrize("counts", [(-1, 2, 3), (1.5, 2, 3), (0, 0, 0)])
def test_hwe_refuses_what_is_no_count(counts):
    with pytest.raises(InputError, match=r"whole (number, 0 or more|counts that are not all zero)"):
        fs.hwe_test(*counts)


def test_quality_control_says_why():
    rng = np.random.default_rng(2)
    good = rng.binomial(2, 0.3, N).astype(float)
    table = pd.DataFrame({"patient_id": range(N), "good": good})
    table["holes"] = np.where(np.arange(N) < 12, np.nan, good)
    table["rare"] = np.where(np.arange(N) == 0, 1.0, 0.0)
    table["never"] = 0.0
    table["all_missing"] = np.nan
    table["no_hets"] = np.where(rng.random(N) < 0.5, 0.0, 2.0)
    table["imputed"] = np.clip(good + 0.25, 0, 2)
    quality = fs.variant_qc(table)
    rows = quality.tidy().set_index("variant_id")
    assert rows["reason"].to_dict() == {
        "good": "", "holes": "missing", "rare": "rare", "never": "rare",
        "all_missing": "missing, rare", "no_hets": "Hardy-Weinberg", "imputed": "",
    }  # fmt: skip
    assert quality.passed == ["good", "imputed"]
    assert rows.loc["holes", ["n", "n_missing", "missing_proportion"]].tolist() == [108, 12, 0.1]
    assert rows.loc["good", "maf"] == pytest.approx(good.mean() / 2)
    assert np.isnan(rows.loc["imputed", "hwe_p"])
    counts = [(good == k).sum() for k in (0, 1, 2)]
    assert rows.loc["good", "hwe_p"] == pytest.approx(exact_hwe(*map(int, counts)))
    assert quality.glance().iloc[0].tolist() == [7, 2, 2, 3, 1, N, 0]
    assert fs.variant_qc(table, variants=["good"]).passed == ["good"]


@pytest.fixture(scope="module")
def tables():
    rng = np.random.default_rng(3)
    dosage = pd.DataFrame(rng.binomial(2, 0.35, (N, 3)).astype(float), columns=["v1", "v2", "v3"])
    dosage.loc[:4, "v2"] = np.nan
    dosage.insert(0, "patient_id", range(N))
    people = pd.DataFrame({"patient_id": range(N), "age": rng.normal(65, 9, N)})
    people["faceage"] = people["age"] + 2 * dosage["v1"] + rng.normal(0, 4, N)
    people["old"] = (people["faceage"] > people["age"] + 1).astype(int)
    people["time"] = rng.exponential(5, N)
    people["event"] = rng.integers(0, 2, N)
    return dosage, people.sample(frac=1, random_state=2)


def test_linear_models_equal_statsmodels(tables):
    dosage, people = tables
    screen = fs.variant_screen(dosage, people, "faceage ~ age")
    rows, merged = screen.tidy().set_index("variant_id"), people.merge(dosage, on="patient_id")
    for name in ("v1", "v2", "v3"):
        part = merged.dropna(subset=[name])
        fit = sm.OLS(part["faceage"], sm.add_constant(part[["age", name]])).fit()
        low, high = fit.conf_int().loc[name]
        expected = [fit.params[name], fit.bse[name], fit.pvalues[name], low, high, len(part)]
        columns = ["estimate", "std_error", "p_value", "conf_low", "conf_high", "n"]
        np.testing.assert_allclose(rows.loc[name, columns].astype(float), expected, rtol=1e-9)
    assert rows["n_missing"].tolist() == [0, 5, 0]
    np.testing.assert_allclose(rows["p_adjusted"], fs.p_adjust(rows["p_value"], "holm"))
    assert screen.glance()["method"].iloc[0] == "Linear model"


def test_logistic_models_equal_statsmodels(tables):
    dosage, people = tables
    rows = fs.variant_screen(dosage, people, "old ~ age").tidy().set_index("variant_id")
    merged = people.merge(dosage, on="patient_id").dropna(subset=["v2"])
    fit = sm.Logit(merged["old"], sm.add_constant(merged[["age", "v2"]])).fit(
        disp=0, tol=1e-12, method="newton"
    )
    np.testing.assert_allclose(
        rows.loc["v2", ["estimate", "std_error", "p_value"]].astype(float),
        [fit.params["v2"], fit.bse["v2"], fit.pvalues["v2"]],
        rtol=1e-6,
    )


def test_cox_models_equal_coxph(tables):
    dosage, people = tables
    screen = fs.variant_screen(dosage, people, "Surv(time, event) ~ age")
    merged = people.merge(dosage, on="patient_id")
    for name in ("v1", "v2"):
        fit = fs.coxph(f"Surv(time, event) ~ {name} + age", merged).tidy().iloc[0]
        row = screen.tidy().set_index("variant_id").loc[name]
        assert row["estimate"] == pytest.approx(fit["estimate"], rel=1e-7)
        assert row["p_value"] == pytest.approx(fit["p_value"], rel=1e-6)
    assert "Cox model per variant" in repr(screen)
    alone = fs.variant_screen(dosage, people, "Surv(time, event) ~ 1").tidy()
    assert alone["estimate"].notna().all()


def test_variants_that_say_nothing_are_nan(tables):
    dosage, people = tables
    flat = dosage.assign(v3=1.0)
    twin = people.merge(dosage[["patient_id", "v1"]].rename(columns={"v1": "copy"}))
    with pytest.warns(EstimationWarning, match="1 of 3 variants do not vary"):
        rows = fs.variant_screen(flat, twin, "faceage ~ copy").tidy()
    assert rows["estimate"].isna().tolist() == [True, False, True]  # v1 is its own covariate
    with pytest.warns(EstimationWarning, match="1 of 3"):
        logistic = fs.variant_screen(flat, twin, "old ~ copy").tidy()
    assert logistic["estimate"].isna().tolist() == [True, False, True]


def test_variant_with_too_few_patients_is_nan(tables):
    dosage, people = tables
    sparse = dosage.assign(v3=np.where(np.arange(N) < 3, dosage["v3"], np.nan))
    sparse.loc[:2, "v3"] = [0, 1, 2]
    assert np.isnan(fs.variant_screen(sparse, people, "faceage ~ age").tidy()["estimate"][2])


def test_refusals(tables):
    dosage, people = tables
    for special in ("strata", "cluster", "offset"):
        for trait in ("faceage", "old"):
            with pytest.raises(FormulaError, match=rf"{special}\(age\) is not used here"):
                fs.variant_screen(dosage, people, f"{trait} ~ {special}(age)")
    with pytest.raises(DesignError, match="collinear"):
        fs.variant_screen(dosage, people.assign(twice=people["age"]), "faceage ~ age + twice")
    with pytest.raises(InputError, match="dosages outside 0 to 2"):
        fs.variant_screen(dosage.assign(v1=9.0), people, "faceage ~ age")
