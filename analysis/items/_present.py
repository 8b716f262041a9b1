"""A table may lack a level, or have one only: what is not there is left out of every model."""

import dataclasses

import pandas as pd

import faceage_stats as fs
from faceage_stats.errors import DataUnavailableError


def curate(table, cohort, **options):
    """Curate, and drop levels without patients: no coefficient can be estimated for them."""
    curated = fs.curate(table, cohort, **options)
    return dataclasses.replace(curated, rows=used_levels(curated.rows))


def used_levels(rows):
    """Rows whose factors have the levels that occur, in their order."""
    factors = [name for name in rows if isinstance(rows[name].dtype, pd.CategoricalDtype)]
    return rows.assign(**{name: rows[name].cat.remove_unused_categories() for name in factors})


def varying(rows, columns):
    """Columns of which the rows have two values or more; one that is constant explains nothing."""
    return [name for name in columns if rows[name].nunique() > 1]


def model(rows, first, covariates):
    """Right-hand side of a model: the terms that come first, then the covariates that vary."""
    return " + ".join([*first, *varying(rows, covariates)])


def need(there, what):
    """Give up a page whose figure cannot be drawn from this table, and say what it needs."""
    if not there:
        raise DataUnavailableError(f"This page needs {what}, which the table does not have.")
