"""Public functions that refuse a call which does not fit their signature, in words."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from faceage_stats._near import did_you_mean
from faceage_stats.errors import ArgumentError

__all__ = ["checked_call"]

P = ParamSpec("P")
R = TypeVar("R")


def checked_call(function: Callable[P, R]) -> Callable[P, R]:
    """Name the argument that is missing, unknown or given twice, and what the function takes.

    A call that fits costs nothing: the signature is looked at after a TypeError only.

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
        except TypeError:
            _refuse_unfit(function, args, options)
            raise

    return call


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
        return f"unknown argument '{unknown[0]}'.{did_you_mean(unknown[0], known)}"
    told = str(error)
    if told.startswith("missing a required"):
        return f"{told.rpartition(' ')[2]} is missing."
    return f"{told}."
