"""Truth: R 4.2.2 per gene and limma 3.54.1 on the conformance data; invariances."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import faceage_stats as fs
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError

DATA = Path(__file__).resolve().parents[2] / "conformance" / "cases" / "data"
CLINICAL = ["id", "time", "status", "age", "faceage"]


@pytest.fixture(scope="module")
def tables():
    everything = pd.read_csv(DATA / "genes.csv", keep_default_na=False, na_values=[""])
    genes = [name for name in everything if name not in CLINICAL]
    return everything[["id", *genes]], everything[CLINICAL]


@pytest.fixture(scope="module")
def expected():
    return pd.read_csv(DATA / "genes_expected.csv", keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def screen(tables):
    expression, clinical = tables
    shuffled = clinical.sample(frac=1, random_state=7)  # joined by id, never by position
    with pytest.warns(EstimationWarning, match="of 2000 genes 1 do not vary and 0 are missing"):
        return fs.gene_screen(expression, shuffled, "faceage", adjust="age", id="id")


@pytest.mark.parametrize(
    ("method", "variable", "prefix", "columns"),
    [
        ("pearson", "faceage", "pearson_faceage_", {"r": "estimate"}),
        ("pearson", "age", "pearson_age_", {"r": "estimate"}),
        ("spearman", "faceage", "spearman_faceage_", {"rho": "estimate"}),
        ("spearman", "age", "spearman_age_", {"rho": "estimate"}),
        ("lm", "faceage", "lm_faceage_", {"coef": "estimate", "se": "std_error", "t": "statistic"}),
        ("lm", "age", "lm_age_", {"coef": "estimate", "se": "std_error", "t": "statistic"}),
        (
            "moderated", "faceage", "limma_",
            {"coef": "estimate", "t": "statistic", "b": "log_odds", "ave_expr": "mean",
             "df_total": "df"},
        ),
    ],
)  # fmt: skip
def test_every_gene_equals_r(screen, expected, method, variable, prefix, columns):
    table = screen.tidy(method=method, variable=variable)
    for theirs, ours in {**columns, "p": "p_value", "p_bh": "p_bh"}.items():
        if f"{prefix}{theirs}" in expected:
            r = expected[f"{prefix}{theirs}"].to_numpy()
            np.testing.assert_allclose(table[ours], r, rtol=1e-8, atol=1e-11)  # NaN where R has
    assert table["n"].tolist() == expected["n"].tolist()
    if method == "moderated":
        np.testing.assert_allclose(table["sigma_post"] ** 2, expected["limma_s2_post"], rtol=1e-10)


def test_constant_gene_takes_no_part_in_adjustment(screen):
    table = screen.tidy(method="lm", p_adjust=("holm", "BH", "q_value"))
    constant = table["gene"] == "GENE1500"
    assert table.loc[constant, ["p_value", "p_holm", "p_bh", "q_value"]].isna().all(axis=None)
    np.testing.assert_allclose(
        table.loc[~constant, "p_holm"], fs.p_adjust(table.loc[~constant, "p_value"], "holm")
    )
    assert screen.glance()["n_no_estimate"].iloc[0] == 1


def test_survival_screen_equals_r(tables, expected):
    expression, clinical = tables
    with pytest.warns(EstimationWarning, match="1 do not vary"):
        cox = fs.gene_screen(expression, clinical, "Surv(time, status)", id="id")
    table = cox.tidy(conf_level=0.9)
    for theirs, ours in {"coef": "estimate", "se": "std_error", "z": "statistic", "p": "p_value",
                         "p_bh": "p_bh"}.items():  # fmt: skip
        np.testing.assert_allclose(table[ours], expected[f"cox_{theirs}"], rtol=1e-6, atol=1e-9)
    assert "Surv(time, status)" in repr(cox)
    assert cox.models is None


def test_adjusted_survival_screen_equals_coxph(tables):
    expression, clinical = tables
    genes = ["GENE0001", "CDK6"]
    cox = fs.gene_screen(
        expression, clinical, "Surv(time, status)", adjust="age", id="id", genes=genes
    )
    merged = clinical.merge(expression, on="id")
    for gene, row in cox.tidy().set_index("gene").iterrows():
        fit = fs.coxph(f"Surv(time, status) ~ {gene} + age", merged).tidy().iloc[0]
        assert row["estimate"] == pytest.approx(fit["estimate"], rel=1e-7)


def test_partial_correlation_and_intervals(tables, screen):
    expression, clinical = tables
    merged = clinical.merge(expression[["id", "CDK6"]], on="id")
    one = fs.partial_cor("~ CDK6 + faceage | age", merged)
    row = screen.tidy(method="partial").set_index("gene").loc["CDK6"]
    for name in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert row[name] == pytest.approx(getattr(one, name), rel=1e-9)
    fit = sm.OLS(merged["CDK6"], sm.add_constant(merged[["faceage", "age"]])).fit()
    line = screen.tidy(method="lm", conf_level=0.9).set_index("gene").loc["CDK6"]
    low, high = fit.conf_int(0.1).loc["faceage"]
    assert (line["conf_low"], line["conf_high"]) == pytest.approx((low, high), rel=1e-9)
    rank = screen.tidy(method="spearman").set_index("gene").loc["CDK6"]
    test = fs.cor_test("~ CDK6 + faceage", merged, method="spearman", exact=False)
    assert rank["conf_low"] == pytest.approx(test.conf_low, rel=1e-9)


def test_side_by_side_and_top(screen):
    wide = screen.side_by_side("lm")
    assert wide.columns[:5].tolist() == [
        "gene", "faceage_estimate", "faceage_p_value", "faceage_p_holm", "faceage_p_bh",
    ]  # fmt: skip
    assert "age_p_holm" in wide
    assert screen.top(1)["gene"].tolist() == ["CDK6"]
    assert "faceage given age (n = 150)" in repr(screen)


@pytest.fixture
def small():
    rng = np.random.default_rng(0)
    people = pd.DataFrame({"patient_id": range(30), "age": rng.normal(60, 9, 30)})
    people["faceage"] = people["age"] + rng.normal(0, 5, 30)
    genes = pd.DataFrame(rng.normal(size=(30, 3)), columns=["A", "B", "C"])
    return genes.assign(patient_id=range(30)), people


def test_missing_throughout_and_too_few_values(small):
    genes, people = small
    genes = genes.assign(B=np.nan, C=np.where(genes.index < 3, genes["C"], np.nan))
    with pytest.warns(EstimationWarning, match="of 3 genes 0 do not vary and 1 are missing"):
        screen = fs.gene_screen(genes, people, "faceage", adjust="age")
    for method in screen.methods:
        assert screen.tidy(method=method)["p_value"].isna().tolist() == [False, True, True]


def test_gene_seen_in_fewer_patients_than_coefficients_is_nan(small):
    genes, people = small
    genes = genes.assign(C=np.where(genes.index < 2, genes["C"], np.nan))
    screen = fs.gene_screen(genes, people, "faceage", adjust="age", methods=["lm"])
    assert screen.tidy()["p_value"].isna().tolist() == [False, False, True]


def test_missing_exposure_is_counted(small):
    genes, people = small
    people.loc[:3, "age"] = np.nan
    screen = fs.gene_screen(genes.iloc[:28], people, "faceage", adjust="age", methods=["lm"])
    row = screen.glance().iloc[0]
    assert row[["n", "n_missing", "n_unmatched_table", "n_unmatched_data"]].tolist() == [
        24, 4, 0, 2,
    ]  # fmt: skip
    assert "df_prior" not in row


def test_binary_exposure_and_factor_adjustment(small):
    genes, people = small
    people["old"] = (people["faceage"] > people["age"]).astype(int)
    people["site"] = np.resize(["gi", "lung", "breast"], 30)
    screen = fs.gene_screen(genes, people, "old", adjust="age + site", methods=["lm"])
    assert screen.variables == ("old", "age", "sitegi", "sitelung")
    design = pd.get_dummies(people[["old", "age", "site"]], columns=["site"], dtype=float)
    fit = sm.OLS(genes["A"], sm.add_constant(design.drop(columns="site_breast"))).fit()
    assert screen.tidy()["p_value"].iloc[0] == pytest.approx(fit.pvalues["old"], rel=1e-9)


def test_refusals_of_the_join(small):
    genes, people = small
    with pytest.raises(DesignError, match="matches 0 patients of 30 in expression and 30 in data"):
        fs.gene_screen(genes.assign(patient_id=genes["patient_id"].astype(str)), people, "faceage")
    with pytest.raises(DesignError, match=r"17% of the smaller table .* 10% are allowed"):
        fs.gene_screen(genes.assign(patient_id=genes["patient_id"] + 5), people, "faceage")
    moved = genes.assign(patient_id=genes["patient_id"] + 5)
    assert fs.gene_screen(moved, people, "faceage", max_unmatched=0.2, methods=["lm"]).n == 25
    with pytest.raises(InputError, match="more than once in expression"):
        fs.gene_screen(pd.concat([genes, genes.head(1)]), people, "faceage")
    gap = people.assign(patient_id=people["patient_id"].where(people["patient_id"] > 0))
    with pytest.raises(InputError, match="missing in 1 rows of data"):
        fs.gene_screen(genes, gap, "faceage")
    with pytest.raises(FormulaError, match="subject"):
        fs.gene_screen(genes, people, "faceage", id="subject")


def test_refusals_of_the_genes(small):
    genes, people = small
    twice = pd.concat([genes, genes[["A"]]], axis=1)
    with pytest.raises(InputError, match=r"more than once \(A\)\. Keep one of each"):
        fs.gene_screen(twice, people, "faceage")
    with pytest.raises(InputError, match="named more than once"):
        fs.gene_screen(genes, people, "faceage", genes=["A", "A"])
    with pytest.raises(InputError, match=r"have 1 columns in common besides 'patient_id' \(age\)"):
        fs.gene_screen(genes.assign(age=1.0), people, "faceage")
    with pytest.raises(InputError, match=r"1 columns of expression are not numeric \(B\)"):
        fs.gene_screen(genes.assign(B="high"), people, "faceage")
    with pytest.raises(InputError, match=r"1 columns of expression hold infinite values \(C\)"):
        fs.gene_screen(genes.assign(C=np.inf), people, "faceage")
    with pytest.raises(InputError, match="no columns besides"):
        fs.gene_screen(genes[["patient_id"]], people, "faceage")
    with pytest.raises(FormulaError, match="CDK6"):
        fs.gene_screen(genes, people, "faceage", genes=["CDK6"])


def test_refusals_of_the_model(small):
    genes, people = small
    with pytest.raises(InputError, match="methods is 'anova'; choose one of moderated"):
        fs.gene_screen(genes, people, "faceage", methods=["anova"])
    with pytest.raises(InputError, match="methods has none"):
        fs.gene_screen(genes, people, "faceage", methods=[])
    for special in ("strata", "cluster", "offset"):
        with pytest.raises(FormulaError, match=rf"gene_screen\(\).*{special}\(age\) is not used"):
            fs.gene_screen(genes, people, "faceage", adjust=f"{special}(age)")
    with pytest.raises(DesignError, match=r"2 covariates .* but 3 complete patients"):
        fs.gene_screen(genes.head(3), people.head(3), "faceage", adjust="age")
    with pytest.raises(DesignError, match="constant or collinear in 30"):
        fs.gene_screen(genes, people.assign(x=people["faceage"] * 2), "faceage", adjust="x")
    with pytest.raises(InputError, match="takes Surv\\(time, event\\)"):
        fs.gene_screen(genes, people, "Surv(age, faceage, age)")
    screen = fs.gene_screen(genes, people, "faceage", methods=["lm"])
    with pytest.raises(InputError, match="method is 'moderated'; this screen has lm"):
        screen.tidy(method="moderated")
    with pytest.raises(InputError, match="variable is 'age'; this screen has faceage"):
        screen.tidy(variable="age")
    with pytest.raises(InputError, match="conf_level is 95"):
        screen.tidy(conf_level=95)
    with pytest.raises(InputError, match="p_adjust is 'fdr'; choose one of holm"):
        screen.tidy(p_adjust=["fdr"])


@pytest.mark.filterwarnings("ignore:of 3 genes")
def test_every_column_is_in_the_glossary(small):
    from faceage_stats._glossary import GLOSSARY

    genes, people = small
    people = people.assign(time=1.0 + people.index, event=1, group=people.index % 2)
    dosage = (genes.drop(columns="patient_id") > 0).astype(int).assign(patient_id=range(30))
    screen = fs.gene_screen(genes, people, "faceage", adjust="age")
    cox = fs.gene_screen(genes, people, "Surv(time, event)")
    sets = {"set": ["A", "B"]}
    results = [
        *(fs.gene_set_test(screen, sets, method=m) for m in ("camera", "rotation")),
        *(fs.set_test(dosage, people, "faceage ~ age", sets=sets, test=t)
          for t in ("skat", "skat_o", "acat", "acat_v")),
        fs.max_t(screen, n_resamples=9), fs.qvalue([0.1, 0.9], pi0=1), fs.variant_qc(dosage),
        fs.variant_screen(dosage, people, "faceage ~ age"), cox,
        fs.subgroup_forest("faceage ~ age", people, by="group"),
    ]  # fmt: skip
    tables = [table for r in results for table in (r.tidy(), r.glance())]
    tables += [screen.tidy(method=m) for m in screen.methods]
    tables += [screen.glance(), results[3].details(), results[-1].tests()]
    for table in tables:
        assert set(table) <= set(GLOSSARY)
