"""Reader studies: one dot per reader and arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from faceage_stats.reporting import formats
from faceage_stats.reporting.coefficients import refuse_unknown_names
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.legend import legend_above
from faceage_stats.reporting.figures.style import Figure

__all__ = ["reader_dots"]

_SPREAD = 0.16  # half width over which the dots of one arm are laid out


@style.styled
def reader_dots(
    data: pd.DataFrame,
    *,
    means: pd.DataFrame | None = None,
    references: Mapping[str, float] | None = None,
    labels: Mapping[str, str] | None = None,
    label: str = "AUC",
    width: str | float = "single",
) -> Figure:
    """Draw each reader's value in each arm, with the mean of the arm and its interval.

    Parameters
    ----------
    data : pandas.DataFrame
        ``modality, reader, estimate`` and optionally ``group``, as ``reader_auc(...).tidy()``.
    means : pandas.DataFrame, optional
        ``modality, estimate, conf_low, conf_high``, as ``mrmc(...).tidy()``: drawn beside the dots.
    references : mapping of label to number, optional
        Drawn as horizontal lines, e.g. a model without readers.
    labels : mapping, optional
        Printed names of the arms and of the groups.
    label : str
        Axis label.
    width : {"single", "double"} or float
        Column width or millimetres.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing, `labels` names what is not there, or there are more groups than
        colours.

    Examples
    --------
    >>> auc = pd.DataFrame({"modality": ["photo", "chart"] * 2, "reader": ["a", "a", "b", "b"],
    ...                     "estimate": [0.6, 0.7, 0.65, 0.8]})
    >>> reader_dots(auc).axes[0].get_ylabel()
    'AUC'
    """
    style.require(data, ("modality", "reader", "estimate"), "The readers frame")
    arms = list(dict.fromkeys(data["modality"]))
    names = {arm: (labels or {}).get(arm, text.pretty(arm)) for arm in arms}
    groups = data["group"].astype(str) if "group" in data else pd.Series("", index=data.index)
    refuse_unknown_names(labels or {}, [*arms, *groups], "labels", "figures.reader_dots()")
    order = _order(data, groups)
    colours = dict(zip(order, style.colours(len(order) + 1)[1:], strict=True))
    if order == [""]:
        colours = {"": style.PALETTE[1]}
    fig = style.new_figure(width, 66.0)
    axes = fig.add_subplot()
    place = _places(data, groups, arms, order)
    for reader, rows in data.groupby("reader", sort=False, observed=True):
        colour = colours[groups[rows.index[0]]]
        x = [place[(str(arm), str(reader))] for arm in rows["modality"]]
        axes.plot(x, rows["estimate"], "-", color=colour, lw=0.5, alpha=0.5, zorder=1)
        axes.plot(x, rows["estimate"], "o", color=colour, ms=3.2, mew=0, zorder=2)
    if means is not None:
        _draw_means(axes, means, arms)
    _draw_references(axes, references or {})
    available = (style.width_mm(width) - 16) / len(arms) - 2
    ticks = [text.wrap(names[arm], available) for arm in arms]
    further = max(map(text.n_lines, ticks)) - 1
    fig.set_figheight(fig.get_figheight() + further * text.LINE * style.MM)
    axes.set_xticks(range(len(arms)), ticks)
    axes.set(xlim=(-0.55, len(arms) - 0.45), ylabel=text.counted(label, data))
    shown = {(labels or {}).get(name, name): colour for name, colour in colours.items()}
    _legend(axes, shown, means is not None, references or {})
    fig.alt_text = _dots_alt(data, means, references or {}, names, label)
    return fig


def _order(frame: pd.DataFrame, groups: pd.Series) -> list[str]:
    """Groups in the order of their category, otherwise as they come."""
    if "group" in frame and isinstance(frame["group"].dtype, pd.CategoricalDtype):
        return [str(g) for g in frame["group"].cat.categories if str(g) in set(groups)]
    return list(dict.fromkeys(groups))


def _places(
    frame: pd.DataFrame, groups: pd.Series, arms: Sequence[str], order: Sequence[str]
) -> dict[tuple[str, str], float]:
    """Horizontal place of every dot: readers side by side in one order, group after group."""
    rank = {name: i for i, name in enumerate(order)}
    known = frame.assign(_rank=groups.map(rank)).drop_duplicates("reader")
    readers = list(known.sort_values(["_rank", "reader"])["reader"])
    offsets = np.linspace(-_SPREAD, _SPREAD, len(readers)) if len(readers) > 1 else [0.0]
    offset = dict(zip(readers, offsets, strict=True))
    return {
        (str(arm), str(reader)): index - 0.08 + offset[reader]
        for index, arm in enumerate(arms)
        for reader in readers
    }


def _draw_means(axes: Axes, means: pd.DataFrame, arms: Sequence[str]) -> None:
    style.require(means, ("modality", "estimate", "conf_low", "conf_high"), "means")
    for row in style.records(means[means["modality"].isin(arms)]):
        x = arms.index(row["modality"]) + 0.22
        axes.vlines(x, row["conf_low"], row["conf_high"], color=style.INK, lw=1.0, zorder=3)
        axes.plot(x, row["estimate"], "D", color=style.INK, ms=4, mew=0, zorder=4)


def _draw_references(axes: Axes, references: Mapping[str, float]) -> None:
    """Horizontal lines."""
    for index, value in enumerate(references.values()):
        axes.axhline(value, color=style.GREY, lw=0.8, ls=_dashes(index), zorder=0)


def _dashes(index: int) -> tuple[int, tuple[float, ...]]:
    kinds: tuple[tuple[float, ...], ...] = ((4, 2), (1, 1.5), (6, 2, 1, 2))
    return 0, kinds[index % len(kinds)]


def _legend(
    axes: Axes, colours: Mapping[str, str], has_means: bool, references: Mapping[str, float]
) -> None:
    handles = [
        Line2D([], [], marker="o", ls="", color=colour, ms=3.2, label=text.pretty(name))
        for name, colour in colours.items()
        if name
    ]
    if has_means:
        handles.append(
            Line2D([], [], marker="D", ls="-", lw=1.0, color=style.INK, ms=4, label="Mean (95% CI)")
        )
    handles += [
        Line2D([], [], color=style.GREY, lw=0.8, ls=_dashes(index), label=name)
        for index, name in enumerate(references)
    ]
    if handles:
        legend_above(axes, handles)


def _dots_alt(
    frame: pd.DataFrame,
    means: pd.DataFrame | None,
    references: Mapping[str, float],
    names: Mapping[str, str],
    label: str,
) -> str:
    parts = []
    for arm, rows in frame.groupby("modality", sort=False, observed=True):
        low, high = rows["estimate"].min(), rows["estimate"].max()
        said = f"{names[str(arm)]}: {len(rows)} readers from {low:.2f} to {high:.2f}"
        if means is not None:
            row = means[means["modality"] == arm].iloc[0]
            interval = formats.format_estimate_ci(
                row["estimate"], row["conf_low"], row["conf_high"]
            )
            said += f", mean {interval}"
        parts.append(said)
    lines = "".join(f" {name}: {value:.2f}." for name, value in references.items())
    return f"Dots of readers by arm: {label}. {'; '.join(parts)}.{lines}"
