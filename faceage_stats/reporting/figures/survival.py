"""Survival curves with numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from faceage_stats._scalar import check_number, check_numbers
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import annotate, style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.lines import samples
from faceage_stats.reporting.figures.risk_table import (
    draw_risk_table,
    left_margin,
    legend_title,
    risk_table_data,
    risk_table_height,
    row_labels,
    tidy_curve,
    time_ticks,
)
from faceage_stats.reporting.figures.steps import draw_steps
from faceage_stats.reporting.figures.style import Figure
from faceage_stats.survival.cox.curves import CoxCurves
from faceage_stats.survival.km.survfit_result import SurvFit

__all__ = ["km", "km_data"]

_FEW = 10  # with fewer at risk a curve says little
_CURVE = ("strata", "time", "estimate", "conf_low", "conf_high")


def km_data(fit: SurvFit | pd.DataFrame, *, max_time: float | None = None) -> pd.DataFrame:
    """List the steps that `km` draws: each curve starts at time 0 and survival 1.

    Parameters
    ----------
    fit : SurvFit or pandas.DataFrame
        A fit of ``survfit``, or its tidy frame: ``strata, time, estimate, conf_low, conf_high``
        (``strata`` may be absent for a single curve).
    max_time : float, optional
        Curves are cut there, and the last step carried up to it while patients are followed.

    Returns
    -------
    pandas.DataFrame
        ``strata, time, estimate, conf_low, conf_high``; strata in the order of the fit, their
        names without the name of the variable.

    Raises
    ------
    InputError
        If columns are missing, there are no rows, it is another result, or the estimates of a
        stratum rise or their times repeat, as no survival curve's do.

    See Also
    --------
    km : The figure.
    cuminc_data : The same for cumulative incidences.

    Examples
    --------
    >>> tidy = pd.DataFrame({"strata": "g=a", "time": [1.0, 3.0], "estimate": [0.5, 0.2],
    ...                      "conf_low": [0.3, 0.1], "conf_high": [0.8, 0.6]})
    >>> km_data(tidy, max_time=2)[["strata", "time", "estimate"]].values.tolist()
    [['a', 0.0, 1.0], ['a', 1.0, 0.5], ['a', 2.0, 0.5]]
    """
    if max_time is not None and not check_number("max_time", max_time) > 0:
        raise InputError(f"max_time is {max_time}; it must be positive, in the unit of the times.")
    tidy = tidy_curve(fit)
    style.require(tidy, _CURVE, "The survival curve")
    curves = []
    for name, curve in tidy.groupby("strata", sort=False, observed=True):
        _refuse_other_curves(curve)
        if not (curve["time"].iloc[0] == 0 and curve["estimate"].iloc[0] == 1):  # if released
            start = pd.DataFrame([dict.fromkeys(_CURVE, 1.0) | {"strata": name, "time": 0.0}])
            curve = pd.concat([start, curve], ignore_index=True)
        curve = curve[list(_CURVE)]
        if max_time is not None and curve["time"].iloc[-1] > max_time:
            curve = curve[curve["time"] <= max_time]
            if curve["time"].iloc[-1] < max_time:
                curve = pd.concat([curve, curve.tail(1).assign(time=float(max_time))])
        curves.append(curve)
    return pd.concat(curves, ignore_index=True)


@style.styled
def km(
    fit: SurvFit | CoxCurves | pd.DataFrame,
    *,
    risk_table: bool | pd.DataFrame = True,
    times: Sequence[float] | None = None,
    max_time: float | None = None,
    p_value: float | None = None,
    time_label: str = "Time (years)",
    colors: Sequence[str] | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw Kaplan-Meier curves with confidence bands, and the numbers at risk below.

    A curve is faint where fewer than ten patients are at risk.

    Parameters
    ----------
    fit : SurvFit, CoxCurves or pandas.DataFrame
        As in `km_data`; or the curves that a Cox model predicts, ``fit.survfit(newdata)``, each
        called as its row of the new data and without numbers at risk.
    risk_table : bool or pandas.DataFrame
        Draw the numbers at risk; a frame ``strata, time, n_risk`` (after suppression, say) is
        drawn as it is, a missing count as "NA".
    times : sequence of float, optional
        Times of the numbers at risk and of the ticks.
    max_time : float, optional
        End of the time axis, in the unit of the time column.
    p_value : float, optional
        Of the log-rank test, written into the plot.
    time_label : str
        Axis label with its unit.
    colors : sequence of str, optional
        One per curve, in the order of the fit.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If it is another result or no survival curve, or there are more curves than colours.

    See Also
    --------
    km_data : The numbers that are drawn.
    cuminc : Cumulative incidences.
    adjusted : Adjusted survival curves.

    Notes
    -----
    In R: ``survminer::ggsurvplot(fit, conf.int = TRUE, risk.table = TRUE)``,
    ``plot(survfit(cox_fit, newdata))``

    Examples
    --------
    >>> tidy = pd.DataFrame({"time": [1.0, 3.0], "n_risk": [5, 2], "estimate": [0.8, 0.4],
    ...                      "conf_low": [0.5, 0.1], "conf_high": [1.0, 0.9]})
    >>> km(tidy, times=[0, 1, 2, 3]).axes[1].texts[1].get_text()
    '5'
    """
    asked = None if times is None else check_numbers("times", times)
    what = "Kaplan-Meier survival curves"
    if isinstance(fit, CoxCurves):
        fit, risk_table, what = _of_patients(fit), False, "Survival curves of a Cox model"
    curves = km_data(fit, max_time=max_time)
    names = list(curves["strata"].unique())
    shown = dict(zip(names, style.colours(len(names), colors), strict=True))
    end = float(max_time if max_time is not None else curves["time"].max())
    labels = row_labels(names, style.width_mm(width))
    heights = [50.0, risk_table_height(labels)] if risk_table is not False else [50.0]
    fig = style.new_figure(width, sum(heights) + 8.0)
    grid = fig.add_gridspec(len(heights), 1, height_ratios=heights)
    axes = fig.add_subplot(grid[0])
    fitting = time_ticks(end, style.width_mm(width), labels)
    ticks = fitting if asked is None else asked
    draw_steps(axes, curves, shown, "strata", faint_from=_few_from(fit))
    axes.set(ylim=(0, 1.0), ylabel="Survival probability", xlabel=time_label)
    axes.set_xlim(0, max(end, ticks.max()))
    axes.set_xticks(ticks)
    risk = None
    if risk_table is not False:
        risk = risk_table_data(fit, list(ticks)) if risk_table is True else _given_risk(risk_table)
        draw_risk_table(fig.add_subplot(grid[1], sharex=axes), risk, shown, labels)
    if len(names) > 1:
        legend_above(
            axes,
            samples(shown.values(), map(text.pretty, shown)),
            title=_variable(fit),
            margin=left_margin(labels) if risk_table is not False else 14.0,
        )
    if p_value is not None:
        _write_p(axes, curves, f"Log-rank {formats.format_p(p_value, name=True)}")
    fig.alt_text = f"{what}{_alt(curves, risk, p_value, time_label)}"
    return fig


def _of_patients(curves: CoxCurves) -> pd.DataFrame:
    """The curves of a Cox model by the label of their row, and by stratum where one has several."""
    tidy = curves.tidy()[["group", *_CURVE]].dropna(subset="estimate")
    label = tidy["group"].astype(str)
    if tidy.groupby("group", sort=False)["strata"].nunique().max() > 1:
        label = label + ", " + tidy["strata"]
    return tidy.drop(columns="group").assign(strata=label)


def _refuse_other_curves(curve: pd.DataFrame) -> None:
    """Survival falls along time; a table of something else would be drawn as a zigzag."""
    time, estimate = curve["time"].to_numpy(float), curve["estimate"].to_numpy(float)
    if (np.diff(time) <= 0).any() or (np.diff(estimate) > 1e-9).any():
        raise InputError(
            "figures.km(): in the table the times of a stratum repeat or its survival rises. Give "
            "the fit of survfit(), or its tidy(); cumulative incidences go to figures.cuminc(), "
            "adjusted curves to figures.adjusted()."
        )


def _few_from(fit: SurvFit | pd.DataFrame) -> dict[Any, float]:
    """When fewer than ten are at risk, by curve; nothing where a table has no numbers at risk."""
    tidy = tidy_curve(fit)
    if "n_risk" not in tidy.columns:
        return {}
    few = tidy[tidy["n_risk"] < _FEW]
    return few.groupby("strata", sort=False, observed=True)["time"].min().to_dict()


def _given_risk(risk: Any) -> pd.DataFrame:
    style.require(risk, ("time", "n_risk"), "risk_table")
    return tidy_curve(risk)


def _variable(fit: SurvFit | pd.DataFrame) -> str | None:
    tidy = fit if isinstance(fit, pd.DataFrame) else fit.tidy()
    return legend_title(tidy["strata"]) if "strata" in tidy.columns else None


def _write_p(axes: Axes, curves: pd.DataFrame, line: str) -> None:
    paths = []
    for _, curve in curves.groupby("strata", sort=False, observed=True):
        time = np.repeat(curve["time"].to_numpy(float), 2)[1:]
        for column in ("estimate", "conf_low", "conf_high"):
            value = np.repeat(curve[column].to_numpy(float), 2)[:-1]
            keep = np.isfinite(value)
            paths.append(np.column_stack([time[keep], value[keep]]))
    paths = [path for path in paths if len(path)]
    annotate.free_corner(axes, [line], paths)


def _alt(
    curves: pd.DataFrame, risk: pd.DataFrame | None, p_value: float | None, time_label: str
) -> str:
    """Say what the curves show, with the numbers at their end."""
    parts = []
    for name, curve in curves.groupby("strata", sort=False, observed=True):
        last = curve.iloc[-1]
        survival = formats.format_estimate_ci(last["estimate"], last["conf_low"], last["conf_high"])
        at_start = ""
        if risk is not None:
            start = risk.loc[risk["strata"] == name, "n_risk"]
            if len(start):
                at_start = f", {formats.format_count(start.iloc[0])} at risk at the start"
        parts.append(f"{text.pretty(name)}: {survival} at {last['time']:.3g}{at_start}")
    test = "" if p_value is None else f" Log-rank {formats.format_p(p_value, name=True)}."
    return (
        f" with confidence bands; x axis: {time_label}. "
        f"Survival (confidence interval) at the end of each curve: {'; '.join(parts)}.{test}"
    )
