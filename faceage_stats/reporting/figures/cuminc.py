"""Cumulative incidences of competing causes, with numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit
from faceage_stats._scalar import check_number, check_numbers
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.lines import samples
from faceage_stats.reporting.figures.risk_table import (
    at_risk,
    draw_risk_table,
    legend_title,
    risk_table_height,
    row_labels,
    strata_prefix,
    time_ticks,
)
from faceage_stats.reporting.figures.steps import draw_steps
from faceage_stats.reporting.figures.style import Figure
from faceage_stats.survival.competing.cuminc import CumInc

__all__ = ["cuminc", "cuminc_data"]


def cuminc_data(fit: CumInc, *, max_time: float | None = None) -> pd.DataFrame:
    """List the steps that `cuminc` draws: each curve starts at time 0 and incidence 0.

    Parameters
    ----------
    fit : CumInc
        A fit of ``cuminc``.
    max_time : float, optional
        Curves are cut there, in the unit of the time column.

    Returns
    -------
    pandas.DataFrame
        ``group, cause, time, estimate, conf_low, conf_high``; each curve goes on to the last
        follow-up of its group, or to `max_time`.

    Raises
    ------
    InputError
        If it is another result, or `max_time` is not positive.

    See Also
    --------
    cuminc : The figure.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"t": [1.0, 2, 3, 4], "s": [1, 2, 0, 1]})
    >>> steps = cuminc_data(fs.cuminc("Surv(t, s) ~ 1", df), max_time=3.5)
    >>> steps.loc[steps["cause"] == "1", ["time", "estimate"]].values.tolist()
    [[0.0, 0.0], [1.0, 0.25], [3.5, 0.25]]
    """
    check_fit(fit, CumInc, "figures.cuminc() takes a fit of cuminc()")
    if max_time is not None and not check_number("max_time", max_time) > 0:
        raise InputError(f"max_time is {max_time}; it must be positive, in the unit of the times.")
    columns = ["group", "cause", "time", "estimate", "conf_low", "conf_high"]
    steps, curves = fit.tidy()[columns], []
    for group, cause in fit.curves:
        curve = steps[(steps["group"] == group) & (steps["cause"] == cause)]
        start = pd.DataFrame([[group, cause, 0.0, 0.0, 0.0, 0.0]], columns=columns)
        end = fit.last_time[group] if max_time is None else min(fit.last_time[group], max_time)
        curve = pd.concat([start, curve[curve["time"] <= end]], ignore_index=True)
        if curve["time"].iloc[-1] < end:
            curve = pd.concat([curve, curve.tail(1).assign(time=float(end))])
        curves.append(curve)
    return pd.concat(curves, ignore_index=True)


@style.styled
def cuminc(
    fit: CumInc,
    *,
    risk_table: bool = True,
    times: Sequence[float] | None = None,
    max_time: float | None = None,
    time_label: str = "Time (years)",
    colors: Sequence[str] | None = None,
    width: str | float | None = None,
) -> Figure:
    """Draw cumulative incidences with confidence bands, and the numbers at risk below.

    Groups are compared in one panel per cause, with the p value of Gray's test; the causes of a
    single group share a panel.

    Parameters
    ----------
    fit : CumInc
        A fit of ``cuminc``.
    risk_table : bool
        Draw the numbers at risk.
    times : sequence of float, optional
        Times of the numbers at risk and of the ticks.
    max_time : float, optional
        End of the time axis, in the unit of the time column.
    time_label : str
        Axis label with its unit.
    colors : sequence of str, optional
        One per group, or per cause of a single group.
    width : {"single", "double"} or float, optional
        Column width or millimetres; by default two columns for several panels.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If it is another result, or there are more curves than colours.

    See Also
    --------
    cuminc_data : The numbers that are drawn.
    km : Survival curves, of one cause.

    Notes
    -----
    In R: ``ggsurvfit::ggcuminc(tidycmprsk::cuminc(Surv(time, status) ~ group, df))``

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"t": range(1, 7), "s": [1, 2, 0, 1, 2, 1], "g": list("ababab")})
    >>> fig = cuminc(fs.cuminc("Surv(t, s) ~ g", df), risk_table=False)
    >>> [axes.get_title(loc="left")[:7] for axes in fig.axes]
    ['Cause 1', 'Cause 2']
    """
    curves = cuminc_data(fit, max_time=max_time)
    groups, causes = (list(dict.fromkeys(curves[name])) for name in ("group", "cause"))
    by, names = ("cause", causes) if len(groups) == 1 else ("group", groups)
    panels = causes if by == "group" else [None]
    shown = dict(zip(names, style.colours(len(names), colors), strict=True))
    page = style.width_mm(width or ("single" if len(panels) == 1 else "double"))
    prefix = strata_prefix(groups) if by == "group" else None
    printed = [_name(name if prefix is None else name[len(prefix) + 1 :], by) for name in names]
    labels = row_labels(printed if by == "group" else ["All"], page / len(panels))
    heights = [50.0, risk_table_height(labels)] if risk_table else [50.0]
    fig = style.new_figure(page, sum(heights) + 12.0)
    grid = fig.add_gridspec(len(heights), len(panels), height_ratios=heights)
    end = float(max_time if max_time is not None else curves["time"].max())
    fitting = time_ticks(end, page / len(panels), labels)
    ticks = fitting if times is None else check_numbers("times", times)
    top = min(1.0, 1.05 * np.nanmax(curves[["estimate", "conf_high"]].to_numpy(float)))
    for place, cause in enumerate(panels):
        axes = fig.add_subplot(grid[0, place])
        draw_steps(axes, curves if cause is None else curves[curves["cause"] == cause], shown, by)
        axes.set(xlim=(0, max(end, ticks.max())), ylim=(0, top), xlabel=time_label, xticks=ticks)
        axes.set_ylabel("Cumulative incidence" if place == 0 else "")
        if cause is not None:
            room = (page - 16) / len(panels) - 16
            axes.set_title(text.wrap(_gray(fit, cause), room, 7), loc="left")
        if risk_table:
            below = fig.add_subplot(grid[1, place], sharex=axes)
            rows = shown if by == "group" else {groups[0]: style.INK}
            beside = labels if place == 0 else ["\n" * label.count("\n") for label in labels]
            draw_risk_table(below, _at_risk(fit, ticks), rows, beside)
    handles = samples(shown.values(), printed)
    legend_above(fig, handles, title=prefix and legend_title(groups), margin=2.0)
    fig.alt_text = _alt(fit, curves, time_label)
    return fig


def _at_risk(fit: CumInc, ticks: np.ndarray) -> pd.DataFrame:
    """Numbers at risk of each group, whatever the cause."""
    first = {group: curve for (group, _), curve in reversed(fit.curves.items())}
    tables = [
        pd.DataFrame(
            {"strata": group, "time": ticks, "n_risk": at_risk(curve.time, curve.n_risk, ticks)}
        )
        for group, curve in first.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _name(name: str, by: str) -> str:
    """Printed name of a group or of a cause, which may be a number."""
    return f"Cause {name}" if by == "cause" and name.isdigit() else text.pretty(name)


def _gray(fit: CumInc, cause: str) -> str:
    """Name of a panel, with the test of its groups."""
    p_values = fit.gray_test().set_index("cause")["p_value"]
    p = formats.format_p(p_values[cause], name=True)
    return f"{_name(cause, 'cause')}: Gray's test {p}"


def _alt(fit: CumInc, curves: pd.DataFrame, time_label: str) -> str:
    """Say what the curves show, with the numbers at their end."""
    parts = []
    for group, cause in fit.curves:
        last = curves[(curves["group"] == group) & (curves["cause"] == cause)].iloc[-1]
        interval = formats.format_estimate_ci(last["estimate"], last["conf_low"], last["conf_high"])
        n = formats.format_count(fit.curves[group, cause].n_risk.max())
        name = f"{text.pretty(group)}, {_name(cause, 'cause')}"
        parts.append(f"{name}: {interval} at {last['time']:.3g}, {n} at risk at the start")
    return (
        f"Cumulative incidence curves with confidence bands; x axis: {time_label}. Incidence "
        f"(confidence interval) at the end of each curve: {'; '.join(parts)}."
    )
