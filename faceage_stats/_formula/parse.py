"""The text of a formula: its two sides, and strata(), cluster() and offset() beside the terms."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula, SimpleFormula
from formulaic.transforms import TRANSFORMS
from formulaic.transforms.contrasts import C as _formulaic_C
from formulaic.transforms.contrasts import TreatmentContrasts

from faceage_stats._columns import call_arguments, names_in
from faceage_stats._formula.groups import join_labels
from faceage_stats._formula.splines import ns, rcs
from faceage_stats.errors import FormulaError

__all__ = ["CONTEXT", "RightSide", "parse_right", "split_formula"]


def C(x: Any, ref: Any = None, levels: Any = None) -> Any:
    """Mark a column as a factor; `ref` is the reference level, `levels` their order."""
    if isinstance(x, pd.Series) and isinstance(x.dtype, pd.CategoricalDtype) and levels is None:
        levels = list(x.cat.categories)
    if levels is not None:
        unknown = sorted({str(v) for v in pd.unique(x) if v == v and v not in list(levels)})
        if unknown:
            raise FormulaError(f"C(): values that are not among levels=: {', '.join(unknown)}.")
    if ref is None:
        return _formulaic_C(x, levels=levels)
    known = list(levels) if levels is not None else sorted(pd.unique(x).tolist())
    if ref not in known:
        raise FormulaError(f"C(..., ref={ref!r}): the levels are {', '.join(map(str, known))}.")
    return _formulaic_C(x, TreatmentContrasts(base=ref), levels=levels)


def _strata_label(*columns: pd.Series) -> pd.Series:
    """Strata inside an interaction act as one factor."""
    return pd.Series(join_labels(list(columns)), index=columns[0].index)


CONTEXT = {
    "C": C,
    "factor": C,
    "I": lambda x: x,
    "ns": ns,
    "rcs": rcs,
    "strata": _strata_label,
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "pmin": np.minimum,
    "pmax": np.maximum,
}


@dataclass(frozen=True)
class RightSide:
    """The right side of a formula, parsed once: model terms and the specials beside them."""

    formula: SimpleFormula
    strata: tuple[str, ...]
    cluster: str | None
    offset: str | None
    required: tuple[str, ...]
    plain: tuple[str, ...] | None  # the terms, when each is the name of a column

    @property
    def specials(self) -> dict[str, str]:
        """The specials of the formula, as written, by name."""
        found = {}
        inside = [str(f.expr) for term in self.formula for f in term.factors]
        strata = [text for text in inside if text.startswith("strata(")]
        if self.strata or strata:
            found["strata"] = f"strata({', '.join(self.strata)})" if self.strata else strata[0]
        if self.cluster is not None:
            found["cluster"] = f"cluster({self.cluster})"
        if self.offset is not None:
            found["offset"] = f"offset({self.offset})"
        return found

    def without_terms(self) -> RightSide:
        """Keep only the specials."""
        return replace(self, formula=Formula("1"), required=(), plain=())


@lru_cache(maxsize=1024)
def parse_right(right: str) -> RightSide:
    """Parse the right side once; fits of the same formula share the result."""
    _refuse_table_idioms(right)
    try:
        parsed = Formula(right)
    except Exception as error:  # formulaic's parser raises several kinds
        reason = re.sub(r"\x1b\[[\d;]*m|[⧛⧚]", "", str(error)).split("\n")[0]
        if "syntax" in reason and "`" in right:
            reason += (
                "; a column named like a Python keyword cannot be used inside a function: rename it"
            )
        raise FormulaError(f"Cannot read the right side `{right.strip()}`: {reason}") from None
    if not isinstance(parsed, SimpleFormula):
        raise FormulaError(f"`{right.strip()}`: a formula has one right side, without `|`.")
    specials: dict[str, list[str]] = {"strata": [], "cluster": [], "offset": []}
    terms = []
    for term in parsed:
        _refuse_untranslated(term)
        calls = [str(f.expr).partition("(")[0] for f in term.factors]
        if len(calls) == 1 and calls[0] in specials and "(" in str(term.factors[0].expr):
            specials[calls[0]].extend(call_arguments(str(term.factors[0].expr))[1])
        elif {"cluster", "offset"} & {c for c in calls if c in specials}:
            raise FormulaError(
                f"`{term}`: cluster() and offset() cannot be part of an interaction."
            )
        elif str(term) != "1":
            terms.append(term)
    for name in ("cluster", "offset"):
        if len(specials[name]) > 1:
            raise FormulaError(f"The formula has {len(specials[name])} {name} terms; use one.")
    model = SimpleFormula([*Formula("1"), *terms], _ordering="degree")
    used = [name for term in terms for factor in term.factors for name in _columns_of(factor)]
    required = sorted(set(used) - {"np"})
    return RightSide(
        model,
        tuple(specials["strata"]),
        specials["cluster"][0] if specials["cluster"] else None,
        specials["offset"][0] if specials["offset"] else None,
        tuple(required),
        _plain_columns(terms),
    )


def _refuse_table_idioms(right: str) -> None:
    """Refuse R's `.` for every other column, and `table$column`."""
    bare = re.sub(r"`[^`]*`", "", right)
    if re.search(r"(?<![\w.)])\.(?![\w.])", bare):
        raise FormulaError(f"`{right.strip()}`: `.` does not stand for all columns; name them.")
    if "$" in bare:
        raise FormulaError(f"`{right.strip()}`: name columns alone, without the table and `$`.")


def _columns_of(factor: Any) -> list[str]:
    expression = str(factor.expr)
    return [expression.strip("`")] if _is_lookup(factor) else names_in(expression)


def _is_lookup(factor: Any) -> bool:
    return bool(factor.eval_method.value == "lookup")


def _plain_columns(terms: list[Any]) -> tuple[str, ...] | None:
    names = [str(term.factors[0].expr).strip("`") for term in terms]
    plain = all(term.degree == 1 and _is_lookup(term.factors[0]) for term in terms)
    return tuple(names) if plain else None


def _refuse_untranslated(term: Any) -> None:
    """Refuse what reads like R but means something else in Python, or nothing."""
    for factor in term.factors:
        expression = str(factor.expr)
        if "(" not in expression or expression.startswith("`"):
            continue
        if "^" in expression:
            raise FormulaError(f"`{expression}`: write ** for powers, e.g. I(age**2).")
        name = expression.partition("(")[0]
        if name.isidentifier() and name not in {*CONTEXT, *TRANSFORMS, "cluster", "offset"}:
            raise FormulaError(
                f"`{expression}`: {name}() is not known in formulas. Known: "
                f"{', '.join(sorted(CONTEXT))}. Make it a column of the data first."
            )


def split_formula(formula: str) -> tuple[str, str]:
    """Split `outcome ~ terms` into its two sides."""
    if not isinstance(formula, str):
        raise FormulaError(
            f"The formula is a {type(formula).__name__}, not text. It comes first, then the data: "
            'f("outcome ~ terms", data).'
        )
    left, tilde, right = formula.partition("~")
    if not tilde or not left.strip() or not right.strip() or "~" in right:
        raise FormulaError(
            f"`{formula}` is not a formula. Write outcome ~ terms, "
            "e.g. Surv(time, event) ~ age + sex."
        )
    return left.strip(), right.strip()
