"""One effect within every subgroup, and whether it differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_names
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column, require_columns
from faceage_stats._expression.nodes import Name, names_of
from faceage_stats._formula.parse import formula_text, product_text
from faceage_stats._formula.sides import read_right
from faceage_stats._levels import group_codes
from faceage_stats._near import check_option
from faceage_stats._p_adjust import PAdjust
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.adjust_family import adjust_family
from faceage_stats.association.regression.subgroup_fit import (
    SPECIALS,
    Family,
    FirstTerm,
    family_of,
    first_term,
    nested_test,
    read,
)
from faceage_stats.association.regression.subgroup_result import SubgroupForest
from faceage_stats.errors import FormulaError, InputError

__all__ = ["subgroup_forest"]

_MOST_LEVELS = 20
_FACTOR = "subgroup_"  # column that holds the factor while its interaction is tested


@checked_call
def subgroup_forest(
    formula: str,
    data: Any,
    *,
    by: Sequence[str] | str,
    p_adjust: PAdjust = "holm",
    conf_level: float = 0.95,
) -> SubgroupForest:
    """Estimate the first term of a model within each level of each factor, and test interaction.

    Parameters
    ----------
    formula : str
        ``"Surv(time, event) ~ faceage10 + age10"`` (hazard ratio), a 0/1 outcome (odds ratio), or
        any other outcome (mean difference). The first term must be one coefficient; the other
        terms adjust it in every subgroup.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    by : str or sequence of str
        Columns that divide the patients: categorical, text, 0/1 or few whole numbers. A factor
        that is also a term or a stratum of the formula is excluded from the models within it.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Method of :func:`faceage_stats.p_adjust`; separately over the interaction tests and over
        the subgroups.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    SubgroupForest
        ``tidy(exponentiate=..., conf_level=...)``: all patients, then one row per level:
        ``variable level estimate std_error statistic p_value p_adjusted conf_low conf_high n
        n_event note scale``. ``tests()``: one row per factor: ``variable statistic df p_value n
        n_missing note p_adjusted p_adjust family``.

    Raises
    ------
    InputError
        A factor with one level or more than 20, or that is part of the first term.
    FormulaError
        Unknown columns, a first term of several coefficients, or a special that the model does
        not use: ``strata()`` needs a survival outcome, ``cluster()`` none of 0 and 1.

    See Also
    --------
    coxph : The model of survival.
    logistic : The model of yes or no.
    lm : The model of a number.

    Notes
    -----
    No level is dropped: one without events, of one outcome only, or that separates has a missing
    estimate and says why in ``note``; fewer than 10 events are noted beside the estimate. The
    interaction is a likelihood-ratio test (F test for a linear model) of first term x factor,
    the factor's main effect (or stratum) being in both models. A wide interval in a subgroup is
    no evidence that the effect differs there: that is what the interaction is for.

    In R: ``anova(coxph(S ~ faceage10 + sex, df), coxph(S ~ faceage10 * sex, df))``

    References
    ----------
    Wang R, Lagakos SW, Ware JH, Hunter DJ, Drazen JM (2007). Statistics in medicine: reporting of
    subgroup analyses in clinical trials. New England Journal of Medicine 357:2189-2194.
    doi:10.1056/NEJMsr077003

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> sex = rng.choice(["f", "m"], 300)
    >>> data = pd.DataFrame({"faceage10": rng.normal(7, 1, 300), "sex": sex, "event": 1})
    >>> data["time"] = rng.exponential(np.exp(4 - 0.5 * data["faceage10"]))
    >>> forest = subgroup_forest("Surv(time, event) ~ faceage10", data, by="sex")
    >>> forest.tidy(exponentiate=True)[["level", "n"]].values.tolist()
    [['All patients', 300], ['f', 146], ['m', 154]]
    """
    check_conf_level(conf_level)
    check_option("p_adjust", p_adjust, PAdjust)
    frame = as_pandas(data)
    factors = list(dict.fromkeys(check_names("by", by)))
    if not factors:
        raise InputError("by names no column to divide the patients by.")
    require_columns(factors, frame, "subgroup_forest()")
    family = family_of(formula, frame)
    term = _first_coefficient(formula, frame, family)
    overall = first_term(formula, frame, family)
    rows = [_Level("All patients", "All patients", overall)]
    tests = []
    for factor in factors:
        levels = _levels(formula, frame, factor, family)
        rows.extend(levels)
        tests.append(_interaction(formula, frame, factor, family, levels))
    interactions = adjust_family(
        pd.DataFrame(tests), family=f"interactions with {term}", p_adjust=p_adjust
    )
    table = pd.DataFrame([{**row._asdict(), **row.fit._asdict()} for row in rows])
    return SubgroupForest(
        table=table.drop(columns="fit"),
        interactions=interactions,
        formula=formula,
        term=term,
        family=family,
        p_adjust=p_adjust,
        conf_level=conf_level,
        n_missing=len(frame) - overall.n,
    )


class _Level(NamedTuple):
    """The first term within one level."""

    variable: str
    level: str
    fit: FirstTerm


def _first_coefficient(formula: str, data: pd.DataFrame, family: Family) -> str:
    """Name of the first term, which must be a single coefficient."""
    design = read(formula, data, family).design
    if not design.terms:
        raise FormulaError(f"`{formula}` has no term to estimate.")
    term = design.terms[0]
    width = term.columns.stop - term.columns.start
    if width != 1 or term.order > 1:
        raise FormulaError(
            f"`{formula}`: the first term, {term.label}, has {width} coefficients or is an "
            "interaction. Put first the one whose effect is compared."
        )
    return str(term.label)


def _levels(formula: str, data: pd.DataFrame, factor: str, family: Family) -> list[_Level]:
    """Fit the first term within every level of a factor."""
    codes, labels = group_codes(column(data, factor, "subgroup_forest()"))
    if not 2 <= len(labels) <= _MOST_LEVELS:
        raise InputError(
            f"'{factor}' has {len(labels)} levels; subgroups need 2 to {_MOST_LEVELS}. Cut a "
            "continuous column into groups first."
        )
    within = _without(formula, data, factor)
    return [
        _Level(factor, label, first_term(within, data[codes == code], family))
        for code, label in enumerate(labels)
    ]


def _interaction(
    formula: str, data: pd.DataFrame, factor: str, family: Family, levels: list[_Level]
) -> dict[str, Any]:
    """Test first term x factor, the factor's main effect (or stratum) in both models."""
    within = _without(formula, data, factor)
    codes, labels = group_codes(column(data, factor, "subgroup_forest()"))
    groups = pd.Categorical.from_codes(codes[codes >= 0].tolist(), pd.Index(labels))
    known = data[codes >= 0].assign(**{_FACTOR: groups})
    _, right = read_right(formula, data, SPECIALS, f"subgroup_forest(): `{formula}`")
    stratified = factor in [name for node in right.strata for name in names_of(node)]
    base = within + (f" + strata({_FACTOR})" if stratified else f" + {_FACTOR}")
    product = product_text((*right.products[0], Name(_FACTOR)))
    test = nested_test(base, f"{base} + {product}", known, family)
    n = sum(level.fit.n for level in levels)
    n_without = sum(np.isnan(level.fit.estimate) for level in levels)
    note = test.note
    if n_without and not note:
        note = f"{n_without} levels have no estimate"
    counts = {"n": n, "n_missing": len(data) - n}
    return {"variable": factor, **test._asdict(), **counts, "note": note}


def _without(formula: str, data: pd.DataFrame, factor: str) -> str:
    """The formula without the terms and strata that the factor alone makes up."""
    left, right = read_right(formula, data, SPECIALS, f"subgroup_forest(): `{formula}`")
    kept = []
    for position, product in enumerate(right.products):
        used = {name for node in product for name in names_of(node)}
        if factor not in used:
            kept.append(product)
        elif position == 0 or used != {factor}:
            raise InputError(
                f"`{formula}`: {product_text(product)} involves '{factor}', by which the patients "
                "are divided. Remove the term or the factor."
            )
    strata = tuple(node for node in right.strata if factor not in names_of(node))
    return formula_text(left, replace(right, ordered=tuple(kept), strata=strata))
