"""Truth: numpy's quantiles and scipy's t interval; positions and texts by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats import figures
from faceage_stats.errors import InputError
from faceage_stats.reporting.digits import as_released
from faceage_stats.reporting.figures.groups import density


@pytest.fixture
def gaps():
    rng = np.random.default_rng(5)
    parts = {"UTK": (60, 0.0), "breast": (45, 4.0), "rare site": (8, 6.0)}
    return pd.concat(
        [pd.DataFrame({"group": g, "gap": rng.normal(m, 5, n)}) for g, (n, m) in parts.items()],
        ignore_index=True,
    )


@pytest.fixture
def summary():
    return pd.DataFrame(
        {"group": ["rare site", "breast"], "estimate": [6.1, 4.2], "conf_low": [2.0, 2.2],
         "conf_high": [10.2, 6.2], "p_value": [0.0101, 1e-7]}
    )  # fmt: skip


def texts(fig):
    return [t.get_text() for t in fig.axes[0].texts]


def test_aggregates_equal_numpy_and_scipy(gaps):
    data = figures.gap_by_group_data(gaps).set_index("group")
    values = gaps.loc[gaps["group"] == "breast", "gap"]
    row = data.loc["breast"]
    assert row["n"] == 45
    quantiles = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
    np.testing.assert_allclose(row[["q05", "q25", "median", "q75", "q95"]].astype(float), quantiles)
    interval = stats.ttest_1samp(values, 0).confidence_interval()
    assert (row["mean_low"], row["mean_high"]) == pytest.approx((interval.low, interval.high))


def test_outer_quantiles_of_small_groups_are_withheld(gaps):
    data = figures.gap_by_group_data(gaps).set_index("group")
    assert data.loc["rare site", ["q05", "q95"]].isna().all()
    assert data.loc["UTK", ["q05", "q95"]].notna().all()


def test_reference_comes_first_and_then_the_order_of_the_summary(gaps, summary):
    data = figures.gap_by_group_data(gaps, summary)
    assert data["group"].tolist() == ["UTK", "rare site", "breast"]


def test_printed_numbers_come_from_the_frames(gaps, summary):
    fig = figures.gap_by_group(gaps, summary, reference="UTK", width="double")
    written = texts(fig)
    for cell in ("UTK\nn = 60", "rare site\nn = 8", "Reference", "4.20 (2.20–6.20)", "<0.0001"):
        assert cell in written
    assert any(t.replace("\n", " ") == "Difference vs UTK (95% CI)" for t in written)
    assert "breast: n 45" in fig.alt_text
    assert "difference from UTK 4.20 (2.20–6.20)" in fig.alt_text


def test_without_comparisons_the_means_are_printed(gaps):
    data = figures.gap_by_group_data(gaps)
    row = data.iloc[0]
    cell = f"{row['mean']:.2f} ({row['mean_low']:.2f} to {row['mean_high']:.2f})"
    assert cell in texts(figures.gap_by_group(gaps))


def test_no_patient_is_a_point_unless_asked(gaps, summary):
    quiet = figures.gap_by_group(gaps, summary)
    assert all(len(c.get_offsets()) <= 1 for c in quiet.axes[0].collections)
    # a group below 20 has no violin either: its density would be its patients
    assert len(quiet.axes[0].collections) == 2
    loud = figures.gap_by_group(gaps, summary, points=True)
    drawn = [np.sort(c.get_offsets()[:, 0]) for c in loud.axes[0].collections]
    assert [len(d) for d in drawn] == [60, 8, 45]
    np.testing.assert_allclose(drawn[0], np.sort(gaps.loc[gaps["group"] == "UTK", "gap"]))


def test_private_axis_and_violins_stop_short_of_the_extremes(gaps, summary):
    values = gaps.loc[gaps["group"] == "UTK", "gap"]
    violin = figures.gap_by_group(gaps, summary).axes[0].collections[0].get_paths()[0].vertices
    low, high = np.quantile(values, [0.01, 0.99])
    assert violin[:, 0].min() >= low > values.min()
    assert violin[:, 0].max() <= high < values.max()


def test_boxes_are_the_quartiles(gaps, summary):
    axes = figures.gap_by_group(gaps, summary).axes[0]
    data = figures.gap_by_group_data(gaps, summary)
    boxes = [patch.get_path().get_extents() for patch in axes.patches]
    np.testing.assert_allclose([box.x0 for box in boxes], data["q25"])
    np.testing.assert_allclose([box.x1 for box in boxes], data["q75"])
    means = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D"]
    np.testing.assert_allclose(means, data["mean"])


def test_points_are_placed_the_same_every_time(gaps):
    first, second = (
        figures.gap_by_group(gaps, points=True).axes[0].collections[0].get_offsets()
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_density_follows_the_normal_curve():
    values = stats.norm.ppf((np.arange(5000) + 0.5) / 5000)
    x, height = density(values)
    inside = np.abs(x) < 2
    # Silverman's kernel adds its variance to that of the sample
    spread = np.sqrt(1 + (0.9 * 5000**-0.2) ** 2)
    np.testing.assert_allclose(height[inside], np.exp(-((x[inside] / spread) ** 2) / 2), atol=0.01)


def test_a_constant_group_is_drawn():
    figures.gap_by_group(pd.DataFrame({"group": "a", "gap": [2.0] * 30}), points=True)


def test_result_of_age_gap_is_drawn_as_it_is():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"age": rng.uniform(50, 80, 90), "smoking": np.repeat(["never", "former", "current"], 30)}
    )
    frame["faceage"] = frame["age"] + rng.normal(3, 5, 90)
    result = fs.age_gap(frame, by="smoking", reference="never")
    fig = figures.gap_by_group(result)
    data = figures.gap_by_group_data(result).set_index("group")
    expected = result.contrasts().set_index("group1")["estimate"]
    assert data.loc["current", "estimate"] == expected["current"]
    assert "never\nn = 30" in texts(fig)
    assert "Reference" in texts(fig)
    matrix = figures.pairwise_matrix_data(result.contrasts(pairs="all"))
    assert len(matrix) == 3
    assert figures.gap_by_group_data(fs.age_gap(frame, by="smoking"))["n"].tolist() == [30, 30, 30]


def test_missing_gaps_and_unknown_groups_are_refused(gaps, summary):
    holes = gaps.assign(gap=gaps["gap"].where(gaps.index > 2))
    with pytest.raises(InputError, match=r"`group` or `gap` is missing in 3 row\(s\)"):
        figures.gap_by_group_data(holes)
    with pytest.raises(InputError, match=r"group\(s\) without patients: rare site"):
        figures.gap_by_group_data(gaps[gaps["group"] != "rare site"], summary)


@pytest.fixture
def mae():
    return pd.DataFrame(
        {"level": ["20-29", "30-39"] * 2, "model": ["FaceAge"] * 2 + ["FAHR"] * 2,
         "estimate": [5.0, 6, 4, 5], "conf_low": [4.5, 5.5, 3.5, 4.5],
         "conf_high": [5.5, 6.5, 4.5, 5.5], "n": [310, 1280] * 2}
    )  # fmt: skip


def test_points_and_intervals_are_the_frame(mae):
    axes = figures.mae_by_decade(mae, group="model").axes[0]
    drawn = [list(line.get_ydata()) for line in axes.lines if line.get_marker() == "o"]
    assert drawn == [[5, 6], [4, 5]]
    spans = [[list(s[:, 1]) for s in c.get_segments()] for c in axes.collections]
    assert spans == [[[4.5, 5.5], [5.5, 6.5]], [[3.5, 4.5], [4.5, 5.5]]]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["20-29\n310", "30-39\n1,280"]
    assert axes.get_xlabel() == "Age (years), with n"
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["FaceAge", "FAHR"]


def test_n_that_differs_between_models_stands_in_the_legend(mae):
    axes = figures.bars_with_ci(mae.assign(n=[10, 20, 30, 40]), group="model", label="x").axes[0]
    labels = [t.get_text() for t in axes.get_legend().get_texts()]
    assert labels == ["FaceAge (n = 30)", "FAHR (n = 70)"]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["20-29", "30-39"]


def test_bars_start_at_zero(mae):
    axes = figures.bars_with_ci(mae, group="model", label="Error").axes[0]
    assert axes.get_ylim()[0] == 0
    assert sorted(p.get_height() for p in axes.patches) == [4, 5, 5, 6]


def test_repeated_levels_are_refused(mae):
    with pytest.raises(InputError, match=r"`level` has 2 repeated row\(s\). Name their column"):
        figures.mae_by_decade(mae)


def test_levels_that_do_not_fit_are_refused(mae):
    wide = pd.concat([mae.head(1).assign(level=f"Levelwithalongname{i}") for i in range(20)])
    with pytest.raises(InputError, match="names of the 20 levels do not fit"):
        figures.mae_by_decade(wide)


@pytest.fixture
def pairs():
    return pd.DataFrame(
        {"group1": ["former", "never", "current"], "group2": ["never", "current", "former"],
         "estimate": [1.0, -2.8, 1.8], "conf_low": [0.2, -3.5, 0.9], "conf_high": [1.8, -2.1, 2.7],
         "p_value": [0.01, 1e-9, 0.001], "p_adjusted": [0.03, 3e-9, 0.003]}
    )  # fmt: skip


def test_matrix_turns_pairs_that_come_the_other_way_round(pairs):
    data = figures.pairwise_matrix_data(pairs, order=["never", "former", "current"])
    turned = data[(data["row"] == "current") & (data["column"] == "never")].iloc[0]
    assert turned[["estimate", "conf_low", "conf_high"]].tolist() == [2.8, 2.1, 3.5]
    assert data["p"].tolist() == [0.03, 3e-9, 0.003]


def test_matrix_prints_each_pair_once(pairs):
    fig = figures.pairwise_matrix(pairs, order=["never", "former", "current"])
    assert not any(part.get_rasterized() for axes in fig.axes for part in axes.collections)
    cells = [t.get_text() for t in fig.axes[0].texts if t.get_text()]
    assert cells == [
        "1.00\n(0.20–1.80)\np = 0.030",
        "2.80\n(2.10–3.50)\np < 0.0001",
        "1.80\n(0.90–2.70)\np = 0.0030",
    ]
    assert [t.get_text() for t in fig.axes[0].get_yticklabels()] == ["former", "current"]
    assert [t.get_text() for t in fig.axes[0].get_xticklabels()] == ["never", "former"]


# Truth: the rows of the table, each below the diagonal; the colours of every such figure are alike.
def test_correlations_of_every_pair():
    people = pd.DataFrame({"a": range(9), "b": [0, 2, 1, 4, 3, 6, 5, 8, 7], "c": [3, 1, 2] * 3})
    table = fs.cor_matrix("~ a + b + c", people).tidy()
    fig = figures.correlation_matrix(table, label="Pearson's correlation")
    axes = fig.axes[0]
    cells = [t.get_text().split("\n")[0] for t in axes.texts if t.get_text()]
    assert sorted(cells) == sorted(f"{r:.2f}" for r in table["estimate"])
    assert [t.get_text() for t in axes.get_yticklabels()] == ["b", "c"]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["a", "b"]
    assert axes.collections[0].get_clim() == (-1.0, 1.0)
    assert axes.get_title(loc="left") == "Pearson's correlation"
    for row in table.itertuples():
        assert f"{row.variable1} with {row.variable2}: {row.estimate:.2f}" in fig.alt_text


# Truth: two digits of each number are known, so that 1.0 is not printed as 1.
def test_released_cells_have_the_digits_that_are_known():
    pairs = pd.DataFrame({"group1": ["b"], "group2": ["a"], "estimate": [1.0], "conf_low": [-1.8],
                          "conf_high": [4.0], "p_value": [0.5]})  # fmt: skip
    with as_released():
        cell = figures.pairwise_matrix(pairs).axes[0].texts[0].get_text()
    assert cell == "1.0\n(-1.8 to 4.0)\np = 0.50"


def test_default_order_is_that_of_later_minus_earlier():
    names = ["0", "1", "2", "3"]
    rows = [(b, a, 1.0, 0.5, 1.5, 0.1) for i, a in enumerate(names) for b in names[i + 1 :]]
    frame = pd.DataFrame(
        rows, columns=["group1", "group2", "estimate", "conf_low", "conf_high", "p_value"]
    )
    data = figures.pairwise_matrix_data(frame)
    assert data["row"].tolist() == frame["group1"].tolist()
    assert (data["estimate"] == 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.head(2), r"3 groups make 3 pairs; the frame has 2 row\(s\) with 2"),
        (lambda f: pd.concat([f, f.head(1)]), r"the frame has 4 row\(s\) with 3 different"),
        (lambda f: f.drop(columns=["p_value", "p_adjusted"]), "lacks p_adjusted and p_value"),
    ],
)
def test_incomplete_matrices_are_refused(pairs, change, message):
    with pytest.raises(InputError, match=message):
        figures.pairwise_matrix_data(change(pairs))


def test_an_order_without_a_group_is_refused(pairs):
    with pytest.raises(InputError, match=r"order= lacks the group\(s\) current"):
        figures.pairwise_matrix_data(pairs, order=["never", "former"])


def test_a_long_reference_gets_a_higher_header(gaps, summary):
    name = "people without cancer who are 60 years old or more"
    fig = figures.gap_by_group(gaps, summary, reference=name, width="double")
    assert any(t.replace("\n", " ") == f"Difference vs {name} (95% CI)" for t in texts(fig))
    assert figures.text_overlaps(fig) == []
