"""Forest plots: estimates with intervals beside their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from faceage_stats._result import Result
from faceage_stats._scalar import check_number
from faceage_stats._scale import abbreviation, is_ratio
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.coefficients import INTERCEPT
from faceage_stats.reporting.figures import rows, style, text
from faceage_stats.reporting.figures.forest_data import forest_data
from faceage_stats.reporting.figures.style import Figure
from faceage_stats.reporting.scale import as_ratios, scale_in, tidy_for_readers

__all__ = ["forest"]


@style.styled
def forest(
    data: Result | pd.DataFrame,
    *,
    effect: str | None = None,
    label: str | None = None,
    group: str | None = None,
    ratio: bool | None = None,
    null: float | None = None,
    limits: tuple[float, float] | None = None,
    width: str | float | None = None,
) -> Figure:
    """Draw a forest plot: one row per estimate, with n, events, the interval in words, and p.

    A fit and its tidy table give the same figure: both say on which scale they are, logarithms of
    ratios are exponentiated, and the axis is named accordingly. An intercept is left out.

    Parameters
    ----------
    data : result or pandas.DataFrame
        A fit, or a table as in `forest_data` with its ``scale``; columns ``n``, ``n_event`` and
        ``p_value`` are printed when present.
    effect : str, optional
        Axis label, e.g. ``"HR per decade of FaceAge"``; by default the scale of the estimates.
    label, group : str, optional
        As in `forest_data`.
    ratio : bool, optional
        Logarithmic axis, otherwise linear. By default as the column ``scale`` of a tidy table
        says; needed without that column. With False, logarithms stay logarithms.
    null : float, optional
        Where the dashed line stands: by default 1 for ratios and 0 for differences; 0.5 for an
        AUC or a C index, 0.95 for the coverage of intervals.
    limits : tuple of float, optional
        Of the axis; intervals beyond them end in an arrow.
    width : {"single", "double"} or float, optional
        Column width or millimetres; by default one column if everything fits.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing, a ratio is not positive, the scale is not the one asked for or not
        known, or the text leaves no room for the plot.

    See Also
    --------
    forest_data : The numbers that are drawn.
    faceage_stats.tbl_regression : The same rows as a table.

    Notes
    -----
    In R: ``survminer::ggforest(fit)``

    Examples
    --------
    >>> hr = pd.DataFrame({"model": ["univariable", "+ age"], "estimate": [1.428, 1.156],
    ...                    "conf_low": [1.351, 1.063], "conf_high": [1.510, 1.258],
    ...                    "scale": "hazard ratio"})
    >>> forest(hr, effect="HR per decade of FaceAge").axes[0].get_xlabel()
    'HR per decade of FaceAge'
    """
    table, effect, ratio = _on_scale(_coefficients(data), effect, ratio)
    plotted = forest_data(table, label=label, group=group)
    shown = plotted.loc[~plotted["is_heading"], ["estimate", "conf_low", "conf_high"]]
    _refuse_limits(limits, ratio)
    null = _null(null, ratio)
    if ratio and (shown["estimate"] <= 0).any():
        count = int((shown["estimate"] <= 0).sum())
        raise InputError(
            f"`estimate` has {count} value(s) at or below 0, which no ratio can be. "
            "Exponentiate the coefficients (tidy(exponentiate=True)) or pass ratio=False."
        )
    left, right = _columns(plotted, effect, wrap_at=28 if width == "single" else 45)
    chosen = rows.choose_width(width, left, right, plot=26)
    layout = rows.RowLayout(chosen, left, right, rows.row_heights(left[0].cells), effect)
    fig, axes = rows.draw_rows(layout)
    rows.set_scale(axes, limits or axis_limits(shown, ratio, null), layout, ratio=ratio)
    axes.axvline(null, color=style.GREY, lw=0.6, ls=(0, (3, 2)), zorder=1)
    drawn = ~plotted["is_heading"] & ~plotted["is_reference"]
    rows.draw_intervals(axes, plotted[drawn], layout.centres[drawn.to_numpy()])
    _draw_references(axes, layout.centres[plotted["is_reference"].to_numpy(bool)], null)
    _embolden(axes, layout.centres[plotted["is_heading"].to_numpy(bool)])
    fig.alt_text = _alt(plotted, effect, group)
    return fig


def _coefficients(data: Any) -> pd.DataFrame:
    """The table given, or the tidy table of a fit on the scale of readers."""
    table = data if isinstance(data, pd.DataFrame) else tidy_for_readers(data, "forest()")
    what = "The forest frame" if table is data else f"forest(): the tidy() of a {_class(data)}"
    style.require(table, ("estimate", "conf_low", "conf_high"), what)
    return table[table["term"] != INTERCEPT] if "term" in table.columns else table


def _class(data: Any) -> str:
    return type(data).__name__


def _on_scale(
    table: pd.DataFrame, effect: str | None, ratio: bool | None
) -> tuple[pd.DataFrame, str, bool]:
    """The table as drawn, the axis label, and whether 1 means no effect."""
    scale = scale_in(table, "forest()")
    if ratio is not False:
        table, scale = as_ratios(table, scale)
    if scale is None and (ratio is None or effect is None):
        raise InputError(
            "forest(): the table has no column 'scale', which tells ratios from their logarithms "
            "and from differences. Keep that of tidy(), or name the axis with effect= and say "
            "ratio=True (HR, OR) or ratio=False."
        )
    if scale is None:
        return table, str(effect), bool(ratio)
    if ratio is not None and ratio != is_ratio(scale):
        raise InputError(f"forest(): the estimates are on the scale '{scale}', not ratio={ratio}.")
    return table, effect or abbreviation(scale), is_ratio(scale)


def _refuse_limits(limits: tuple[float, float] | None, ratio: bool) -> None:
    if limits is not None and not (limits[0] < limits[1] and (limits[0] > 0 or not ratio)):
        bound = " and lie above 0, as ratios do" if ratio else ""
        raise InputError(f"limits are {limits}; they must increase{bound}, e.g. (0.5, 2).")


def _null(null: float | None, ratio: bool) -> float:
    """Where no effect stands, as asked for or by the kind of estimate."""
    if null is None:
        return 1.0 if ratio else 0.0
    null = check_number("null", null)
    if ratio and null <= 0:
        raise InputError(f"null is {null}; a ratio lies above 0.")
    return null


def axis_limits(shown: pd.DataFrame, ratio: bool, null: float) -> tuple[float, float]:
    """Limits that show every estimate and the null, and intervals unless they run far out."""
    null = np.log(null) if ratio else null
    values = shown.to_numpy(float)
    values = np.log(np.where(values > 0, values, np.nan)) if ratio else values
    values = np.where(np.isfinite(values), values, np.nan)
    low, high = min(np.nanmin(values[:, 0]), null), max(np.nanmax(values[:, 0]), null)
    reach = max(high - low, np.log(2) if ratio else 0.0)
    if reach > 0:  # longer intervals are drawn with an arrow
        low = max(np.nanmin(values, initial=low), low - reach)
        high = min(np.nanmax(values, initial=high), high + reach)
    margin = 0.04 * (high - low) or 1.0
    limits = (low - margin, high + margin)
    return (float(np.exp(limits[0])), float(np.exp(limits[1]))) if ratio else limits


def _columns(
    data: pd.DataFrame, effect: str, *, wrap_at: float
) -> tuple[list[rows.Column], list[rows.Column]]:
    """Text columns left and right of the plot."""
    heading = data["is_heading"].to_numpy(bool)
    labels = [
        text.wrap(row, wrap_at, weight="bold") if head else _wrap_indented(row, wrap_at)
        for row, head in zip(data["row"], heading, strict=True)
    ]
    bold = [text.text_width(label, weight="bold") for label in np.array(labels)[heading]]
    left = [rows.Column("", labels, minimum=max(bold, default=0.0))]
    for column, header in (("n", "n"), ("n_event", "Events")):
        if column in data.columns:
            cells = _cells(data[column], heading, formats.format_count)
            left.append(rows.Column(header, cells, "right"))
    level = data["conf_level"].dropna().iloc[0] if "conf_level" in data.columns else 0.95
    name = re.split(r" per | for | of | against | \(|,", effect)[0]
    name = name if text.text_width(name) <= 22 else "Estimate"
    right = [rows.Column(f"{name} ({100 * level:g}% CI)", list(data["cell"]))]
    if "p_value" in data.columns:
        blank = heading | data["is_reference"].to_numpy(bool)
        right.append(rows.Column("p", _cells(data["p_value"], blank, formats.format_p)))
    return left, right


def _wrap_indented(row: str, width: float) -> str:
    indent = row[: len(row) - len(row.lstrip())]
    return "\n".join(indent + line for line in text.wrap(row.strip(), width).split("\n"))


def _cells(values: pd.Series, blank: np.ndarray, printed: Callable[[Any], str]) -> list[str]:
    return [
        "" if empty else "–" if pd.isna(value) else printed(value)
        for value, empty in zip(values, blank, strict=True)
    ]


def _draw_references(axes: Axes, y: np.ndarray, null: float) -> None:
    """Reference levels as open squares on the null line."""
    axes.plot(
        np.full(len(y), null), y, "s", ms=3.6, mfc="white", mec=style.PALETTE[0], mew=0.8, zorder=3
    )


def _embolden(axes: Axes, heights: np.ndarray) -> None:
    for cell in axes.texts:
        if cell.get_position()[1] in heights:
            cell.set_fontweight("bold")


def _alt(data: pd.DataFrame, effect: str, group: str | None) -> str:
    """Say every estimate in words."""
    parts = []
    for row in style.records(data[~data["is_heading"]]):
        heading = f"{text.pretty(row[group])}, " if group else ""
        parts.append(f"{heading}{row['row'].strip()}: {row['cell']}")
    return f"Forest plot of {effect}. {'; '.join(parts)}."
