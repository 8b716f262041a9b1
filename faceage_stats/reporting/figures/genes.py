"""Figures of a gene screen: volcano plot, and strip along the genome."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from faceage_stats.errors import InputError
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.gene_labels import label_points
from faceage_stats.reporting.figures.style import Figure

__all__ = ["gene_strip", "volcano", "volcano_data"]

_ADJUSTED = ("p_adjusted", "p_holm", "p_bh", "q_value")
MARKED, PLAIN = style.PALETTE[1], style.PALETTE[0]
P_LABEL = "−log₁₀ p"


def volcano_data(
    data: pd.DataFrame, *, highlight: Sequence[str] = (), level: float = 0.05
) -> pd.DataFrame:
    """List the points that `volcano` draws: genes with estimate, height and mark.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per gene, and per ``variable`` where the screen has several: ``gene, estimate,
        p_value`` and, for the mark, the first of ``p_adjusted, p_holm, p_bh, q_value``.
    highlight : sequence of str
        Genes that are named regardless of their p value.
    level : float
        Of the adjusted p value.

    Returns
    -------
    pandas.DataFrame
        ``variable, gene, estimate, height`` (minus the decimal logarithm of p),
        ``significant``, ``highlighted``.

    Raises
    ------
    InputError
        If columns are missing, or a highlighted gene is not in the screen.

    See Also
    --------
    volcano : The figure.

    Examples
    --------
    >>> genes = pd.DataFrame({"gene": ["CDK6", "TP53"], "estimate": [0.65, 0.02],
    ...                       "p_value": [1e-10, 0.8], "p_holm": [2e-10, 0.8]})
    >>> volcano_data(genes)[["gene", "height", "significant"]].round(2).values.tolist()
    [['CDK6', 10.0, True], ['TP53', 0.1, False]]
    """
    style.require(data, ("gene", "estimate", "p_value"), "The gene frame")
    adjusted = next((name for name in _ADJUSTED if name in data.columns), None)
    if adjusted is None:
        raise InputError(f"The gene frame lacks adjusted p values: one of {', '.join(_ADJUSTED)}.")
    absent = [gene for gene in highlight if gene not in set(data["gene"])]
    if absent:
        raise InputError(f"highlight= names genes that the screen lacks: {', '.join(absent)}.")
    shown = data[data["p_value"].notna() & data["estimate"].notna()]
    if shown.empty:
        raise InputError("The gene frame has no gene with an estimate: there is nothing to draw.")
    return pd.DataFrame(
        {
            "variable": shown["variable"] if "variable" in shown.columns else "",
            "gene": shown["gene"],
            "estimate": shown["estimate"],
            "height": height(shown["p_value"]),
            "significant": shown[adjusted] < level,
            "highlighted": shown["gene"].isin(list(highlight)),
        }
    ).reset_index(drop=True)


def height(p: pd.Series) -> pd.Series:
    """Compute -log10(p); a p value that underflows is drawn as the smallest double."""
    positive = p.clip(lower=np.finfo(float).tiny)
    return pd.Series(-np.log10(positive), index=p.index)


@style.styled
def volcano(
    data: pd.DataFrame,
    *,
    effect: str,
    highlight: Sequence[str] = (),
    level: float = 0.05,
    panels: dict[str, str] | None = None,
    width: str | float | None = None,
) -> Figure:
    """Draw a volcano plot: significance against size of the effect, one panel per variable.

    Parameters
    ----------
    data
        As in `volcano_data`. Panels share their axes, so that FaceAge and age compare by eye.
    effect : str
        Label of the horizontal axis, e.g. ``"Partial correlation"``.
    highlight, level
        As in `volcano_data`.
    panels : dict of str to str, optional
        Heading of each variable, in the order of drawing.
    width : {"single", "double"} or float, optional
        By default one column per figure with one panel, two columns otherwise.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        As `volcano_data`.

    See Also
    --------
    volcano_data : The numbers that are drawn.

    Examples
    --------
    >>> genes = pd.DataFrame({"gene": ["CDK6", "TP53"], "estimate": [0.65, 0.02],
    ...                       "p_value": [1e-10, 0.8], "p_holm": [2e-10, 0.8]})
    >>> volcano(genes, effect="Partial correlation").axes[0].get_xlabel()
    'Partial correlation'
    """
    drawn = volcano_data(data, highlight=highlight, level=level)
    headings = panels or {name: str(name) for name in dict.fromkeys(drawn["variable"])}
    fig = style.new_figure(width or ("single" if len(headings) == 1 else "double"), 72)
    axes = fig.subplots(1, len(headings), sharex=True, sharey=True, squeeze=False)[0]
    reach = 1.08 * float(drawn["estimate"].abs().max() or 1)
    top = max(1.15 * float(drawn["height"].max()), 2.0)
    parts = []
    for panel, (variable, heading) in zip(axes, headings.items(), strict=True):
        points = drawn[drawn["variable"] == variable]
        panel.set(xlim=(-reach, reach), ylim=(0, top), xlabel=text.counted(effect, data))
        panel.set_title(heading, loc="left", weight="bold")
        _volcano_panel(panel, points, level)
        hits = points.loc[points["significant"], "gene"]
        parts.append(
            f"{heading + ': ' if heading else ''}{len(points):,} genes, {len(hits)} significant "
            f"after adjustment{' (' + ', '.join(hits[:5]) + ')' if len(hits) else ''}"
        )
    axes[0].set_ylabel(P_LABEL)
    fig.draw_without_rendering()  # places the axes, so that the space for labels is known
    for panel, variable in zip(axes, headings, strict=True):
        points = drawn[drawn["variable"] == variable]
        label_points(panel, points, points["significant"] | points["highlighted"])
    fig.alt_text = f"Volcano plot of {effect} against significance. {'; '.join(parts)}."
    return fig


def _volcano_panel(axes: Axes, points: pd.DataFrame, level: float) -> None:
    """Points, marked where significant; the lowest significant height as a line."""
    marked = points["significant"] | points["highlighted"]
    plain = points[~marked]
    axes.scatter(
        plain["estimate"], plain["height"], s=4, color=PLAIN, alpha=0.45, lw=0,
        rasterized=len(plain) > 2000,
    )  # fmt: skip
    axes.scatter(
        points.loc[marked, "estimate"], points.loc[marked, "height"], s=11, lw=0.7, zorder=3,
        color=[MARKED if ok else "white" for ok in points.loc[marked, "significant"]],
        edgecolors=MARKED,
    )  # fmt: skip
    axes.axvline(0, color=style.GREY, lw=0.6, ls=(0, (3, 2)), zorder=1)
    axes.axhline(-np.log10(level / len(points)), color=style.GREY, lw=0.6, ls=":", zorder=1)


@style.styled
def gene_strip(
    data: pd.DataFrame,
    *,
    level: float = 0.05,
    label: str = "gene",
    width: str | float = "double",
) -> Figure:
    """Draw significance along the genome, or along the table when there are no positions.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per gene or variant: ``p_value``, an adjusted p value (see `volcano_data`), and
        ``chromosome`` with ``position`` where known.
    level : float
        Of the adjusted p value; points beyond it are named.
    label : str
        Column of names.
    width : {"single", "double"} or float

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        If columns are missing.

    Examples
    --------
    >>> snps = pd.DataFrame({"gene": ["CDK6", "RB1"], "chromosome": ["7", "13"],
    ...                      "position": [92.6, 48.3], "p_value": [1e-5, 0.4],
    ...                      "p_adjusted": [2e-5, 0.4]})
    >>> gene_strip(snps).axes[0].get_xlabel()
    'Chromosome, 2 tests'
    """
    style.require(data, [label, "p_value"], "The gene frame")
    placed = {"chromosome", "position"} <= set(data.columns)
    named = data.assign(gene=data[label], estimate=0.0, variable="")
    if placed:
        named = named.assign(_order=named["chromosome"].map(_chromosome_rank))
        named = named.sort_values(["_order", "position"], kind="stable")
    drawn = volcano_data(named, level=level).assign(estimate=0.0)
    drawn["estimate"] = np.arange(len(drawn), dtype=float)
    kept = named[named["p_value"].notna()]
    block = kept["chromosome"].astype(str).to_numpy() if placed else np.full(len(drawn), "")
    fig = style.new_figure(width, 55)
    axes = fig.add_subplot()
    starts = np.flatnonzero(np.r_[True, block[1:] != block[:-1]])
    shade = np.cumsum(np.r_[True, block[1:] != block[:-1]]) % 2
    colours = np.where(drawn["significant"], MARKED, np.where(shade, PLAIN, style.PALETTE[4]))
    axes.scatter(drawn["estimate"], drawn["height"], s=7, c=colours, lw=0)
    axes.axhline(-np.log10(level / len(drawn)), color=style.GREY, lw=0.6, ls=":", zorder=1)
    axes.set(xlim=(-0.02 * len(drawn) - 0.5, 1.02 * len(drawn) - 0.5), ylabel=P_LABEL)
    axes.set_ylim(0, max(1.2 * drawn["height"].max(), 2))
    if placed:
        middles = (starts + np.r_[starts[1:], len(drawn)] - 1) / 2
        axes.set_xticks(middles, block[starts])
        axes.set_xlabel(f"Chromosome, {len(drawn):,} tests")
    else:
        axes.set_xlabel(f"Gene, in the order of the table, {len(drawn):,} tests")
    fig.draw_without_rendering()
    label_points(axes, drawn, drawn["significant"])
    hits = ", ".join(drawn.loc[drawn["significant"], "gene"].head(5)) or "none"
    fig.alt_text = (
        f"Strip plot of significance of {len(drawn):,} tests along "
        f"{'the genome' if placed else 'the table'}; significant after adjustment: {hits}."
    )
    return fig


def _chromosome_rank(name: object) -> float:
    """Numbered chromosomes by number, then X, Y and others by name."""
    bare = str(name).removeprefix("chr")
    return float(bare) if bare.isdigit() else 100.0 + sum(map(ord, bare))
