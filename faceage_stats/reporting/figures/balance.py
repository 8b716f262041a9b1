"""How alike two arms are, before and after weighting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from faceage_stats._arguments import check_fit
from faceage_stats.association.weighting.result import IPW
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.style import Figure

__all__ = ["balance"]

_MUCH = 0.1  # a standardised difference that is usually called an imbalance


@style.styled
def balance(
    fit: IPW,
    *,
    columns: str | Sequence[str] | None = None,
    colors: Sequence[str] | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw the standardised differences of the covariates, before and after weighting.

    Parameters
    ----------
    fit : IPW
        A result of ``ipw``.
    columns : str or list of str, optional
        As for ``IPW.balance``.
    colors : sequence of str, optional
        Of the differences before and after.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If it is another result.

    See Also
    --------
    faceage_stats.ipw : The weights, and ``balance()``, the numbers that are drawn.

    Notes
    -----
    In R: ``cobalt::love.plot(weights)``

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"treated": [0, 1, 0, 1, 0, 1], "age": [50, 60, 55, 70, 65, 52]})
    >>> balance(fs.ipw("treated ~ age", df)).axes[0].get_xlabel()
    'Standardised mean difference'
    """
    check_fit(fit, IPW, "figures.balance() takes a result of ipw()")
    table = fit.balance(columns)
    fig = style.new_figure(width, 22.0 + 6.0 * len(table))
    axes = fig.add_subplot()
    rows, handles = np.arange(len(table)), []
    for name, label, colour in zip(
        ("smd_before", "smd_after"), ("Before", "After"), style.colours(2, colors), strict=True
    ):
        axes.plot(table[name], rows, "o", color=colour, ms=3.6, mew=0)
        handles.append(Line2D([], [], color=colour, marker="o", ls="", ms=3.6, label=label))
    axes.axvline(0, color="0.4", lw=0.6)
    for limit in (-_MUCH, _MUCH):
        axes.axvline(limit, color="0.6", lw=0.6, ls=":")
    axes.set_yticks(rows, [text.pretty(name) for name in table["variable"]])
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlabel("Standardised mean difference")
    n = formats.format_count(fit.glance()["n"].iloc[0])
    legend_above(axes, handles, title=f"Weights of the {fit.estimand}, n = {n}")
    fig.alt_text = _alt(table)
    return fig


def _alt(table: pd.DataFrame) -> str:
    parts = [
        f"{text.pretty(row['variable'])} {row['smd_before']:.2f} to {row['smd_after']:.2f}"
        for row in style.records(table)
    ]
    return (
        "Standardised mean differences of treated and untreated patients, before and after "
        f"weighting: {'; '.join(parts)}. Dotted lines at {-_MUCH:g} and {_MUCH:g}."
    )
