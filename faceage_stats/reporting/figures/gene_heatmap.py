"""Heat map of a gene set."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import style, text
from faceage_stats.reporting.figures.genes import volcano_data
from faceage_stats.reporting.figures.style import Figure

__all__ = ["gene_set_heatmap"]


@style.styled
def gene_set_heatmap(
    data: pd.DataFrame,
    *,
    effect: str,
    panels: dict[str, str] | None = None,
    width: str | float | None = None,
) -> Figure:
    """Draw a heat map of a gene set: the estimate of every gene for every variable.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per gene and ``variable``: ``gene, estimate`` and an adjusted p value (see
        `volcano_data`); an asterisk marks those below 0.05.
    effect : str
        What the colours show, e.g. ``"Partial correlation"``.
    panels : dict of str to str, optional
        Heading of each variable, in the order of the rows.
    width : {"single", "double"} or float, optional

    Returns
    -------
    Figure
        Genes from left to right by the first variable's estimate.

    Raises
    ------
    InputError
        If columns are missing.

    Examples
    --------
    >>> genes = pd.DataFrame({"gene": ["CDK6", "RB1"] * 2, "estimate": [0.6, 0.1, 0.0, -0.1],
    ...                       "variable": ["faceage", "faceage", "age", "age"],
    ...                       "p_value": [1e-9, 0.2, 0.9, 0.3], "p_holm": [2e-9, 0.4, 0.9, 0.6]})
    >>> fig = gene_set_heatmap(genes, effect="Partial correlation")
    >>> fig.axes[0].get_xticklabels()[0].get_text()
    'CDK6'
    """
    import seaborn as sns

    style.require(data, ("variable",), "The gene frame")
    drawn = volcano_data(data)
    rows = panels or {name: str(name) for name in dict.fromkeys(drawn["variable"])}
    wide = drawn.pivot(index="variable", columns="gene", values="estimate").loc[list(rows)]
    wide = wide[wide.iloc[0].sort_values(ascending=False).index]
    marks = drawn.pivot(index="variable", columns="gene", values="significant")
    marks = marks.loc[wide.index, wide.columns].map(lambda hit: "*" if hit is True else "")
    size = width or max(style.WIDTHS["single"], min(5.2 * wide.shape[1] + 34, 183.0))
    fig = style.new_figure(size, 8.0 * len(rows) + 26)
    axes = fig.add_subplot()
    limit = float(np.nanmax(np.abs(wide.to_numpy()))) or 1.0
    sns.heatmap(
        wide, ax=axes, annot=marks, fmt="", vmin=-limit, vmax=limit, linewidths=0.5,
        cmap=sns.diverging_palette(250, 40, s=85, l=62, as_cmap=True),
        annot_kws={"size": 9, "color": style.INK, "va": "center_baseline"},
        cbar_kws={"fraction": 0.05, "pad": 0.015}, xticklabels=True,
        yticklabels=[rows[name] for name in wide.index],
    )  # fmt: skip
    for scale in fig.axes[1].collections:  # matplotlib makes a raster of a long colour scale
        scale.set_rasterized(False)
    axes.set(xlabel="", ylabel="")
    axes.tick_params(length=0)
    axes.tick_params(axis="y", rotation=0)
    axes.set_title(f"{text.counted(effect, data)} (* significant after adjustment)", loc="left")
    cells = [
        f"{row['gene']} {rows[row['variable']]} {formats.format_number(row['estimate'], 2)}"
        for row in style.records(drawn[drawn["significant"]])
    ]
    fig.alt_text = (
        f"Heat map of {effect} of {wide.shape[1]} genes with {', '.join(rows.values())}. "
        f"Significant after adjustment: {'; '.join(cells) or 'none'}."
    )
    return fig
