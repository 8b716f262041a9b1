"""Truth: limma 3.54.1, camera() and roast() on the conformance genes without missing values."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.association.genomics.set_residuals import z_of_t
from faceage_stats.errors import DesignError, InputError

DATA = Path(__file__).resolve().parents[2] / "conformance" / "cases" / "data"


@pytest.fixture(scope="module")
def genes():
    data = pd.read_csv(DATA / "genes.csv", keep_default_na=False, na_values=[""])
    wide = data.drop(columns=["time", "status", "age", "faceage"])
    varies = wide.notna().all() & (wide.nunique() > 1)
    return data[["id", "age", "faceage"]], wide.loc[:, varies]


@pytest.fixture(scope="module")
def screen(genes):
    people, wide = genes
    return fs.gene_screen(wide, people, "faceage", adjust="age", id="id", methods=["lm"])


@pytest.fixture(scope="module")
def sets(genes):
    names = list(genes[1].columns[1:])
    return {
        "first40": names[:40],
        "planted": ["CDK6", *names[40:55]],
        "null": names[299:330],
        "one": [names[44]],
    }


def test_camera_with_fixed_correlation_equals_limma(screen, sets):
    # camera(t(X), idx, model.matrix(~ faceage + age), contrast = 2, sort = FALSE)
    table = fs.gene_set_test(screen, sets).tidy()
    r = [8.66629486958042e-01, 2.23697271743997e-53, 6.03601514862503e-01, 3.97491437606579e-03]
    np.testing.assert_allclose(table["p_value"], r, rtol=1e-7)
    np.testing.assert_allclose(
        table["p_bh"],
        [8.66629486958042e-01, 8.94789086975987e-53, 8.04802019816671e-01, 7.94982875213158e-03],
        rtol=1e-7,
    )
    assert table["direction"].eq("up").all()
    assert table["n_gene"].tolist() == [40, 16, 31, 1]


def test_camera_with_estimated_correlation_equals_limma(screen, sets):
    table = fs.gene_set_test(screen, sets, inter_gene_cor=None).tidy()
    r = [8.47581246541904e-01, 2.05687803113383e-35, 5.55399549518482e-01, 4.52369740517592e-03]
    np.testing.assert_allclose(table["p_value"], r, rtol=1e-7)
    np.testing.assert_allclose(
        table["correlation"],
        [0.00135500096963613, 0.00355028616193396, -0.00160475619864701, np.nan],
        rtol=1e-7,
    )


@pytest.mark.parametrize(
    ("statistic", "name", "r"),
    [("mean", "first40", 0.6823), ("mean", "null", 0.4136), ("msq", "null", 0.8837)],
)
def test_rotation_agrees_with_roast(screen, sets, statistic, name, r):
    # roast(..., nrot = 9999); UpOrDown for the mean, Mixed for msq; both are Monte Carlo
    test = fs.gene_set_test(screen, {name: sets[name]}, method="rotation", statistic=statistic)
    row = test.tidy().iloc[0]
    assert row["p_value"] == pytest.approx(r, abs=5 * np.sqrt(r * (1 - r) / 9999 * 2))
    assert row["direction"] == ("mixed" if statistic == "msq" else "up")


def test_rotation_of_one_gene_is_its_moderated_t(screen, sets):
    p = fs.gene_set_test(screen, {"one": sets["one"]}, method="rotation").tidy()["p_value"].iloc[0]
    people_gene = screen.tidy(method="lm").set_index("gene").loc[sets["one"][0]]
    # the moderated p value: limma's t of this gene is 3.2586 on 152.7 degrees of freedom
    assert p == pytest.approx(people_gene["p_value"], abs=0.002)
    again = fs.gene_set_test(screen, {"one": sets["one"]}, method="rotation").tidy()
    assert again["p_value"].iloc[0] == p  # the same seed, the same rotations


def test_rotation_with_an_infinite_prior():
    rng = np.random.default_rng(1)
    people = pd.DataFrame({"patient_id": range(30), "faceage": rng.normal(size=30)})
    noise = rng.normal(size=(30, 8))
    x = np.column_stack([np.ones(30), people["faceage"]])
    noise -= x @ np.linalg.lstsq(x, noise, rcond=None)[0]
    noise /= np.linalg.norm(noise, axis=0)  # all variances alike
    genes = pd.DataFrame(noise + 0.1 * x[:, [1]]).add_prefix("G").assign(patient_id=range(30))
    screen = fs.gene_screen(genes, people, "faceage", methods=["moderated"])
    test = fs.gene_set_test(screen, {"all": [f"G{j}" for j in range(8)]}, method="rotation")
    assert np.isinf(screen.models.moderated.prior.df)
    assert 0 < test.tidy()["p_value"].iloc[0] <= 1


def test_hill_approximation():
    t = np.array([-30.0, -2.0, 0.0, 0.3, 5.0])
    np.testing.assert_allclose(z_of_t(t, 12.5), stats.norm.ppf(stats.t.cdf(t, 12.5)), atol=2e-4)
    assert z_of_t(t, np.inf) is t


def test_absent_genes_are_counted(screen, sets):
    table = fs.gene_set_test(screen, {"mixed": [*sets["null"], "NOT_THERE", "NOR_THIS"]}).tidy()
    assert table[["n_gene", "n_absent"]].iloc[0].tolist() == [31, 2]


def test_result_prints(screen, sets):
    test = fs.gene_set_test(screen, sets)
    assert "faceage given age" in repr(test)
    assert test.glance()["n_set"].iloc[0] == 4


def test_refusals(screen, sets, genes):
    with pytest.raises(InputError, match="method is 'gsea'; choose one of camera"):
        fs.gene_set_test(screen, sets, method="gsea")
    with pytest.raises(InputError, match="lists 1 genes more than once"):
        fs.gene_set_test(screen, {"twice": ["CDK6", "CDK6"]})
    with pytest.raises(DesignError, match="none of the 1 genes of 'none'"):
        fs.gene_set_test(screen, {"none": ["NOT_THERE"]})
    with pytest.raises(DesignError, match="compares a set with the other genes"):
        fs.gene_set_test(screen, {"all": list(screen.genes)})
    with pytest.raises(InputError, match="n_resamples is 0"):
        fs.gene_set_test(screen, sets, method="rotation", n_resamples=0)
    people, wide = genes
    people = people.assign(time=1.0 + people.index, event=1)
    survival = fs.gene_screen(wide[["id", "CDK6"]], people, "Surv(time, event)", id="id")
    with pytest.raises(InputError, match="not survival"):
        fs.gene_set_test(survival, sets)


def test_gmt_files(tmp_path):
    path = tmp_path / "sets.gmt"
    path.write_text(
        "# note\ncycle\tan example\tCDK4\tCDK6\tCDK4\t\n\nother\t\tRB1\n", encoding="utf-8"
    )
    assert fs.read_gmt(path) == {"cycle": ("CDK4", "CDK6"), "other": ("RB1",)}
    for text, message in (
        ("lonely\tno genes\n", "line 1 of sets.gmt has no genes"),
        ("a\t\tX\na\t\tY\n", "the set 'a' occurs twice"),
        ("# only a note\n", "holds no gene sets"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            fs.read_gmt(path)


def test_example_sets_are_named_as_examples():
    sets = fs.senescence_example()
    assert all("EXAMPLE" in name for name in sets)
    symbols = [gene for genes in sets.values() for gene in genes]
    assert len(symbols) == len(set(symbols)) == 30
