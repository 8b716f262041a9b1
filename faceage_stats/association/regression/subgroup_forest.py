"""One effect within every subgroup, and whether it differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, group_codes, names_in, require_columns
from faceage_stats._formula import model_frame
from faceage_stats._formula.design import level_text
from faceage_stats._formula.parse import parse_right, split_formula
from faceage_stats._p_adjust import p_adjust
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.classical.adjust_family import adjust_family
from faceage_stats.association.regression.subgroup_fit import (
    FAMILIES,
    family_of,
    first_term,
    nested_test,
)
from faceage_stats.errors import FormulaError, InputError

__all__ = ["SubgroupForest", "subgroup_forest"]

_MOST_LEVELS = 20
_FACTOR = "subgroup_"  # column that holds the factor while its interaction is tested


def subgroup_forest(
    formula: str,
    *,
    by: Sequence[str] | str,
    data: Any,
    p_adjust_method: str = "holm",
    conf_level: float = 0.95,
) -> SubgroupForest:
    """Estimate the first term of a model within each level of each factor, and test interaction.

    Parameters
    ----------
    formula : str
        ``"Surv(time, event) ~ faceage10 + age10"`` (hazard ratio), a 0/1 outcome (odds ratio), or
        any other outcome (mean difference). The first term must be one coefficient; the other
        terms adjust it in every subgroup.
    by : str or sequence of str
        Columns that divide the patients: categorical, text, 0/1 or few whole numbers. A factor
        that is also a term or a stratum of the formula is left out of the models within it.
    data : pandas.DataFrame or polars.DataFrame
    p_adjust_method : str
        As in `p_adjust`; separately over the interaction tests and over the subgroups.
    conf_level : float

    Returns
    -------
    SubgroupForest
        ``tidy(exponentiate=True)``: all patients, then one row per level: variable, level,
        estimate, std_error, statistic, p_value, p_adjusted, conf_low, conf_high, n, n_event,
        note. ``tests()``: one row per factor: variable, statistic, df, p_value, p_adjusted,
        family, n, n_missing, note.

    Raises
    ------
    InputError
        A factor with one level or more than 20, or that is part of the first term.
    FormulaError
        Unknown columns, or a first term of several coefficients.

    Notes
    -----
    No level is dropped: one without events, of one outcome only, or that separates has a missing
    estimate and says why in ``note``; fewer than 10 events are noted beside the estimate. The
    interaction is a likelihood-ratio test (F test for a linear model) of first term x factor,
    the factor's main effect (or stratum) being in both models. A wide interval in a subgroup is
    no evidence that the effect differs there: that is what the interaction is for.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> df = pd.DataFrame({"faceage10": rng.normal(7, 1, 300), "sex": rng.choice(["f", "m"], 300)})
    >>> df["time"] = rng.exponential(np.exp(4 - 0.5 * df["faceage10"]))
    >>> df["event"] = 1
    >>> forest = subgroup_forest("Surv(time, event) ~ faceage10", by="sex", data=df)
    >>> forest.tidy(exponentiate=True)[["level", "n"]].values.tolist()
    [['All patients', 300], ['f', 167], ['m', 133]]
    """
    frame = as_pandas(data)
    factors = [by] if isinstance(by, str) else list(dict.fromkeys(by))
    if not factors:
        raise InputError("by names no column to divide the patients by.")
    require_columns(factors, frame, "by")
    term = _first_coefficient(formula, frame)
    family = family_of(formula, frame)
    rows = [
        {
            "variable": "All patients",
            "level": "All patients",
            **first_term(formula, frame, family).row(conf_level),
        }
    ]
    tests = []
    for factor in factors:
        levels, test = _one_factor(formula, frame, factor, family, conf_level)
        rows.extend(levels)
        tests.append(test)
    table = pd.DataFrame(rows)
    adjusted = np.full(len(table), np.nan)
    adjusted[1:] = p_adjust(table["p_value"][1:], p_adjust_method)
    table.insert(list(table.columns).index("p_value") + 1, "p_adjusted", adjusted)
    interactions = adjust_family(
        pd.DataFrame(tests), family=f"interactions with {term}", p_adjust=p_adjust_method
    )
    return SubgroupForest(table, interactions, formula, term, family, conf_level)


def _first_coefficient(formula: str, data: pd.DataFrame) -> str:
    """Name of the first term, which must be a single coefficient."""
    design = model_frame(formula, data).design
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


def _one_factor(
    formula: str, data: pd.DataFrame, factor: str, family: str, conf_level: float
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows of the levels, and the interaction test."""
    codes, labels = group_codes(data[factor])
    if not 2 <= len(labels) <= _MOST_LEVELS:
        raise InputError(
            f"'{factor}' has {len(labels)} levels; subgroups need 2 to {_MOST_LEVELS}. Cut a "
            "continuous column into groups first."
        )
    within = _without(formula, factor)
    rows = [
        {
            "variable": factor,
            "level": level_text(label),
            **first_term(within, data[codes == code], family).row(conf_level),
        }
        for code, label in enumerate(labels)
    ]
    known = data[codes >= 0]
    text = [level_text(labels[code]) for code in codes[codes >= 0]]
    known = known.assign(
        **{_FACTOR: pd.Categorical(text, categories=[level_text(label) for label in labels])}
    )
    stratified = factor in [name for s in _right(formula).strata for name in names_in(s)]
    base = within + (f" + strata({_FACTOR})" if stratified else f" + {_FACTOR}")
    first = str(next(t for t in _right(within).formula if str(t) != "1"))
    n = sum(row["n"] for row in rows)
    n_without = sum(np.isnan(row["estimate"]) for row in rows)
    test = {
        "variable": factor,
        **nested_test(base, f"{base} + {first}:{_FACTOR}", known, family),
        "n": n,
        "n_missing": len(data) - n,
    }
    if n_without and not test["note"]:
        test["note"] = f"{n_without} levels have no estimate of their own"
    return rows, test


def _right(formula: str) -> Any:
    return parse_right(split_formula(formula)[1])


def _without(formula: str, factor: str) -> str:
    """The formula without the terms and strata that the factor alone makes up."""
    left, right = split_formula(formula)
    parsed = parse_right(right)
    kept = []
    terms = [t for t in parsed.formula if str(t) != "1"]
    for position, term in enumerate(terms):
        used = {name for f in term.factors for name in names_in(str(f.expr))}
        if factor not in used:
            kept.append(str(term))
        elif position == 0 or used != {factor}:
            raise InputError(
                f"`{formula}`: {term} involves '{factor}', by which the patients are divided. "
                "Leave the term or the factor out."
            )
    strata = [s for s in parsed.strata if factor not in names_in(s)]
    if strata:
        kept.append(f"strata({', '.join(strata)})")
    kept += [f"offset({parsed.offset})"] if parsed.offset else []
    kept += [f"cluster({parsed.cluster})"] if parsed.cluster else []
    return f"{left} ~ {' + '.join(kept)}"


@frozen_result
class SubgroupForest(Result):
    """The effect within subgroups, made by `subgroup_forest`.

    Attributes
    ----------
    table, interactions : pandas.DataFrame
        Behind ``tidy()`` (on the log scale for ratios) and ``tests()``.
    formula, term : str
        As given, and the term whose effect is compared.
    family : {"cox", "binomial", "gaussian"}
    conf_level : float
    """

    table: pd.DataFrame
    interactions: pd.DataFrame
    formula: str
    term: str
    family: str
    conf_level: float

    def tidy(self, *, exponentiate: bool = False) -> pd.DataFrame:
        """All patients, then one row per level; with `exponentiate` ratios and their limits."""
        table = self.table.copy()
        if exponentiate:
            if self.family == "gaussian":
                raise InputError("a mean difference has no ratio; leave out exponentiate.")
            columns = ["estimate", "conf_low", "conf_high"]
            with np.errstate(over="ignore"):
                table[columns] = np.exp(table[columns])
        if self.family == "gaussian":
            table = table.drop(columns="n_event")
        return table

    def tests(self) -> pd.DataFrame:
        """One row per factor: the interaction, adjusted over the factors."""
        return self.interactions.copy()

    def glance(self) -> pd.DataFrame:
        """One row: the effect, factors, levels, and levels without an estimate."""
        levels = self.table.iloc[1:]
        return pd.DataFrame(
            [
                {
                    "term": self.term,
                    "scale": FAMILIES[self.family],
                    "n_factor": len(self.interactions),
                    "n_level": len(levels),
                    "n_no_estimate": int(levels["estimate"].isna().sum()),
                    "n": int(self.table["n"].iloc[0]),
                }
            ]
        )

    def _title(self) -> str:
        return f"{self.term} within subgroups ({FAMILIES[self.family]}): {self.formula}"
