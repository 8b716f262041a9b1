"""Truth: counts and steps by hand; the smooth of plot.cox.zph from R 4.2.2, survival 3.5.3."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats import figures
from faceage_stats.errors import DesignError, InputError


@pytest.fixture
def rows():
    """Two groups; an event and a censoring exactly at a tick of the axis."""
    return pd.DataFrame(
        {
            "t": [1.0, 2, 2, 3, 4, 5, 1, 2, 3, 3, 6, 6],
            "d": [1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0],
            "group": ["<=65"] * 6 + [">65"] * 6,
        }
    )


@pytest.fixture
def fit(rows):
    return fs.survfit("Surv(t, d) ~ group", data=rows)


def table_texts(axes, names):
    """Counts drawn under the curve, as {name: [texts from left to right]}."""
    labels = {
        round(t.get_position()[1], 6): t.get_text() for t in axes.texts if t.get_text() in names
    }
    found = {name: [] for name in names}
    cells = [t for t in axes.texts if t.get_transform() == axes.transData]
    for cell in sorted(cells, key=lambda t: t.get_position()[0]):
        found[labels[round(cell.get_position()[1], 6)]].append(cell.get_text())
    return found


def test_curves_start_at_one_and_step_at_events(fit):
    data = figures.km_data(fit)
    low = data[data["strata"] == "<=65"]
    assert low[["time", "estimate"]].head(3).values.tolist() == pytest.approx(
        np.array([[0, 1], [1, 5 / 6], [2, 5 / 6 * 4 / 5]])
    )
    assert data["strata"].unique().tolist() == ["<=65", ">65"]  # without "group="


def test_a_category_without_patients_has_no_curve(fit):
    tidy = fit.tidy()
    known = pd.CategoricalDtype(["nobody", *tidy["strata"].unique()])
    shown = figures.km_data(tidy.astype({"strata": known}))
    assert shown.astype({"strata": object}).equals(figures.km_data(tidy).astype({"strata": object}))


def test_curves_are_cut_at_max_time_and_carried_up_to_it(fit):
    data = figures.km_data(fit, max_time=4.5)
    for _, curve in data.groupby("strata"):
        assert curve["time"].max() == 4.5
        assert curve["estimate"].iloc[-1] == curve["estimate"].iloc[-2]


def test_a_curve_that_ends_before_max_time_is_not_prolonged(fit):
    data = figures.km_data(fit, max_time=100)
    assert data.groupby("strata")["time"].max().tolist() == [5, 6]


def test_numbers_at_risk_include_events_at_the_tick(fit, rows):
    times = [0, 2, 3, 6, 7]
    risk = figures.risk_table_data(fit, times)
    expected = [
        int(((rows["group"] == group) & (rows["t"] >= time)).sum())
        for group in ("<=65", ">65")
        for time in times
    ]
    assert risk["n_risk"].tolist() == expected
    pd.testing.assert_series_equal(
        risk["n_risk"], fit.risk_table(times)["n_risk"], check_dtype=False
    )


def test_numbers_under_the_plot_are_the_counts_at_their_ticks(fit, rows):
    fig = figures.km(fit, times=[0, 2, 4, 6])
    curve, table = fig.axes
    assert table.get_shared_x_axes().joined(curve, table)
    assert curve.get_xticks().tolist() == [0, 2, 4, 6]
    texts = table_texts(table, ["≤65", ">65"])
    for group, label in (("<=65", "≤65"), (">65", ">65")):
        t = rows.loc[rows["group"] == group, "t"]
        assert texts[label] == [str(int((t >= tick).sum())) for tick in (0, 2, 4, 6)]
    assert "Number at risk" in [t.get_text() for t in table.texts]


def test_lines_have_the_steps_and_colours_of_the_frame(fit):
    fig = figures.km(fit, colors=["#111111", "#222222"])
    data = figures.km_data(fit)
    for colour, (_, curve) in zip(
        ["#111111", "#222222"], data.groupby("strata", sort=False), strict=True
    ):
        lines = [line for line in fig.axes[0].lines if line.get_color() == colour]
        drawn = {point for line in lines for point in zip(*line.get_data(), strict=True)}
        assert {line.get_drawstyle() for line in lines} == {"steps-post"}
        assert set(zip(curve["time"], curve["estimate"], strict=True)) <= drawn


def test_a_curve_is_faint_where_fewer_than_ten_are_at_risk():
    times = list(range(1, 13))
    fit = fs.survfit("Surv(t, d) ~ 1", data=pd.DataFrame({"t": times, "d": 1}))
    sure, faint = figures.km(fit).axes[0].lines
    assert sure.get_alpha() == 1
    assert faint.get_alpha() < 0.5
    assert list(sure.get_xdata()) == [0, 1, 2, 3, 4]  # at 4 nine are at risk
    assert list(faint.get_xdata()) == times[3:4] + times[3:]
    np.testing.assert_allclose(faint.get_ydata()[:2], [9 / 12, 8 / 12])


def test_curves_differ_in_line_style_as_well_as_in_colour(fit):
    axes = figures.km(fit).axes[0]
    assert len({str(line.get_linestyle()) for line in axes.lines}) == 2
    legend = [str(line.get_linestyle()) for line in axes.get_legend().get_lines()]
    assert len(set(legend)) == 2


def test_bands_are_the_confidence_limits(fit):
    fig = figures.km(fit)
    data = figures.km_data(fit)
    for band, (_, curve) in zip(
        fig.axes[0].collections, data.groupby("strata", sort=False), strict=True
    ):
        y = band.get_paths()[0].vertices[:, 1]
        assert y.min() == pytest.approx(curve["conf_low"].min())


def test_p_value_is_written_as_formatted(fit):
    fig = figures.km(fit, p_value=0.0132)
    written = [t.get_text() for t in fig.findobj(matplotlib.text.Text)]
    assert "Log-rank p = 0.013" in written
    assert "Log-rank p = 0.013." in fig.alt_text


def test_without_a_risk_table_there_is_one_panel(fit):
    assert len(figures.km(fit, risk_table=False).axes) == 1


def test_a_given_risk_table_is_drawn_as_it_is(fit):
    risk = pd.DataFrame(
        {"strata": ["<=65", ">65"] * 2, "time": [0, 0, 4, 4], "n_risk": [6, 6, 2, np.nan]}
    )
    fig = figures.km(fit, risk_table=risk, times=[0, 4])
    assert table_texts(fig.axes[1], ["≤65", ">65"]) == {"≤65": ["6", "2"], ">65": ["6", "NA"]}


def test_the_legend_is_headed_in_words(rows):
    """As the tables name a column, not as the code does; another name is left as it is."""
    for name, words in {"faceage_group": "FaceAge, years", "sex": "Sex", "g": "g"}.items():
        groups = rows.assign(**{name: np.where(np.arange(len(rows)) % 2, "<=65", "(65,75]")})
        fig = figures.km(fs.survfit(f"Surv(t, d) ~ {name}", groups))
        assert fig.axes[0].get_legend().get_title().get_text() == words
    labels = [each.get_text() for each in fig.axes[0].get_legend().get_texts()]
    assert labels == [">65 to 75", "≤65"]


def test_a_single_curve_has_no_legend(rows):
    fig = figures.km(fs.survfit("Surv(t, d) ~ 1", data=rows))
    assert fig.axes[0].get_legend() is None


def test_groups_made_of_two_variables_keep_their_whole_name():
    tidy = pd.DataFrame(
        {"strata": ["sex=F, site=lung", "sex=M, site=lung"], "time": 1.0, "estimate": 0.5,
         "conf_low": 0.3, "conf_high": 0.8, "n_risk": 2}
    )  # fmt: skip
    assert figures.km_data(tidy)["strata"].unique().tolist() == tidy["strata"].tolist()


def test_alternative_text_names_survival_and_numbers(fit):
    alt = figures.km(fit, times=[0, 2]).alt_text
    assert "≤65: 0.00 (NA–NA) at 5, 6 at risk at the start" in alt


def test_missing_columns_are_named():
    with pytest.raises(InputError, match=r"lacks the column\(s\) estimate, conf_low, conf_high"):
        figures.km(pd.DataFrame({"time": [1.0]}))


@pytest.fixture
def zph():
    data = pd.DataFrame(
        {
            "t": [4, 9, 2, 7, 11, 3, 8, 14, 6, 5, 12, 10, 1, 13, 15],
            "d": [1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1],
            "x": [3, 1, 2, 4, 2, 5, 1, 3, 2, 1, 4, 2, 6, 0, 1],
            "w": [1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1],
        }
    )
    return fs.cox_zph(fs.coxph("Surv(t, d) ~ x + w", data=data), transform="km")


def test_smooth_equals_the_one_that_r_draws(zph):
    # lines drawn by plot(cox.zph(fit, "km", terms = FALSE), var = v, nsmo = 5)
    grid = [0, 0.225, 0.45, 0.675, 0.9]
    x = [1.688632391780685, 0.165299333790998, -0.330746714327886, -0.113110615854373,
         0.299194006605225]  # fmt: skip
    x_high = [2.994928043235054, 0.997120520617921, 0.373730059705680, 0.706548424358165,
              1.695666111561076]  # fmt: skip
    w_low = [-2.2449475370783736, -2.3128739877943341, -1.6306898798872806, -1.8584712610588516,
             -4.6972267821904987]  # fmt: skip
    curves = figures.zph_data(zph, n_points=5)
    first, second = (curves[curves["term"] == term] for term in ("x", "w"))
    np.testing.assert_allclose(first["transformed_time"], grid, atol=1e-12)
    np.testing.assert_allclose(first["estimate"], x, rtol=1e-6)
    np.testing.assert_allclose(first["conf_high"], x_high, rtol=1e-6)
    np.testing.assert_allclose(second["conf_low"], w_low, rtol=1e-6)


def test_zph_plot_has_a_panel_per_term_with_its_p_and_its_coefficient(zph):
    fig = figures.zph_plot(zph, points=True)
    tests = zph.tidy().set_index("term")["p_value"]
    for axes, term in zip(fig.axes, ("x", "w"), strict=True):
        assert axes.get_title(loc="left") == f"{term}: p = {tests[term]:.2g}"
        level = axes.lines[-1].get_ydata()
        assert list(level) == pytest.approx([zph.fit.coef[term]] * 2)
        assert len(axes.lines[0].get_xdata()) == len(zph.time)


def test_zph_refuses_factors_and_too_few_events(zph):
    data = pd.DataFrame({"t": range(1, 13), "d": 1, "f": list("abc") * 4})
    with pytest.raises(InputError, match=r"Term\(s\) of several columns have no single curve: f"):
        figures.zph_data(fs.cox_zph(fs.coxph("Surv(t, d) ~ f", data=data)))
    with pytest.raises(DesignError, match="df=13 needs more distinct event times"):
        figures.zph_data(zph, df=13)


def test_a_curve_of_very_many_steps_draws_those_that_can_be_seen():
    """Nowhere further from the estimate than the curve falls in a thousandth of the time."""
    n = 6000
    data = pd.DataFrame({"t": np.arange(1, n + 1) / n, "e": 1})
    fit = fs.survfit("Surv(t, e) ~ 1", data=data)
    drawn = figures.km(fit, risk_table=False).axes[0].lines
    points = np.vstack([line.get_xydata() for line in drawn])
    assert len(points) < 2 * 1300
    assert np.abs(points[:, 1] - (1 - points[:, 0])).max() < 1 / 1000
    assert points[0].tolist() == [0, 1]
    assert points[-1].tolist() == [1, 0]


def test_curves_of_a_cox_model_are_drawn_by_the_label_of_their_row():
    data = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": [1, 1, 0, 1, 1, 1], "x": [1, 0, 1, 1, 0, 0]})
    fit = fs.coxph("Surv(t, d) ~ x", data)
    curves = fit.survfit(pd.DataFrame({"x": [0, 1]}, index=["young", "old"]))
    figure = fs.figures.km(curves)
    assert len(figure.axes) == 1, "the numbers at risk are those of all patients"
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["young", "old"]
    last = curves.at(6)["estimate"].round(2).tolist()
    assert figure.alt_text.startswith("Survival curves of a Cox model")
    assert all(f"{value:.2f} (" in figure.alt_text for value in last)
