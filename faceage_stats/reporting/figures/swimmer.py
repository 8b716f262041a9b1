"""One bar per patient: the course of follow-up, for the eyes of the study's own team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from faceage_stats._arguments import check_text
from faceage_stats._binary import binary
from faceage_stats._columns import as_pandas, column, numeric_column
from faceage_stats._levels import group_codes
from faceage_stats._options import options
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.style import Figure

__all__ = ["swimmer"]

_MOST = 100  # bars that an eye can follow
_SHAPES = ("D", "^", "s", "v", "P")
_CALLER = "figures.swimmer()"


@style.styled
def swimmer(
    data: Any,
    *,
    id: str,  # noqa: A002 - R's name
    stop: str,
    start: str | None = None,
    event: str | None = None,
    by: str | None = None,
    marks: Mapping[str, str] | None = None,
    time_label: str = "Time",
    colors: Sequence[str] | None = None,
    width: str | float = "single",
) -> Figure:
    """Draw the follow-up of each patient as a bar, the longest on top.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per patient, or per interval, as `tmerge` and `surv_split` make them.
    id : str
        Column of the patient. It is not written on the figure.
    stop, start : str
        Columns of the ends and the starts of the intervals; without `start` they begin at 0.
    event : str, optional
        Column of 0/1: whether the interval ends with the event. Who ends without one has an arrow.
    by : str, optional
        Column of the state or treatment, which colours the intervals.
    marks : mapping of label to column, optional
        Columns of times to be marked, such as those of photographs; missing where there is none.
    time_label : str
        Of the axis, with its unit.
    colors : sequence of str, optional
        Of the levels of `by`.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        More than 100 patients, an interval that ends at or before its start, or private data: every
        bar is a patient, whom a date or a length of stay may make known.

    See Also
    --------
    faceage_stats.tmerge : Intervals from dates of photographs and events.
    km : Survival, which hides the single patient.

    Notes
    -----
    In R: ``swimplot::swimmer_plot(df, id = "id", end = "stop", name_fill = "state")``

    Examples
    --------
    >>> df = pd.DataFrame({"id": [1, 1, 2], "start": [0, 3, 0], "stop": [3, 7, 5],
    ...                    "died": [0, 1, 0], "state": ["on", "off", "on"]})
    >>> fig = swimmer(df, id="id", start="start", stop="stop", event="died", by="state")
    >>> fig.alt_text
    'Follow-up of 2 patients, one bar each, the longest 7; 1 ends with the event.'
    """
    if options.private:
        raise InputError(f"{_CALLER} draws single patients, and the data are private; use km().")
    spans = _spans(as_pandas(data), id, stop, start, event)
    n = int(spans["bar"].max()) + 1
    if n > _MOST:
        raise InputError(
            f"{_CALLER}: there are {n} patients; draw {_MOST} at most, e.g. of one site, or km()."
        )
    fig = style.new_figure(width, 22.0 + max(1.6 * n, 12.0))
    axes = fig.add_subplot()
    handles = _bars(axes, spans, data, by, colors)
    handles += _ends(axes, spans, event is not None)
    handles += _marks(axes, spans, as_pandas(data), marks or {})
    axes.set_ylim(-0.8, n - 0.2)
    axes.set_xlim(min(0.0, float(spans["start"].min())), float(spans["stop"].max()) * 1.06)
    axes.set_yticks([])
    axes.set_ylabel(f"{formats.format_count(n)} patients")
    axes.set_xlabel(time_label)
    if handles:
        legend_above(axes, handles, margin=8)
    fig.alt_text = _alt(spans, n, event is not None)
    return fig


def _spans(
    data: pd.DataFrame, name: str, stop: str, start: str | None, event: str | None
) -> pd.DataFrame:
    """Read the intervals with the bar that each belongs to, the longest follow-up last (on top)."""
    ids = column(data, check_text("id", name), _CALLER)
    ends = numeric_column(data, stop, _CALLER)
    begins = np.zeros(len(ends)) if start is None else numeric_column(data, start, _CALLER)
    died = np.zeros(len(ends))
    if event is not None:
        died = binary(column(data, event, _CALLER), event)
    spans = pd.DataFrame({"id": pd.factorize(ids)[0], "start": begins, "stop": ends, "died": died})
    n_missing = int((spans.isna().any(axis=1) | (spans["id"] < 0)).sum())
    if n_missing or not len(spans):
        raise InputError(
            f"{_CALLER}: {n_missing} of {len(spans)} rows lack a value of "
            f"{', '.join(each for each in (name, stop, start, event) if each)}."
        )
    n_empty = int((spans["stop"] <= spans["start"]).sum())
    if n_empty:
        raise InputError(
            f"{_CALLER}: '{stop}' is not after '{start or 0}' in {n_empty} rows. "
            "Correct or drop them."
        )
    longest = spans.groupby("id")["stop"].max()
    order = longest.sort_values(kind="stable").index
    place = pd.Series(np.arange(len(order)), index=order)
    return spans.assign(bar=spans["id"].map(place).to_numpy())


def _bars(
    axes: Any, spans: pd.DataFrame, data: Any, by: str | None, colors: Sequence[str] | None
) -> list[Line2D]:
    codes, labels = np.zeros(len(spans), np.int64), [""]
    if by is not None:
        codes, labels = group_codes(column(as_pandas(data), by, _CALLER))
    colours = [*style.colours(len(labels), colors), style.GREY]
    for code, colour in zip([*range(len(labels)), -1], colours, strict=True):
        rows = spans[codes == code]
        axes.barh(
            rows["bar"], rows["stop"] - rows["start"], left=rows["start"], height=0.7,
            color=colour, alpha=0.55, lw=0,
        )  # fmt: skip
    if by is None:
        return []
    shown = [*map(text.pretty, labels), *(["Not known"] if (codes < 0).any() else [])]
    return [
        Line2D([], [], color=colour, lw=4, alpha=0.55, solid_capstyle="butt", label=label)
        for label, colour in zip(shown, colours, strict=False)
    ]


def _ends(axes: Any, spans: pd.DataFrame, has_event: bool) -> list[Line2D]:
    """A dot where the event ends a bar, an arrow where the patient is still followed."""
    if not has_event:
        return []
    last = spans.loc[spans.groupby("bar")["stop"].idxmax()]
    handles = []
    for died, marker, label in ((1, "o", "Event"), (0, ">", "Still followed")):
        rows = last[last["died"] == died]
        if len(rows):
            axes.plot(rows["stop"], rows["bar"], marker, color=style.INK, ms=2.6, mew=0)
            handles.append(Line2D([], [], color=style.INK, marker=marker, ls="", ms=2.6,
                                  label=label))  # fmt: skip
    return handles


def _marks(
    axes: Any, spans: pd.DataFrame, data: pd.DataFrame, marks: Mapping[str, str]
) -> list[Line2D]:
    if len(marks) > len(_SHAPES):
        raise InputError(f"{_CALLER}: {len(marks)} kinds of marks; use {len(_SHAPES)} at most.")
    handles = []
    for shape, (label, name) in zip(_SHAPES, marks.items(), strict=False):
        at = numeric_column(data, name, _CALLER)
        axes.plot(at, spans["bar"], shape, color="white", mec=style.INK, mew=0.5, ms=2.4)
        handles.append(
            Line2D([], [], color="white", mec=style.INK, mew=0.5, marker=shape, ls="", ms=2.6,
                   label=label)
        )  # fmt: skip
    return handles


def _alt(spans: pd.DataFrame, n: int, has_event: bool) -> str:
    died = int(spans.groupby("bar")["died"].max().sum())
    ends = f"; {died} {'ends' if died == 1 else 'end'} with the event" if has_event else ""
    longest = f"{spans['stop'].max():.4g}"
    return f"Follow-up of {n} patients, one bar each, the longest {longest}{ends}."
