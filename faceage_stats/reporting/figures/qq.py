"""Quantile-quantile plot of p values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._columns import numeric
from faceage_stats.errors import InputError
from faceage_stats.reporting.figures import style
from faceage_stats.reporting.figures.genes import MARKED, P_LABEL, height
from faceage_stats.reporting.figures.style import Figure

__all__ = ["qq", "qq_data"]


def qq_data(p: Any, *, conf_level: float = 0.95) -> pd.DataFrame:
    """Tabulate observed against expected p values, with the band of each order statistic.

    Parameters
    ----------
    p : array_like
        p values; missing ones are dropped.
    conf_level : float
        Pointwise, for independent tests.

    Returns
    -------
    pandas.DataFrame
        ``expected, observed, conf_low, conf_high``, all minus decimal logarithms.

    Raises
    ------
    InputError
        Without p values.

    See Also
    --------
    qq : The figure.

    Examples
    --------
    >>> qq_data([0.5, 0.05, 0.9])["expected"].round(2).tolist()
    [0.6, 0.3, 0.12]
    """
    values = pd.Series(numeric(p, "p")).dropna().sort_values()
    m = len(values)
    if not m:
        raise InputError("There are no p values to draw.")
    n_bad = int(((values < 0) | (values > 1)).sum())
    if n_bad:
        raise InputError(f"{n_bad} of {m} p values lie outside 0 to 1.")
    rank = np.arange(1, m + 1)
    tail = (1 - conf_level) / 2
    return pd.DataFrame(
        {
            "expected": -np.log10(rank / (m + 1)),
            "observed": height(values).to_numpy(),
            "conf_low": -np.log10(stats.beta.ppf(1 - tail, rank, m + 1 - rank)),
            "conf_high": -np.log10(stats.beta.ppf(tail, rank, m + 1 - rank)),
        }
    )


@style.styled
def qq(
    data: pd.DataFrame,
    *,
    panels: dict[str, str] | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw a quantile-quantile plot of p values by variable, with the band of independence.

    Parameters
    ----------
    data : pandas.DataFrame
        ``p_value`` and, for several series, ``variable``.
    panels : dict of str to str, optional
        Name of each variable in the legend.
    width : {"single", "double"} or float

    Returns
    -------
    Figure
        The legend gives the inflation factor: the median chi-squared over its expectation.

    Raises
    ------
    InputError
        Without p values, or with more series than colours.

    See Also
    --------
    qq_data : The numbers that are drawn.

    Examples
    --------
    >>> qq(pd.DataFrame({"p_value": [0.5, 0.05, 0.9]})).axes[0].get_xlabel()
    'Expected −log₁₀ p'
    """
    style.require(data, ("p_value",), "The gene frame")
    series = data["variable"] if "variable" in data.columns else pd.Series("", data.index)
    names = panels or {name: str(name) for name in dict.fromkeys(series)}
    fig = style.new_figure(width, 72)
    axes = fig.add_subplot()
    parts: list[str] = []
    for (variable, name), colour in zip(
        names.items(), style.colours(len(names), (MARKED, *style.PALETTE[:1], *style.PALETTE[2:])),
        strict=True,
    ):  # fmt: skip
        p = data.loc[series == variable, "p_value"]
        drawn = qq_data(p)
        if not parts:
            axes.fill_between(
                drawn["expected"], drawn["conf_low"], drawn["conf_high"], color=style.GREY,
                alpha=0.2, lw=0,
            )  # fmt: skip
        inflation = stats.chi2.isf(p.median(), 1) / stats.chi2.median(1)
        label = f"{name + ', ' if name else ''}λ = {inflation:.2f}, {p.notna().sum():,} tests"
        axes.scatter(drawn["expected"], drawn["observed"], s=5, color=colour, lw=0, label=label)
        parts.append(f"{label}, largest {drawn['observed'].max():.1f}")
    limit = axes.get_xlim()[1]
    axes.plot([0, limit], [0, limit], color=style.GREY, lw=0.7, ls=(0, (3, 2)), zorder=1)
    axes.set(xlim=(0, limit), xlabel=f"Expected {P_LABEL}", ylabel=f"Observed {P_LABEL}")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", handletextpad=0.2)
    fig.alt_text = (
        f"Quantile-quantile plot of p values with the 95% band of independent tests. "
        f"{'; '.join(parts)}."
    )
    return fig
