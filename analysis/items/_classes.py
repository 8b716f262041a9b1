"""Figures by class: classes of very few patients are excluded."""

from items._present import used_levels

SMALLEST = 5  # patients; a class with fewer is not compared


def frequent(rows, column):
    """Rows of the classes that are not too rare."""
    counts = rows[column].value_counts()
    return used_levels(rows[rows[column].isin(counts.index[counts >= SMALLEST])])
