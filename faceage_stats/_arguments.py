"""Methods that refuse an argument they do not know, with the name that was probably meant."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, KeysView, Sequence, Set
from os import PathLike
from types import FunctionType
from typing import Any, Literal, get_origin

import numpy as np
import pandas as pd

from faceage_stats._in_r import here_for_argument
from faceage_stats._near import check_option
from faceage_stats._scalar import check_number
from faceage_stats._wald import check_conf_level
from faceage_stats.errors import ArgumentError, InputError

__all__ = [
    "check_fit",
    "check_flag",
    "check_names",
    "check_path",
    "check_text",
    "refuse_unknown_arguments",
]


def refuse_unknown_arguments(cls: type) -> None:
    """Let every public method that a class defines check the names of its arguments.

    A `conf_level` outside 0 to 1 is refused as well, and what is no number or no true/false where
    one is due. Signatures and docstrings stay.

    Parameters
    ----------
    cls : type
        Changed in place.

    Examples
    --------
    >>> class Fit:
    ...     def tidy(self, *, conf_level=0.95): ...
    >>> refuse_unknown_arguments(Fit)
    >>> Fit().tidy(conf_levl=0.9)
    Traceback (most recent call last):
    faceage_stats.errors.ArgumentError: Fit.tidy(): unknown argument 'conf_levl'. Did you mean \
'conf_level'? It takes conf_level.
    """
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and not name.startswith("_"):
            setattr(cls, name, _checked(method))


def _checked(method: FunctionType) -> Any:
    code = method.__code__
    known = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    checks = [
        (name, check, str(kind).endswith(_OPTIONAL))
        for name, kind in method.__annotations__.items()
        if name != "return" and (check := _check_of(str(kind), method)) is not None
    ]
    passes_on = bool(code.co_flags & inspect.CO_VARKEYWORDS)

    @functools.wraps(method)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        unknown = [name for name in options if name not in known]
        if unknown and not passes_on:
            raise ArgumentError(
                f"{type(self).__name__}.{method.__name__}(): unknown argument '{unknown[0]}'."
                f"{here_for_argument(unknown[0], known)} "
                f"{'It takes ' + ', '.join(known) if known else 'It takes no arguments'}."
            )
        if options.get("conf_level") is not None:
            check_conf_level(options["conf_level"])
        if checks and (args or options):
            given = {**dict(zip(known, args, strict=False)), **options}
            for name, check, is_optional in checks:
                if name in given and not (is_optional and given[name] is None):
                    check(name, given[name])
        return method(self, *args, **options)

    return call


def _check_of(kind: str, method: FunctionType) -> Callable[[str, Any], Any] | None:
    """What an annotation asks of an argument; a Literal is known by its name."""
    kind = kind.removesuffix(_OPTIONAL)
    named = method.__globals__.get(kind)
    if get_origin(named) is Literal:
        return functools.partial(check_option, options=named)
    return _CHECKS.get(kind)


def check_fit(fit: object, kind: Any, caller: str) -> None:
    """Refuse what is not the result that a function works on.

    Parameters
    ----------
    fit : object
        What was given.
    kind : type
        Class of the results that fit.
    caller : str
        The user's function, named in the message, with what makes such results.

    Examples
    --------
    >>> check_fit("time ~ age", dict, "cox_zph() takes a fit of coxph()")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: cox_zph() takes a fit of coxph(); this is a str.
    """
    if not isinstance(fit, kind):
        raise InputError(f"{caller}; this is a {type(fit).__name__}.")


def check_names(argument: str, names: Any) -> list[Any]:
    """Read one name of a column, or several in a list; refuse what is no name.

    Parameters
    ----------
    argument : str
        Name of the argument.
    names : object
        What was given.

    Returns
    -------
    list

    Examples
    --------
    >>> check_names("by", "sex"), check_names("by", ("sex", "site"))
    (['sex'], ['sex', 'site'])
    >>> check_names("by", 0.5)
    Traceback (most recent call last):
    faceage_stats.errors.InputError: by is a float; give the name of a column, or a list of names.
    """
    if isinstance(names, str):
        return [names]
    is_list = isinstance(names, Sequence | Set | KeysView | np.ndarray | pd.Index | pd.Series)
    if not is_list or not all(isinstance(name, Hashable) for name in names):
        what = (
            f"a list of {type(next(iter(names))).__name__}s"
            if is_list and len(names)
            else (f"a {type(names).__name__}")
        )
        raise InputError(f"{argument} is {what}; give the name of a column, or a list of names.")
    return list(names)


def check_text(argument: str, value: Any, what: str = "the name of a column") -> str:
    """Read one text; refuse anything else.

    Examples
    --------
    >>> check_text("marker", None)
    Traceback (most recent call last):
    faceage_stats.errors.InputError: marker is a NoneType; give the name of a column.
    """
    if not isinstance(value, str):
        raise InputError(f"{argument} is a {type(value).__name__}; give {what}.")
    return value


def check_flag(argument: str, value: Any) -> bool:
    """Read True or False; refuse anything else.

    Examples
    --------
    >>> check_flag("correct", "yes")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: correct is a str; it must be True or False.
    """
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{argument} is a {type(value).__name__}; it must be True or False.")
    return bool(value)


def check_path(argument: str, value: Any) -> str | PathLike[str]:
    """Read the path of a file; refuse anything else.

    Examples
    --------
    >>> check_path("path", ["a.csv"])
    Traceback (most recent call last):
    faceage_stats.errors.InputError: path is a list; give the path of a file.
    """
    if not isinstance(value, str | PathLike):
        raise InputError(f"{argument} is a {type(value).__name__}; give the path of a file.")
    return value


# By the annotation of a method's argument.
_OPTIONAL = " | None"
_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "bool": check_flag,
    "int": check_number,
    "float": check_number,
    "str": functools.partial(check_text, what="one name, as text"),
    "str | Path": check_path,
    "Sequence[str]": check_names,
    "Sequence[GeneAdjust]": check_names,
}
