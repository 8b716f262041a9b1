"""ROC curves: of markers, each with its area; and of average readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from faceage_stats._arguments import check_fit
from faceage_stats.errors import InputError
from faceage_stats.prediction.roc.result import ROC
from faceage_stats.reporting import formats
from faceage_stats.reporting.coefficients import refuse_unknown_names
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.lines import dashes
from faceage_stats.reporting.figures.style import Figure

__all__ = ["roc", "roc_curves"]


_X_LABEL = "1 - specificity"


@style.styled
def roc(
    *fits: ROC,
    labels: Sequence[str] | None = None,
    conf_level: float = 0.95,
    colors: Sequence[str] | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw ROC curves beside the line of chance; the legend gives the areas and the numbers.

    Parameters
    ----------
    *fits : ROC
        Results of ``roc``, of one or several markers each.
    labels : sequence of str, optional
        Names of the curves, in order; by default their markers.
    conf_level : float
        Level of DeLong's interval of the area.
    colors : sequence of str, optional
        One per curve.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If there is no result or another one, a marker occurs twice without `labels`, the number of
        `labels` differs from that of the curves, or there are more curves than colours.

    See Also
    --------
    roc_curves : Curves of average readers, from their table.
    faceage_stats.roc_test : Compare the areas.

    Notes
    -----
    In R: ``pROC::ggroc(list(r1, r2))``

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0], "a": [1, 3, 2, 5, 4, 3], "b": range(6)})
    >>> fig = roc(fs.roc("y ~ a", df), fs.roc("y ~ b", df))
    >>> [line.get_label().split(":")[0] for line in fig.axes[0].lines[1:]]
    ['a', 'b']
    """
    if not fits:
        raise InputError("figures.roc() takes one or several results of roc(); none was given.")
    for fit in fits:
        check_fit(fit, ROC, "figures.roc() takes results of roc()")
    areas = pd.concat([fit.tidy(conf_level=conf_level) for fit in fits], ignore_index=True)
    names = _names(list(areas["marker"]), labels)
    printed = [
        f"{name}: AUC "
        f"{formats.format_estimate_ci(row['estimate'], row['conf_low'], row['conf_high'])}, "
        f"n = {formats.format_count(row['n'])}, {formats.format_count(row['n_event'])} positive"
        for name, row in zip(names, style.records(areas), strict=True)
    ]
    curves = [
        pd.DataFrame({"x": 1 - c.points.specificity, "estimate": c.points.sensitivity})
        .sort_values(["x", "estimate"])
        .assign(conf_low=np.nan, conf_high=np.nan)
        for fit in fits
        for c in fit.curves
    ]
    return _draw(curves, printed, colors, width)


def _names(markers: list[str], labels: Sequence[str] | None) -> list[str]:
    """Names of the curves, one each."""
    if labels is None:
        twice = [name for i, name in enumerate(markers) if name in markers[:i]]
        if twice:
            raise InputError(
                f"figures.roc(): the marker '{twice[0]}' occurs twice; name the "
                f"{len(markers)} curves with labels=[...]."
            )
        return [text.pretty(name) for name in markers]
    if isinstance(labels, str) or len(labels) != len(markers):
        given = 1 if isinstance(labels, str) else len(labels)
        raise InputError(
            f"figures.roc(): {given} label(s) for {len(markers)} curve(s) "
            f"({', '.join(markers)}); give labels= one for each, in order."
        )
    return list(labels)


@style.styled
def roc_curves(
    data: pd.DataFrame,
    *,
    group: str = "modality",
    labels: Mapping[str, str] | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw ROC curves of a table with their bands, and the line of chance.

    Parameters
    ----------
    data : pandas.DataFrame
        ``one_minus_specificity, estimate`` (sensitivity), optionally ``conf_low, conf_high, n``,
        and the column `group`: one curve each, as ``reader_auc(...).curve()``.
    group : str
        Column that names the curves.
    labels : mapping, optional
        Printed names of the curves, e.g. with their AUC.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing, values leave 0 to 1, `labels` names no curve, or there are more
        curves than colours.

    See Also
    --------
    roc : Curves of markers, from the results of ``roc``.

    Examples
    --------
    >>> curve = pd.DataFrame({"modality": "photo", "one_minus_specificity": [0, 0.5, 1],
    ...                       "estimate": [0, 0.8, 1]})
    >>> roc_curves(curve).axes[0].get_xlabel()
    '1 - specificity'
    """
    if isinstance(data, ROC):
        raise InputError(
            "figures.roc_curves() takes a table; results of roc() go to figures.roc()."
        )
    style.require(data, ("one_minus_specificity", "estimate", group), "The ROC frame")
    values = data[["one_minus_specificity", "estimate"]]
    n_bad = int(((values < 0) | (values > 1)).any(axis=1).sum())
    if n_bad:
        raise InputError(f"specificity or sensitivity is outside [0, 1] in {n_bad} rows.")
    names = list(dict.fromkeys(data[group]))
    refuse_unknown_names(labels or {}, names, "labels", "figures.roc_curves()")
    columns = ["one_minus_specificity", "estimate", "conf_low", "conf_high"]
    curves = [
        data[data[group] == name].reindex(columns=columns).set_axis(["x", *columns[1:]], axis=1)
        for name in names
    ]
    printed = [(labels or {}).get(name, text.pretty(name)) for name in names]
    return _draw(curves, printed, None, width, text.counted(_X_LABEL, data))


def _draw(
    curves: Sequence[pd.DataFrame],
    printed: Sequence[str],
    colors: Sequence[str] | None,
    width: str | float,
    x_label: str = _X_LABEL,
) -> Figure:
    """Sensitivity against 1 - specificity, with bands where their limits are known."""
    fig = style.new_figure(width, style.width_mm(width) + 4.0)
    axes = fig.add_subplot()
    axes.plot([0, 1], [0, 1], color=style.GREY, lw=0.6, ls=(0, (3, 2)), zorder=1)
    lines: list[Line2D] = []
    chosen, styles = style.colours(len(curves), colors), dashes(len(curves))
    for curve, label, colour, ls in zip(curves, printed, chosen, styles, strict=True):
        low, high = (curve[name].astype(float) for name in ("conf_low", "conf_high"))
        axes.fill_between(curve["x"], low, high, color=colour, alpha=0.15, lw=0)
        lines += axes.plot(
            curve["x"], curve["estimate"], color=colour, ls=ls, label=label, clip_on=False
        )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=x_label, ylabel="Sensitivity")
    axes.set_aspect("equal", adjustable="box")
    legend_above(axes, lines)
    at = [float(np.interp(0.2, curve["x"], curve["estimate"])) for curve in curves]
    said = [
        f"{label}: sensitivity {value:.2f} at specificity 0.80"
        for label, value in zip(printed, at, strict=True)
    ]
    fig.alt_text = f"ROC curves with the line of chance. {'; '.join(said)}."
    return fig
