"""Two measurements of the same thing: Bland-Altman plots and calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from faceage_stats._arguments import check_fit
from faceage_stats._result import Result
from faceage_stats.association.agreement.bland_altman import BlandAltman
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import annotate, style, text
from faceage_stats.reporting.figures.scatter import band, cloud, pairs
from faceage_stats.reporting.figures.style import Figure

__all__ = ["bland_altman", "calibration_line"]


@style.styled
def bland_altman(
    rows: Result | pd.DataFrame,
    summary: pd.DataFrame | None = None,
    *,
    x_label: str = "Mean of FaceAge and age (years)",
    y_label: str = "FaceAge − age (years)",
    points: bool = False,
    width: str | float = "single",
) -> Figure:
    """Draw differences against means, with the bias and the limits of agreement.

    Parameters
    ----------
    rows : BlandAltman or pandas.DataFrame
        A result of ``bland_altman``, or one row per pair: ``mean, difference``.
    summary : pandas.DataFrame, optional
        ``term, estimate, conf_low, conf_high``, terms bias, limit_low, limit_high; taken from
        `rows` when that is a result.
    x_label, y_label : str
        Axis labels with units.
    points, width
        As in `scatter_with_margins`.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing, or a frame comes without its summary.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> frame = pd.DataFrame({"faceage": [62.0, 69, 60, 81, 74], "age": [60, 70, 63, 77, 75]})
    >>> [t.get_text().split()[0] for t in bland_altman(fs.bland_altman(frame)).axes[0].texts]
    ['Upper', 'Bias', 'Lower']
    """
    if not isinstance(rows, pd.DataFrame):
        check_fit(rows, BlandAltman, "figures.bland_altman() takes a fit of bland_altman()")
        summary = rows.tidy()
        rows = rows.augment()
    if summary is None:
        raise InputError("Pass a BlandAltman result, or summary= with bias and limits.")
    style.require(rows, ("mean", "difference"), "The rows frame")
    style.require(summary, ("term", "estimate", "conf_low", "conf_high"), "The summary frame")
    table = {row["term"]: row for row in style.records(summary)}
    x, y = pairs(rows["mean"], rows["difference"])
    fig = style.new_figure(width, 62.0)
    axes = fig.add_subplot()
    cloud(axes, x, y, points)
    words = []
    names = {"limit_high": "Upper limit", "bias": "Bias", "limit_low": "Lower limit"}
    for term, name in names.items():
        row = table[term]
        colour = style.PALETTE[1] if term == "bias" else style.PALETTE[2]
        axes.axhline(row["estimate"], color=colour, ls="-" if term == "bias" else "--")
        axes.axhspan(row["conf_low"], row["conf_high"], color=colour, alpha=0.2, lw=0)
        number = formats.format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"])
        axes.annotate(
            f"{name}\n{number}", (1, row["estimate"]), xycoords=("axes fraction", "data"),
            xytext=(4, 0), textcoords="offset points", va="center", linespacing=1.3,
        )  # fmt: skip
        words.append(f"{name.lower()} {number}")
    shown = summary[["conf_low", "conf_high"]].to_numpy(float)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, shown.min() - 1), max(high, shown.max() + 1))
    axes.set(xlabel=f"{x_label}, n = {formats.format_count(len(x))}", ylabel=y_label)
    _room_for_labels(axes, np.array([table[term]["estimate"] for term in names]))
    fig.alt_text = f"Bland-Altman plot, {y_label} against {x_label}: {'; '.join(words)}."
    return fig


def _room_for_labels(axes: Axes, at: np.ndarray) -> None:
    """Shrink the y range until the labels of the three lines do not overlap."""
    low, high = axes.get_ylim()
    need = 2.4 * text.LINE / 50 * (high - low)  # two lines of text on a plot 50 mm high
    closest = float(np.diff(np.sort(at)).min())
    if closest < need:
        middle = float(np.median(at))
        half = (high - low) / 2 * closest / need
        axes.set_ylim(middle - half, middle + half)


@style.styled
def calibration_line(
    data: pd.DataFrame,
    *,
    line: pd.DataFrame | None = None,
    values: pd.DataFrame | None = None,
    x_label: str = "Predicted risk",
    y_label: str = "Observed risk",
    width: str | float = "single",
) -> Figure:
    """Draw observed against predicted values in bins, with identity and optional smooth line.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per bin: ``predicted, estimate, conf_low, conf_high``.
    line : pandas.DataFrame, optional
        Fitted curve: ``x, estimate, conf_low, conf_high``.
    values : pandas.DataFrame, optional
        Printed in the plot (slope, intercept, O/E): ``term, estimate, conf_low, conf_high``.
    x_label, y_label : str
        Axis labels with units.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing.

    Examples
    --------
    >>> bins = pd.DataFrame({"predicted": [0.2, 0.6], "estimate": [0.25, 0.5],
    ...                      "conf_low": [0.1, 0.4], "conf_high": [0.4, 0.6]})
    >>> calibration_line(bins).axes[0].get_ylabel()
    'Observed risk'
    """
    style.require(data, ("predicted", "estimate", "conf_low", "conf_high"), "The bins frame")
    fig = style.new_figure(width, min(style.width_mm(width), 89.0))
    axes = fig.add_subplot()
    x = data["predicted"].to_numpy(float)
    spans = data[["predicted", "estimate", "conf_low", "conf_high"]].to_numpy(float)
    low, high = np.nanmin(spans), np.nanmax(spans)
    pad = 0.04 * (high - low)
    limits = (low - pad, high + pad)
    axes.plot(limits, limits, color=style.GREY, lw=0.7, ls=(0, (3, 2)), zorder=1)
    if line is not None:
        style.require(line, ("x", "estimate", "conf_low", "conf_high"), "The line frame")
        band(axes, line)
    axes.vlines(x, data["conf_low"], data["conf_high"], color=style.PALETTE[0], zorder=6)
    axes.plot(x, data["estimate"], "o", color=style.PALETTE[0], ms=3.8, mew=0, zorder=6)
    axes.set(xlim=limits, ylim=limits, xlabel=x_label, ylabel=y_label, aspect="equal")
    lines = annotate.value_lines(values)
    bars = [np.array([[a, b], [a, c]]) for a, b, c in spans[:, [0, 2, 3]]]
    annotate.free_corner(axes, lines, [np.column_stack([limits, limits]), *bars, *_outlines(line)])
    printed = f" {'; '.join(lines)}." if lines else ""
    fig.alt_text = (
        f"Calibration plot: {y_label} against {x_label} in {len(data)} bins with intervals, "
        f"beside the line of perfect calibration.{printed}"
    )
    return fig


def _outlines(line: pd.DataFrame | None) -> list[np.ndarray]:
    if line is None:
        return []
    return [line[["x", column]].to_numpy(float) for column in ("estimate", "conf_low", "conf_high")]
