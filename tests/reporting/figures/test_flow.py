"""Truth: boxes and numbers by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from faceage_stats import figures
from faceage_stats.errors import InputError


@pytest.fixture
def flow():
    return pd.DataFrame(
        {
            "step": ["received", "DCIS", "sites", "survival"],
            "reason": ["all rows", "ductal carcinoma in situ", "rare sites pooled", None],
            "n_before": [5000, 5000, 4906, 4906],
            "n_excluded": [0, 94, 0, 6],
            "n_changed": [0, 0, 410, 0],
            "n_after": [5000, 4906, 4906, 4900],
        }
    )


def words(fig):
    texts = [t.get_text().replace("\n", " ").replace("\xa0", " ") for t in fig.axes[0].texts]
    return [t for t in texts if t]


def test_every_step_that_did_something_has_its_box(flow):
    fig = figures.consort(flow, start="MAASTRO")
    assert words(fig) == [
        "MAASTRO (n = 5,000)",
        "Excluded: ductal carcinoma in situ (n = 94)",
        "n = 4,906",
        "Changed: rare sites pooled (n = 410)",
        "Excluded: survival (n = 6)",
        "Analysed (n = 4,900)",
    ]
    assert "Excluded: survival (n = 6)" in fig.alt_text.replace("\xa0", " ")


def test_boxes_do_not_touch_and_hold_their_text(flow):
    fig = figures.consort(flow)
    fig.draw_without_rendering()
    boxes = [p.get_window_extent() for p in fig.axes[0].patches if isinstance(p, Rectangle)]
    labels = [t.get_window_extent() for t in fig.axes[0].texts if t.get_text()]
    assert len(boxes) == len(labels) == 6
    for box, label in zip(boxes, labels, strict=True):
        assert box.x0 < label.x0 < label.x1 < box.x1
        assert box.y0 < label.y0 < label.y1 < box.y1
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_recodings_are_dashed_and_have_no_arrow(flow):
    axes = figures.consort(flow).axes[0]
    styles = [p.get_linestyle() for p in axes.patches if isinstance(p, Rectangle)]
    assert styles.count("--") == 1
    arrows = [t for t in axes.texts if not t.get_text()]
    sideways = [a for a in arrows if a.xyann[1] == a.xy[1]]
    assert len(sideways) == 2


def test_twelve_steps_with_long_reasons_fit():
    n = 5000 - np.arange(13) * 10
    flow = pd.DataFrame(
        {"step": [f"step {i}" for i in range(12)], "reason": "a reason of many words " * 4,
         "n_before": n[:-1], "n_excluded": 10, "n_after": n[1:]}
    )  # fmt: skip
    fig = figures.consort(flow)
    assert figures.text_overlaps(fig) == []
    boxes = [p for p in fig.axes[0].patches if isinstance(p, Rectangle)]
    assert len(boxes) == 1 + 12 + 11 + 1


def test_a_flow_that_excludes_nobody_has_two_boxes(flow):
    quiet = flow.head(1)
    assert words(figures.consort(quiet)) == ["Assessed (n = 5,000)", "Analysed (n = 5,000)"]


def test_counts_that_do_not_add_up_are_refused(flow):
    flow.loc[1, "n_after"] = 4900
    message = r"in 1 step\(s\) n_before - n_excluded differs from n_after, and 1 step\(s\) do not"
    with pytest.raises(InputError, match=message):
        figures.consort(flow)


@pytest.fixture
def values():
    return pd.DataFrame(
        {
            "label": ["HR"] * 3 + ["gap"] * 2 + ["MAE"],
            "unit": ["ratio"] * 3 + ["years"] * 3,
            "source": ["published", "planted", "recovered", "published", "recovered", "recovered"],
            "estimate": [1.151, 1.151, 1.14, 4.79, 4.9, 7.459],
            "conf_low": [1.056, np.nan, 1.05, np.nan, 4.2, 7.22],
            "conf_high": [1.254, np.nan, 1.24, np.nan, 5.6, 7.70],
        }
    )


def test_each_unit_has_a_panel_and_ratios_a_log_axis(values):
    fig = figures.published_vs_recovered(values)
    assert [axes.get_xlabel() for axes in fig.axes] == ["ratio", "years"]
    assert [axes.get_xscale() for axes in fig.axes] == ["log", "linear"]


def test_sources_are_printed_in_their_columns_and_gaps_are_dashes(values):
    fig = figures.published_vs_recovered(values)
    cells = {t.get_text() for axes in fig.axes for t in axes.texts}
    assert {"Published", "Planted", "Recovered", "1.15 (1.06–1.25)", "7.46 (7.22–7.70)"} <= cells
    dashes = [t for t in fig.axes[1].texts if t.get_text() == "–"]
    assert len(dashes) == 3  # gap was not planted; MAE neither published nor planted
    assert "MAE: recovered 7.46 (7.22–7.70)" in fig.alt_text


def test_dots_stand_at_the_estimates(values):
    fig = figures.published_vs_recovered(values)
    drawn = sorted(
        float(line.get_xdata()[0])
        for axes in fig.axes
        for line in axes.lines
        if line.get_marker() in ("D", "|", "o")
    )
    assert drawn == sorted(values["estimate"])


def test_other_sources_and_repeats_are_refused(values):
    with pytest.raises(InputError, match="`source` has guessed; it may be published"):
        figures.published_vs_recovered(values.assign(source="guessed"))
    with pytest.raises(InputError, match=r"1 row\(s\) repeat a value and source"):
        figures.published_vs_recovered(pd.concat([values, values.head(1)]))
