"""Predicted risks: calibration and net benefit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from faceage_stats._arguments import check_fit
from faceage_stats._result import Result
from faceage_stats.errors import InputError
from faceage_stats.prediction.risk.calibration_result import Calibration
from faceage_stats.reporting.coefficients import refuse_unknown_names
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.lines import dashes
from faceage_stats.reporting.figures.style import Figure

__all__ = ["calibration", "decision_curve"]

_CURVE = ("predicted", "estimate", "conf_low", "conf_high")
_PLAIN = {"treat all": (style.GREY, (0, (4, 2))), "treat none": (style.INK, (0, ()))}


@style.styled
def calibration(fit: Any, *, label: str = "Risk", width: str | float = "single") -> Figure:
    """Draw observed against predicted risk: smooth curve with band, groups and identity.

    Parameters
    ----------
    fit : Calibration or mapping
        A result of ``calibration``, or a mapping with the frames ``curve`` and ``groups``
        (``predicted, estimate, conf_low, conf_high``; an ``n`` of the curve is written below it).
    label : str
        What the risk is of, e.g. ``"Six-month risk of death"``.
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
    >>> frame = pd.DataFrame({"predicted": [0.2, 0.6], "estimate": [0.25, 0.5],
    ...                       "conf_low": [0.1, 0.4], "conf_high": [0.4, 0.6]})
    >>> calibration({"curve": frame, "groups": frame}).axes[0].get_xlabel()
    'Risk, predicted'
    """
    if not isinstance(fit, Mapping):
        check_fit(fit, Calibration, "figures.calibration() takes a fit of calibration()")
    frames = fit if isinstance(fit, Mapping) else {"curve": fit.curve(), "groups": fit.groups()}
    curve, groups = frames["curve"], frames["groups"]
    style.require(curve, _CURVE, "The calibration curve")
    style.require(groups, _CURVE, "The calibration groups")
    fig = style.new_figure(width, style.width_mm(width) + 6.0)
    axes = fig.add_subplot()
    axes.plot([0, 1], [0, 1], color=style.GREY, lw=0.6, ls=(0, (3, 2)), zorder=1)
    colour, dots = style.PALETTE[0], style.INK
    axes.fill_between(
        curve["predicted"], curve["conf_low"].astype(float), curve["conf_high"].astype(float),
        color=colour, alpha=0.15, lw=0,
    )  # fmt: skip
    axes.plot(curve["predicted"], curve["estimate"], color=colour)
    axes.vlines(groups["predicted"], groups["conf_low"], groups["conf_high"], color=dots, lw=0.8)
    axes.plot(groups["predicted"], groups["estimate"], "o", color=dots, ms=3.2, mew=0)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel=f"{label}, observed")
    axes.set_xlabel(text.counted(f"{label}, predicted", curve))
    axes.set_aspect("equal", adjustable="box")
    handles = [
        Line2D([], [], color=colour, label="Smooth curve (95% band)"),
        Line2D([], [], color=dots, marker="o", ms=3.2, lw=0.8, label="Groups (95% CI)"),
    ]
    legend_above(axes, handles)
    fig.alt_text = _calibration_alt(curve, groups, label)
    return fig


def _calibration_alt(curve: pd.DataFrame, groups: pd.DataFrame, label: str) -> str:
    known = groups.dropna(subset=["predicted", "estimate"])
    said = "; ".join(
        f"predicted {row['predicted']:.2f}, observed {row['estimate']:.2f}"
        for row in style.records(known)
    )
    hidden = len(groups) - len(known)
    said += f"; {hidden} more are withheld" if hidden else ""
    worst = float(np.nanmax(np.abs(curve["estimate"] - curve["predicted"])))
    return (
        f"Calibration plot of {label}, with the line of identity. Groups: {said}. The smooth curve "
        f"is at most {worst:.2f} from the line."
    )


@style.styled
def decision_curve(
    fit: Result | pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    colors: Sequence[str] | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw net benefit against the threshold, beside treating all and treating none.

    Parameters
    ----------
    fit : DecisionCurve or pandas.DataFrame
        A result of ``decision_curve``, or its tidy frame: ``marker, threshold, estimate``, and
        optionally ``conf_low, conf_high, n``.
    labels : mapping, optional
        Printed names of the risks.
    colors : sequence of str, optional
        One per risk.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing or no net benefit is known.

    Examples
    --------
    >>> frame = pd.DataFrame({"marker": ["treat none", "risk"] * 2,
    ...                       "threshold": [0.1, 0.1, 0.2, 0.2], "estimate": [0, 0.3, 0, 0.2]})
    >>> decision_curve(frame).axes[0].get_ylabel()
    'Net benefit'
    """
    table = fit if isinstance(fit, pd.DataFrame) else fit.tidy()
    style.require(table, ("marker", "threshold", "estimate"), "The decision curve")
    if not table["estimate"].notna().any():
        raise InputError("The decision curve has no net benefit to draw.")
    refuse_unknown_names(labels or {}, table["marker"], "labels", "figures.decision_curve()")
    risks = [name for name in dict.fromkeys(table["marker"]) if name not in _PLAIN]
    looks = zip(style.colours(len(risks), colors), dashes(len(risks)), strict=True)
    shown = dict(zip(risks, looks, strict=True))
    fig = style.new_figure(width, 66.0)
    axes = fig.add_subplot()
    for name in dict.fromkeys(table["marker"]):
        curve = table[table["marker"] == name]
        colour, ls = shown[name] if name in shown else _PLAIN[name]
        if name in shown and {"conf_low", "conf_high"} <= set(table.columns):
            axes.fill_between(
                curve["threshold"], curve["conf_low"].astype(float),
                curve["conf_high"].astype(float), color=colour, alpha=0.15, lw=0,
            )  # fmt: skip
        label = (labels or {}).get(name, text.pretty(name))
        axes.plot(curve["threshold"], curve["estimate"], color=colour, ls=ls, label=label)
    best = float(np.nanmax(table["estimate"]))
    axes.set_ylim(-0.15 * best if best > 0 else None, best * 1.08 if best > 0 else None)
    axes.set(xlim=(table["threshold"].min(), table["threshold"].max()))
    axes.set(xlabel=text.counted("Threshold risk", table), ylabel="Net benefit")
    legend_above(axes, axes.lines)
    fig.alt_text = _decision_alt(table, labels or {})
    return fig


def _decision_alt(table: pd.DataFrame, labels: Mapping[str, str]) -> str:
    thresholds = np.unique(table["threshold"])
    middle = thresholds[len(thresholds) // 2]
    said = [
        f"{labels.get(row['marker'], text.pretty(row['marker']))} {row['estimate']:.3f}"
        for row in style.records(table[table["threshold"] == middle])
    ]
    return f"Decision curves. Net benefit at a threshold of {middle:.2f}: {'; '.join(said)}."
