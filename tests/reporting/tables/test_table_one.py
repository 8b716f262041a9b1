"""Truth: counts and means by hand, R's lm/coxph-style fits by a small fake, printed layout."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import InputError
from faceage_stats.reporting.tables.table_one import table_one
from faceage_stats.reporting.tables.tbl_regression import tbl_regression


@pytest.fixture
def cohort():
    rng = np.random.default_rng(3)
    n = 60
    frame = pd.DataFrame(
        {
            "id": [f"p{i}" for i in range(n)],
            "faceage": rng.normal(70, 9, n),
            "sex": rng.choice(["F", "M"], n),
            "site": pd.Categorical(
                rng.choice(["lung", "breast", "gi"], n), categories=["lung", "breast", "gi", "gu"]
            ),
            "died": rng.integers(0, 2, n),
            "arm": np.repeat(["a", "b"], n // 2),
        }
    )
    frame.loc[[0, 40], "faceage"] = np.nan
    frame.loc[1, "sex"] = None
    return frame


def test_numbers_equal_pandas(cohort):
    table = table_one(cohort, by="arm")
    assert table.groups().values.tolist() == [["Overall", 60], ["a", 30], ["b", 30]]
    cells = table.tidy()
    assert "id" not in set(cells["variable"])  # a name for every row is no characteristic
    age = cells[(cells["variable"] == "faceage") & cells["level"].isna()].set_index("group")
    inside = cohort.loc[cohort["arm"] == "a", "faceage"]
    assert age.loc["a", "mean"] == pytest.approx(inside.mean())
    assert age.loc["a", "std_dev"] == pytest.approx(inside.std())
    assert age.loc["a", "q25"] == pytest.approx(inside.quantile(0.25))
    assert (age.loc["a", "n"], age.loc["a", "n_missing"]) == (29, 1)
    site = cells[(cells["variable"] == "site") & (cells["group"] == "Overall")]
    counts = cohort["site"].value_counts()
    assert site["level"].tolist() == ["lung", "breast", "gi"]  # declared order, unused left out
    assert site["n"].tolist() == [counts[level] for level in site["level"]]
    sex = cells[(cells["variable"] == "sex") & (cells["group"] == "a")].set_index("level")
    assert sex.loc["Missing", "n"] == 1
    assert sex["fraction"].sum() == pytest.approx(1)


def test_differences_and_tests(cohort):
    table = table_one(cohort, by="arm", test=True, medians=["faceage"]).comparisons()
    table = table.set_index("variable")
    a, b = (cohort.loc[cohort["arm"] == arm, "faceage"].dropna() for arm in "ab")
    expected = (a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2)
    assert table.loc["faceage", "smd"] == pytest.approx(expected)
    assert table.loc["faceage", "p_value"] == pytest.approx(stats.kruskal(a, b).pvalue)
    counts = pd.crosstab(cohort["arm"], cohort["died"])
    assert table.loc["died", "p_value"] == pytest.approx(
        stats.chi2_contingency(counts, correction=False).pvalue
    )
    welch = table_one(cohort, by="arm", test=True).comparisons().set_index("variable")
    assert welch.loc["faceage", "p_value"] == pytest.approx(
        stats.ttest_ind(a, b, equal_var=False).pvalue
    )


def test_three_groups_average_the_pairs(cohort):
    cohort["third"] = np.tile(["x", "y", "z"], 20)
    table = table_one(cohort, by="third", columns=["faceage", "died"], test=True)
    row = table.comparisons().set_index("variable").loc["faceage"]
    groups = [part.dropna() for _, part in cohort.groupby("third")["faceage"]]
    pairs = [
        abs(p.mean() - q.mean()) / np.sqrt((p.var() + q.var()) / 2)
        for p, q in [(groups[0], groups[1]), (groups[0], groups[2]), (groups[1], groups[2])]
    ]
    assert row["smd"] == pytest.approx(np.mean(pairs))
    assert np.isnan(row["smd_se"])
    assert "mean over all pairs" in table.to_html()


def test_rare_levels_are_tested_exactly(cohort):
    cohort["rare"] = ["yes"] * 3 + ["no"] * 57
    row = table_one(cohort, by="arm", columns=["rare"], test=True).comparisons().iloc[0]
    assert row["method"].startswith("Fisher")
    assert row["p_value"] == pytest.approx(stats.fisher_exact([[27, 3], [30, 0]]).pvalue)


def test_a_constant_has_no_difference(cohort):
    cohort["one"] = 5.0
    cohort["same"] = "x"
    table = table_one(cohort, by="arm", columns=["one", "same"], test=True)
    assert table.comparisons()["smd"].isna().all()
    assert "SMD" not in table.to_csv()


def test_printed_table(cohort):
    table = table_one(cohort, by="arm", labels={"sex": "Sex"}, medians=["faceage"])
    text = table.to_csv()
    assert '"faceage, median [IQR]"' in text
    assert '"Sex, n (%)"' in text
    assert "  Missing,2 (3.3%),1 (3.3%),1 (3.3%)" in text
    assert "Overall, N = 60" in repr(table)
    html = table.to_html()
    assert html == table.to_html()
    assert "Overall, N = 60" in html
    assert table._repr_html_() == html
    latex = table.to_latex()
    assert r"\begin{tabular" in latex
    assert r"(3.3\%)" in latex


def test_units_come_from_the_schema(cohort):
    table = table_one(cohort, columns=["faceage", "sex"], schema="maastro")
    assert '"faceage, years, mean (SD)"' in table.to_csv()
    assert table.by is None


def test_csv_can_be_written(cohort, tmp_path):
    table = table_one(cohort, columns=["sex"])
    assert table.to_csv(tmp_path / "t.csv") == (tmp_path / "t.csv").read_text(encoding="utf-8")
    with pytest.raises(InputError, match=r"t\.csv exists already"):
        table.to_csv(tmp_path / "t.csv")
    table.to_csv(tmp_path / "t.csv", force=True)
    assert table.gt() is not None


def small_counts():
    return pd.DataFrame(
        {
            "arm": ["a"] * 30 + ["b"] * 30,
            "site": ["lung"] * 2 + ["gi"] * 10 + ["breast"] * 18 + ["lung"] * 15 + ["gi"] * 15,
        }
    )


def test_no_sum_gives_a_small_count_back():
    cells = table_one(small_counts(), by="arm").suppressed(5).tidy()
    hidden = cells.pivot(index="level", columns="group", values="suppressed")
    assert bool(hidden.loc["lung", "a"])
    assert not (hidden.sum(axis=0) == 1).any()  # within a group: total minus the shown levels
    assert not (hidden.sum(axis=1) == 1).any()  # across groups: overall minus the shown group
    assert cells.loc[cells["suppressed"], ["n", "fraction"]].isna().all().all()


def test_suppressed_cells_are_marked_and_explained():
    table = table_one(small_counts(), by="arm").suppressed(5)
    assert "a count below 5" in table.to_html()
    assert ",*," in table.to_csv()
    untouched = table_one(small_counts(), by="arm").suppressed(2)
    assert not untouched.tidy()["suppressed"].any()


def test_table_one_refuses(cohort):
    with pytest.raises(InputError, match="'sexx'"):
        table_one(cohort, columns=["sexx"])
    with pytest.raises(InputError, match="1 rows have no value in 'sex'"):
        table_one(cohort, by="sex")
    with pytest.raises(InputError, match="has 1 groups"):
        table_one(cohort.assign(g="x"), by="g")
    with pytest.raises(InputError, match="holds dates"):
        table_one(cohort.assign(d=pd.Timestamp("2020-01-01")), columns=["d"])


class Fit:
    """The result protocol, and nothing else."""

    def __init__(self, rows, **glance):
        self.rows, self.summary = rows, glance

    def tidy(self, exponentiate=False, conf_level=0.95):
        table = pd.DataFrame(self.rows)
        if exponentiate:
            columns = ["estimate", "conf_low", "conf_high"]
            table[columns] = np.exp(table[columns])
            table["scale"] = table["scale"].str.removeprefix("log ")
        return table

    def glance(self):
        return pd.DataFrame([self.summary])


def row(variable, level=None, reference=False, estimate=0.1, n=100, n_event=40):
    width = np.nan if reference else 0.1
    return {
        "term": f"{variable}{level or ''}",
        "variable": variable,
        "level": level,
        "is_reference": reference,
        "estimate": 0.0 if reference else estimate,
        "conf_low": estimate - width,
        "conf_high": estimate + width,
        "p_value": np.nan if reference else 0.0123,
        "n": n,
        "n_event": n_event,
        "scale": "log hazard ratio",
    }


AGE = Fit([row("faceage10", estimate=np.log(1.151))], n=100, n_missing=0)
SEX = Fit([row("sex", "F", True, n=60), row("sex", "M", estimate=0.2, n=40)], n=100, n_missing=3)
BOTH = Fit([*AGE.rows, *SEX.rows], n=97, n_missing=3)


def test_one_model():
    text = tbl_regression(BOTH, labels={"faceage10": "FaceAge, per decade"}).to_csv()
    assert text.splitlines() == [
        "Characteristic,n,Events,HR (95% CI),p",
        '"FaceAge, per decade",100,40,1.15 (1.04–1.27),0.012',
        "sex,,,,",
        "  F,60,40,Reference,",
        "  M,40,40,1.22 (1.11–1.35),0.012",
    ]


def test_univariable_beside_multivariable():
    table = tbl_regression({"Univariable": [SEX, AGE], "Multivariable": AGE}, digits=3)
    lines = table.to_csv().splitlines()
    assert lines[0].split(",")[1] == "Univariable: n"
    assert lines[1].startswith("sex,")
    assert lines[3].endswith(",,,,")  # sex is not in the multivariable model
    assert lines[4].count("1.151 (1.041–1.272)") == 2
    html = table.to_html()
    assert "Univariable" in html
    assert "0 to 3 rows per model" in html
    assert list(table.tidy()["model"]) == ["Univariable"] * 3 + ["Multivariable"]
    assert table.glance()["model"].tolist() == ["Univariable", "Univariable", "Multivariable"]
    assert r"\cmidrule" in table.to_latex()


def test_coefficients_and_order():
    table = tbl_regression(BOTH, effect="Beta", exponentiate=False, include=["sex", "faceage10"])
    lines = table.to_csv().splitlines()
    assert lines[0] == "Characteristic,n,Events,Beta (95% CI),p"
    assert lines[-1].startswith("faceage10,100,40,0.14 (0.04–0.24)")
    assert table._repr_html_() == table.to_html()
    assert "Reference" in repr(table)
    assert table.gt() is not None


def test_without_counts_or_reference_columns():
    bare = Fit([{k: v for k, v in row("x").items() if k not in ("n", "n_event", "is_reference")}])
    assert tbl_regression(bare, effect="ratio").to_csv().splitlines()[1].startswith("x,,1.11")


def test_a_real_fit():

    frame = pd.DataFrame(
        {
            "time": np.arange(1, 13.0),
            "death": [1, 1, 0, 1] * 3,
            "age": [70, 61, 66, 75, 58, 62, 69, 55, 71, 64, 60, 68],
            "sex": list("FMFMMFMFFMMF"),
        }
    )
    fit = fs.coxph("Surv(time, death) ~ age + sex", data=frame)
    shown = tbl_regression({"Cox": fit}).tidy().set_index("term")
    expected = fit.tidy(exponentiate=True).set_index("term")
    pd.testing.assert_series_equal(shown["estimate"], expected["estimate"])
    assert shown.loc["sexF", "is_reference"]


@pytest.fixture
def blood():
    years = [40.0, 50, 60, 70, 80, 45, 55, 65]
    return pd.DataFrame({"pressure": [118, 121, 130, 133, 142, 119, 126, 129], "age": years})


def test_differences_stay_differences(blood):
    fit = fs.lm("pressure ~ age", data=blood)
    table = tbl_regression(fit)
    assert table.tidy()["estimate"].tolist() == fit.tidy()["estimate"].tolist()
    assert "difference (95% CI)" in table.to_csv()
    asked = tbl_regression(fit, exponentiate=True).tidy()
    np.testing.assert_allclose(asked["estimate"], np.exp(fit.tidy()["estimate"]))


def test_what_is_no_fit_and_what_cannot_be_printed_is_refused(blood):
    with pytest.raises(InputError, match=r"tbl_regression\(\): got a DataFrame; pass a fit"):
        tbl_regression(blood)
    with pytest.raises(InputError, match="digits is -1"):
        tbl_regression(AGE, digits=-1)
    assert tbl_regression(BOTH, include="sex").tidy()["variable"].unique().tolist() == ["sex"]


def test_the_heading_is_the_scale_of_the_fits():
    odds = Fit([row("x") | {"scale": "log odds ratio"}], n=100)
    assert "OR (95% CI)" in tbl_regression(odds).to_csv()
    assert "OR: odds ratio" in repr(tbl_regression(odds))
    assert "log HR (95% CI)" in tbl_regression(AGE, exponentiate=False).to_csv()
    with pytest.raises(InputError, match=r"on 2 scales \(hazard ratio, odds ratio\)"):
        tbl_regression({"Cox": AGE, "Logistic": odds})


def test_tbl_regression_refuses():
    with pytest.raises(InputError, match="no fit was given"):
        tbl_regression({})
    with pytest.raises(InputError, match="sex occurs in two fits under 'Uni'"):
        tbl_regression({"Uni": [SEX, SEX]})
    with pytest.raises(InputError, match="no fit has 'smoking'"):
        tbl_regression(BOTH, include=["smoking"])
    with pytest.raises(InputError, match="no column p_value"):
        tbl_regression(Fit([{k: v for k, v in row("x").items() if k != "p_value"}]))


def test_titles_and_counts_without_a_share():
    from faceage_stats.reporting.tables.display import DisplayTable

    body = pd.DataFrame({"row": ["Age"], "a": ["61.0"]})
    table = DisplayTable(body, [], {"a": "All"}, title="Table 1")
    assert "Table 1" in table.to_html()
    assert table._repr_html_() == table.to_html()
    assert repr(table).startswith("Table 1")
    empty = pd.DataFrame({"arm": ["a", "b", "b"], "sex": ["F", None, None], "age": [60.0, None, 1]})
    text = table_one(empty, by="arm", columns=["sex", "age"]).to_csv()
    assert "  F,1 (100.0%),1 (100.0%),0\n" in text  # nobody's sex is known in arm b
    assert "60.0 (NA)" in text


def test_counts_of_the_whole_table_and_limits_at_another_level():
    data = pd.DataFrame(
        {"age": [61.0, 70, np.nan, 66, 59, 63], "sex": list("FMMFMF"), "arm": list("aaabbb")}
    )
    table = table_one(data, by="arm")
    assert table.glance().to_dict("records") == [{"n": 6, "n_missing": 1}]
    assert table.suppressed().glance()["n_missing"].isna().all()
    age = table.comparisons(conf_level=0.9).set_index("variable").loc["age"]
    half = 1.6448536269514722 * age["smd_se"]
    assert (age["smd_low"], age["smd_high"]) == pytest.approx(
        (age["smd"] - half, age["smd"] + half)
    )


def test_a_regression_table_at_another_level_is_that_of_its_fits():
    class Level(Fit):
        def tidy(self, exponentiate=False, conf_level=0.95):
            return super().tidy(exponentiate).assign(conf_low=conf_level)

    table = tbl_regression({"Cox": Level(AGE.rows, n=100)}, include=["faceage10"])
    assert table.tidy()["conf_low"].tolist() == [0.95]
    assert table.tidy(conf_level=0.9)["conf_low"].tolist() == [0.9]


def test_names_and_groups_that_no_table_can_have_are_refused(cohort):
    for options in ({"medians": ["faceagee"]}, {"labels": {"faceagee": "FaceAge"}}):
        with pytest.raises(InputError, match="no column 'faceagee'"):
            table_one(cohort, columns="faceage", **options)
    with pytest.raises(InputError, match="'id' has 60 groups in 60 rows"):
        table_one(cohort, by="id", columns=["sex"])
