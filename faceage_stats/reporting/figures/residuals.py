"""Whether hazards are proportional: scaled Schoenfeld residuals against time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg

from faceage_stats._splines import natural_spline_basis
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.style import Figure

__all__ = ["zph_data", "zph_plot"]


def zph_data(
    time: Any, residual: Any, *, variance: float, df: int = 4, n_points: int = 40
) -> pd.DataFrame:
    """Smooth a term's scaled Schoenfeld residuals by a natural spline, as R's ``plot.cox.zph``.

    Parameters
    ----------
    time : array_like, shape (n_event,)
        Transformed event times (``zph$x``).
    residual : array_like, shape (n_event,)
        Scaled Schoenfeld residuals of one term with its coefficient added (``zph$y``).
    variance : float
        Variance of one residual (``zph$var`` of the term).
    df : int
        Degrees of freedom of the spline.
    n_points : int
        Points along the curve.

    Returns
    -------
    pandas.DataFrame
        ``time, estimate, std_error, conf_low, conf_high``: beta(t), limits at two standard errors.

    Raises
    ------
    InputError
        If the arrays differ in length, hold missing values, or have fewer distinct times than
        the spline has degrees of freedom.

    Examples
    --------
    >>> curve = zph_data(range(1, 9), [1.0, 2, 3, 4, 5, 6, 7, 8], variance=1.0, n_points=3)
    >>> curve["estimate"].round(6).tolist()
    [1.0, 4.5, 8.0]
    """
    x, y = np.asarray(time, float), np.asarray(residual, float)
    if x.shape != y.shape or x.ndim != 1 or not np.isfinite(np.concatenate([x, y])).all():
        raise InputError("time and residual must be complete columns of one length.")
    if len(np.unique(x)) <= df:
        raise InputError(f"A spline with df={df} needs more distinct event times; lower df.")
    grid = np.linspace(x.min(), x.max(), n_points)
    both = np.concatenate([grid, x])  # R places the knots by grid and times together
    knots = np.quantile(both, np.linspace(0, 1, df)[1:-1])
    basis = natural_spline_basis(both, knots, [both.min(), both.max()])
    basis = np.column_stack([np.ones(len(both)), basis])
    at_grid, at_times = basis[:n_points], basis[n_points:]
    q, r = linalg.qr(at_times, mode="economic")
    spread = linalg.solve_triangular(r, at_grid.T, trans="T")
    estimate = spread.T @ (q.T @ y)
    std_error = np.sqrt(variance * (spread**2).sum(axis=0))
    return pd.DataFrame(
        {
            "time": grid,
            "estimate": estimate,
            "std_error": std_error,
            "conf_low": estimate - 2 * std_error,
            "conf_high": estimate + 2 * std_error,
        }
    )


@style.styled
def zph_plot(
    curves: pd.DataFrame,
    *,
    residuals: pd.DataFrame | None = None,
    tests: pd.DataFrame | None = None,
    time_label: str = "Time (years)",
    width: str | float | None = None,
) -> Figure:
    """Draw beta(t) of each term with its band; a level curve means proportional hazards.

    Parameters
    ----------
    curves : pandas.DataFrame
        ``term, time, estimate, conf_low, conf_high``, as from `zph_data`.
    residuals : pandas.DataFrame, optional
        ``term, time, residual``: points, one per event; only for public or synthetic data.
    tests : pandas.DataFrame, optional
        ``term, p_value`` of the test of proportional hazards, and optionally ``estimate``, the
        fitted coefficient, drawn as a level line.
    time_label : str
        Axis label with the transformation of time.
    width : {"single", "double"} or float, optional
        By default one column for a single term, else two.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If columns are missing.

    Examples
    --------
    >>> curve = zph_data(range(1, 9), range(8), variance=1.0).assign(term="faceage10")
    >>> zph_plot(curve).axes[0].get_title(loc="left")
    'faceage10'
    """
    needed = ("term", "time", "estimate", "conf_low", "conf_high")
    style.require(curves, needed, "The curves frame")
    terms = list(curves["term"].unique())
    columns = min(len(terms), 3)
    n_rows = -(-len(terms) // columns)
    chosen = width or ("single" if len(terms) == 1 else "double")
    fig = style.new_figure(chosen, 52.0 * n_rows)
    words = []
    for index, term in enumerate(terms):
        axes = fig.add_subplot(n_rows, columns, index + 1)
        curve = curves[curves["term"] == term]
        if residuals is not None:
            part = residuals[residuals["term"] == term]
            axes.plot(part["time"], part["residual"], ".", ms=2, color=style.GREY, alpha=0.5)
        axes.fill_between(
            curve["time"], curve["conf_low"], curve["conf_high"],
            color=style.PALETTE[0], alpha=0.2, lw=0,
        )  # fmt: skip
        axes.plot(curve["time"], curve["estimate"], color=style.PALETTE[0])
        p = _test(tests, term, "p_value")
        coefficient = _test(tests, term, "estimate")
        if coefficient is not None:
            axes.axhline(coefficient, color=style.PALETTE[1], lw=0.8, ls=(0, (4, 2)))
        name = term if p is None else f"{term}: {formats.format_p(p, name=True)}"
        room = style.width_mm(chosen) / columns - 12
        axes.set_title(text.wrap(name, room, 7), loc="left")
        axes.set(xlabel=time_label, ylabel="β(t)" if index % columns == 0 else "")
        words.append(name)
    fig.alt_text = (
        "Scaled Schoenfeld residuals smoothed over time with bands of two standard errors; a level "
        f"curve means proportional hazards. {'; '.join(words)}."
    )
    return fig


def _test(tests: pd.DataFrame | None, term: str, column: str) -> float | None:
    """Value of one column for a term, if given."""
    if tests is None or column not in tests.columns:
        return None
    found = tests.loc[tests["term"] == term, column]
    return None if found.empty or found.isna().any() else float(found.iloc[0])
