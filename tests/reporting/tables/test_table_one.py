"""Truth: counts and means by hand, standardised differences by pandas, printed layout."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.errors import DisclosureError, InputError
from faceage_stats.reporting.store.disclose_table_one import disclose_table_one
from faceage_stats.reporting.tables.table_one import table_one


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
    sizes = [["Overall", True, 60], ["a", False, 30], ["b", False, 30]]
    assert table.groups().values.tolist() == sizes
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


def test_names_and_groups_that_no_table_can_have_are_refused(cohort):
    for options in ({"medians": ["faceagee"]}, {"labels": {"faceagee": "FaceAge"}}):
        with pytest.raises(InputError, match="no column 'faceagee'"):
            table_one(cohort, columns="faceage", **options)
    with pytest.raises(InputError, match="'id' has 60 groups in 60 rows"):
        table_one(cohort, by="id", columns=["sex"])


RESERVED = st.sampled_from(["Missing", "Overall", "n", "p", "SMD", "row", "all", "a", "b"])


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(rows=st.lists(st.tuples(RESERVED, st.none() | RESERVED), min_size=2, max_size=40))
def test_counts_add_up_whatever_levels_and_groups_are_called(rows):
    frame = pd.DataFrame(rows, columns=["group", "site"], dtype=object)
    assume(frame["group"].nunique() > 1)
    table = table_one(frame, "group", ["site"])
    cells, sizes = table.tidy(), table.groups()
    by_group = frame["group"].value_counts()
    assert sizes["n"].tolist() == [len(frame), *by_group[sizes["group"][1:]]]
    counted = cells.groupby(["is_overall", "group"])["n"].sum()
    for size in sizes.itertuples():
        assert counted[size.is_overall, size.group] == size.n
    for (site, group), n in frame.groupby(["site", "group"]).size().items():
        one = cells[~cells["is_missing"] & ~cells["is_overall"]].set_index(["level", "group"])
        assert one.loc[(site, group), "n"] == n
    printed = table.display()
    n_levels = frame["site"].nunique() + bool(frame["site"].isna().any())
    assert printed.body.shape[0] == 1 + n_levels
    assert len(printed.headings) - len({"smd"} & set(printed.headings)) == len(sizes)
    assert table.suppressed(3).tidy()["n"].notna().sum() <= cells["n"].notna().sum()


def test_a_level_called_missing_stands_beside_the_missing_values():
    frame = pd.DataFrame({"site": ["lung"] * 20 + ["Missing"] * 10 + [None] * 6 + ["gi"] * 10})
    lines = table_one(frame, columns=["site"]).to_csv().splitlines()[2:]
    levels = ["  Missing,10 (25.0%)", "  gi,10 (25.0%)", "  lung,20 (50.0%)"]
    assert sorted(lines[:3]) == levels
    assert lines[3:] == ["  Missing,6 (13.0%)"]


def weighted(n=400, seed=8):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.normal(60, 10, n).round(1), "site": rng.choice(list("abc"), n),
            "arm": rng.choice(["x", "y", "z"], n), "w": rng.integers(1, 5, n),
        }
    )  # fmt: skip


def test_whole_weights_are_repeated_rows():
    """Means and proportions of n weighted rows are those of each row written `w` times."""
    data = weighted()
    again = data.loc[data.index.repeat(data["w"])].drop(columns="w").reset_index(drop=True)
    found = table_one(data, "arm", ["age", "site"], weights="w")
    plain = table_one(again, "arm", ["age", "site"]).tidy()
    cells = found.tidy()
    assert cells["weight"].to_numpy() == pytest.approx(plain["n"].to_numpy(float))
    for name in ("mean", "fraction"):
        expected = plain[name].to_numpy(float)
        assert cells[name].to_numpy(float) == pytest.approx(expected, nan_ok=True, rel=1e-12)
    assert (cells.loc[cells["variable"] == "age", "n"] < cells["weight"].iloc[:4]).all()
    assert found.display().headings["group0"] == f"Overall, N = {data['w'].sum():,}"
    assert "Weighted by w" in repr(found)


def test_weights_of_one_change_nothing_but_the_quartiles():
    data = weighted().assign(w=1.0)
    for by in ("arm", data["arm"].eq("x")):
        rows = data.assign(by=data["arm"] if isinstance(by, str) else by.astype(int))
        one = table_one(rows, "by", ["age", "site"], weights="w")
        plain = table_one(rows, "by", ["age", "site"])
        for name in ("n", "fraction", "mean", "std_dev"):
            expected = plain.tidy()[name].to_numpy(float)
            assert one.tidy()[name].to_numpy(float) == pytest.approx(expected, nan_ok=True)
        expected = plain.comparisons()["smd"].to_numpy(float)
        assert one.comparisons()["smd"].to_numpy(float) == pytest.approx(expected, rel=1e-12)


def test_weighted_means_of_three_groups_are_tested_as_a_weighted_regression_tests_them():
    """Truth: weighted least squares of statsmodels with the sandwich variance, times n/(n-1)."""
    data = weighted()
    fit = smf.wls("age ~ arm", data, weights=data["w"]).fit(cov_type="HC0")
    n = len(data)
    cov = fit.cov_params().iloc[1:, 1:].to_numpy() * n / (n - 1)
    beta = fit.params.iloc[1:].to_numpy()
    f = beta @ np.linalg.solve(cov, beta) / 2
    found = table_one(data, "arm", "age", weights="w", test=True).comparisons().iloc[0]
    assert found["statistic"] == pytest.approx(f, rel=1e-10)
    assert (found["df"], found["df_residual"]) == (2, n - 3)
    assert found["p_value"] == pytest.approx(stats.f.sf(f, 2, n - 3), rel=1e-10)
    untested = table_one(data, "arm", "age", weights="w", test=True, medians="age")
    assert untested.comparisons()["p_value"].isna().all()


def test_weights_are_above_zero_and_what_they_weigh_is_not_released():
    data = weighted()
    with pytest.raises(InputError, match="weights 'w' are missing or not above 0 in 2 rows"):
        table_one(data.assign(w=data["w"].where(data.index > 1, [0, np.nan] * 200)), weights="w")
    assert "w" not in set(table_one(data, "arm", weights="w").tidy()["variable"])
    with pytest.raises(DisclosureError, match="not released"):
        disclose_table_one(table_one(data, "arm", weights="w"), RULE_SETS["opensafely"])
    small = pd.DataFrame({"g": list("aaaaaaaab" * 2), "w": 1.5})
    hidden = table_one(small, columns="g", weights="w").suppressed(5).tidy()
    assert hidden.loc[hidden["suppressed"], "weight"].isna().all()
    assert hidden["suppressed"].any()


def test_the_unit_of_the_weights_does_not_matter_and_equal_ones_give_pearsons_test():
    data = weighted()
    options = {"weights": "w", "test": True}
    one = table_one(data, "arm", ["age", "site"], **options)
    other = table_one(data.assign(w=data["w"] * 40), "arm", ["age", "site"], **options)
    pd.testing.assert_frame_equal(one.comparisons(), other.comparisons())
    equal = table_one(data.assign(w=1.0), "arm", "site", **options).comparisons().iloc[0]
    table = pd.crosstab(data["site"], data["arm"])
    pearson = stats.chi2_contingency(table, correction=False).statistic
    n = len(data)
    assert equal["statistic"] == pytest.approx(pearson / 4 * (n - 1) / n)
    assert [equal["df"], equal["df_residual"]] == pytest.approx([4, 4 * (n - 1)])


def test_what_is_no_name_is_refused():
    data = pd.DataFrame({"x": [1.0, 2, 3], "g": ["a", "b", "a"]})
    for options in ({"by": ["g"]}, {"schema": 5}, {"medians": 5}, {"columns": [["x"]]}):
        with pytest.raises(InputError, match="give the name of a column"):
            table_one(data, **options)
