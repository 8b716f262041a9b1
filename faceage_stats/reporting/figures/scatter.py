"""Clouds of patients: one measurement against another, points or counts that hide them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from faceage_stats._columns import numeric
from faceage_stats.association.agreement.calibration_line import fit_line
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import annotate, style
from faceage_stats.reporting.figures.style import Figure

__all__ = ["gap_vs", "line_data", "scatter_with_margins"]

_MIN_COUNT = 5  # a hexagon with fewer patients is not drawn
_LINE = style.PALETTE[1]


def line_data(
    x: Any,
    y: Any,
    *,
    conf_level: float = 0.95,
    n_points: int = 60,
    ends: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Compute the least-squares line over the range of `x`, with the band of its mean.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Complete pairs.
    conf_level : float
        Of the pointwise band (Student's t).
    n_points : int
        Points along the line.
    ends : (float, float), optional
        Where the line begins and ends; default: at the smallest and largest `x`.

    Returns
    -------
    pandas.DataFrame
        ``x, estimate, std_error, conf_low, conf_high``.

    Raises
    ------
    InputError
        If the arrays differ in length or hold missing values.
    DesignError
        With fewer than three pairs, or one value of `x`.

    Examples
    --------
    >>> line_data([0, 1, 2, 3], [1.0, 2.0, 3.5, 3.5], n_points=2)["estimate"].round(2).tolist()
    [1.15, 3.85]
    """
    x, y = pairs(x, y)
    fit = fit_line(y, x, conf_level=conf_level)
    intercept, slope = fit.tidy()["estimate"]
    first, last = ends or (float(x.min()), float(x.max()))
    grid = np.linspace(first, last, n_points)
    centred = x - x.mean()
    std_error = fit.sigma * np.sqrt(1 / len(x) + (grid - x.mean()) ** 2 / (centred @ centred))
    half = stats.t.ppf(0.5 + conf_level / 2, len(x) - 2) * std_error
    estimate = (intercept + slope * grid).round(12)
    return pd.DataFrame(
        {
            "x": grid,
            "estimate": estimate,
            "std_error": std_error,
            "conf_low": estimate - half,
            "conf_high": estimate + half,
        }
    )


@style.styled
def scatter_with_margins(
    x: Any,
    y: Any,
    *,
    x_label: str = "Age (years)",
    y_label: str = "FaceAge (years)",
    values: pd.DataFrame | None = None,
    points: bool = False,
    width: str | float = "single",
) -> Figure:
    """Draw `y` against `x` with the identity, the regression line and both histograms.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Complete pairs in the same unit.
    x_label, y_label : str
        Axis labels with units.
    values : pandas.DataFrame, optional
        Printed in the plot, one line per row: ``term, estimate`` and optional ``conf_low,
        conf_high, unit`` (r, R2, MAE ...).
    points : bool
        Draw every patient as a point: only for public or synthetic data. The default draws
        hexagons and omits those with fewer than five patients.
    width : {"single", "double"} or float
        Column width or millimetres; the plot is square.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If the arrays differ in length or hold missing values.

    Examples
    --------
    >>> fig = scatter_with_margins([60, 70, 63, 77], [62.0, 71, 66, 80], points=True)
    >>> fig.axes[0].get_xlabel()
    'Age (years)'
    """
    x, y = pairs(x, y)
    millimetres = style.width_mm(width)
    fig = style.new_figure(width, millimetres)
    grid = fig.add_gridspec(2, 2, width_ratios=[6, 1], height_ratios=[1, 6])
    axes = fig.add_subplot(grid[1, 0])
    limits = _limits(np.concatenate([x, y]), points)
    cloud(axes, x, y, points)
    axes.set(xlim=limits, ylim=limits, xlabel=x_label, ylabel=y_label)
    axes.plot(limits, limits, color=style.GREY, lw=0.7, ls=(0, (3, 2)), zorder=3)
    axes.set_yticks([tick for tick in axes.get_xticks() if limits[0] <= tick <= limits[1]])
    axes.set_xticks(axes.get_yticks())
    band(axes, line_data(x, y))
    top = fig.add_subplot(grid[0, 0], sharex=axes)
    side = fig.add_subplot(grid[1, 1], sharey=axes)
    bins = np.linspace(*limits, 41)
    for margin, data, bar in ((top, x, top.bar), (side, y, side.barh)):
        counts, _ = np.histogram(data, bins)
        counts[(counts < _MIN_COUNT) & (not points)] = 0
        middles = (bins[1:] + bins[:-1]) / 2
        bar(middles, counts, bins[1] - bins[0], color=style.PALETTE[0], alpha=0.6, lw=0)
        margin.axis("off")
    lines = [f"n = {formats.format_count(len(x))}", *annotate.value_lines(values)]
    obstacles = [np.column_stack([limits, limits])]
    annotate.free_corner(axes, lines, obstacles, np.column_stack([x, y]), above=top)
    fig.alt_text = (
        f"{_kind(points)} of {y_label} against {x_label} "
        f"with identity line, regression line and marginal histograms. {'; '.join(lines)}."
    )
    return fig


@style.styled
def gap_vs(
    x: Any,
    gap: Any,
    *,
    x_label: str,
    y_label: str = "FaceAge − age (years)",
    values: pd.DataFrame | None = None,
    points: bool = False,
    width: str | float = "single",
) -> Figure:
    """Draw the age gap against a continuous variable, with the regression line.

    Parameters
    ----------
    x, gap : array_like, shape (n,)
        Complete pairs.
    x_label, y_label : str
        Axis labels with units.
    values, points, width
        As in `scatter_with_margins`.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If the arrays differ in length or hold missing values.

    Examples
    --------
    >>> fig = gap_vs([18, 24, 31, 40], [6.0, 5, 4, 4.5], x_label="BMI (kg/m²)", points=True)
    >>> fig.axes[0].get_xlabel()
    'BMI (kg/m²)'
    """
    x, gap = pairs(x, gap)
    fig = style.new_figure(width, 62.0)
    axes = fig.add_subplot()
    axes.axhline(0, color=style.GREY, lw=0.7, ls=(0, (3, 2)), zorder=3)
    cloud(axes, x, gap, points)
    band(axes, line_data(x, gap))
    axes.set(xlabel=x_label, ylabel=y_label)
    lines = [f"n = {formats.format_count(len(x))}", *annotate.value_lines(values)]
    annotate.free_corner(axes, lines, points=np.column_stack([x, gap]))
    fig.alt_text = (
        f"{_kind(points)} of {y_label} against {x_label} "
        f"with the regression line and its confidence band. {'; '.join(lines)}."
    )
    return fig


def pairs(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    if not (np.size(x) and np.size(y)):
        raise InputError("x and y have no rows: there is nothing to draw.")
    x, y = numeric(x, "x"), numeric(y, "y")
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(f"x and y must be two columns of one length, not {x.shape} and {y.shape}.")
    bad = int((np.isnan(x) | np.isnan(y)).sum())
    if bad:
        raise InputError(
            f"{bad} pair(s) hold a missing or infinite value. Drop and count them first."
        )
    return x, y


def _kind(points: bool) -> str:
    hidden = f"Hexagonal density plot (hexagons with fewer than {_MIN_COUNT} patients are omitted)"
    return "Scatter plot" if points else hidden


def _limits(values: np.ndarray, points: bool) -> tuple[float, float]:
    """Range of all points, or of all but the outermost patients, whom limits would reveal."""
    low, high = np.quantile(values, [0, 1] if points else [0.005, 0.995])
    margin = 0.04 * (high - low) or 1.0
    return float(low - margin), float(high + margin)


def cloud(axes: Axes, x: np.ndarray, y: np.ndarray, points: bool) -> None:
    """Points, or hexagons that hide small counts."""
    axes.set(xlim=_limits(x, points), ylim=_limits(y, points))
    if points:
        alpha = float(np.clip(12 / np.sqrt(len(x)), 0.15, 0.8))
        look: dict[str, Any] = {
            "s": 4,
            "color": style.PALETTE[0],
            "alpha": alpha,
            "lw": 0,
            "zorder": 2,
        }
        axes.scatter(x, y, rasterized=len(x) > 500, **look)
        return
    size = int(np.clip(np.sqrt(len(x)) / 2.2, 8, 28))
    extent = (*axes.get_xlim(), *axes.get_ylim())
    cells = axes.hexbin(
        x, y, gridsize=size, extent=extent, mincnt=_MIN_COUNT, cmap="Blues",
        linewidths=0.1, zorder=2,
    )  # fmt: skip
    cells.set_clim(0, np.max(np.asarray(cells.get_array()), initial=1))  # there may be no cell


def band(axes: Axes, line: pd.DataFrame) -> None:
    axes.fill_between(
        line["x"], line["conf_low"], line["conf_high"], color=_LINE, alpha=0.25, lw=0, zorder=4
    )
    axes.plot(line["x"], line["estimate"], color=_LINE, lw=1.1, zorder=5)
