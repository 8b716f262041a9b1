"""The functions that a formula or a rule may call, by name, and the words for all others."""

from __future__ import annotations

from faceage_stats._expression.tokens import refuse
from faceage_stats._in_r import FORMULA
from faceage_stats._near import did_you_mean

__all__ = ["KNOWN", "METHODS", "SPECIALS", "refuse_function"]

SPECIALS = ("Surv", "Pair", "strata", "cluster", "offset", "tt")
KNOWN = (
    *("C", "factor", "as.factor", "relevel", "cut", "ifelse", "is.na", "I"),
    *("log", "log1p", "log2", "log10", "exp", "sqrt", "abs", "round", "floor", "ceiling"),
    *("pmin", "pmax", "as.numeric", "scale", "poly", "ns", "bs", "rcs"),
)
METHODS = ("isna", "notna", "isin")  # of pandas, read as is.na(), !is.na() and %in%
_METHODS = {
    "isnull": "is.na(x)",
    "notnull": "!is.na(x)",
    "fillna": "ifelse(is.na(x), 0, x)",
    "astype": "as.numeric(x) or factor(x)",
    "between": "x >= 1 & x <= 5",
}


def refuse_function(name: str, where: str, more: tuple[str, ...] = ()) -> None:
    """Refuse a function that the language does not have, with the nearest that it has.

    `more` are the functions that the caller reads itself.

    Examples
    --------
    >>> refuse_function("log3", "lm()")
    Traceback (most recent call last):
    faceage_stats.errors.FormulaError: lm(): `log3()`: log3() is not known in formulas. Did you \
mean 'log'? Known: C, I, abs, as.factor, as.numeric, bs, ceiling, cut, exp, factor, floor, \
ifelse, is.na, log, log10, log1p, log2, ns, pmax, pmin, poly, rcs, relevel, round, scale, sqrt. \
Make it a column of the data first.
    """
    if name in KNOWN or name in SPECIALS:
        return
    owner, _, last = name.rpartition(".")
    if owner and last in _METHODS:
        refuse(where, f"{name}()", f"methods are not part of the language; write {_METHODS[last]}")
    if owner and last in KNOWN:
        refuse(where, f"{name}()", f"write {last}() alone")
    if name in FORMULA and not more:
        refuse(where, f"{name}()", f"{name}() is not known in formulas. {FORMULA[name]}")
    near = did_you_mean(name, (*more, *KNOWN, *SPECIALS))
    known = ", ".join(more or sorted(KNOWN))
    refuse(
        where,
        f"{name}()",
        f"{name}() is not known in formulas.{near} Known: {known}. "
        "Make it a column of the data first",
    )
