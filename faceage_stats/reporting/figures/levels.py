"""Estimates by level: points or bars with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.style import Figure

__all__ = ["bars_with_ci", "mae_by_decade"]

_NEEDED = ("level", "estimate", "conf_low", "conf_high")


@style.styled
def mae_by_decade(
    data: pd.DataFrame,
    *,
    group: str | None = None,
    label: str = "Mean absolute error (years)",
    level_label: str = "Age (years)",
    colors: Sequence[str] | None = None,
    width: str | float | None = None,
) -> Figure:
    r"""Draw points with intervals by level, side by side for several models or datasets.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per level (and group): ``level, estimate, conf_low, conf_high``, optional ``n``.
        Levels and groups are drawn in order of appearance.
    group : str, optional
        Column of the model or dataset.
    label, level_label : str
        Axis labels with units.
    colors : sequence of str, optional
        One per group.
    width : {"single", "double"} or float, optional
        Column width or millimetres; by default one column if the labels fit.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing, a level is repeated, or there are more groups than colours.

    Examples
    --------
    >>> mae = pd.DataFrame({"level": ["20-29", "30-39"], "n": [310, 280], "estimate": [5.1, 6.2],
    ...                     "conf_low": [4.7, 5.8], "conf_high": [5.5, 6.7]})
    >>> [tick.get_text() for tick in mae_by_decade(mae).axes[0].get_xticklabels()]
    ['20-29\n310', '30-39\n280']
    """
    return _by_level(
        data, group=group, labels=(level_label, label), colors=colors, width=width, bars=False
    )


@style.styled
def bars_with_ci(
    data: pd.DataFrame,
    *,
    label: str,
    level_label: str = "",
    group: str | None = None,
    colors: Sequence[str] | None = None,
    width: str | float | None = None,
) -> Figure:
    """Draw bars from zero with intervals by level; for quantities that have a zero.

    Parameters
    ----------
    data
        As in `mae_by_decade`.
    label, level_label : str
        Axis labels with units.
    group, colors, width
        As in `mae_by_decade`.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        As `mae_by_decade`.

    Examples
    --------
    >>> rates = pd.DataFrame({"level": ["A", "B"], "estimate": [0.2, 0.5], "conf_low": [0.1, 0.4],
    ...                       "conf_high": [0.3, 0.6]})
    >>> [float(bar.get_height()) for bar in bars_with_ci(rates, label="Rate").axes[0].patches]
    [0.2, 0.5]
    """
    return _by_level(
        data, group=group, labels=(level_label, label), colors=colors, width=width, bars=True
    )


def _by_level(
    frame: pd.DataFrame,
    *,
    group: str | None,
    labels: tuple[str, str],
    colors: Sequence[str] | None,
    width: str | float | None,
    bars: bool,
) -> Figure:
    """Draw both kinds."""
    style.require(frame, _NEEDED if group is None else (*_NEEDED, group), "The levels frame")
    data = frame.assign(_group="" if group is None else frame[group].map(text.pretty))
    _refuse_repeats(data, group)
    levels, groups = list(data["level"].unique()), list(data["_group"].unique())
    shown = style.colours(len(groups), colors)
    ticks = _tick_texts(data, levels)
    chosen, ticks = _fit_ticks(ticks, width)
    further = max(map(text.n_lines, ticks)) - 2
    fig = style.new_figure(chosen, 58.0 + max(further, 0) * text.LINE)
    axes = fig.add_subplot()
    step = (0.8 if bars else 0.5) / len(groups)
    for index, (name, colour) in enumerate(zip(groups, shown, strict=True)):
        part = data[data["_group"] == name]
        x = np.array([levels.index(level) for level in part["level"]])
        x = x + (index - (len(groups) - 1) / 2) * step
        _draw_estimates(axes, part, x, colour, bar_width=0.9 * step if bars else None)
    counted = "n" in data.columns and ticks != [text.pretty(level) for level in levels]
    axes.set_xticks(range(len(levels)), ticks, linespacing=1.3)
    level_label = f"{labels[0]}, with n" if counted and labels[0] else labels[0]
    axes.set(xlim=(-0.6, len(levels) - 0.4), xlabel=level_label, ylabel=labels[1])
    if bars or (data["conf_low"].min() > 0):
        axes.set_ylim(bottom=min(0.0, data["conf_low"].min() * 1.05))
    if len(groups) > 1:
        _legend(axes, data, dict(zip(groups, shown, strict=True)), marker="s" if bars else "o")
    fig.alt_text = _level_alt(data, labels, bars)
    return fig


def _refuse_repeats(data: pd.DataFrame, group: str | None) -> None:
    repeated = int(data.duplicated(["level", "_group"]).sum())
    if repeated:
        cure = "Name their column with group=." if group is None else "Keep one row for each."
        raise InputError(f"`level` has {repeated} repeated row(s). {cure}")


def _several_counts(data: pd.DataFrame) -> bool:
    """Whether n differs between the groups of a level."""
    return bool(data.groupby("level", observed=True)["n"].nunique().gt(1).any())


def _tick_texts(data: pd.DataFrame, levels: list[object]) -> list[str]:
    """Level names, with n beneath when n is the same in every group."""
    names = [text.pretty(level) for level in levels]
    if "n" not in data.columns or _several_counts(data):
        return names
    counts = dict(zip(data["level"], data["n"], strict=True))
    return [
        f"{name}\n{formats.format_count(counts[level])}"
        for name, level in zip(names, levels, strict=True)
    ]


def _fit_ticks(ticks: list[str], width: str | float | None) -> tuple[float, list[str]]:
    """Column width at which the wrapped tick labels do not overlap."""
    for candidate in ("single", "double") if width is None else (width,):
        millimetres = style.width_mm(candidate)
        available = (millimetres - 16) / (len(ticks) + 0.2) - 1.2
        wrapped = [text.wrap(tick, available) for tick in ticks]
        if max(map(text.text_width, wrapped)) <= available:
            return millimetres, wrapped
    raise InputError(
        f"The names of the {len(ticks)} levels do not fit side by side in {millimetres:.0f} mm. "
        "Shorten them or pass a larger width."
    )


def _draw_estimates(
    axes: Axes, part: pd.DataFrame, x: np.ndarray, colour: str, *, bar_width: float | None
) -> None:
    estimate = part["estimate"].to_numpy(float)
    if bar_width is not None:
        axes.bar(x, estimate, bar_width, color=colour, alpha=0.75, lw=0)
    ink = colour if bar_width is None else style.INK
    axes.vlines(x, part["conf_low"], part["conf_high"], color=ink, lw=1.0)
    if bar_width is None:
        axes.plot(x, estimate, "o", color=colour, ms=3.8, mew=0)


def _legend(axes: Axes, data: pd.DataFrame, shown: dict[str, str], *, marker: str) -> None:
    """Legend above the plot, with n when it differs between the groups of a level."""
    handles = []
    differs = "n" in data.columns and _several_counts(data)
    for name, colour in shown.items():
        total = data.loc[data["_group"] == name, "n"].sum() if differs else None
        label = name if total is None else f"{name} (n = {formats.format_count(total)})"
        handles.append(Line2D([], [], marker=marker, ls="", color=colour, ms=3.8, label=label))
    legend_above(axes, handles)


def _level_alt(data: pd.DataFrame, labels: tuple[str, str], bars: bool) -> str:
    parts = [
        f"{row['_group']} {text.pretty(row['level'])}: ".lstrip()
        + formats.format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"])
        for row in style.records(data)
    ]
    kind = "Bars" if bars else "Points"
    by = f" by {labels[0]}" if labels[0] else ""
    return f"{kind} with confidence intervals: {labels[1]}{by}. {'; '.join(parts)}."
