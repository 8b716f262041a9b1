"""Truth: definitions written out with plain linear algebra, statsmodels, invariances.

The R packages' own numbers are compared in tests/conformance.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from faceage_stats import set_test
from faceage_stats.association.genomics import skat
from faceage_stats.association.genomics.quadratic_form import liu_params, quadratic_form_sf
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError

N = 160
SETS = {"CDK6": ["a1", "a2", "a3", "a4"], "RB1": ["b1", "b2"]}


@pytest.fixture(scope="module")
def tables():
    rng = np.random.default_rng(5)
    frequency = [0.3, 0.1, 0.02, 0.4, 0.25, 0.15]
    dosage = pd.DataFrame(rng.binomial(2, frequency, (N, 6)), columns=SETS["CDK6"] + SETS["RB1"])
    dosage.insert(0, "patient_id", [f"P{i}" for i in range(N)])
    people = pd.DataFrame({"patient_id": dosage["patient_id"], "age": rng.normal(65, 9, N)})
    people["faceage"] = people["age"] + 1.5 * dosage["a1"] - 1.5 * dosage["a4"]
    people["faceage"] += rng.normal(0, 4, N)
    people["old"] = (people["faceage"] > people["age"]).astype(int)
    return dosage, people.sample(frac=1, random_state=1)


def p_of(dosage, people, formula="faceage ~ age", **options):
    return set_test(dosage, people, formula, sets=SETS, **options).tidy()["p_value"].to_numpy()


def test_skat_and_burden_from_their_definition(tables):
    dosage, people = tables
    merged = people.merge(dosage, on="patient_id")
    x = sm.add_constant(merged[["age"]].to_numpy())
    fit = sm.OLS(merged["faceage"], x).fit()
    g = merged[SETS["CDK6"]].to_numpy(float)
    weights = stats.beta.pdf(g.mean(axis=0) / 2, 1, 25)
    z = g * weights
    score = z.T @ fit.resid.to_numpy()
    kernel = z.T @ (z - x @ np.linalg.solve(x.T @ x, x.T @ z)) / 2
    q = score @ score / (2 * fit.scale)
    row = set_test(dosage, people, "faceage ~ age", sets=SETS, weights=(1, 25)).tidy().iloc[0]
    assert row["statistic"] == pytest.approx(q, rel=1e-10)
    assert row["p_value"] == pytest.approx(quadratic_form_sf(q, np.linalg.eigvalsh(kernel)))
    burden = p_of(dosage, people, test="burden", weights=(1, 25))[0]
    assert burden == pytest.approx(
        stats.chi2.sf(score.sum() ** 2 / (fit.scale * 2 * kernel.sum()), 1), rel=1e-10
    )


def test_logistic_null_model(tables):
    dosage, people = tables
    merged = people.merge(dosage, on="patient_id")
    fit = sm.GLM(merged["old"], sm.add_constant(merged[["age"]]), sm.families.Binomial()).fit(
        tol=1e-14
    )
    total = merged[SETS["CDK6"]].sum(axis=1)
    score = fit.score_test(
        exog_extra=total.to_numpy(float)[:, None]
    )  # chi-squared of the pooled count
    test = set_test(dosage, people, "old ~ age", sets=SETS, test="burden")
    assert test.family == "binomial"
    assert test.tidy()["p_value"].iloc[0] == pytest.approx(score[1][0], rel=1e-8)


def test_single_variants_of_a_binary_trait_have_score_tests(tables):
    dosage, people = tables
    single = set_test(dosage, people, "old ~ age", sets={"one": ["a1"]}, test="acat").tidy()
    pooled = set_test(dosage, people, "old ~ age", sets={"one": ["a1"]}, test="burden").tidy()
    assert single["p_value"].iloc[0] == pytest.approx(pooled["p_value"].iloc[0], rel=1e-10)


@pytest.mark.parametrize("test", ["skat", "burden", "skat_o"])
def test_one_variant_is_its_score_test(tables, test):
    dosage, people = tables
    merged = people.merge(dosage, on="patient_id")
    x = sm.add_constant(merged[["age"]])
    null = sm.OLS(merged["faceage"], x).fit()
    g = sm.OLS(merged["a1"], x).fit().resid
    chi2 = (g @ null.resid) ** 2 / (g @ g) / null.scale
    got = set_test(dosage, people, "faceage ~ age", sets={"one": ["a1"]}, test=test).tidy()
    assert got["p_value"].iloc[0] == pytest.approx(stats.chi2.sf(chi2, 1), rel=1e-9)


def test_acat_of_one_variant_is_its_t_test(tables):
    dosage, people = tables
    merged = people.merge(dosage, on="patient_id")
    fit = sm.OLS(merged["faceage"], sm.add_constant(merged[["age", "a1"]])).fit()
    test = set_test(dosage, people, "faceage ~ age", sets={"one": ["a1"]}, test="acat")
    assert test.tidy()["p_value"].iloc[0] == pytest.approx(fit.pvalues["a1"], rel=1e-9)
    assert test.details()["p_value"].iloc[0] == pytest.approx(fit.pvalues["a1"], rel=1e-9)


@pytest.mark.parametrize("test", ["skat", "burden", "skat_o"])
def test_minor_allele_is_counted_whichever_the_table_counts(tables, test):
    dosage, people = tables
    turned = dosage.assign(a1=2 - dosage["a1"], b2=2 - dosage["b2"])
    np.testing.assert_allclose(
        p_of(turned, people, test=test), p_of(dosage, people, test=test), rtol=1e-9
    )


def test_acat_v_counts_the_allele_of_the_table(tables):
    dosage, people = tables
    turned = dosage.assign(a3=2 - dosage["a3"])  # the rare one is no longer rare
    options = {"test": "acat_v", "weights": (1, 25)}
    assert p_of(turned, people, **options)[0] != p_of(dosage, people, **options)[0]
    rare = set_test(dosage, people, "faceage ~ age", sets=SETS, **options).tidy()["n_rare"]
    assert rare.tolist() == [1, 0]


def test_acat_v_of_rare_variants_only_is_their_burden(tables):
    dosage, people = tables
    options = {"weights": (1, 25)}
    pooled = p_of(dosage, people, test="acat_v", mac_threshold=10**6, **options)
    np.testing.assert_allclose(pooled, p_of(dosage, people, test="burden", **options), rtol=1e-9)


def test_weighted_acat_uses_the_weights_of_acat_v(tables):
    dosage, people = tables
    weighted = p_of(dosage, people, test="acat", weights=(1, 25))
    np.testing.assert_allclose(
        weighted, p_of(dosage, people, test="acat_v", mac_threshold=0, weights=(1, 25)), rtol=1e-9
    )


def test_skat_o_lies_between_the_smallest_p_and_bonferroni(tables):
    dosage, people = tables
    test = set_test(dosage, people, "faceage ~ age", sets=SETS, test="skat_o")
    smallest = test.details().groupby("gene")["p_value"].min()
    p = test.tidy().set_index("gene")["p_value"]
    assert (p >= smallest[p.index] * 0.999).all()
    assert (p <= 7 * smallest[p.index]).all()
    assert test.details()["rho"].unique().tolist() == pytest.approx(list(skat.RHO))
    # effects of either sign: SKAT does better than the burden
    assert test.tidy()["rho"].iloc[0] < 0.5


# Truth: scores without correlation leave a chi-squared variable beside the burden, and the integral
# over the burden is a sum over two million steps; its corners lie within 1e-3 of each other.
@pytest.mark.parametrize("smallest", [0.4, 0.2, 0.01])
def test_the_integral_of_skat_o_misses_no_corner(smallest):
    m, rho = 4, np.minimum(skat.RHO, 0.999)
    steepness = m * rho + 1 - rho
    spectra = [[1 - r] * (m - 1) + [s] for r, s in zip(rho, steepness, strict=True)]
    quantiles = np.array([liu_params(np.array(each)).isf(smallest) for each in spectra])
    z = np.linspace(0, 8, 2_000_001)
    room = np.full(len(z), np.inf)
    for q, s, r in zip(quantiles, steepness, rho, strict=True):
        room = np.minimum(room, (q - s * z * z) / (1 - r))
    p = np.trapezoid(stats.chi2.sf(np.maximum(room, 0), m - 1) * 2 * stats.norm.pdf(z), z)
    found = skat._beyond_some_quantile(np.eye(m), rho, quantiles)
    assert found == pytest.approx(p, rel=1e-8)


def test_rows_are_joined_by_identifier(tables):
    dosage, people = tables
    for test in ("skat", "acat_v"):
        np.testing.assert_allclose(
            p_of(dosage.iloc[::-1], people.sort_values("age"), test=test),
            p_of(dosage, people, test=test),
            rtol=1e-10,
        )


def test_missing_dosages_are_the_mean_and_missing_patients_are_counted(tables):
    dosage, people = tables
    holes = dosage.astype({"a1": float})
    holes.loc[:9, "a1"] = np.nan
    filled = holes.fillna({"a1": holes["a1"].mean()})
    np.testing.assert_allclose(p_of(holes, people), p_of(filled, people), rtol=1e-10)
    fewer = people.assign(age=people["age"].where(people["age"] > people["age"].quantile(0.05)))
    test = set_test(dosage, fewer, "faceage ~ age", sets=SETS)
    assert (test.n, test.n_missing) == (152, 8)
    assert test.glance()["n_unmatched_table"].iloc[0] == 0
    assert "SKAT: faceage ~ age" in repr(test)


def test_sets_from_the_variants_table(tables):
    dosage, people = tables
    variants = pd.DataFrame(
        [(v, gene) for gene, names in SETS.items() for v in names], columns=["variant_id", "gene"]
    )
    got = set_test(dosage, people, "faceage ~ age", sets=variants).tidy()
    assert got["gene"].tolist() == list(SETS)
    np.testing.assert_allclose(got["p_value"], p_of(dosage, people))
    assert (got["p_adjusted"] >= got["p_value"]).all()


def test_variants_without_variation_are_counted(tables):
    dosage, people = tables
    flat = dosage.assign(a2=0, b1=1, b2=2)
    with pytest.warns(EstimationWarning, match="3 variants do not vary.*1 sets have none left"):
        test = set_test(flat, people, "faceage ~ age", sets=SETS)
    table = test.tidy()
    assert table["n_variant"].tolist() == [3, 0]
    assert np.isnan(table["p_value"].iloc[1])
    assert np.isnan(table["p_adjusted"].iloc[1])


def test_refusals(tables):
    dosage, people = tables
    call = {"sets": SETS}
    with pytest.raises(InputError, match="test is 'skats'; choose one of skat, burden"):
        set_test(dosage, people, "faceage ~ age", test="skats", **call)
    with pytest.raises(InputError, match="1 variants have dosages outside 0 to 2 \\(a1\\)"):
        set_test(dosage.assign(a1=3), people, "faceage ~ age", **call)
    with pytest.raises(InputError, match="1 sets have no variant: empty"):
        set_test(dosage, people, "faceage ~ age", sets={"empty": []})
    with pytest.raises(InputError, match="no sets"):
        set_test(dosage, people, "faceage ~ age", sets={})
    with pytest.raises(InputError, match=r"sets lacks the column\(s\) gene"):
        set_test(dosage, people, "faceage ~ age", sets=pd.DataFrame({"variant_id": ["a1"]}))
    for special in ("strata", "cluster", "offset"):
        with pytest.raises(FormulaError, match=rf"set_test\(\).*{special}\(old\) is not used"):
            set_test(dosage, people, f"faceage ~ age + {special}(old)", **call)
    with pytest.raises(FormulaError, match="'zz'"):
        set_test(dosage, people, "faceage ~ age", sets={"x": ["zz"]})
    with pytest.raises(DesignError, match=r"2 covariates .* are collinear"):
        set_test(dosage, people.assign(again=people["age"]), "faceage ~ age + again", **call)
    with pytest.raises(DesignError, match="the trait has one value"):
        set_test(dosage, people.assign(faceage=1.0), "faceage ~ age", **call)
    with pytest.raises(DesignError, match="explain the trait completely"):
        set_test(dosage, people.assign(faceage=people["age"] * 2), "faceage ~ age", **call)
    separated = people.assign(old=(people["age"] > 65).astype(int))
    with pytest.raises(InputError, match="separate the 0s and 1s"):
        set_test(dosage, separated, "old ~ age", **call)
