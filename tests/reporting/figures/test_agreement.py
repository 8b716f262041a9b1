"""Truth: statsmodels for the line and its band; positions and texts by hand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import faceage_stats as fs
from faceage_stats import figures
from faceage_stats.errors import InputError


@pytest.fixture
def faces():
    rng = np.random.default_rng(4)
    age = rng.uniform(20, 90, 400)
    return pd.DataFrame({"age": age, "faceage": 12 + 0.85 * age + rng.normal(0, 7, 400)})


def hexagon_counts(axes):
    (cloud,) = [c for c in axes.collections if c.get_array() is not None]
    return np.asarray(cloud.get_array())


def test_line_and_band_equal_statsmodels(faces):
    line = figures.line_data(faces["age"], faces["faceage"], n_points=7)
    fit = sm.OLS(faces["faceage"], sm.add_constant(faces["age"])).fit()
    expected = fit.get_prediction(sm.add_constant(line["x"])).summary_frame(alpha=0.05)
    np.testing.assert_allclose(line["estimate"], expected["mean"])
    np.testing.assert_allclose(line["std_error"], expected["mean_se"])
    np.testing.assert_allclose(line["conf_low"], expected["mean_ci_lower"])


def test_scatter_prints_n_and_the_values(faces):
    values = fs.accuracy(faces, n_resamples=50).tidy().query("metric in ['mae', 'pearson_r']")
    fig = figures.scatter_with_margins(faces["age"], faces["faceage"], values=values, points=True)
    row = values.set_index("metric").loc["pearson_r"]
    (written,) = [t.get_text() for t in fig.axes[0].texts]
    assert written.split("\n")[0] == "n = 400"
    assert f"r {row.estimate:.3f} ({row.conf_low:.3f}–{row.conf_high:.3f})" in written
    assert "n = 400" in fig.alt_text


def test_scatter_is_square_with_equal_limits_and_an_identity(faces):
    axes, top, side = figures.scatter_with_margins(faces["age"], faces["faceage"]).axes
    assert axes.get_xlim() == axes.get_ylim()
    identity = axes.lines[0]
    assert list(identity.get_xdata()) == list(identity.get_ydata()) == list(axes.get_xlim())
    assert top.get_shared_x_axes().joined(top, axes)
    assert side.get_shared_y_axes().joined(side, axes)


def test_margins_count_everyone_when_points_are_shown(faces):
    _, top, side = figures.scatter_with_margins(faces["age"], faces["faceage"], points=True).axes
    assert sum(bar.get_height() for bar in top.patches) == 400
    assert sum(bar.get_width() for bar in side.patches) == 400


@pytest.mark.parametrize("draw", ["scatter_with_margins", "gap_vs", "bland_altman"])
def test_small_counts_are_hidden_unless_points_are_asked_for(faces, draw):
    def call(points):
        if draw == "scatter_with_margins":
            return figures.scatter_with_margins(faces["age"], faces["faceage"], points=points)
        if draw == "gap_vs":
            gap = faces["faceage"] - faces["age"]
            return figures.gap_vs(faces["age"], gap, x_label="Age (years)", points=points)
        return figures.bland_altman(fs.bland_altman(faces), points=points)

    private = call(False)
    assert hexagon_counts(private.axes[0]).min() >= 5
    public = call(True)
    assert any(len(c.get_offsets()) == 400 for c in public.axes[0].collections)


def test_margins_of_private_data_have_no_bar_below_five(faces):
    _, top, side = figures.scatter_with_margins(faces["age"], faces["faceage"]).axes
    heights = {bar.get_height() for bar in top.patches} | {bar.get_width() for bar in side.patches}
    assert min(heights - {0}) >= 5


def test_private_axes_do_not_end_at_the_oldest_patient(faces):
    far = pd.concat([faces, pd.DataFrame({"age": [140.0], "faceage": [150.0]})])
    axes = figures.scatter_with_margins(far["age"], far["faceage"]).axes[0]
    assert axes.get_xlim()[1] < 140


def test_gap_line_slopes_down_with_regression_to_the_mean(faces):
    gap = faces["faceage"] - faces["age"]
    axes = figures.gap_vs(faces["age"], gap, x_label="Age (years)").axes[0]
    line = axes.lines[-1]
    fit = np.polyfit(faces["age"], gap, 1)
    slope = np.diff(line.get_ydata()[[0, -1]]) / np.diff(line.get_xdata()[[0, -1]])
    assert slope[0] == pytest.approx(fit[0])
    assert list(axes.lines[0].get_ydata()) == [0, 0]


def test_bland_altman_lines_bands_and_words_come_from_the_summary(faces):
    result = fs.bland_altman(faces)
    table = result.tidy().set_index("term")
    axes = figures.bland_altman(result, points=True).axes[0]
    heights = [line.get_ydata()[0] for line in axes.lines]
    assert heights == table.loc[["limit_high", "bias", "limit_low"], "estimate"].tolist()
    bands = [(p.get_y(), p.get_y() + p.get_height()) for p in axes.patches]
    expected = table.loc[["limit_high", "bias", "limit_low"], ["conf_low", "conf_high"]]
    np.testing.assert_allclose(bands, expected)
    row = table.loc["bias"]
    words = f"Bias\n{row.estimate:.2f} ({row.conf_low:.2f}–{row.conf_high:.2f})"
    assert words in [t.get_text() for t in axes.texts]
    assert axes.get_xlabel().endswith("n = 400")


def test_bland_altman_takes_frames(faces):
    result = fs.bland_altman(faces)
    from_frames = figures.bland_altman(result.augment(), result.tidy())
    assert from_frames.alt_text == figures.bland_altman(result).alt_text
    with pytest.raises(InputError, match="Pass a BlandAltman result, or summary="):
        figures.bland_altman(result.augment())


def test_labels_of_close_limits_stand_clear():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"faceage": rng.normal(60, 0.2, 200)}).assign(age=60.0)
    frame.loc[0, "faceage"] = 75.0  # one outlier stretches the axis far beyond the limits
    result = fs.bland_altman(frame)
    assert figures.text_overlaps(figures.bland_altman(result, points=True)) == []


@pytest.fixture
def bins():
    x = np.array([0.05, 0.2, 0.4, 0.7])
    return pd.DataFrame(
        {"predicted": x, "estimate": x + 0.03, "conf_low": x - 0.05, "conf_high": x + 0.1}
    )


def test_calibration_points_intervals_and_identity(bins):
    values = pd.DataFrame(
        {"term": ["Slope"], "estimate": [0.95], "conf_low": [0.9], "conf_high": [1.0]}
    )
    line = bins.rename(columns={"predicted": "x"})
    axes = figures.calibration_line(bins, line=line, values=values).axes[0]
    (points,) = [item for item in axes.lines if item.get_marker() == "o"]
    np.testing.assert_array_equal(points.get_ydata(), bins["estimate"])
    assert axes.get_xlim() == axes.get_ylim()
    assert [t.get_text() for t in axes.texts] == ["Slope 0.950 (0.900–1.000)"]


def test_calibration_without_values_has_no_text(bins):
    fig = figures.calibration_line(bins)
    assert list(fig.axes[0].texts) == []
    assert fig.alt_text.endswith("perfect calibration.")


def test_incomplete_pairs_are_refused():
    with pytest.raises(InputError, match=r"1 pair\(s\) hold a missing or infinite value"):
        figures.line_data([1, 2, np.nan, 4], [1, 2, 3, 4])
    with pytest.raises(InputError, match="two columns of one length"):
        figures.scatter_with_margins([1, 2, 3], [1, 2])


def test_hexagons_run_from_no_patient_to_the_fullest_and_may_all_be_hidden():
    few, many = [60.0, 70, 63], [60.0] * 30 + [70.0] * 12 + [65.0]
    for values, fullest in ((few, 1), (many, 30)):
        fig = figures.scatter_with_margins(values, values)
        assert fig.axes[0].collections[0].get_clim() == (0, fullest)
