"""Published, planted and recovered values side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import rows, style, text
from faceage_stats.reporting.figures.forest import axis_limits
from faceage_stats.reporting.figures.style import Figure

__all__ = ["published_vs_recovered"]

_SOURCES = {
    "published": (style.INK, "D"),
    "planted": (style.PALETTE[1], "|"),
    "recovered": (style.PALETTE[0], "o"),
}
_LEGEND = 5.0  # height of the legend, mm
_RATIO_UNITS = ("ratio", "hazard ratio", "odds ratio")


@style.styled
def published_vs_recovered(
    data: pd.DataFrame, *, label: str = "label", width: str | float = "double"
) -> Figure:
    """Draw the published, planted and recovered value of each quantity beside the numbers.

    A source that no value has is left out.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per value and source: the column named by `label`; ``source`` (published, planted,
        recovered); ``estimate, conf_low, conf_high`` (missing limits where none is known); and
        ``unit``, which makes the panels. A unit of "ratio" has a logarithmic axis.
    label : str
        Column that names the values.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing, a source has another name, or a value has a source twice.

    Examples
    --------
    >>> values = pd.DataFrame({"label": "HR per decade", "source": ["published", "recovered"],
    ...     "estimate": [1.151, 1.149], "conf_low": [1.056, 1.06], "conf_high": [1.254, 1.25],
    ...     "unit": "ratio"})
    >>> published_vs_recovered(values).axes[0].get_xlabel()
    'ratio'
    """
    style.require(
        data, (label, "source", "estimate", "conf_low", "conf_high", "unit"), "The values frame"
    )
    _check(data, label)
    sources = [source for source in _SOURCES if (data["source"] == source).any()]
    panels = [
        _layout(block, label, style.width_mm(width), sources)
        for _, block in data.groupby("unit", sort=False, observed=True)
    ]
    panels = _align(panels)
    header = panels[0].header
    total = rows.EDGE + _LEGEND + header + sum(p.height + p.axis for p in panels) + rows.EDGE
    fig = style.new_figure(width, total, layout=False)
    top = rows.EDGE + _LEGEND + header
    for layout, (unit, block) in zip(
        panels, data.groupby("unit", sort=False, observed=True), strict=True
    ):
        axes = rows.add_panel(fig, layout, top=top)
        rows.write_cells(axes, layout, headers=layout is panels[0])
        _draw_panel(axes, layout, block, label, str(unit))
        top += layout.height + layout.axis
    _legend(fig.axes[0], header, sources)
    fig.alt_text = _alt(data, label)
    return fig


def _check(frame: pd.DataFrame, label: str) -> None:
    unknown = sorted(set(frame["source"].astype(str)) - set(_SOURCES))
    if unknown:
        raise InputError(f"`source` has {', '.join(unknown)}; it may be {', '.join(_SOURCES)}.")
    twice = int(frame.duplicated([label, "source", "unit"]).sum())
    if twice:
        raise InputError(f"{twice} row(s) repeat a value and source. Keep one row for each.")


def _layout(block: pd.DataFrame, label: str, width: float, sources: list[str]) -> rows.RowLayout:
    names = list(block[label].unique())
    labels = [text.wrap(text.pretty(name), 0.27 * width) for name in names]
    right = []
    for source in sources:
        part = block[block["source"] == source].set_index(label)
        cells = [_printed(part.loc[name]) if name in part.index else "–" for name in names]
        right.append(rows.Column(source.capitalize(), cells))
    heights = rows.row_heights(labels, minimum=5.4)
    unit = str(block["unit"].iloc[0])
    return rows.RowLayout(width, [rows.Column("", labels)], right, heights, unit)


def _printed(row: pd.Series) -> str:
    ratio = row["unit"] in _RATIO_UNITS
    digits = 2 if ratio else text.digits_for([row["estimate"]])
    if row[["conf_low", "conf_high"]].isna().any():
        return formats.format_number(row["estimate"], digits)
    return formats.format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"], digits)


def _align(panels: list[rows.RowLayout]) -> list[rows.RowLayout]:
    """Give the columns of all panels the same width, by a line of the widest cell's length."""
    widths = [max(p.left[0].width for p in panels)]
    widths += [max(p.right[i].width for p in panels) for i in range(len(panels[0].right))]
    aligned = []
    for panel in panels:
        columns = [
            rows.Column(column.header, column.cells, minimum=width)
            for column, width in zip((*panel.left, *panel.right), widths, strict=True)
        ]
        aligned.append(replace(panel, left=columns[:1], right=columns[1:]))
    return aligned


def _draw_panel(
    axes: Axes, layout: rows.RowLayout, block: pd.DataFrame, label: str, unit: str
) -> None:
    ratio = unit in _RATIO_UNITS
    numbers = block[["estimate", "conf_low", "conf_high"]].astype(float)
    rows.set_scale(axes, _limits(numbers, ratio), layout, ratio=ratio)
    start, end = axes.get_xlim()
    null = 1.0 if ratio else 0.0
    if start <= null <= end:
        axes.axvline(null, color=style.GREY, lw=0.6, ls=(0, (3, 2)), zorder=1)
    y = dict(zip(block[label].unique(), layout.centres, strict=True))
    for shift, (source, (colour, marker)) in zip((-1.3, 0.0, 1.3), _SOURCES.items(), strict=True):
        part = block[block["source"] == source]
        at = np.array([y[name] + shift for name in part[label]])
        rows.draw_intervals(axes, part, at, color=colour, marker=marker)


def _limits(numbers: pd.DataFrame, ratio: bool) -> tuple[float, float]:
    """Around the values; the null is shown only where the ratios make it a landmark."""
    if ratio:
        return axis_limits(numbers, ratio=True, null=1.0)
    low, high = np.nanmin(numbers.to_numpy()), np.nanmax(numbers.to_numpy())
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _legend(axes: Axes, header: float, sources: list[str]) -> None:
    handles = [
        Line2D([], [], color=colour, marker=marker, ms=6 if marker == "|" else 4, lw=0,
               mew=1.4 if marker == "|" else 0, label=source.capitalize())
        for source, (colour, marker) in _SOURCES.items()
        if source in sources
    ]  # fmt: skip
    low, high = axes.get_ylim()
    axes.legend(
        handles=handles, ncols=3, loc="lower left", borderaxespad=0, borderpad=0,
        bbox_to_anchor=(0, 1 + (header + 0.6) / abs(high - low)), handletextpad=0.3,
        columnspacing=1.2,
    )  # fmt: skip


def _alt(frame: pd.DataFrame, label: str) -> str:
    parts = [
        f"{name}: " + ", ".join(f"{row['source']} {_printed(row)}" for _, row in block.iterrows())
        for name, block in frame.groupby(label, sort=False, observed=True)
    ]
    named = ", ".join(source for source in _SOURCES if (frame["source"] == source).any())
    return f"{named.capitalize()} values. {'; '.join(parts)}."
