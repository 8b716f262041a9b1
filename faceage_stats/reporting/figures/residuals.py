"""Whether hazards are proportional: scaled Schoenfeld residuals against time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import linalg

from faceage_stats._arguments import check_fit
from faceage_stats._expression.splines import natural_spline_basis
from faceage_stats.errors import DesignError, InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.style import Figure
from faceage_stats.survival.cox.cox_zph import CoxZph

__all__ = ["zph_data", "zph_plot"]


def zph_data(zph: CoxZph, *, df: int = 4, n_points: int = 40) -> pd.DataFrame:
    """Smooth each term's scaled Schoenfeld residuals by a natural spline, as R's ``plot.cox.zph``.

    Parameters
    ----------
    zph : CoxZph
        A result of ``cox_zph`` in which every term is one column (as with ``terms=False``).
    df : int
        Degrees of freedom of the spline, at least 3.
    n_points : int
        Points along each curve, evenly spaced in g(t).

    Returns
    -------
    pandas.DataFrame
        ``term, transformed_time, time, estimate, std_error, conf_low, conf_high``: the time is
        interpolated, the estimate is beta at that time, the limits are two standard errors off,
        as in R.

    Raises
    ------
    InputError
        If a term has several columns.
    DesignError
        With no more distinct event times than degrees of freedom.

    See Also
    --------
    zph_plot : The figure.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"t": range(1, 13), "d": 1, "x": [3, 1, 2, 4, 2, 5, 1, 3, 2, 1, 4, 2]})
    >>> curve = zph_data(fs.cox_zph(fs.coxph("Surv(t, d) ~ x", df)), n_points=3)
    >>> curve["time"].round(3).tolist()
    [1.0, 6.5, 12.0]
    """
    variance = _variances(zph)
    curves = []
    for i, term in enumerate(zph.terms):
        keep = np.isfinite(zph.y[:, i])  # a term constant in a stratum has no residual there
        if len(np.unique(zph.x[keep])) <= df:
            raise DesignError(f"A spline with df={df} needs more distinct event times; lower df.")
        grid, both = _grid(zph.x, n_points)
        knots = np.quantile(both, np.linspace(0, 1, df)[1:-1])
        spline = natural_spline_basis(both, knots, [both.min(), both.max()])
        basis = np.column_stack([np.ones(len(both)), spline])
        q, r = linalg.qr(basis[n_points:][keep], mode="economic")
        spread = linalg.solve_triangular(r, basis[:n_points].T, trans="T")
        curve = pd.DataFrame({"term": term, "transformed_time": grid})
        curve["time"] = _time_at(zph, grid)
        curve["estimate"] = spread.T @ (q.T @ zph.y[keep, i])
        curve["std_error"] = np.sqrt(variance[i] * (spread**2).sum(axis=0))
        curve["conf_low"] = curve["estimate"] - 2 * curve["std_error"]
        curve["conf_high"] = curve["estimate"] + 2 * curve["std_error"]
        curves.append(curve)
    return pd.concat(curves, ignore_index=True)


@style.styled
def zph_plot(
    zph: CoxZph,
    *,
    df: int = 4,
    points: bool = False,
    time_label: str = "Time (years)",
    width: str | float | None = None,
) -> Figure:
    """Draw the coefficient of each term over time with its band; level means proportional hazards.

    Parameters
    ----------
    zph, df
        As in `zph_data`.
    points : bool
        Draw the residual of every event: only for public or synthetic data.
    time_label : str
        Axis label with its unit; the axis is spaced by the transformation g(t).
    width : {"single", "double"} or float, optional
        Column width or millimetres; by default one column for a single term, else two.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError, DesignError
        As `zph_data`.

    See Also
    --------
    zph_data : The numbers that are drawn.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"t": range(1, 13), "d": 1, "x": [3, 1, 2, 4, 2, 5, 1, 3, 2, 1, 4, 2]})
    >>> fig = zph_plot(fs.cox_zph(fs.coxph("Surv(t, d) ~ x", df)))
    >>> fig.axes[0].get_title(loc="left").split(":")[0]
    'x'
    """
    check_fit(zph, CoxZph, "zph_plot() takes a test of cox_zph()")
    data = zph_data(zph, df=df)
    n_terms = len(zph.terms)
    columns = min(n_terms, 3)
    chosen = style.width_mm(width or ("single" if n_terms == 1 else "double"))
    fig = style.new_figure(chosen, 52.0 * -(-n_terms // columns))
    room = chosen / columns - 14
    tests = zph.tidy().set_index("term")["p_value"]
    words = []
    for i, term in enumerate(zph.terms):
        axes = fig.add_subplot(-(-n_terms // columns), columns, i + 1)
        if points:
            axes.plot(zph.x, zph.y[:, i], ".", ms=2, color=style.GREY, alpha=0.5, mew=0)
        _draw_curve(axes, data[data["term"] == term], float(zph.fit.coef[term]))
        _set_times(axes, zph, room)
        words.append(f"{term}: {formats.format_p(tests[term], name=True)}")
        axes.set_title(text.wrap(words[-1], room, 7), loc="left")
        axes.set(xlabel=time_label, ylabel="β(t)" if i % columns == 0 else "")
    fig.alt_text = (
        "Coefficients over time: smoothed scaled Schoenfeld residuals with bands of two standard "
        "errors; a level curve means proportional hazards. Tests of proportional hazards: "
        f"{'; '.join(words)}."
    )
    return fig


def _variances(zph: CoxZph) -> np.ndarray:
    """Variance of one residual of each term: events times the variance of its coefficient."""
    kept = zph.fit.vcov(robust=False)
    absent = [term for term in zph.terms if term not in kept.index]
    if absent:
        raise InputError(
            f"Term(s) of several columns have no single curve: {', '.join(absent)}. "
            "Use cox_zph(fit, terms=False)."
        )
    return np.array([kept.loc[term, term] for term in zph.terms]) * len(zph.time)


def _grid(x: np.ndarray, n_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the curve is drawn, and with the events: R places the knots by both together."""
    grid = np.linspace(x.min(), x.max(), n_points)
    return grid, np.concatenate([grid, x])


def _time_at(zph: CoxZph, transformed: np.ndarray) -> np.ndarray:
    """Times at given values of g(t), interpolated between events."""
    x, first = np.unique(zph.x, return_index=True)
    return np.asarray(np.interp(transformed, x, zph.time[first]))


def _draw_curve(axes: Axes, curve: pd.DataFrame, coefficient: float) -> None:
    x = curve["transformed_time"]
    axes.fill_between(
        x, curve["conf_low"], curve["conf_high"], color=style.PALETTE[0], alpha=0.2, lw=0
    )
    axes.plot(x, curve["estimate"], color=style.PALETTE[0])
    axes.axhline(coefficient, color=style.PALETTE[1], lw=0.8, ls="--")


def _set_times(axes: Axes, zph: CoxZph, width: float) -> None:
    """Label g(t) with round times that do not overlap."""
    at = np.linspace(zph.x.min(), zph.x.max(), 17)[1::2]
    times = np.unique([float(f"{time:.2g}") for time in _time_at(zph, at)])
    times = times[(times >= zph.time.min()) & (times <= zph.time.max())]
    order = np.argsort(zph.time, kind="stable")
    places = np.interp(times, zph.time[order], zph.x[order])
    span = float(np.ptp(zph.x))
    ticks: list[tuple[float, str]] = []
    last = -np.inf
    for place, time in zip(places, times, strict=True):
        half = text.text_width(f"{time:g}") / 2
        position = (place - zph.x.min()) / span * width
        if position - half > last + 1.5:
            ticks.append((place, f"{time:g}"))
            last = position + half
    axes.set_xticks([place for place, _ in ticks], [label for _, label in ticks])
