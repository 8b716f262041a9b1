"""Truth: sizes and strings by hand; the same figure gives the same bytes."""

import base64
import io
import os
import re

import matplotlib
import numpy as np
import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure as MatplotlibFigure

from faceage_stats import figures
from faceage_stats.errors import InputError
from faceage_stats.reporting.figures import annotate, fonts, rows, style, text
from faceage_stats.reporting.figures.fonts import characters


@pytest.fixture
def pair():
    return pd.DataFrame(
        {"level": ["a", "b"], "estimate": [1.0, 2], "conf_low": [0.5, 1.5], "conf_high": [1.5, 3]}
    )


def test_saving_twice_gives_the_same_bytes_and_leaves_nothing_behind(pair, tmp_path):
    for name in ("one", "two"):
        figures.save(figures.bars_with_ci(pair, label="Share"), tmp_path / name)
    for kind in ("svg", "png"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "one.png",
        "one.svg",
        "two.png",
        "two.svg",
    ]


def test_a_figure_is_replaced_only_with_force(tmp_path):
    (tmp_path / "figure.svg").write_text("edited by hand", encoding="utf-8")
    with pytest.raises(InputError, match=r"figure\.svg exists already"):
        figures.save(figures.new_figure(), tmp_path / "figure")
    assert [p.read_text(encoding="utf-8") for p in tmp_path.iterdir()] == ["edited by hand"]
    svg, _ = figures.save(figures.new_figure(), tmp_path / "figure", force=True)
    assert "<svg" in svg.read_text(encoding="utf-8")


def test_svg_holds_the_alternative_text_and_no_date(pair, tmp_path):
    svg, png = figures.save(figures.bars_with_ci(pair, label="Share"), tmp_path / "figure")
    words = svg.read_text(encoding="utf-8")
    assert "Bars with confidence intervals: Share" in words
    assert "<dc:date>" not in words
    assert b"Bars with confidence intervals" in png.read_bytes()


def test_text_of_an_svg_is_text_and_brings_its_font(pair, tmp_path):
    svg, _ = figures.save(figures.bars_with_ci(pair, label="Share"), tmp_path / "figure")
    words = svg.read_text(encoding="utf-8")
    assert ">Share</text>" in words
    faces = re.findall(r"url\(data:font/woff;base64,([^)]+)\)", words)
    assert faces, "no font in the file"
    fonts = [TTFont(io.BytesIO(base64.b64decode(face))) for face in faces]
    known = set().union(*(font.getBestCmap() for font in fonts))
    assert {ord(letter) for letter in characters(words)} <= known
    assert len(words) < 60_000


@pytest.mark.parametrize("used", ["HR 1.15 (95% CI)", "AV", "Ωж≤0.05"])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_letters_cut_from_those_in_common_are_those_of_the_whole_font(used, weight):
    whole = fonts._cut(fonts._whole_font(weight), used, "woff")
    assert fonts.font_subset(used, weight) == whole
    assert {ord(letter) for letter in used} <= TTFont(io.BytesIO(whole)).getBestCmap().keys()


def test_a_figure_is_laid_out_once_for_all_its_files(pair, tmp_path, monkeypatch):
    fig = figures.bars_with_ci(pair, label="Share")
    engine, calls = fig.get_layout_engine(), []
    monkeypatch.setattr(type(engine), "execute", lambda self, fig: calls.append(fig))
    figures.save(fig, tmp_path / "figure")
    assert calls == [fig]
    assert fig.get_layout_engine() is engine


def test_png_has_300_dots_per_inch(pair, tmp_path):
    from PIL import Image

    _, png = figures.save(figures.bars_with_ci(pair, label="Share"), tmp_path / "figure")
    with Image.open(png) as image:
        assert image.width == pytest.approx(89 / 25.4 * 300, abs=1)


def test_saving_into_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="The folder of 'figure' does not exist"):
        figures.save(figures.new_figure(), tmp_path / "absent" / "figure")


def test_a_failed_save_leaves_no_file(tmp_path, monkeypatch):
    fig = figures.new_figure()
    monkeypatch.setattr(fig, "savefig", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(InputError, match="disk full"):
        figures.save(fig, tmp_path / "figure")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_a_private_umask_keeps_figures_private(tmp_path):
    before = os.umask(0o077)
    try:
        paths = figures.save(figures.new_figure(), tmp_path / "figure")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}


def test_users_settings_neither_leak_in_nor_out(pair):
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True, "font.family": "serif"}):
        before = dict(matplotlib.rcParams)
        fig = figures.mae_by_decade(pair)
        assert dict(matplotlib.rcParams) == before
        label = fig.axes[0].xaxis.get_ticklabels()[0]
    assert label.get_fontsize() == 6.5
    assert label.get_fontfamily() == ["DejaVu Sans"]


def test_fonts_are_between_6_and_8_points(pair):
    fig = figures.mae_by_decade(pair)
    sizes = {t.get_fontsize() for t in fig.findobj(matplotlib.text.Text) if t.get_text()}
    assert sizes
    assert 6 <= min(sizes) <= max(sizes) <= 8


def test_synthetic_label_stands_above_the_content(pair):
    fig = figures.mae_by_decade(pair)
    height = fig.get_figheight()
    content = [axes.get_tightbbox().height for axes in fig.axes]
    figures.mark_synthetic(fig)
    figures.mark_synthetic(fig)  # once is enough
    fig.draw_without_rendering()
    labels = [t for t in fig.texts if t.get_text() == "Synthetic data"]
    assert len(labels) == 1
    assert fig.alt_text.startswith("Synthetic data. Points")
    assert fig.get_figheight() * 25.4 == pytest.approx(height * 25.4 + 4)
    top = max(axes.get_tightbbox().y1 for axes in fig.axes)
    assert labels[0].get_window_extent().y0 >= top
    assert [axes.get_tightbbox().height for axes in fig.axes] == pytest.approx(content, rel=0.01)


def test_a_foreign_figure_can_be_marked():
    fig = MatplotlibFigure()
    axes = fig.add_subplot()
    before = axes.get_window_extent().height
    figures.mark_synthetic(fig)
    assert axes.get_window_extent().height == pytest.approx(before)


def test_the_mark_can_say_something_else(pair):
    fig = figures.mae_by_decade(pair)
    figures.mark_synthetic(fig, "Random weights")
    figures.mark_synthetic(fig)  # one mark is enough
    assert [t.get_text() for t in fig.texts if t.get_gid() == "mark"] == ["Random weights"]
    assert fig.alt_text.startswith("Random weights. Points")


def test_notebook_shows_the_alternative_text():
    fig = figures.new_figure()
    fig.alt_text = 'a "quoted" < b'
    assert fig._repr_html_().startswith('<img alt="a &quot;quoted&quot; &lt; b"')


def test_unknown_width_is_refused():
    with pytest.raises(InputError, match="width is 'wide'"):
        figures.new_figure("wide")


def test_more_groups_than_colours_are_refused(pair):
    many = pd.concat([pair.assign(model=str(i)) for i in range(8)])
    with pytest.raises(InputError, match="8 groups but 7 colours"):
        figures.mae_by_decade(many, group="model")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ([1, 2], "must be a pandas DataFrame, not list"),
        (pd.DataFrame({"level": ["a"]}), "lacks the column.s. estimate, conf_low, conf_high"),
        (pd.DataFrame(columns=["level", "estimate", "conf_low", "conf_high"]), "has no rows"),
    ],
)
def test_frames_that_cannot_be_drawn_are_refused(frame, message):
    with pytest.raises(InputError, match=message):
        figures.mae_by_decade(frame)


def test_wrapping_keeps_negative_numbers_and_hyphenated_words_whole():
    assert text.wrap("difference -0.5", 14) == "difference\n-0.5"
    assert text.wrap("test-retest", 7) == "test-\nretest"
    assert "\n" not in text.wrap("n\u00a0=\u00a0110", 3)
    assert max(map(text.text_width, text.wrap("a b c d e f g h", 6).split("\n"))) <= 6


@pytest.mark.parametrize(("value", "digits"), [(33.0, 1), (4.79, 2), (0.21, 3), (0.001, 3), (0, 1)])
def test_decimals_follow_the_size_of_the_number(value, digits):
    assert text.digits_for([value, np.nan]) == digits


def test_value_lines_print_counts_units_and_intervals():
    values = pd.DataFrame(
        {
            "term": ["n", "MAE", "slope"],
            "estimate": [2547, 7.459, 0.84],
            "conf_low": [np.nan, 7.22, np.nan],
            "conf_high": [np.nan, 7.70, np.nan],
            "unit": [None, "years", None],
        }
    )
    assert annotate.value_lines(values) == [
        "n = 2,547",
        "MAE 7.46 (7.22–7.70) years",
        "slope 0.840",
    ]
    assert annotate.value_lines(None) == []


def test_metrics_of_accuracy_get_their_usual_names():
    values = pd.DataFrame({"metric": ["pearson_r"], "estimate": [0.9]})
    assert annotate.value_lines(values) == ["r 0.900"]


@pytest.mark.parametrize(
    ("limits", "ratio", "width"),
    [((0.9, 1.6), True, 40), ((0.05, 40), True, 40), ((0.9, 2.7), True, 80), ((-30, 45), False, 25),
     ((0.7, 9.5), True, 60), ((0.7, 9.5), True, 18)],
)  # fmt: skip
def test_ticks_are_round_inside_and_clear_of_each_other(limits, ratio, width):
    ticks = rows.round_ticks(limits, ratio=ratio, width=width)
    assert len(ticks) >= 2
    assert limits[0] <= ticks.min()
    assert ticks.max() <= limits[1]
    scale = np.log if ratio else np.asarray
    place = (scale(ticks) - scale(limits[0])) / (scale(limits[1]) - scale(limits[0])) * width
    sizes = np.array([text.text_width(f"{tick:.10g}") for tick in ticks])
    assert (np.diff(place) > (sizes[1:] + sizes[:-1]) / 2).all()


def test_columns_that_leave_no_room_for_the_plot_are_refused():
    wide = rows.Column("", ["w" * 80])
    with pytest.raises(InputError, match="leaves no room for the plot in 89 mm"):
        rows.choose_width("single", [wide], [], plot=26)


def test_free_corner_is_found_and_a_full_plot_gets_its_text_above():
    for points, corner in (([[0.05, 0.95], [0.95, 0.95]], "lower right"), (None, "upper right")):
        fig = figures.new_figure()
        axes = fig.add_subplot(xlim=(0, 1), ylim=(0, 1))
        annotate.free_corner(axes, ["p = 0.5"], points=None if points is None else np.array(points))
        (written,) = axes.texts
        assert f"{'upper' if written.get_va() == 'top' else 'lower'} {written.get_ha()}" == corner
    fig = figures.new_figure()
    axes = fig.add_subplot(xlim=(0, 1), ylim=(0, 1))
    annotate.free_corner(axes, ["p = 0.5"], [np.array([[0, 0], [0, 1], [1, 1], [1, 0]])])
    assert list(axes.texts) == []
    assert axes.get_title(loc="left").replace("\u00a0", " ") == "p = 0.5"


def test_palette_has_contrast_on_white():
    from matplotlib.colors import to_rgb

    def luminance(colour):
        rgb = np.array(to_rgb(colour))
        linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    # WCAG: 3 for graphics (the first three, used most), 4.5 for text
    for colour, least in [(c, 3.0) for c in style.PALETTE[:3]] + [(style.GREY, 4.5)]:
        assert 1.05 / (luminance(colour) + 0.05) >= least


def test_text_above_a_full_plot_breaks_between_its_lines_only():
    fig = figures.new_figure(60)
    axes = fig.add_subplot(xlim=(0, 1), ylim=(0, 1))
    full = [np.array([[0, 0], [0, 1], [1, 1], [1, 0]])]
    lines = ["n = 2,547", "r 0.901 (0.894–0.908)", "MAE 7.46 (7.23–7.69) years"]
    annotate.free_corner(axes, lines, full)
    title = axes.get_title(loc="left").replace("\u00a0", " ")
    assert [part for row in title.split("\n") for part in row.split("   ")] == lines
