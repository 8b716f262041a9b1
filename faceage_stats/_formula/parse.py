"""The text of a formula: its two sides, and strata(), cluster(), offset() and tt()."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from faceage_stats._expression.deparse import deparse
from faceage_stats._expression.nodes import Binary, Call, Name, Node, names_of, walk
from faceage_stats._expression.parse import parse
from faceage_stats._formula.algebra import Product, expand, has_intercept, is_special
from faceage_stats.errors import FormulaError

__all__ = [
    "RightSide", "formula_text", "is_surv", "parse_right", "product_text", "split_formula",
    "variable_text",
]  # fmt: skip


@dataclass(frozen=True)
class RightSide:
    """The right side of a formula, parsed once: model terms and the specials beside them.

    Attributes
    ----------
    ordered : tuple of Product
        What is multiplied in each term, in R's order. Strata alone are among them: they have no
        coefficients, but decide how a factor that is multiplied with a stratum is coded.
    intercept : bool
        False after ``- 1`` or ``0 +``.
    strata : tuple of Node
        What stands inside strata(), wherever it stands.
    cluster, offset : Node or None
        What stands inside cluster() and offset().
    tt : tuple of Node
        The terms that change with time, tt() around a column.
    response : Node or None
        The outcome, where it is a term as well: it has no coefficient, as in R.
    """

    ordered: tuple[Product, ...]
    intercept: bool
    strata: tuple[Node, ...]
    cluster: Node | None
    offset: Node | None
    tt: tuple[Node, ...]
    response: Node | None = None

    @cached_property
    def products(self) -> tuple[Product, ...]:
        """The model terms: all but strata alone, and the outcome."""
        return tuple(
            each for each in self.ordered if not _only_strata(each) and each != (self.response,)
        )

    @cached_property
    def variables(self) -> tuple[Node, ...]:
        """Every variable of the model terms, once."""
        return tuple(dict.fromkeys(each for product in self.products for each in product))

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The columns that the model terms use."""
        return tuple(dict.fromkeys(name for node in self.variables for name in names_of(node)))

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The model terms as texts, fit to stand in another formula."""
        return tuple(product_text(product) for product in self.products)

    @property
    def plain(self) -> tuple[str, ...] | None:
        """The terms, when each is the name of a column."""
        names = [each[0].text for each in self.products if isinstance(each[0], Name)]
        plain = len(names) == len(self.products) and all(len(p) == 1 for p in self.products)
        return tuple(names) if plain else None

    @property
    def specials(self) -> dict[str, str]:
        """The specials of the formula, as written, by name; ``- 1`` is one."""
        found = {}
        if self.strata:
            found["strata"] = f"strata({', '.join(map(deparse, self.strata))})"
        if self.cluster is not None:
            found["cluster"] = f"cluster({deparse(self.cluster)})"
        if self.offset is not None:
            found["offset"] = f"offset({deparse(self.offset)})"
        if self.tt:
            found["tt"] = ", ".join(map(deparse, self.tt))
        if not self.intercept:
            found["- 1"] = "- 1 (no intercept)"
        return found

    def without_terms(self) -> RightSide:
        """Keep only the specials."""
        return replace(self, ordered=())

    def with_intercept(self) -> RightSide:
        """Take back ``- 1``: a model of hazards has no intercept that it could remove."""
        return self if self.intercept else replace(self, intercept=True)


def variable_text(node: Node) -> str:
    """Name a variable: a column bare, whatever its name; another expression as R writes it.

    Examples
    --------
    >>> variable_text(Name("tumour size (mm)"))
    'tumour size (mm)'
    """
    return node.text if isinstance(node, Name) else deparse(node)


def product_text(product: Product) -> str:
    """Write a product so that it can stand in a formula.

    Examples
    --------
    >>> product_text((Name("age"), Call("factor", (Name("5yr"),))))
    'age:factor(`5yr`)'
    """
    return ":".join(
        f"({deparse(node)})" if isinstance(node, Binary) and len(product) > 1 else deparse(node)
        for node in product
    )


def formula_text(left: str, right: RightSide) -> str:
    """Write a formula from its left side and what was read of its right.

    Examples
    --------
    >>> formula_text("y", parse_right("cluster(id) + a*b - 1", "`y ~ ...`"))
    'y ~ a + b + a:b + cluster(id) - 1'
    """
    parts = list(right.terms)
    parts += [f"strata({', '.join(map(deparse, right.strata))})"] if right.strata else []
    parts += [f"offset({deparse(right.offset)})"] if right.offset is not None else []
    parts += [f"cluster({deparse(right.cluster)})"] if right.cluster is not None else []
    return f"{left} ~ {' + '.join(parts or ['1'])}{'' if right.intercept else ' - 1'}"


def parse_right(right: str, where: str, others: tuple[str, ...] | None = None) -> RightSide:
    """Parse a right side; fits of the same formula share the result.

    Parameters
    ----------
    right : str
    where : str
        The caller and the formula, as a message begins.
    others : tuple of str, optional
        The columns that ``.`` stands for.

    Examples
    --------
    >>> right = parse_right("age*strata(sex) - 1", "`y ~ age*strata(sex) - 1`")
    >>> right.terms, right.strata, right.intercept
    (('age', 'age:strata(sex)'), (Name(text='sex'),), False)
    """
    return _parsed(right, where, others if "." in right else None)


@lru_cache(maxsize=1024)
def _parsed(right: str, where: str, others: tuple[str, ...] | None) -> RightSide:
    node = parse(right, where)
    found = expand(node, others)
    specials: dict[str, list[Node]] = {"strata": [], "cluster": [], "offset": [], "tt": []}
    ordered = []
    for product in found:
        own = [name for name in ("cluster", "offset", "tt") if _has(product, name)]
        if own and len(product) > 1:
            raise FormulaError(
                f"{where}: `{product_text(product)}`: {own[0]}() cannot be part of an interaction."
            )
        for each in product:
            _refuse_ambiguous(each, where)
            if isinstance(each, Call) and each.function in specials:
                specials[each.function].extend(_arguments(each, where))
        if own in ([], ["tt"]):
            ordered.append(product)
    for name in ("cluster", "offset"):
        if len(specials[name]) > 1:
            raise FormulaError(
                f"{where}: the formula has {len(specials[name])} {name} terms; use one."
            )
    return RightSide(
        ordered=tuple(ordered),
        intercept=has_intercept(node),
        strata=tuple(dict.fromkeys(specials["strata"])),
        cluster=next(iter(specials["cluster"]), None),
        offset=next(iter(specials["offset"]), None),
        tt=tuple(Call("tt", (node,)) for node in specials["tt"]),
    )


def _has(product: Product, name: str) -> bool:
    return any(is_special(each, name) for each in product)


def _only_strata(product: Product) -> bool:
    return all(is_special(each, "strata") for each in product)


def _arguments(call: Call, where: str) -> tuple[Node, ...]:
    if call.keywords:
        raise FormulaError(
            f"{where}: `{deparse(call)}`: {call.function}() takes columns, without "
            f"{call.keywords[0][0]}=."
        )
    if call.function == "tt" and len(call.arguments) != 1:
        raise FormulaError(f"{where}: `{deparse(call)}`: tt() takes one column.")
    return call.arguments


def _refuse_ambiguous(node: Node, where: str) -> None:
    """Refuse a bare ``a | b``, a special inside a function, and ``.`` inside one."""
    if isinstance(node, Binary) and node.operator == "|":
        raise FormulaError(
            f"{where}: a formula has one right side, without `|`; for one condition or another "
            f"write I({deparse(node)})."
        )
    inside = [each for each in walk(node) if each is not node]
    hidden = [each for each in inside if isinstance(each, Call) and each.function in _SPECIALS]
    if hidden:
        raise FormulaError(
            f"{where}: `{deparse(node)}`: {hidden[0].function}() cannot stand here; strata(), "
            "cluster(), offset() and tt() are terms of their own."
        )
    if Name(".") in inside:
        raise FormulaError(f"{where}: `{deparse(node)}`: `.` stands alone, not inside a function.")


_SPECIALS = ("strata", "cluster", "offset", "tt", "Surv", "Pair")


def is_surv(left: str) -> bool:
    """Tell whether a left side is Surv().

    Examples
    --------
    >>> is_surv("survival::Surv(time, event)"), is_surv("survived")
    (True, False)
    """
    return re.match(r"(survival\s*::\s*)?Surv\s*\(", left) is not None


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
