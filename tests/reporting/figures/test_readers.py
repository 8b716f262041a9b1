"""Figures of reader studies: what they draw, what they say, and that nothing overlaps."""

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import InputError
from faceage_stats.reporting.figures import reader_dots, roc_curves, text_overlaps


@pytest.fixture
def readers():
    arms = pd.Categorical(["photo", "chart"] * 4, ["photo", "chart"])
    return pd.DataFrame(
        {"modality": arms, "reader": np.repeat(["r1", "r2", "r3", "r4"], 2),
         "group": pd.Categorical(np.repeat(["staff", "lay"], 4), ["staff", "lay"]),
         "estimate": [0.6, 0.7, 0.65, 0.8, 0.5, 0.55, 0.62, 0.6]}
    )  # fmt: skip


@pytest.fixture
def means():
    return pd.DataFrame({"modality": ["photo", "chart"], "estimate": [0.59, 0.66],
                         "conf_low": [0.5, 0.6], "conf_high": [0.7, 0.75]})  # fmt: skip


def test_every_reader_is_a_line_through_its_arms(readers, means):
    fig = reader_dots(readers, means=means, references={"Model": 0.8}, labels={"staff": "Staff"})
    axes = fig.axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert next(line.get_ydata().tolist() for line in dots) == [0.6, 0.7]
    assert len(dots) == 4
    assert [t.get_text() for t in axes.get_legend().get_texts()] == [
        "Staff", "lay", "Mean (95% CI)", "Model"]  # fmt: skip
    assert [t.get_text() for t in axes.get_xticklabels()] == ["photo", "chart"]
    assert "photo: 4 readers from 0.50 to 0.65, mean 0.59 (0.50–0.70)" in fig.alt_text
    assert "Model: 0.80." in fig.alt_text
    assert text_overlaps(fig) == []


def test_dots_without_groups_or_means(readers):
    fig = reader_dots(readers.drop(columns="group"), label="C index")
    assert fig.axes[0].get_legend() is None
    assert fig.axes[0].get_ylabel() == "C index"
    assert text_overlaps(fig) == []


def test_groups_of_plain_text_come_in_order_of_appearance(readers):
    fig = reader_dots(readers.assign(group=readers["group"].astype(str)))
    assert [t.get_text() for t in fig.axes[0].get_legend().get_texts()] == ["staff", "lay"]


def test_missing_columns_are_refused(readers):
    with pytest.raises(InputError, match="lacks the column"):
        reader_dots(readers.drop(columns="reader"))


def test_curves_with_bands_and_chance():
    grid = np.linspace(0, 1, 11)
    curve = pd.concat(
        [pd.DataFrame({"modality": name, "one_minus_specificity": grid, "estimate": grid**power,
                       "conf_low": np.nan, "conf_high": np.nan})
         for name, power in (("photo", 0.8), ("chart", 0.5))]
    )  # fmt: skip
    fig = roc_curves(curve, labels={"chart": "Chart (AUC 0.67)"})
    axes = fig.axes[0]
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["photo", "Chart (AUC 0.67)"]
    assert axes.lines[0].get_xydata().tolist() == [[0, 0], [1, 1]]
    assert f"Chart (AUC 0.67): sensitivity {0.2**0.5:.2f} at specificity 0.80" in fig.alt_text
    assert text_overlaps(fig) == []
    with pytest.raises(InputError, match=r"outside \[0, 1\] in 22 rows"):
        roc_curves(curve.assign(estimate=2.0))
