"""What a page of the reference says of a name: signature and docstring, as reStructuredText.

What Sphinx's autodoc writes, without its reading of the source of every module.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cached_property
from textwrap import indent
from typing import Any

__all__ = ["described"]

_STEP = "   "


def described(path: str, value: Callable[..., Any]) -> str:
    """Describe a function, or a class with its members, those of the classes above it too.

    Parameters
    ----------
    path : str
        Where it is found: ``faceage_stats.coxph``.
    value : function or class

    Returns
    -------
    str
        Directives of Sphinx's domain of Python.
    """
    module, _, name = path.rpartition(".")
    where = f":module: {module}"
    text = _docstring(value, "class" if inspect.isclass(value) else "function")
    if not inspect.isclass(value):
        return _entry("function", f"{name}{_signature(value)}", [where], text)
    options = [where, f":canonical: {value.__module__}.{value.__qualname__}"]
    members = (_member(f"{name}.{key}", value, key, where) for key in _names(value))
    return _entry("class", f"{name}{_signature(value)}", options, "\n\n".join([text, *members]))


def _entry(kind: str, heading: str, options: list[str], text: str) -> str:
    inside = indent("\n".join([*options, "", text]), _STEP)
    return f".. py:{kind}:: {heading}\n{inside}\n\n"


def _names(owner: type) -> Iterator[str]:
    """Public names of a class: its own in the order of the source, then inherited ones."""
    own = vars(owner)
    for name in [*own, *(name for name in dir(owner) if name not in own)]:
        if not name.startswith("_"):
            yield name


def _member(heading: str, owner: type, name: str, where: str) -> str:
    """A method or property that has a docstring."""
    found = inspect.getattr_static(owner, name)
    value: Any = found
    options = [where]
    if isinstance(found, classmethod | staticmethod):
        value = getattr(owner, name)
        options.append(f":{type(found).__name__}:")
    elif not (inspect.isfunction(found) or isinstance(found, property | cached_property)):
        return ""
    if not (text := _docstring(value, "method")):
        return ""
    if isinstance(found, property | cached_property):
        return _entry("property", heading, options, text)
    called = _signature(value, bound=inspect.isfunction(found))
    return _entry("method", f"{heading}{called}", options, text)


def _signature(value: Callable[..., Any], *, bound: bool = False) -> str:
    """Arguments with their defaults; their types stand in the docstring."""
    from sphinx.util.inspect import signature, stringify_signature

    return stringify_signature(signature(value, bound_method=bound), show_annotation=False)


def _docstring(value: Any, kind: str) -> str:
    from sphinx.ext.napoleon import Config
    from sphinx.ext.napoleon.docstring import NumpyDocstring

    text = inspect.getdoc(value) or ""
    settings: Any = Config(napoleon_use_rtype=False, napoleon_use_ivar=True)
    return str(NumpyDocstring(text, settings, what=kind))
