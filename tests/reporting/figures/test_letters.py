"""Letters that the font of the figures lacks."""

import warnings

import pytest
from matplotlib.font_manager import fontManager

from faceage_stats.errors import FaceageWarning
from faceage_stats.reporting.figures import letters
from faceage_stats.reporting.figures.fonts import FAMILY
from faceage_stats.reporting.figures.style import new_figure, save

LETTER = "\u214a"  # in the fonts that matplotlib ships, not in that of the figures


@pytest.fixture
def fig():
    fig = new_figure()
    fig.suptitle(f"Nord {LETTER}")
    fig.text(0.5, 0.5, "plain")
    return fig


@pytest.fixture(autouse=True)
def forgetful():
    letters._family_with.cache_clear()
    yield
    letters._family_with.cache_clear()


def test_a_text_is_lent_a_font_that_has_its_letters(fig, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that is missing
        save(fig, tmp_path / "figure")
    first, second = fig.texts
    assert first.get_fontfamily()[0] == FAMILY
    assert len(first.get_fontfamily()) == 2
    assert len(second.get_fontfamily()) == 1


@pytest.mark.filterwarnings("ignore:Glyph")  # matplotlib's own, of each glyph
def test_letters_that_no_font_has_are_named(fig, tmp_path, monkeypatch):
    ours = [font for font in fontManager.ttflist if font.name.startswith((FAMILY, "Last Resort"))]
    monkeypatch.setattr(fontManager, "ttflist", ours)
    with pytest.warns(FaceageWarning, match=f"has the letters {LETTER}: PNG and PDF show boxes"):
        save(fig, tmp_path / "figure")
