"""A fitted line without the patients behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.reporting.figures import annotate, style
from faceage_stats.reporting.figures.scatter import band
from faceage_stats.reporting.figures.style import Figure

__all__ = ["fitted_line"]


@style.styled
def fitted_line(
    line: pd.DataFrame,
    *,
    x_label: str = "Age (years)",
    y_label: str = "FaceAge − age (years)",
    values: pd.DataFrame | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw a regression line with its band, and no patient.

    Parameters
    ----------
    line : pandas.DataFrame
        ``x, estimate, conf_low, conf_high``, as of `line_data`.
    x_label, y_label : str
        Axis labels with units.
    values : pandas.DataFrame, optional
        Printed in the plot, as in `gap_vs`.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    See Also
    --------
    gap_vs : With the patients, as points or hexagons.

    Examples
    --------
    >>> line = pd.DataFrame({"x": [20, 40], "estimate": [6.0, 4], "conf_low": [5.0, 3],
    ...                      "conf_high": [7.0, 5]})
    >>> fitted_line(line, x_label="BMI (kg/m²)").axes[0].get_xlabel()
    'BMI (kg/m²)'
    """
    fig = style.new_figure(width, 62.0)
    axes = fig.add_subplot()
    band(axes, line)
    axes.set(xlabel=x_label, ylabel=y_label)
    lines = annotate.value_lines(values)
    annotate.free_corner(axes, lines, [line[["x", "estimate"]].to_numpy(float)])
    ends: Any = np.array([line["x"].min(), line["x"].max()])
    fig.alt_text = (
        f"Regression line of {y_label} against {x_label} from {ends[0]:g} to {ends[1]:g} with its "
        f"confidence band; no patient is drawn. {'; '.join(lines)}."
    )
    return fig
