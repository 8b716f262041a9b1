"""Figures of the book and the papers: one function per figure, each with alternative text."""

from faceage_stats._in_r import FIGURES
from faceage_stats._near import did_you_mean
from faceage_stats.reporting.figures.adjusted import adjusted
from faceage_stats.reporting.figures.agreement import bland_altman, calibration_line
from faceage_stats.reporting.figures.balance import balance
from faceage_stats.reporting.figures.cuminc import cuminc, cuminc_data
from faceage_stats.reporting.figures.curve import effect_curve
from faceage_stats.reporting.figures.flow import consort, consort_data
from faceage_stats.reporting.figures.forest import forest
from faceage_stats.reporting.figures.forest_data import forest_data
from faceage_stats.reporting.figures.gene_heatmap import gene_set_heatmap
from faceage_stats.reporting.figures.genes import gene_strip, volcano, volcano_data
from faceage_stats.reporting.figures.groups import gap_by_group, gap_by_group_data
from faceage_stats.reporting.figures.levels import bars_with_ci, mae_by_decade
from faceage_stats.reporting.figures.mark import mark_cohort, mark_synthetic
from faceage_stats.reporting.figures.pairwise import (
    correlation_matrix,
    pairwise_matrix,
    pairwise_matrix_data,
)
from faceage_stats.reporting.figures.published import published_vs_recovered
from faceage_stats.reporting.figures.qq import qq, qq_data
from faceage_stats.reporting.figures.readers import reader_dots
from faceage_stats.reporting.figures.residuals import zph_data, zph_plot
from faceage_stats.reporting.figures.risk import calibration, decision_curve
from faceage_stats.reporting.figures.risk_table import risk_table_data
from faceage_stats.reporting.figures.roc import roc, roc_curves
from faceage_stats.reporting.figures.scatter import gap_vs, line_data, scatter_with_margins
from faceage_stats.reporting.figures.style import (
    PALETTE,
    WIDTHS,
    Figure,
    new_figure,
    save,
    styled,
)
from faceage_stats.reporting.figures.survival import km, km_data
from faceage_stats.reporting.figures.swimmer import swimmer
from faceage_stats.reporting.figures.text import text_overlaps

__all__ = [
    "PALETTE",
    "WIDTHS",
    "Figure",
    "adjusted",
    "balance",
    "bars_with_ci",
    "bland_altman",
    "calibration",
    "calibration_line",
    "consort",
    "consort_data",
    "correlation_matrix",
    "cuminc",
    "cuminc_data",
    "decision_curve",
    "effect_curve",
    "forest",
    "forest_data",
    "gap_by_group",
    "gap_by_group_data",
    "gap_vs",
    "gene_set_heatmap",
    "gene_strip",
    "km",
    "km_data",
    "line_data",
    "mae_by_decade",
    "mark_cohort",
    "mark_synthetic",
    "new_figure",
    "pairwise_matrix",
    "pairwise_matrix_data",
    "published_vs_recovered",
    "qq",
    "qq_data",
    "reader_dots",
    "risk_table_data",
    "roc",
    "roc_curves",
    "save",
    "scatter_with_margins",
    "styled",
    "swimmer",
    "text_overlaps",
    "volcano",
    "volcano_data",
    "zph_data",
    "zph_plot",
]


def __getattr__(name: str) -> object:
    """Say which figure is near, or is what R has under another name."""
    near = did_you_mean(name, __all__)
    if name in FIGURES:
        near = f" Here: figures.{FIGURES[name]}()."
    raise AttributeError(f"faceage_stats.figures has no '{name}'.{near}")
