"""Survival curves of groups made comparable."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from faceage_stats._arguments import check_fit
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.lines import dashes, samples
from faceage_stats.reporting.figures.style import Figure
from faceage_stats.survival.adjusted_curves import AdjustedCurves

__all__ = ["adjusted"]


@style.styled
def adjusted(
    fit: AdjustedCurves,
    *,
    conf_level: float = 0.95,
    time_label: str = "Time (years)",
    colors: Sequence[str] | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw adjusted survival: a point per group at each time asked for, joined, with its band.

    Parameters
    ----------
    fit : AdjustedCurves
        A result of ``adjusted_curves``; many `times` there give smooth curves here.
    conf_level : float
        Level of the band.
    time_label : str
        Axis label with its unit.
    colors : sequence of str, optional
        One per group.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If it is another result, or there are more groups than colours.

    See Also
    --------
    km : Survival as observed.
    faceage_stats.adjusted_curves : The numbers that are drawn.

    Notes
    -----
    In R: ``plot(adjustedCurves::adjustedsurv(...), conf_int = TRUE)``

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"t": range(1, 25), "d": 1, "x": [1, 4, 2, 3] * 6, "g": list("abb") * 8})
    >>> model = fs.coxph("Surv(t, d) ~ g + x", df)
    >>> curves = fs.adjusted_curves(model, df, by="g", times=[5, 10], n_resamples=20)
    >>> adjusted(curves).axes[0].get_ylabel()
    'Adjusted survival probability'
    """
    check_fit(fit, AdjustedCurves, "figures.adjusted() takes a result of adjusted_curves()")
    table = fit.tidy(conf_level=conf_level)
    groups = list(dict.fromkeys(table["group"]))
    fig = style.new_figure(width, 62.0)
    axes = fig.add_subplot()
    chosen = style.colours(len(groups), colors)
    for group, colour, ls in zip(groups, chosen, dashes(len(groups)), strict=True):
        points = table[table["group"] == group]
        start = {"time": 0.0, "estimate": 1.0, "conf_low": 1.0, "conf_high": 1.0}
        curve = pd.concat([pd.DataFrame([start]), points[list(start)]], ignore_index=True)
        axes.fill_between(
            curve["time"], curve["conf_low"], curve["conf_high"], color=colour, alpha=0.15, lw=0
        )
        axes.plot(curve["time"], curve["estimate"], color=colour, ls=ls)
        if len(points) <= 20:
            axes.plot(points["time"], points["estimate"], "o", color=colour, ms=2.6, mew=0)
    axes.set(xlim=(0, table["time"].max()), ylim=(0, 1.0), xlabel=time_label)
    axes.set_ylabel("Adjusted survival probability")
    n = formats.format_count(fit.glance()["n"].iloc[0])
    band = f"{100 * conf_level:g}% band"
    handles = samples(chosen, map(text.pretty, groups))
    legend_above(axes, handles, title=f"{_METHODS[fit.method]}, n = {n}, {band}")
    fig.alt_text = _alt(table, time_label)
    return fig


_METHODS = {"g-formula": "Standardised to all patients", "ipw": "Weighted to all patients"}


def _alt(table: pd.DataFrame, time_label: str) -> str:
    """Say the survival of each group at the last time."""
    parts = [
        f"{text.pretty(row['group'])}: "
        + formats.format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"])
        + f" at {row['time']:g}"
        for row in style.records(table[table["time"] == table["time"].max()])
    ]
    return (
        f"Adjusted survival curves with confidence bands; x axis: {time_label}. Survival "
        f"(confidence interval) at the last time: {'; '.join(parts)}."
    )
