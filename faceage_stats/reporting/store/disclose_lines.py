"""Scatter plots of a private cohort: the fitted line between percentiles, without the patients."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from faceage_stats.cohorts.disclosure.rounded_n import growth, stretched
from faceage_stats.cohorts.disclosure.rounding import round_digits, round_resolution, step_of
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.errors import DisclosureError

__all__ = ["disclosed_line", "is_scatter"]

_TAIL = 0.05  # of the patients lie beyond either end of the line
_POINTS = 20


def is_scatter(deferred: partial[Any]) -> bool:
    """Whether a deferred figure draws patients as points, with a line through them."""
    from faceage_stats.reporting.figures.scatter import gap_vs, scatter_with_margins

    return deferred.func in (gap_vs, scatter_with_margins) and len(deferred.args) == 2


def disclosed_line(deferred: partial[Any], rules: Rules) -> partial[Any]:
    """Give the fitted line of a scatter plot, from one rounded percentile to another.

    Parameters
    ----------
    deferred : functools.partial
        A scatter plot of two columns of patients.
    rules : Rules

    Returns
    -------
    functools.partial
        Draws the line: straight, so that its ends and its band tell intercept, slope and error,
        each rounded.

    Raises
    ------
    DisclosureError
        Fewer than the minimum of patients lie beyond an end.
    """
    from faceage_stats.reporting.figures.fitted import fitted_line
    from faceage_stats.reporting.figures.scatter import line_data, pairs

    x, y = pairs(*deferred.args)
    if _TAIL * len(x) < rules.minimum:
        raise DisclosureError("a line of so few patients would end at the values of some of them")
    low, middle, high = np.quantile(x, [_TAIL, 0.5, 1 - _TAIL])
    step = step_of((high - low) / 20)
    ends = round_resolution([low, high], step)
    if not ends[0] < middle < ends[1]:
        raise DisclosureError("most patients have the same value: a line would show the others")
    line = line_data(x, y, n_points=_POINTS, ends=(float(ends[0]), float(ends[1])))
    estimate, low, high = line[["estimate", "conf_low", "conf_high"]].to_numpy(float).T
    low, high = stretched(estimate, low, high, growth(len(x), rules))
    half = round_digits((high - low) / 2, 2)
    line["x"], line["estimate"] = round_digits(line["x"], 4), round_digits(line["estimate"], 3)
    line["conf_low"], line["conf_high"] = line["estimate"] - half, line["estimate"] + half
    kept = {k: v for k, v in deferred.keywords.items() if k in ("x_label", "y_label", "values")}
    return partial(fitted_line, line, **kept)
