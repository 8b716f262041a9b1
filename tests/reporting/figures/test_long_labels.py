"""Labels of 5 to 80 characters neither overlap, nor leave the page, nor crush the plot."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats import figures

N = 240
WORDS = "Karnofsky performance status of ninety to one hundred, no metastases of the liver "


def words(n):
    """A text of n characters, with blanks."""
    return (WORDS * 2)[:n].strip().ljust(n, ".")


def letters(n):
    """A text of n characters without a blank, as a name in a table."""
    return ("performance_status_" * 5)[:n]


LENGTHS = [(words, 5), (words, 40), (words, 80), (letters, 80)]


@pytest.fixture(scope="module", params=LENGTHS, ids=lambda p: f"{p[0].__name__}-{p[1]}")
def names(request):
    make, n = request.param
    return [f"{i}{make(n - 1)}" for i in range(3)]


@pytest.fixture(scope="module")
def data(names):
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"g": rng.choice(names, N), "x": rng.normal(size=N)})
    frame["t"], frame["d"] = rng.exponential(4, N).clip(0.01, 12), rng.integers(0, 2, N)
    return frame.assign(age=60 + 9 * rng.normal(size=N), faceage=63 + 9 * rng.normal(size=N))


def levels(names):
    table = pd.DataFrame({"level": names, "estimate": [0.2, 0.4, 0.5], "n": [40, 50, 60]})
    return table.assign(conf_low=table["estimate"] - 0.1, conf_high=table["estimate"] + 0.1)


def forest(data, names):
    return figures.forest(fs.coxph("Surv(t, d) ~ x + g", data), effect=names[0])


def forest_groups(data, names):
    table = levels(names).assign(block=names, scale="difference")
    return figures.forest(table, effect=names[0], label="level", group="block", width="double")


def km(data, names):
    return figures.km(fs.survfit("Surv(t, d) ~ g", data), time_label=names[0], p_value=0.2)


def km_wide(data, names):
    return figures.km(fs.survfit("Surv(t, d) ~ g", data), width="double", risk_table=False)


def bars(data, names):
    return figures.bars_with_ci(levels(names), label=names[0], level_label=names[1])


def points(data, names):
    both = pd.concat([levels(names).assign(model=name) for name in names])
    return figures.mae_by_decade(both, group="model", label=names[0])


def boxes(data, names):
    return figures.gap_by_group(fs.age_gap(data, by="g", reference=names[0]), label=names[1])


def matrix(data, names):
    return figures.pairwise_matrix(fs.age_gap(data, by="g").contrasts(pairs="all"), label=names[0])


def scatter(data, names):
    return figures.gap_vs(data["age"], data["faceage"], x_label=names[0], y_label=names[1])


def readers(data, names):
    auc = pd.DataFrame({"modality": names * 2, "reader": list("aaabbb"), "estimate": 0.7})
    return figures.reader_dots(auc, references={names[0]: 0.6}, label=names[1])


def curve(data, names):
    table = pd.DataFrame({"x": [1.0, 2, 3], "estimate": [0.8, 1, 1.2]})
    table = table.assign(conf_low=table["estimate"] / 1.2, conf_high=table["estimate"] * 1.2)
    both = pd.concat([table.assign(model=name) for name in names])
    return figures.effect_curve(both, effect=names[0], x_label=names[1], group="model")


DRAWN = [forest, forest_groups, km, km_wide, bars, points, boxes, matrix, scatter, readers, curve]


@pytest.mark.parametrize("draw", DRAWN, ids=lambda f: f.__name__)
def test_nothing_overlaps_and_the_plot_keeps_its_room(draw, data, names):
    fig = draw(data, names)
    assert figures.text_overlaps(fig) == []
    box = fig.axes[0].get_position()
    millimetres = box.width * fig.get_figwidth() * 25.4, box.height * fig.get_figheight() * 25.4
    assert min(millimetres) > 9
    assert millimetres[0] > 25
