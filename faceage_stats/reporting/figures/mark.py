"""A mark in the corner of a figure: that its data are synthetic, or whose patients it shows."""

from __future__ import annotations

from matplotlib.figure import Figure as MatplotlibFigure

from faceage_stats.reporting.figures.fonts import FAMILY
from faceage_stats.reporting.figures.style import INK, MM, Figure

__all__ = ["MATCHED", "SYNTHETIC", "mark_cohort", "mark_synthetic"]

SYNTHETIC = "Synthetic data"
MATCHED = "Synthetic, matched to the published values"

_MARK = "mark"  # gid of that label
_WARNING = "#B00020"
_STRIP = 4.0  # height of the strip with a mark, mm


def mark_synthetic(fig: MatplotlibFigure, text: str = SYNTHETIC) -> None:
    """Write "Synthetic data" in the top right corner, on a strip added above the content.

    The figure grows by 4 mm, so nothing can be covered; a second call does nothing.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Changed in place; the alternative text says the same.
    text : str
        What to write instead, where the data are matched to published values, or something
        else than the data is not real.

    Examples
    --------
    >>> from faceage_stats import figures
    >>> fig = figures.new_figure()
    >>> mark_synthetic(fig)
    >>> fig.texts[0].get_text(), fig.alt_text
    ('Synthetic data', 'Synthetic data.')
    """
    _mark(fig, text, color=_WARNING, weight="bold")


def mark_cohort(fig: MatplotlibFigure, label: str) -> None:
    """Write whose patients a figure shows in its top right corner, on a strip above the content.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Changed in place; the alternative text says the same.
    label : str
        Name of the cohort.

    Examples
    --------
    >>> from faceage_stats import figures
    >>> fig = figures.new_figure()
    >>> mark_cohort(fig, "Klinikum Nord, radiotherapy 2012-2020")
    >>> fig.texts[0].get_text()
    'Klinikum Nord, radiotherapy 2012-2020'
    """
    _mark(fig, label, color=INK, weight="normal")


def _mark(fig: MatplotlibFigure, text: str, *, color: str, weight: str) -> None:
    """Add a strip with a text above the content, once."""
    if any(label.get_gid() == _MARK for label in fig.texts):
        return
    old = fig.get_figheight()
    new = old + _STRIP * MM
    fig.set_figheight(new)
    engine = fig.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, 0, 1, old / new))  # type: ignore[call-arg]
    else:
        for axes in fig.axes:
            box = axes.get_position()
            axes.set_position((box.x0, box.y0 * old / new, box.width, box.height * old / new))
    label = fig.text(
        1 - 0.8 * MM / fig.get_figwidth(),
        1 - 0.8 * MM / new,
        text,
        ha="right",
        va="top",
        family=FAMILY,
        size=6.5,
        weight=weight,
        color=color,
        gid=_MARK,
    )
    label.set_in_layout(False)
    if isinstance(fig, Figure):
        fig.alt_text = f"{text}. {fig.alt_text}".strip()
