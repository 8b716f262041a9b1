"""Truth: the tables of the results that are drawn."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats import figures
from faceage_stats.errors import InputError


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(12)
    n = 150
    frame = pd.DataFrame({"t": rng.exponential(3, n).round(1) + 0.1, "s": rng.integers(0, 3, n)})
    frame = frame.assign(d=(frame["s"] > 0).astype(int), x=rng.normal(size=n))
    frame["g"] = rng.choice(["low", "high"], n)
    frame["y"] = (frame["x"] + rng.normal(size=n) > 0).astype(int)
    return frame.assign(z=rng.normal(size=n))


def steps(axes):
    """Corners of the step functions drawn, as (time, value) where they are known."""
    return [line.get_xydata().tolist() for line in axes.lines]


def test_cumulative_incidences_are_those_of_the_fit(data):
    fit = fs.cuminc("Surv(t, s) ~ g", data)
    fig = figures.cuminc(fit)
    table = fit.tidy()
    upper = [axes for axes in fig.axes if axes.axison]
    for axes, cause in zip(upper, ("1", "2"), strict=True):
        for drawn, group in zip(steps(axes), dict.fromkeys(table["group"]), strict=True):
            rows = table[(table["group"] == group) & (table["cause"] == cause)]
            expected = rows[["time", "estimate"]].to_numpy().tolist()
            assert drawn[0] == [0.0, 0.0]
            assert drawn[1 : 1 + len(expected)] == expected
            assert all(value == expected[-1][1] for _, value in drawn[1 + len(expected) :])
        test = fit.gray_test().set_index("cause").loc[cause, "p_value"]
        shown = axes.get_title(loc="left")
        assert shown.startswith(f"Cause {cause}: Gray's test p = ")
        assert float(shown.split("= ")[1]) == pytest.approx(test, abs=0.006)
    counts = data["g"].value_counts()
    first = [t.get_text() for axes in fig.axes if not axes.axison for t in axes.texts]
    assert all(first.count(str(n)) == 2 for n in counts)  # at time 0, in both panels
    assert [t.get_text() for t in fig.legends[0].get_texts()] == ["high", "low"]
    assert fig.legends[0].get_title().get_text() == "g"


def test_the_causes_of_one_group_share_a_panel(data):
    fig = figures.cuminc(fs.cuminc("Surv(t, s) ~ 1", data), max_time=4)
    (axes,) = [axes for axes in fig.axes if axes.axison]
    assert [t.get_text() for t in fig.legends[0].get_texts()] == ["Cause 1", "Cause 2"]
    assert [curve[-1][0] for curve in steps(axes)] == [4.0, 4.0]


def test_roc_curves_have_the_areas_and_the_numbers_of_their_results(data):
    both, other = fs.roc("y ~ x + z", data), fs.roc("d ~ x", data)
    fig = figures.roc(both, other, labels=["x", "z", "x for death"])
    lines = fig.axes[0].lines[1:]  # the first is the line of chance
    areas = [np.trapezoid(line.get_ydata(), line.get_xdata()) for line in lines]
    np.testing.assert_allclose(areas, [*both.tidy()["estimate"], other.auc])
    first = both.tidy().iloc[0]
    interval = f"{first['estimate']:.2f} ({first['conf_low']:.2f}–{first['conf_high']:.2f})"
    said = fig.axes[0].get_legend().get_texts()[0].get_text().replace("\n", " ")
    assert said == f"x: AUC {interval}, n = {len(data)}, {int(data['y'].sum())} positive"
    wide = figures.roc(fs.roc("y ~ x", data), conf_level=0.99).axes[0].get_legend().get_texts()[0]
    assert interval not in wide.get_text()


def test_adjusted_curves_are_those_of_the_result(data):
    model = fs.coxph("Surv(t, d) ~ g + x", data)
    fit = fs.adjusted_curves(model, data, by="g", times=[1, 2, 4], n_resamples=20)
    axes = figures.adjusted(fit).axes[0]
    table = fit.tidy()
    lines = [line for line in axes.lines if line.get_marker() == "None"]
    for line, (_, rows) in zip(lines, table.groupby("group", sort=False), strict=True):
        points = rows[["time", "estimate"]].to_numpy().tolist()
        assert line.get_xydata().tolist() == [[0.0, 1.0], *points]
    assert f"n = {len(data)}, 95% band" in axes.get_legend().get_title().get_text()


def test_new_figures_have_no_overlaps_and_are_written(data, tmp_path):
    named = data.assign(g=data["g"].map(lambda g: f"{g}: " + 9 * "a long name "), cause=data["s"])
    model = fs.coxph("Surv(t, d) ~ g + x", named)
    adjusted = fs.adjusted_curves(model, named, by="g", times=[1, 2], n_resamples=20)
    drawn = {
        "cuminc": figures.cuminc(fs.cuminc("Surv(t, s) ~ g", named)),
        "roc": figures.roc(fs.roc("y ~ x + z", named), labels=["b " * 40, "c" * 80]),
        "adjusted": figures.adjusted(adjusted, time_label="Years " * 13),
    }
    for name, fig in drawn.items():
        figures.mark_synthetic(fig)
        assert figures.text_overlaps(fig) == []
        assert len(fig.alt_text) > 80
        svg, png = figures.save(fig, tmp_path / name)
        assert min(svg.stat().st_size, png.stat().st_size) > 5000


def test_balance_draws_the_numbers_of_the_table():
    fit = fs.ipw("treated ~ x", pd.DataFrame({"treated": [0, 1, 0, 1, 0, 1], "x": range(6)}))
    axes = figures.balance(fit).axes[0]
    before, after = (line.get_xdata()[0] for line in axes.lines[:2])
    assert (before, after) == tuple(fit.balance().loc[0, ["smd_before", "smd_after"]])
    assert f"{before:.2f} to {after:.2f}" in figures.balance(fit).alt_text


def test_swimmer_draws_every_interval_longest_on_top():
    data = pd.DataFrame(
        {
            "id": ["p", "p", "q", "r"],
            "start": [0, 3, 0, 0],
            "stop": [3, 7, 5, 6],
            "died": [0, 1, 0, 1],
            "look": ["old", "young", "old", None],
            "photo": [1.0, 4, None, 2],
        }
    )
    fig = figures.swimmer(
        data, id="id", start="start", stop="stop", event="died", by="look",
        marks={"Photograph": "photo"},
    )  # fmt: skip
    axes = fig.axes[0]
    drawn = {(round(p.get_y() + 0.35), p.get_x(), p.get_x() + p.get_width()) for p in axes.patches}
    assert drawn == {(2, 0, 3), (2, 3, 7), (0, 0, 5), (1, 0, 6)}
    ends = {line.get_marker(): sorted(line.get_xdata()) for line in axes.lines[:2]}
    assert ends == {"o": [6, 7], ">": [5]}
    assert np.nansum(axes.lines[2].get_xdata()) == 7
    labels = [each.get_text() for each in axes.get_legend().get_texts()]
    assert labels == ["old", "young", "Not known", "Event", "Still followed", "Photograph"]
    assert "2 end with the event" in fig.alt_text
    assert figures.text_overlaps(fig) == []
    assert not any(each.get_text() == "p" for each in axes.texts)


def test_swimmer_refuses_what_shows_too_much_or_nothing():
    many = pd.DataFrame({"id": range(101), "stop": 1.0})
    for data, message in (
        (many, "101 patients"),
        (many.head(2).assign(stop=0), "'stop' is not after"),
        (many.head(3).assign(stop=[1, np.nan, 2]), "1 of 3 rows lack"),
    ):
        with pytest.raises(InputError, match=message):
            figures.swimmer(data, id="id", stop="stop")
    fs.options.private = True
    try:
        with pytest.raises(InputError, match="data are private"):
            figures.swimmer(many.head(3), id="id", stop="stop")
    finally:
        fs.options.private = False
