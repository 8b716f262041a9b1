"""Letters that the font of the figures lacks, drawn with another font of the machine."""

from __future__ import annotations

from functools import lru_cache

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from faceage_stats._warn import warn
from faceage_stats.errors import FaceageWarning
from faceage_stats.reporting.figures.fonts import FAMILY

__all__ = ["lend_fonts"]

_PLACEHOLDERS = "Last Resort"  # has a box for every letter there is
_SHOWN = 10  # letters that a warning lists


def lend_fonts(fig: Figure) -> None:
    """Give each text with letters that no figure's font has, such as Japanese, a font that has.

    An SVG is read with the fonts of the reader's machine; only PNG and PDF need one here.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Its texts are changed.

    Warns
    -----
    FaceageWarning
        No font of this machine has the letters: PNG and PDF show boxes.
    """
    lacking = {text: _lacking(text.get_text()) for text in fig.findobj(Text)}
    letters = "".join(sorted(set().union(*lacking.values())))
    if not letters:
        return
    family = _family_with(letters)
    if family is None:
        warn(
            f"No font of this machine has the letters {' '.join(letters[:_SHOWN])}: PNG and PDF "
            "show boxes in their place, the SVG does not. Install a font that has them, such as "
            "Noto Sans CJK.",
            FaceageWarning,
        )
        return
    for text, missing in lacking.items():
        if missing:
            text.set_fontfamily([FAMILY, family])


def _lacking(text: str) -> set[str]:
    return {letter for letter in text if letter.isprintable() and ord(letter) not in _of_figures()}


@lru_cache(maxsize=1)
def _of_figures() -> frozenset[int]:
    """Letters of the font that every figure has."""
    return frozenset(FT2Font(findfont(FontProperties(family=FAMILY))).get_charmap())


@lru_cache(maxsize=64)
def _family_with(letters: str) -> str | None:
    """The first family of this machine, those without serifs first, that has all letters."""
    wanted = {ord(letter) for letter in letters}
    fonts = (font for font in fontManager.ttflist if not font.name.startswith(_PLACEHOLDERS))
    for _, name, path in sorted(("Sans" not in f.name, f.name, f.fname) for f in fonts):
        try:
            if wanted <= set(FT2Font(path).get_charmap()):
                return name
        except (OSError, RuntimeError):  # a font that was taken away, or cannot be read
            continue
    return None
