"""The effect of a continuous variable along its range."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, NullLocator

from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import annotate, rows, style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.lines import dashes
from faceage_stats.reporting.figures.style import Figure

__all__ = ["effect_curve"]


@style.styled
def effect_curve(
    data: pd.DataFrame,
    *,
    effect: str,
    x_label: str,
    group: str | None = None,
    values: pd.DataFrame | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw a ratio along a continuous variable with its band, on a logarithmic axis.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per value: ``x, estimate, conf_low, conf_high``, ratios against a reference value,
        and optionally ``n``, written below the axis.
    effect, x_label : str
        Axis labels, e.g. ``"Hazard ratio against FaceAge 65"`` and ``"FaceAge (years)"``.
    group : str, optional
        Column of curves to draw together; only the first has its band filled.
    values : pandas.DataFrame, optional
        Printed in the plot: ``term, estimate`` and optional ``conf_low, conf_high``.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing, or a ratio is not positive.

    Examples
    --------
    >>> curve = pd.DataFrame({"x": [55, 65, 75], "estimate": [0.8, 1, 1.3],
    ...                       "conf_low": [0.7, 1, 1.1], "conf_high": [0.9, 1, 1.5]})
    >>> effect_curve(curve, effect="Hazard ratio", x_label="FaceAge").axes[0].get_yscale()
    'log'
    """
    needed = ("x", "estimate", "conf_low", "conf_high", *([group] if group else []))
    style.require(data, needed, "The effect curve")
    count = int((data[["estimate", "conf_low", "conf_high"]] <= 0).any(axis=1).sum())
    if count:
        raise InputError(
            f"{count} row(s) hold a ratio at or below 0. Exponentiate the coefficients first."
        )
    drawn = data.assign(_group="" if group is None else data[group])
    names = list(drawn["_group"].unique())
    fig = style.new_figure(width, 62.0)
    axes = fig.add_subplot()
    axes.set_yscale("log")
    axes.axhline(1, color=style.GREY, lw=0.7, ls=(0, (3, 2)), zorder=1)
    paths = []
    drawn_as = zip(names, style.colours(len(names), None), dashes(len(names)), strict=True)
    for name, colour, ls in drawn_as:
        curve = drawn[drawn["_group"] == name]
        if name == names[0]:
            band = (curve["conf_low"], curve["conf_high"])
            axes.fill_between(curve["x"], *band, color=colour, alpha=0.2, lw=0)
            paths += [curve[["x", c]].to_numpy(float) for c in ("conf_low", "conf_high")]
        label = text.pretty(name)
        axes.plot(curve["x"], curve["estimate"], color=colour, ls=ls, lw=1.2, label=label)
        paths.append(curve[["x", "estimate"]].to_numpy(float))
    limits = (float(drawn["conf_low"].min()) / 1.05, float(drawn["conf_high"].max()) * 1.05)
    ticks = rows.round_ticks(limits, ratio=True, width=60)
    axes.set(ylim=limits, xlabel=text.counted(x_label, data), ylabel=effect)
    axes.yaxis.set_major_locator(FixedLocator(list(ticks)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_yticks(ticks, [f"{tick:.10g}" for tick in ticks])
    axes.margins(x=0)
    if len(names) > 1:
        legend_above(axes, axes.lines[1:])  # the first is the line of no effect
    lines = annotate.value_lines(values)
    if lines:
        annotate.free_corner(axes, lines, paths)
    fig.alt_text = _alt(drawn, effect, x_label, lines)
    return fig


def _alt(data: pd.DataFrame, effect: str, x_label: str, lines: list[str]) -> str:
    """Say the first curve at five places."""
    first = data[data["_group"] == data["_group"].iloc[0]]
    at = np.unique(np.linspace(0, len(first) - 1, 5).round().astype(int))
    parts = [
        f"{row['x']:g}: "
        + formats.format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"])
        for row in style.records(first.iloc[at])
    ]
    return f"Curve of {effect} along {x_label} with confidence band. {'; '.join([*parts, *lines])}."
