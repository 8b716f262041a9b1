"""Matrices of pairs: differences between groups, correlations between columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.coefficients import refuse_unknown_names
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.style import Figure

__all__ = ["correlation_matrix", "pairwise_matrix", "pairwise_matrix_data"]


def pairwise_matrix_data(data: pd.DataFrame, *, order: Sequence[str] | None = None) -> pd.DataFrame:
    """List the cells that `pairwise_matrix` draws: every pair once, rows minus columns.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per pair, as ``age_gap(...).contrasts(pairs="all")`` gives: ``group1, group2,
        estimate`` (group1 minus group2), ``conf_low, conf_high`` and ``p_adjusted`` or
        ``p_value``.
    order : sequence of str, optional
        Groups in the order of drawing; by default those that are subtracted most come first.

    Returns
    -------
    pandas.DataFrame
        ``row, column, estimate, conf_low, conf_high, p`` with `row` later in the order than
        `column`; signs are turned where a pair came the other way round.

    Raises
    ------
    InputError
        If columns are missing, a pair is repeated or missing, or `order` lacks a group.

    See Also
    --------
    pairwise_matrix : The figure.

    Examples
    --------
    >>> pairs = pd.DataFrame({"group1": ["current"], "group2": ["never"], "estimate": [2.8],
    ...                       "conf_low": [2.1], "conf_high": [3.5], "p_value": [1e-9]})
    >>> pairwise_matrix_data(pairs)[["row", "column", "estimate", "conf_low"]].values.tolist()
    [['current', 'never', 2.8, 2.1]]
    """
    needed = ("group1", "group2", "estimate", "conf_low", "conf_high")
    style.require(data, needed, "The pairs frame")
    p = next((column for column in ("p_adjusted", "p_value") if column in data.columns), None)
    if p is None:
        raise InputError("The pairs frame lacks p_adjusted and p_value; it needs one of them.")
    groups = _order(data, order)
    rank = {group: index for index, group in enumerate(groups)}
    cells = []
    for pair in style.records(data):
        low, high, estimate = pair["conf_low"], pair["conf_high"], pair["estimate"]
        row, column = pair["group1"], pair["group2"]
        if rank[row] < rank[column]:
            row, column, low, high, estimate = column, row, -high, -low, -estimate
        cells.append((row, column, estimate, low, high, pair[p]))
    drawn = pd.DataFrame(cells, columns=["row", "column", "estimate", "conf_low", "conf_high", "p"])
    found = len(drawn.drop_duplicates(["row", "column"]))
    expected = len(groups) * (len(groups) - 1) // 2
    if len(drawn) != found or found != expected or (drawn["row"] == drawn["column"]).any():
        raise InputError(
            f"{len(groups)} groups make {expected} pairs; the frame has {len(drawn)} row(s) with "
            f"{found} different pair(s). Give every pair of different groups exactly once."
        )
    return drawn


def _order(frame: pd.DataFrame, order: Sequence[str] | None) -> list[str]:
    """Given order, or groups by how often they are the minuend."""
    groups = list(dict.fromkeys([*frame["group2"], *frame["group1"]]))
    if order is None:
        counts = frame["group1"].value_counts()
        return sorted(groups, key=lambda group: counts.get(group, 0))
    refuse_unknown_names(order, groups, "order", "figures.pairwise_matrix()")
    absent = [str(group) for group in groups if group not in order]
    if absent:
        raise InputError(f"order= lacks the group(s) {', '.join(absent)}.")
    return list(order)


@style.styled
def pairwise_matrix(
    data: pd.DataFrame,
    *,
    label: str = "Difference, row minus column (years)",
    order: Sequence[str] | None = None,
) -> Figure:
    r"""Draw a matrix of pairwise differences, with interval and p in each cell.

    Parameters
    ----------
    data
        As in `pairwise_matrix_data`.
    label : str
        What the cells and colours show, with its unit.
    order
        As in `pairwise_matrix_data`.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        As `pairwise_matrix_data`.

    See Also
    --------
    pairwise_matrix_data : The numbers that are drawn.

    Examples
    --------
    >>> pairs = pd.DataFrame({"group1": ["current"], "group2": ["never"], "estimate": [2.8],
    ...                       "conf_low": [2.1], "conf_high": [3.5], "p_value": [1e-9]})
    >>> pairwise_matrix(pairs).axes[0].texts[0].get_text()
    '2.80\n(2.10–3.50)\np < 0.0001'
    """
    drawn = pairwise_matrix_data(data, order=order)
    limit = float(drawn["estimate"].abs().max()) or 1.0
    fig = _matrix(drawn, _order(data, order), label, limit)
    parts = [
        f"{text.pretty(row['row'])} minus {text.pretty(row['column'])}: {_in_words(row)}"
        for row in style.records(drawn)
    ]
    fig.alt_text = f"Matrix of pairwise differences. {label}: {'; '.join(parts)}."
    return fig


@style.styled
def correlation_matrix(data: pd.DataFrame, *, label: str = "Correlation") -> Figure:
    r"""Draw the correlations of every pair of columns, with interval and p in each cell.

    Parameters
    ----------
    data : pandas.DataFrame
        ``cor_matrix(...).tidy()``: one row per pair, ``variable1 variable2 estimate conf_low
        conf_high p_adjusted``.
    label : str
        What the cells and colours show, e.g. ``"Spearman's rank correlation"``.

    Returns
    -------
    Figure
        Colours run from -1 to 1, so that two figures compare. Its ``alt_text`` says in words what
        it shows.

    Raises
    ------
    InputError
        If columns are missing.

    See Also
    --------
    pairwise_matrix : Differences between groups.

    Examples
    --------
    >>> pairs = pd.DataFrame({"variable1": ["faceage"], "variable2": ["age"], "estimate": [0.71],
    ...                       "conf_low": [0.66], "conf_high": [0.75], "p_adjusted": [1e-9]})
    >>> correlation_matrix(pairs).axes[0].texts[0].get_text()
    '0.71\n(0.66–0.75)\np < 0.0001'
    """
    needed = ("variable1", "variable2", "estimate", "conf_low", "conf_high", "p_adjusted")
    style.require(data, needed, "The correlations frame")
    drawn = data.rename(columns={"variable1": "column", "variable2": "row", "p_adjusted": "p"})
    variables = list(dict.fromkeys([*drawn["column"], *drawn["row"]]))
    fig = _matrix(drawn, variables, label, 1.0)
    parts = [
        f"{text.pretty(row['column'])} with {text.pretty(row['row'])}: {_in_words(row)}"
        for row in style.records(drawn)
    ]
    fig.alt_text = f"Matrix of correlations. {label}: {'; '.join(parts)}."
    return fig


def _matrix(drawn: pd.DataFrame, groups: list[str], label: str, limit: float) -> Figure:
    """Cells below the diagonal: `drawn` has ``row column estimate conf_low conf_high p``."""
    import seaborn as sns

    names = [text.wrap(text.pretty(group), 22) for group in groups]
    drawn = drawn.assign(cell=[_cell(row) for row in style.records(drawn)])
    values, cells = (
        drawn.pivot(index="row", columns="column", values=column).reindex(
            index=groups[1:], columns=groups[:-1]
        )
        for column in ("estimate", "cell")
    )
    cell_width = max(
        max(text.text_width(cell, 6) for cell in drawn["cell"]), max(map(text.text_width, names))
    )
    need = (cell_width + 3) * len(values) + max(map(text.text_width, names)) + 16
    width = max(need, style.WIDTHS["single"])
    lines = max(map(text.n_lines, names))
    row = max(11.0, lines * text.LINE + 2)
    fig = style.new_figure(width, row * len(values) + 9 + lines * text.LINE)
    axes = fig.add_subplot()
    sns.heatmap(
        values, ax=axes, annot=cells.astype(object).fillna(""), fmt="", vmin=-limit, vmax=limit,
        linewidths=0.8,
        cmap=sns.diverging_palette(250, 40, s=85, l=68, as_cmap=True),  # light enough for dark text
        annot_kws={"size": 6, "linespacing": 1.25, "color": style.INK},
        cbar_kws={"fraction": 0.06, "pad": 0.02},
        xticklabels=names[:-1], yticklabels=names[1:],
    )  # fmt: skip
    for scale in fig.axes[1].collections:  # matplotlib makes a raster of a long colour scale
        scale.set_rasterized(False)
    axes.set(xlabel="", ylabel="")
    room = width - max(map(text.text_width, names)) - 12
    axes.set_title(text.wrap(label, room, 7), loc="left")
    axes.tick_params(length=0, rotation=0)
    return fig


def _in_words(row: dict[str, Any]) -> str:
    interval = formats.format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"])
    return f"{interval}, {formats.format_p(row['p'], name=True)}"


def _cell(row: dict[str, Any]) -> str:
    """Estimate, interval and p of one pair on three lines."""
    limits = row["conf_low"], row["conf_high"]
    estimate = formats.format_number(row["estimate"], beside=limits)
    interval = formats.format_interval(*limits, estimate=row["estimate"])
    return f"{estimate}\n({interval})\n{formats.format_p(row['p'], name=True)}"
