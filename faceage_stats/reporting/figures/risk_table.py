"""Numbers at risk, on the time axis of the curves above them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from faceage_stats._arguments import check_fit
from faceage_stats._scalar import check_numbers
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.words import in_words
from faceage_stats.survival.km.survfit_result import SurvFit

__all__ = ["risk_table_data"]

_ROW = 3.4  # height of a line of the table, mm


def risk_table_data(fit: SurvFit | pd.DataFrame, times: Sequence[float]) -> pd.DataFrame:
    """Count the numbers at risk just before each time, as R does (events at it included).

    Parameters
    ----------
    fit : SurvFit or pandas.DataFrame
        A fit of ``survfit``, or its tidy frame with ``time`` and ``n_risk`` at every event and
        censoring time.
    times : sequence of float
        In the unit of the time column.

    Returns
    -------
    pandas.DataFrame
        ``strata, time, n_risk``.

    Raises
    ------
    InputError
        If columns are missing or there are no rows.

    Examples
    --------
    >>> tidy = pd.DataFrame({"time": [1.0, 3.0], "n_risk": [5, 2]})
    >>> risk_table_data(tidy, [0, 1, 2, 4])["n_risk"].tolist()
    [5, 5, 2, 0]
    """
    tidy = tidy_curve(fit)
    style.require(tidy, ("strata", "time", "n_risk"), "The survival curve")
    ticks = check_numbers("times", times)
    if isinstance(fit, SurvFit):  # a released one knows where it ends
        return tidy_curve(fit.at(ticks))[["strata", "time", "n_risk"]]
    rows = []
    for name, curve in tidy.groupby("strata", sort=False, observed=True):
        n_risk = at_risk(curve["time"].to_numpy(float), curve["n_risk"].to_numpy(), ticks)
        rows.append(pd.DataFrame({"strata": name, "time": ticks, "n_risk": n_risk}))
    return pd.concat(rows, ignore_index=True)


def at_risk(time: np.ndarray, n_risk: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """Numbers at risk just before each tick, from those at each time of the data."""
    return np.append(n_risk, 0)[np.searchsorted(time, ticks, side="left")]


def tidy_curve(fit: Any) -> pd.DataFrame:
    """Tidy frame with clean names of strata; one curve without strata is called "All"."""
    if not isinstance(fit, pd.DataFrame):
        figure = {"CumInc": "cuminc", "AdjustedCurves": "adjusted"}.get(type(fit).__name__)
        cure = f" (figures.{figure}() draws a {type(fit).__name__})" if figure else ""
        check_fit(fit, SurvFit, f"figures.km() takes a fit of survfit(){cure}")
    tidy = fit.copy() if isinstance(fit, pd.DataFrame) else fit.tidy()
    style.require(tidy, ("time",), "The survival curve")
    if "strata" not in tidy.columns or tidy["strata"].isna().all():
        tidy["strata"] = "All"
    return tidy.assign(strata=_strip(tidy["strata"]))


def strata_prefix(strata: Iterable[Any]) -> str | None:
    """Name of the grouping variable when every stratum is written "variable=level"."""
    names = [re.match(r"([^=<>,]+)=", str(name)) for name in set(strata)]
    found = {match[1] if match else None for match in names}
    several = any(re.search(r", *[\w.]+=", str(name)) for name in set(strata))
    return found.pop() if len(found) == 1 and not several else None


def legend_title(strata: Iterable[Any]) -> str | None:
    """The grouping variable of the strata as a reader would say it."""
    name = strata_prefix(strata)
    return name and in_words(name).replace("_", " ")


def _strip(strata: pd.Series) -> pd.Series:
    prefix = strata_prefix(strata)
    cut = 0 if prefix is None else len(prefix) + 1
    return strata.map(lambda name: str(name)[cut:])


def row_labels(names: Sequence[Any], width: float) -> list[str]:
    """Names of the curves, wrapped to under a third of a figure `width` mm wide."""
    return [text.wrap(text.pretty(name), 0.28 * width) for name in names]


def left_margin(labels: Sequence[str]) -> float:
    """What row labels and the keys of their curves take at the left of the plot, mm."""
    return max(max(map(text.text_width, labels)) + 9.0, 14.0)


def risk_table_height(labels: Sequence[str]) -> float:
    """Height of the heading and the rows, mm."""
    return _ROW * (1 + sum(map(text.n_lines, labels)))


def time_ticks(end: float, width: float, labels: Sequence[str]) -> np.ndarray:
    """Round times from 0 to `end`, as many as the numbers at risk leave room for."""
    room = (width - left_margin(labels) - 6) / (text.text_width("0,000") + 2)
    locator = MaxNLocator(nbins=int(np.clip(room, 2, 8)), steps=[1, 2, 2.5, 5, 10])
    ticks = np.asarray(locator.tick_values(0, end))
    return ticks[(ticks >= 0) & (ticks <= end * (1 + 1e-9))]


def draw_risk_table(
    axes: Axes, risk: pd.DataFrame, shown: dict[Any, str], labels: Sequence[str]
) -> None:
    """Counts centred on their times; row labels keyed by a short line of the curve's colour."""
    lines = np.array([text.n_lines(label) for label in labels])
    places = dict(zip(shown, np.cumsum(lines) - (lines + 1) / 2, strict=True))
    counts = [formats.format_count(count) for count in risk["n_risk"]]
    overhang = text.text_width(max(counts, key=text.text_width)) / 2 * style.MM
    figure = style.page(axes)
    left_end = ScaledTranslation(0, 0, axes.transAxes)  # type: ignore[arg-type]
    inches = figure.dpi_scale_trans + left_end
    from_left = blended_transform_factory(inches, axes.transData)
    key = np.array([-0.16, -0.06]) - overhang
    for (name, row), label in zip(places.items(), labels, strict=True):
        axes.text(key[0] - 0.05, row, label, transform=from_left, ha="right", va="center")
        if len(places) > 1:
            axes.plot(
                key,
                [row, row],
                transform=from_left,
                color=shown[name],
                lw=2,
                clip_on=False,
                solid_capstyle="butt",
            )
    for count, time, name in zip(counts, risk["time"], risk["strata"], strict=True):
        if name in shown:
            axes.text(time, places[name], count, ha="center", va="center")
    axes.text(-overhang, -0.95, "Number at risk", transform=from_left, va="center")
    axes.set_ylim(lines.sum() - 0.5, -1.5)
    axes.axis("off")
