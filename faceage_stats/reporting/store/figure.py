"""One figure of a display item: how it is drawn, and the words that stand with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib import figure as matplotlib_figure

    Drawing = partial[matplotlib_figure.Figure] | matplotlib_figure.Figure

__all__ = ["Figure"]


@dataclass(frozen=True, eq=False)
class Figure:
    """One figure of an item, with its own caption.

    Attributes
    ----------
    draw : functools.partial
        How it is drawn, as ``partial(fs.figures.km, fit)``.
    caption : str
        What is shown, n and method; Markdown with names of the item's ``numbers``.
    label : str
        Its heading: where it stands in the paper, as "Figure 2d, left", or what it shows; by
        default the name by which the item calls it.
    alt : str
        What it shows, in words; needed where the drawn figure carries no ``alt_text``.

    See Also
    --------
    Item : Holds figures in the order in which they are shown.

    Examples
    --------
    >>> from functools import partial
    >>> import faceage_stats as fs
    >>> drawing = partial(fs.figures.forest, fs.read_csv("hr.csv"))  # doctest: +SKIP
    >>> fs.Figure(drawing, caption="Hazard ratios.", label="Figure 3c, left")  # doctest: +SKIP
    """

    draw: Drawing
    caption: str = ""
    label: str = ""
    alt: str = ""
