"""Errors, intervals and tests of a release are those of the rounded number of patients."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.cohorts.disclosure import release_table as releasing
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.circumstances import Circumstances
from faceage_stats.cohorts.disclosure.rounded_n import of_rounded_n
from faceage_stats.cohorts.disclosure.rounding import round_counts
from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.errors import DisclosureError
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

N = 1003
RULES = dataclasses.replace(RULE_SETS["opensafely"], key=b"secret")
SHOWN = float(round_counts(N, RULES))


def rows():
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "y": rng.normal(0, 5, N),
            "x": rng.normal(0, 1, N),
            "site": rng.choice(["a", "b", "c"], N),
            "years": rng.exponential(3, N) + 0.01,
            "death": rng.integers(0, 2, N),
        }
    )


def released(result):
    table = result.tidy()
    return table, of_rounded_n(table, Circumstances(RULES, n=N))


def test_the_shown_number_is_another():
    assert SHOWN != N


def test_a_correlation_and_its_test_give_the_shown_number():
    _, made = released(fs.cor_test("~ y + x", data=rows()))
    r, t, p = made.loc[0, ["estimate", "statistic", "p_value"]].astype(float)
    df = t**2 * (1 - r**2) / r**2
    assert df + 2 == pytest.approx(SHOWN, rel=1e-12)
    assert p == pytest.approx(2 * stats.t.sf(abs(t), SHOWN - 2), rel=1e-9)
    width = np.ptp(np.arctanh(made.loc[0, ["conf_low", "conf_high"]].astype(float)))
    assert (2 * stats.norm.isf(0.025) / width) ** 2 + 3 == pytest.approx(SHOWN, rel=1e-5)


def test_a_share_of_variance_and_its_f_give_the_shown_number():
    fit = fs.lm("y ~ x + site", data=rows()).glance()
    made = of_rounded_n(fit, Circumstances(RULES, n=N))
    f, r2, df = made.loc[0, ["statistic", "r_squared", "df"]].astype(float)
    assert 1 + df + df * f * (1 - r2) / r2 == pytest.approx(SHOWN, rel=1e-9)
    assert made.loc[0, "p_value"] == pytest.approx(stats.f.sf(f, df, SHOWN - 1 - df), rel=1e-6)
    ratio = (1 - made.loc[0, "r_squared_adjusted"]) / (1 - r2)
    assert df / (ratio - 1) + df + 1 == pytest.approx(SHOWN, abs=0.05)


def test_chi_squared_gives_no_other_share_than_the_shown_number_has():
    table = pd.DataFrame({"estimate": [0.1], "statistic": [0.01 * N], "df": [1], "n": [N]})
    table["p_value"] = stats.chi2.sf(table["statistic"], 1)
    made = of_rounded_n(table, Circumstances(RULES, n=N))
    assert made.loc[0, "statistic"] == pytest.approx(0.01 * SHOWN, rel=1e-12)
    assert made.loc[0, "p_value"] == pytest.approx(stats.chi2.sf(0.01 * SHOWN, 1), rel=1e-9)


def test_an_interval_keeps_its_scale():
    cox, made = released(fs.coxph("Surv(years, death) ~ x", data=rows()))
    ratio = np.sqrt(cox["n_event"] / round_counts(cox["n_event"], RULES))
    half = [(t["conf_high"] - t["conf_low"]) / 2 for t in (cox, made)]
    assert half[1].tolist() == pytest.approx((half[0] * ratio).tolist())
    hazard = cox.assign(**np.exp(cox[["estimate", "conf_low", "conf_high"]]))
    by_ratio = of_rounded_n(hazard, Circumstances(RULES, n=N))
    wide = np.log(by_ratio["conf_high"] / by_ratio["conf_low"])
    assert wide.tolist() == pytest.approx((2 * half[1]).tolist())


def test_a_sum_of_ranks_is_withheld_and_its_p_value_stays():
    two = rows()[lambda d: d["site"] != "c"]
    table, made = released(fs.wilcox_test("y ~ site", data=two))
    assert table["statistic"].notna().all()
    assert made["statistic"].isna().all()
    assert made["p_value"].notna().all()


def test_a_number_that_stands_twice_is_released_as_one():
    """The ratio of two intervals would give how far each number is rounded."""
    gap = pd.DataFrame({"estimate": [5.1234], "conf_low": [3.9876], "conf_high": [6.2592]})
    small = gap.assign(group="a", n=43, p_value=0.0321)
    values = gap.assign(id="gap_of_a", n=N, p_value=0.0321)
    shown = release(fs.Item(caption="Gaps.", tables={"gaps": small}, values=values), RULES)
    columns = ["estimate", "conf_low", "conf_high", "p_value"]
    first, second = (shown.frames["table_gaps"][columns], shown.values[columns])
    ratio = np.sqrt(43 / round_counts(43, RULES))
    assert np.ptp(first[["conf_low", "conf_high"]]) == pytest.approx(2.2716 * ratio, abs=0.06)
    assert second.to_numpy().tolist() == first.to_numpy().tolist()


def screen(n_genes=400):
    """Correlations of many genes: a pair of estimate and p value each."""
    rng = np.random.default_rng(8)
    people = pd.DataFrame({"patient_id": range(N), "faceage": rng.normal(65, 9, N)})
    genes = rng.normal(0, 1, (N, n_genes)) + np.outer(
        people["faceage"] - 65, np.full(n_genes, 0.01)
    )
    table = pd.DataFrame(genes, columns=[f"g{i}" for i in range(n_genes)])
    found = fs.gene_screen(
        table.assign(patient_id=range(N)), people, "faceage", methods=["pearson"]
    )
    return found.tidy()[["gene", "method", "estimate", "p_value", "n"]]


def write_screen(folder):
    item = fs.Item(caption="Genes.", tables={"genes": screen()}, columns={"gene": "gene"})
    write_item(release(item, RULES), folder / "genes", provenance={"synthetic": False})


def test_many_pairs_of_a_release_give_nothing(tmp_path):
    write_screen(tmp_path)
    assert pd.read_csv(tmp_path / "genes" / "table_genes.csv")["p_value"].notna().all()
    assert attack(tmp_path).empty


def test_many_pairs_of_the_exact_number_are_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(releasing, "of_rounded_n", lambda table, under: table)
    with pytest.raises(DisclosureError, match="number of patients behind tests"):
        write_screen(tmp_path)


def test_a_median_is_rounded_by_a_spread_of_its_own_only():
    """The standard deviation of another variable said that of 194 days two are known."""
    other = pd.DataFrame({"group": ["a"], "n": [720], "median": [193.0], "std_dev": [7.76]})
    own = other.assign(mean=195.0, std_dev=60.0)
    under = Circumstances(RULES, n=N)
    assert releasing.release_table(other, under)["median"].tolist() == [200]
    assert releasing.release_table(own, under)["median"].tolist() == [195]


def test_partial_correlations_of_genes_stay():
    """Of all patients each: they were taken for comparisons of groups of unknown size."""
    table = screen(n_genes=5).assign(method="partial", n_missing=0)
    shown = releasing.release_table(table, Circumstances(RULES, n=N))
    assert shown["estimate"].notna().all()
