"""How every figure looks, is labelled and is written: sizes, type, colours, alternative text."""

from __future__ import annotations

import base64
import functools
import html
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MatplotlibFigure

from faceage_stats._call import checked_call
from faceage_stats._existing import refuse_existing
from faceage_stats._files import writing
from faceage_stats._near import did_you_mean
from faceage_stats._options import warns_of_patients
from faceage_stats.errors import InputError
from faceage_stats.reporting.figures.fonts import FAMILY, embed_font
from faceage_stats.reporting.figures.letters import lend_fonts
from faceage_stats.reporting.figures.text import fit_axis_labels, place_axes

__all__ = [
    "GREY",
    "INK",
    "PALETTE",
    "WIDTHS",
    "Figure",
    "new_figure",
    "save",
    "styled",
]

# Okabe & Ito, darkest contrasts first; yellow is omitted because it vanishes on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
INK = "#1A1A1A"
GREY = "#767676"  # the lightest grey that still has a contrast of 4.5 on white
WIDTHS = {"single": 89.0, "double": 183.0}  # column widths, mm
MM = 1 / 25.4  # inches

_STYLE = {
    "font.family": FAMILY,  # ships with matplotlib, so every machine draws the same
    "font.size": 6.5,
    "axes.labelsize": 7,
    "axes.titlesize": 7,
    "axes.linewidth": 0.6,
    "axes.unicode_minus": False,  # as in the printed numbers
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "lines.linewidth": 1.0,
    "text.color": INK,
    "text.parse_math": False,  # a "$" in a label is a "$"
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "savefig.dpi": 300,
    "svg.hashsalt": "faceage_stats",  # stable ids: same input, same bytes
    "svg.fonttype": "none",  # text can be selected and searched; `save` adds the font to the file
}

P = ParamSpec("P")


class Figure(MatplotlibFigure):
    """A matplotlib figure that carries its alternative text in ``alt_text``."""

    alt_text: str = ""

    def _repr_html_(self) -> str:
        """Show in a notebook as an image with its alternative text."""
        buffer = io.BytesIO()
        with matplotlib.style.context(["default", _STYLE]):
            self.savefig(buffer, format="png", dpi=200)
        image = base64.b64encode(buffer.getvalue()).decode()
        width = round(self.get_figwidth() * 130)
        alt = html.escape(self.alt_text, quote=True)
        return f'<img alt="{alt}" width="{width}" src="data:image/png;base64,{image}">'


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Run a drawing function in the package's style, whatever the user's rcParams, and lay out."""

    @functools.wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.style.context(["default", _STYLE]):
            fig = draw(*args, **kwargs)
            fit_axis_labels(fig)
        return fig

    return warns_of_patients(checked_call(wrapper))


def new_figure(
    width: str | float = "single", height: float = 65.0, *, layout: bool = True
) -> Figure:
    """Make an empty figure.

    Parameters
    ----------
    width : {"single", "double"} or float
        One column (89 mm), two columns (183 mm), or millimetres.
    height : float
        Millimetres.
    layout : bool
        Let matplotlib's constrained layout place the axes.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Examples
    --------
    >>> fig = new_figure("double", 60)
    >>> (fig.get_size_inches() * 25.4).round().tolist()
    [183.0, 60.0]
    """
    fig = Figure(
        figsize=(width_mm(width) * MM, height * MM),
        dpi=200,
        layout="constrained" if layout else None,
    )
    engine = fig.get_layout_engine()
    if engine is not None:
        engine.set(w_pad=0.8 * MM, h_pad=0.8 * MM, wspace=0, hspace=0)  # type: ignore[call-arg]
    return fig


def width_mm(width: str | float) -> float:
    """Millimetres of a named or given width."""
    if isinstance(width, str):
        if width not in WIDTHS:
            raise InputError(f"width is {width!r}; use 'single', 'double' or millimetres.")
        return WIDTHS[width]
    return float(width)


def save(
    fig: MatplotlibFigure, path_stem: str | os.PathLike[str], *, force: bool = False
) -> tuple[Path, Path]:
    """Write a figure as SVG and as 300 dpi PNG: the same figure gives the same bytes.

    Each file is written under a temporary name and then renamed. The alternative text is stored
    as the description of both.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    path_stem : path
        Path without a suffix, in a folder that exists.
    force : bool
        Replace files that exist.

    Returns
    -------
    tuple of pathlib.Path
        The SVG and the PNG.

    Raises
    ------
    InputError
        If the folder does not exist, or a file does and `force` is not given.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     svg, png = save(new_figure(), Path(folder) / "figure")
    >>> svg.name, png.name
    ('figure.svg', 'figure.png')
    """
    stem = Path(path_stem)
    if not stem.parent.is_dir():
        raise InputError(f"The folder of {stem.name!r} does not exist. Create it before saving.")
    alt = getattr(fig, "alt_text", "") or None
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Date": None, "Description": alt},
        "png": {"Software": None},
    }
    if alt:
        metadata["png"]["Description"] = alt
    svg, png = (stem.with_name(f"{stem.name}.{kind}") for kind in metadata)
    refuse_existing(svg, png, force=force)
    with laid_out(fig):
        for path, (kind, entries) in zip((svg, png), metadata.items(), strict=True):
            with writing(path) as draft:
                fig.savefig(draft, format=kind, metadata=entries)
                if kind == "svg":
                    embed_font(draft)
    return svg, png


@contextmanager
def laid_out(fig: MatplotlibFigure) -> Iterator[None]:
    """Lay a figure out once for all of its files, which matplotlib would do for each, twice."""
    with matplotlib.style.context(["default", _STYLE]):
        lend_fonts(fig)
        engine = fig.get_layout_engine()
        place_axes(fig)
        fig.set_layout_engine(None)
        try:
            yield
        finally:
            fig.set_layout_engine(engine)


def require(frame: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    """Refuse a frame that lacks columns or has no rows."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"{what} must be a pandas DataFrame, not {type(frame).__name__}.")
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        present = ", ".join(map(str, frame.columns))
        raise InputError(
            f"{what} lacks the column(s) {', '.join(missing)}; it has: {present}."
            f"{did_you_mean(missing[0], frame.columns)}"
        )
    if frame.empty:
        raise InputError(f"{what} has no rows: there is nothing to draw.")


def page(axes: Axes) -> MatplotlibFigure:
    """The figure of the axes."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame as dictionaries."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def colours(n: int, chosen: Sequence[str] | None = None) -> list[str]:
    """Colours of `n` groups, refused when they would repeat."""
    pool = list(PALETTE if chosen is None else chosen)
    if n > len(pool):
        raise InputError(f"{n} groups but {len(pool)} colours; pass colors= with one per group.")
    return pool[:n]
