"""CONSORT diagrams of how a cohort was selected."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from faceage_stats._result import Result
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.style import Figure

__all__ = ["consort", "consort_data"]

_PAD = 1.3  # between text and box, mm
_GAP = 2.2  # between boxes, mm


def consort_data(
    flow: Result | pd.DataFrame, *, start: str = "Assessed", end: str = "Analysed"
) -> pd.DataFrame:
    """List the boxes that `consort` draws, from top to bottom.

    Parameters
    ----------
    flow : Flow or pandas.DataFrame
        A curation flow or its tidy frame, one row per step in order: ``step, n_before,
        n_excluded, n_after``, optional ``n_changed`` (rows kept with a changed value) and
        ``reason`` in plain words.
    start, end : str
        Names of the first and the last box.

    Returns
    -------
    pandas.DataFrame
        ``kind`` ("main", "excluded" or "changed"), ``label, n``. A step that neither excludes nor
        changes a row has no box.

    Raises
    ------
    InputError
        If columns are missing, or the counts do not follow from each other.

    See Also
    --------
    consort : The figure.

    Examples
    --------
    >>> flow = pd.DataFrame({"step": ["DCIS"], "n_before": [10], "n_excluded": [2], "n_after": [8]})
    >>> consort_data(flow).values.tolist()
    [['main', 'Assessed', 10], ['excluded', 'DCIS', 2], ['main', 'Analysed', 8]]
    """
    steps = flow if isinstance(flow, pd.DataFrame) else flow.tidy()
    style.require(steps, ("step", "n_before", "n_excluded", "n_after"), "The flow")
    _check_counts(steps)
    boxes: list[tuple[str, str, Any]] = [("main", start, steps["n_before"].iloc[0])]
    to_exclude = int(_some(steps["n_excluded"]).sum())
    for step in style.records(steps):
        reason = step.get("reason")
        label = reason if isinstance(reason, str) and reason else str(step["step"])
        if _some(step["n_excluded"]):
            boxes.append(("excluded", label, step["n_excluded"]))
            to_exclude -= 1
            if to_exclude:
                boxes.append(("main", "", step["n_after"]))
        elif _some(step.get("n_changed", 0)):
            boxes.append(("changed", label, step["n_changed"]))
    boxes.append(("main", end, steps["n_after"].iloc[-1]))
    data = pd.DataFrame(boxes, columns=["kind", "label", "n"])
    return data.assign(n=pd.to_numeric(data["n"]).astype("Int64"))


def _some(count: Any) -> Any:
    """Whether a step concerns patients; a number that is withheld does."""
    return pd.isna(count) | (count != 0)


@style.styled
def consort(
    flow: Result | pd.DataFrame,
    *,
    start: str = "Assessed",
    end: str = "Analysed",
    width: str | float = "single",
) -> Figure:
    r"""Draw a CONSORT diagram: patients entered, excluded at each step and why, and analysed.

    Steps that changed values without excluding rows have dashed boxes.

    Parameters
    ----------
    flow, start, end
        As in `consort_data`.
    width : {"single", "double"} or float
        Column width or millimetres; the height follows from the steps.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        As `consort_data`.

    See Also
    --------
    consort_data : The numbers that are drawn.

    Examples
    --------
    >>> flow = pd.DataFrame({"step": ["DCIS"], "n_before": [10], "n_excluded": [2], "n_after": [8]})
    >>> boxes = [label.get_text() for label in consort(flow).axes[0].texts]
    >>> [box.replace("\xa0", " ") for box in boxes if box]
    ['Assessed (n = 10)', 'Excluded: DCIS (n = 2)', 'Analysed (n = 8)']
    """
    data = consort_data(flow, start=start, end=end)
    millimetres = style.width_mm(width)
    usable = millimetres - 2 * 0.8
    spine_width = 0.42 * usable
    side_left = 0.8 + 0.52 * usable  # leaves an arrow of at least 3 mm beside the narrow boxes
    side_width = millimetres - 0.8 - side_left
    labels = [
        text.wrap(_words(box), (spine_width if box["kind"] == "main" else side_width) - 2 * _PAD)
        for box in style.records(data)
    ]
    heights = [text.n_lines(label) * text.LINE + 2 * _PAD for label in labels]
    total = sum(heights) + _GAP * (len(heights) - 1) + 2 * 0.8
    fig = style.new_figure(millimetres, total, layout=False)
    axes = fig.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, millimetres), ylim=(total, 0))
    axes.axis("off")
    spine = 0.8 + spine_width / 2
    top, last_main = 0.8, 0.0
    for kind, label, height in zip(data["kind"], labels, heights, strict=True):
        middle = top + height / 2
        if kind == "main":
            if last_main:
                _arrow(axes, (spine, last_main), (spine, top))
            _box(axes, (spine - spine_width / 2, top, spine_width, height), label, main=True)
            last_main = top + height
        else:
            if kind == "excluded":
                _arrow(axes, (spine, middle), (side_left, middle))
            _box(axes, (side_left, top, side_width, height), label, dashed=kind == "changed")
        top += height + _GAP
    fig.alt_text = f"CONSORT flow diagram. {'; '.join(_words(box) for box in style.records(data))}."
    return fig


def _words(box: dict[str, Any]) -> str:
    count = "n withheld"
    if not pd.isna(box["n"]):
        count = f"n\u00a0=\u00a0{formats.format_count(box['n'])}"
    if box["kind"] != "main":
        return f"{box['kind'].capitalize()}: {box['label']} ({count})"
    return f"{box['label']} ({count})" if box["label"] else count


def _check_counts(steps: pd.DataFrame) -> None:
    if "suppressed" in steps:  # a released flow is rounded step by step
        return
    wrong = int((steps["n_before"] - steps["n_excluded"] != steps["n_after"]).sum())
    follows = steps["n_before"].to_numpy()[1:] == steps["n_after"].to_numpy()[:-1]
    broken = int((~follows).sum())
    if wrong or broken:
        raise InputError(
            f"The flow does not add up: in {wrong} step(s) n_before - n_excluded differs from "
            f"n_after, and {broken} step(s) do not start where the one before ended."
        )


def _box(
    axes: Axes,
    at: tuple[float, float, float, float],
    label: str,
    *,
    main: bool = False,
    dashed: bool = False,
) -> None:
    x, y, width, height = at
    edge: dict[str, Any] = {"ec": style.GREY, "ls": "--"} if dashed else {"ec": style.INK}
    face = "#E8F1F8" if main else "white"
    axes.add_patch(Rectangle((x, y), width, height, fc=face, lw=0.6, zorder=2, **edge))
    align: dict[str, Any] = (
        {"ha": "center", "x": x + width / 2} if main else {"ha": "left", "x": x + _PAD}
    )
    axes.text(y=y + height / 2, s=label, va="center", linespacing=1.2, zorder=3, **align)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    arrow = {"arrowstyle": "-|>", "lw": 0.6, "color": style.INK, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops={**arrow, "mutation_scale": 5}, zorder=1)
