"""What a table has: levels that are not there leave every model, hospitals enter it.

The tables of several hospitals are one, with a column `hospital`. Cox models and log-rank tests
are then stratified by it, and adjusted differences hold it fixed.
"""

import dataclasses

import pandas as pd

import faceage_stats as fs
from faceage_stats.errors import DataUnavailableError

HOSPITAL = "hospital"


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


def several(rows):
    """Whether these are patients of several hospitals."""
    return HOSPITAL in rows and rows[HOSPITAL].nunique() > 1


def adjusters(rows, covariates):
    """Columns that an adjusted difference holds fixed: covariates that vary, and the hospital."""
    return [*varying(rows, covariates), *([HOSPITAL] if several(rows) else [])]


def stratified(formula, rows):
    """A formula of Surv() in which each hospital has a baseline of its own."""
    return f"{formula} + strata({HOSPITAL})" if several(rows) else formula


def model(rows, first, covariates):
    """Right-hand side of a Cox model: what comes first, the covariates that vary, hospitals."""
    terms = [*first, *varying(rows, covariates)]
    return " + ".join([*terms, *([f"strata({HOSPITAL})"] if several(rows) else [])])


def need(there, what):
    """Give up a page whose figure cannot be drawn from this table, and say what it needs."""
    if not there:
        raise DataUnavailableError(f"This page needs {what}, which the table does not have.")
