"""What the effect curve draws is what it was given."""

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import InputError
from faceage_stats.reporting import figures


@pytest.fixture
def curve():
    x = np.linspace(40, 90, 26)
    log = 0.02 * (x - 65)
    frames = [
        pd.DataFrame(
            {"x": x, "estimate": np.exp(log), "conf_low": np.exp(log - 0.01 * abs(x - 65)),
             "conf_high": np.exp(log + 0.01 * abs(x - 65)), "model": name}
        )
        for name in ("spline", "line")
    ]  # fmt: skip
    return pd.concat(frames)


def test_curves_band_and_axes(curve):
    fig = figures.effect_curve(
        curve, effect="Hazard ratio", x_label="FaceAge (years)", group="model",
        values=pd.DataFrame({"term": ["p"], "estimate": [0.04]}),
    )  # fmt: skip
    axes = fig.axes[0]
    assert (axes.get_yscale(), axes.get_xlabel()) == ("log", "FaceAge (years)")
    drawn = [line for line in axes.lines if len(line.get_xdata()) == 26]
    assert len(drawn) == 2
    np.testing.assert_allclose(drawn[0].get_ydata(), curve["estimate"].head(26))
    assert len(axes.collections) == 1  # the band of the first curve
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["spline", "line"]
    labels = [float(tick.get_text()) for tick in axes.get_yticklabels()]
    low, high = axes.get_ylim()
    assert len(labels) >= 2
    assert all(low <= label <= high for label in labels)
    assert not figures.text_overlaps(fig)


def test_one_curve_has_no_legend_and_says_itself_in_words(curve):
    fig = figures.effect_curve(
        curve[curve["model"] == "line"], effect="Hazard ratio", x_label="FaceAge"
    )
    assert fig.axes[0].get_legend() is None
    assert "Curve of Hazard ratio along FaceAge" in fig.alt_text
    assert "40: 0.61" in fig.alt_text


def test_refusals(curve):
    with pytest.raises(InputError, match=r"26 row\(s\) hold a ratio at or below 0"):
        figures.effect_curve(
            curve.assign(conf_low=np.where(curve["model"] == "line", -1, 1)),
            effect="HR", x_label="x",
        )  # fmt: skip
    with pytest.raises(InputError, match="conf_high"):
        figures.effect_curve(curve.drop(columns="conf_high"), effect="HR", x_label="x")
