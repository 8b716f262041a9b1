"""Public functions that refuse a call which does not fit their signature, in words."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from faceage_stats._in_r import here_for_argument
from faceage_stats.errors import ArgumentError, DesignError, FormulaError, InputError

__all__ = ["checked_call"]

_FEW_ROWS = 5  # complete rows of a table: a refusal for want of more says what is missing

P = ParamSpec("P")
R = TypeVar("R")


def checked_call(function: Callable[P, R]) -> Callable[P, R]:
    """Name the argument that is missing, unknown or given twice, and what the function takes.

    A call that fits costs nothing: the signature is looked at after an error only.

    Examples
    --------
    >>> @checked_call
    ... def survfit(formula, data, *, weights=None): ...
    >>> survfit("Surv(time, event) ~ 1")
    Traceback (most recent call last):
    faceage_stats.errors.ArgumentError: survfit(): 'data' is missing. It takes formula, data, \
weights.
    >>> survfit("Surv(time, event) ~ 1", [], weightz="w")
    Traceback (most recent call last):
    faceage_stats.errors.ArgumentError: survfit(): unknown argument 'weightz'. Did you mean \
'weights'? It takes formula, data, weights.
    """

    @functools.wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> R:
        try:
            return function(*args, **options)
        except RecursionError:
            what = "a formula or rule has too many operators within each other; shorten it."
            raise FormulaError(f"{function.__name__}(): {what}") from None
        except (TypeError, InputError) as error:
            _refuse_what_is_no_formula(function, args)
            if not isinstance(error, InputError):
                _refuse_unfit(function, args, options)
            else:
                _name_what_is_missing(error, inspect.signature(function), args, options)
            raise

    return call


def _refuse_what_is_no_formula(function: Callable[..., Any], args: Sequence[Any]) -> None:
    first, second, *_ = [*inspect.signature(function).parameters.values(), None, None]
    is_formula = first and first.name == "formula" and first.annotation in ("str", str)
    if args and is_formula and not isinstance(args[0], str):
        what = f"{function.__name__}(): the formula is a {type(args[0]).__name__}, not text."
        raise FormulaError(f"{what} {_cure(function.__name__, args[0])}") from None
    wide = first and first.name == "data" and second and second.name in _OF_A_WIDE_TABLE
    if args and wide and isinstance(args[0], str):
        name = function.__name__
        raise ArgumentError(
            f"{name}() takes no formula, but a table with one row per subject and the names of its "
            'columns. From one row per visit: wide = df.pivot(index="id", columns="visit", '
            f'values="y"); {name}(wide, list(wide)).'
        ) from None


# The second argument of functions of repeated measurements that stand side by side.
_OF_A_WIDE_TABLE = ("columns", "measurements")
# Functions that judge predictions, which a table holds.
_JUDGES = frozenset({"brier", "calibration", "decision_curve", "idi", "nri", "roc", "time_roc"})


def _cure(name: str, given: Any) -> str:
    """What was meant by a fit, a column or a table in the place of the formula."""
    if hasattr(given, name):
        return f"A {type(given).__name__} has its own: fit.{name}()."
    if hasattr(given, "validate"):
        return f"A {type(given).__name__} is judged by fit.validate(data)."
    if name in _JUDGES and hasattr(given, "predict"):
        survival = ".survival." in type(given).__module__
        asked = '1 - fit.predict(data, "survival", times=5)' if survival else "fit.predict(data)"
        return (
            f'Put what the fit predicts into a column, data.assign(risk={asked}["estimate"]), '
            f'and name it: {name}("outcome ~ risk", data, ...).'
        )
    own = " That of a fit is fit.formula." if hasattr(given, "formula") else ""
    return f'It comes first, then the data: {name}("outcome ~ terms", data, ...).{own}'


def _name_what_is_missing(
    error: InputError,
    signature: inspect.Signature,
    args: Sequence[Any],
    options: Mapping[str, Any],
) -> None:
    """Say which columns are behind a refusal of rows: without values, or with one alone."""
    told = str(error)
    if isinstance(error, FormulaError | ArgumentError) or "missing in" in told:
        return
    # loads pandas, which a help text does without
    from faceage_stats._missing import constant_in_call, missing_in_call

    given = signature.bind(*args, **options).arguments
    cause = missing_in_call(given, few=_FEW_ROWS if isinstance(error, DesignError) else 0)
    if not cause and re.search("must( all)? vary|not( all)? equal|with different", told):
        cause = constant_in_call(given)
    if cause:
        error.args = (f"{told} {cause}", *error.args[1:])


def _refuse_unfit(
    function: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]
) -> None:
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **options)
    except TypeError as error:
        takes = f"It takes {', '.join(signature.parameters)}."
        name = function.__name__
        raise ArgumentError(f"{name}(): {_fault(error, signature, options)} {takes}") from None


def _fault(error: TypeError, signature: inspect.Signature, options: Mapping[str, Any]) -> str:
    known = signature.parameters
    unknown = [option for option in options if option not in known]
    if unknown:
        return f"unknown argument '{unknown[0]}'.{here_for_argument(unknown[0], known)}"
    told = str(error)
    if told.startswith("missing a required"):
        return f"{told.rpartition(' ')[2]} is missing."
    return f"{told}."
