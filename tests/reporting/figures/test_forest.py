"""Truth: texts and positions by hand from the frame."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats import figures
from faceage_stats.errors import InputError
from faceage_stats.reporting.figures.forest import axis_limits


@pytest.fixture
def hr():
    return pd.DataFrame(
        {
            "variable": ["FaceAge group"] * 3 + ["Site"] * 2,
            "level": ["<=65", "(65, 75]", ">75", "breast", "lung"],
            "estimate": [1, 1.3, 2.0, 1, 6.1],
            "conf_low": [np.nan, 1.1, 0.2, np.nan, 5.1],
            "conf_high": [np.nan, 1.5, 90, np.nan, 7.2],
            "is_reference": [True, False, False, True, False],
            "n": [1500, 200, 300, 40, 20],
            "n_event": [10, 20, 30, 4, 8],
            "p_value": [np.nan, 0.0104, 1e-9, np.nan, 0.5],
            "scale": "hazard ratio",
        }
    )


@pytest.fixture
def axes(hr):
    fig = figures.forest(hr, effect="HR per decade", group="variable", limits=(0.5, 10))
    return fig.axes[0]


def written(axes):
    return [t.get_text() for t in axes.texts if t.get_text()]


def test_every_number_of_the_frame_is_printed(axes):
    texts = written(axes)
    for cell in ("1,500", "1.30 (1.10–1.50)", "6.10 (5.10–7.20)", "0.010", "<0.0001", "0.50"):
        assert texts.count(cell) == 1
    assert texts.count("Reference") == 2
    assert {"n", "Events", "HR (95% CI)", "p"} <= set(texts)


def test_headings_are_bold_and_their_rows_indented(hr, axes):
    headings = [t for t in axes.texts if t.get_text() in ("FaceAge group", "Site")]
    assert [t.get_fontweight() for t in headings] == ["bold", "bold"]
    data = figures.forest_data(hr, group="variable")
    assert data["row"].tolist() == [
        "FaceAge group", "   ≤65", "   >65 to 75", "   >75", "Site", "   breast", "   lung",
    ]  # fmt: skip


def squares(axes, filled):
    return [
        line
        for line in axes.lines
        if line.get_marker() == "s" and (line.get_markerfacecolor() != "white") == filled
    ]


def test_markers_stand_at_the_estimates_beside_their_row(axes):
    places = {t.get_text().strip(): t.get_position()[1] for t in axes.texts}
    drawn = {
        (round(float(line.get_xdata()[0]), 6), round(float(line.get_ydata()[0]), 6))
        for line in squares(axes, filled=True)
    }
    assert drawn == {
        (estimate, round(float(places[label]), 6))
        for label, estimate in ((">65 to 75", 1.3), (">75", 2.0), ("lung", 6.1))
    }


def test_references_are_open_squares_on_the_null_line(axes):
    (references,) = squares(axes, filled=False)
    assert list(references.get_xdata()) == [1, 1]


def test_intervals_beyond_the_axis_are_clipped_to_arrows(axes):
    heads = {
        (line.get_marker(), float(line.get_xdata()[0]))
        for line in axes.lines
        if line.get_marker() in "<>" and line.get_marker()
    }
    assert heads == {("<", 0.5), (">", 10.0)}
    ends = [list(line.get_xdata()) for line in axes.lines if line.get_marker() == "None"]
    assert [0.5, 10.0] in ends
    assert [1.1, 1.5] in ends


def test_an_estimate_beyond_the_axis_has_no_marker(hr):
    axes = figures.forest(hr, effect="HR", limits=(0.5, 5)).axes[0]
    assert [line.get_xdata()[0] for line in squares(axes, filled=True)] == [1.3, 2.0]


def test_ratios_have_a_log_axis_and_differences_a_linear_one(hr):
    ratio = figures.forest(hr, effect="HR").axes[0]
    assert ratio.get_xscale() == "log"
    differences = pd.DataFrame(
        {"term": ["a", "b"], "estimate": [-0.5, 0.2], "conf_low": [-1, -0.1], "conf_high": [0, 0.5]}
    )
    linear = figures.forest(differences, effect="Difference (years)", ratio=False).axes[0]
    assert linear.get_xscale() == "linear"
    assert "Difference (95% CI)" in written(linear)
    assert [0.0, 0.0] in [list(line.get_xdata()) for line in linear.lines]
    low, high = linear.get_xlim()
    assert low < -1
    assert high > 0.5


def test_default_limits_hold_every_estimate_and_the_null(hr):
    low, high = figures.forest(hr, effect="HR").axes[0].get_xlim()
    assert low < 1 < 6.1 < high < 90


def test_confidence_level_comes_from_the_frame(hr):
    axes = figures.forest(hr.assign(conf_level=0.9), effect="HR against breast").axes[0]
    assert "HR (90% CI)" in written(axes)


def test_narrow_intervals_get_a_third_decimal():
    frame = pd.DataFrame(
        {"model": ["a"], "estimate": [1.0123], "conf_low": [1.0061], "conf_high": [1.0184]}
    )
    assert figures.forest_data(frame)["cell"].tolist() == ["1.012 (1.006–1.018)"]


def test_one_column_where_everything_fits_else_two(hr):
    short = hr[["level", "estimate", "conf_low", "conf_high", "scale"]].dropna()
    narrow, wide = figures.forest(short, effect="HR"), figures.forest(hr, effect="HR")
    assert narrow.get_figwidth() * 25.4 == pytest.approx(89)
    assert wide.get_figwidth() * 25.4 == pytest.approx(183)


def test_long_labels_are_wrapped_and_their_row_grows(hr):
    long = hr.assign(level=["a very long label of a tumour site with many words in it " * 2] * 5)
    tall = figures.forest(long, effect="HR", width="double")
    assert tall.get_figheight() > figures.forest(hr, effect="HR", width="double").get_figheight()


def test_alternative_text_reads_the_rows(hr):
    alt = figures.forest(hr, effect="HR per decade", group="variable").alt_text
    assert "Site, lung: 6.10 (5.10–7.20)" in alt


def test_log_ratios_are_refused(hr):
    with pytest.raises(InputError, match=r"`estimate` has 5 value\(s\) at or below 0"):
        figures.forest(hr.assign(estimate=-0.1), effect="HR")


def test_frame_without_labels_is_refused(hr):
    with pytest.raises(InputError, match="Name the column of row labels with label="):
        figures.forest_data(hr.drop(columns="level"))


def test_no_text_is_smaller_than_six_points(axes):
    sizes = [t.get_fontsize() for t in axes.figure.findobj(matplotlib.text.Text) if t.get_text()]
    assert min(sizes) >= 6


def test_the_limits_of_the_axis_leave_the_table_as_it_was():
    """A limit that runs to infinity is left out of the axis, not out of the reader's table."""
    shown = pd.DataFrame({"estimate": [0.5, 1], "conf_low": [-np.inf, 0], "conf_high": [1.0, 2]})
    before = shown.copy()
    low, high = axis_limits(shown, ratio=False, null=0.0)
    assert -0.6 < low <= 0
    assert high > 2
    pd.testing.assert_frame_equal(shown, before)


def test_the_line_of_no_effect_stands_where_it_is_asked_for(hr):
    areas = pd.DataFrame(
        {"label": ["a"], "estimate": [0.9], "conf_low": [0.8], "conf_high": [0.95]}
    )
    axes = figures.forest(areas, effect="AUC", ratio=False, null=0.5).axes[0]
    assert axes.lines[0].get_xdata() == [0.5, 0.5]
    assert 0.4 < axes.get_xlim()[0] < 0.5, "the axis begins at the line"
    with pytest.raises(InputError, match=r"null is -1\.0; a ratio lies above 0"):
        figures.forest(hr, effect="HR", ratio=True, null=-1)


def test_an_interval_that_is_none_is_drawn_as_a_point(tmp_path):
    """A column of missing limits holds None, not numbers, when a table was put together so."""
    table = pd.DataFrame({"label": ["a", "b"], "estimate": [1.2, 1.5]})
    table[["conf_low", "conf_high"]] = None
    figure = figures.forest(table, effect="HR", label="label", ratio=True)
    figures.save(figure, tmp_path / "figure")
    assert (tmp_path / "figure.png").stat().st_size > 1000


def test_the_axis_is_the_scale_of_the_table():
    base = pd.DataFrame({"term": ["x"], "estimate": [1.2], "conf_low": [1.1], "conf_high": [1.3]})
    odds = figures.forest(base.assign(scale="odds ratio")).axes[0]
    assert (odds.get_xlabel(), odds.get_xscale()) == ("OR", "log")
    difference = figures.forest(base.assign(scale="difference"), effect="Years").axes[0]
    assert (difference.get_xlabel(), difference.get_xscale()) == ("Years", "linear")
    with pytest.raises(InputError, match="on the scale 'difference', not ratio=True"):
        figures.forest(base.assign(scale="difference"), ratio=True)
    for options in ({}, {"effect": "HR"}, {"ratio": True}):
        with pytest.raises(InputError, match="no column 'scale', which tells ratios from their"):
            figures.forest(base, **options)
    assert figures.forest(base, effect="HR", ratio=True).axes[0].get_xscale() == "log"


def test_a_fit_is_drawn_with_its_ratios():
    data = pd.DataFrame(
        {"t": np.arange(1, 13.0), "d": 1, "x": [3, 1, 2, 4, 2, 5, 1, 3, 2, 1, 4, 2]}
    )
    fit = fs.coxph("Surv(t, d) ~ x", data)
    for drawn in (fit, fit.tidy(), fit.tidy(exponentiate=True)):
        axes = figures.forest(drawn).axes[0]
        assert (axes.get_xlabel(), axes.get_xscale()) == ("HR", "log")
        (ratio,) = np.exp(fit.coef)
        assert [line.get_xdata()[0] for line in squares(axes, filled=True)] == [ratio]
    logs = figures.forest(fit.tidy(), ratio=False).axes[0]
    assert (logs.get_xlabel(), logs.get_xscale()) == ("log HR", "linear")


def test_coefficients_are_labelled_by_their_level_or_their_term():
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"t": rng.exponential(2, 90), "d": 1, "x": rng.normal(size=90)})
    data = data.assign(g=np.tile(list("abc"), 30), y=rng.normal(size=90))
    fit = fs.coxph("Surv(t, d) ~ x + g + x:y + ns(y, df=2)", data)
    rows = figures.forest_data(fit.tidy())["row"].tolist()
    spline = ["ns(y, df = 2)", "   ns(y, df = 2)1", "   ns(y, df = 2)2"]
    assert rows == ["x", "g", "   a", "   b", "   c", *spline, "x:y"]
    odds = figures.forest(fs.logistic("z ~ x", data.assign(z=data["y"] > 0)))
    assert "(Intercept)" not in written(odds.axes[0])
    models = {"crude": fs.coxph("Surv(t, d) ~ x", data), "full": fit}
    both = figures.forest_data(fs.bind_tidy(models))["row"].tolist()
    assert both[:4] == ["crude", "   x", "full", "   x"]
    one = fs.bind_tidy(models).query("term == 'x'")
    assert figures.forest_data(one)["row"].tolist() == ["crude", "full"]


def test_a_row_without_a_heading_or_a_label_is_kept():
    table = pd.DataFrame({"term": ["age", "ga"], "level": [None, "a"], "block": [None, "g"]})
    table[["estimate", "conf_low", "conf_high"]] = [1.0, 0.5, 2.0]
    drawn = figures.forest_data(table, label="level", group="block")
    assert drawn["row"].tolist() == ["age", "g", "   a"]


def test_differences_of_a_linear_model_are_drawn_as_differences():
    data = pd.DataFrame({"y": [118, 121, 130, 133, 142.0], "x": [40, 50, 60, 70, 80]})
    axes = figures.forest(fs.lm("y ~ x", data)).axes[0]
    assert axes.get_xscale() == "linear"
    assert axes.get_xlabel() == "difference"


@pytest.mark.parametrize("limits", [(5, 1), (-1, 1), (0, 2)])
def test_limits_that_no_axis_can_have_are_refused(hr, limits):
    with pytest.raises(InputError, match="they must increase and lie above 0"):
        figures.forest(hr, effect="HR", limits=limits)


def test_what_is_no_result_is_refused(hr):
    with pytest.raises(InputError, match="got a dict; pass a fit"):
        figures.forest({"model": hr})
    with pytest.raises(InputError, match="has no rows"):
        figures.forest(hr.iloc[:0])
