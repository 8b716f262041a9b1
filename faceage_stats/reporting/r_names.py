"""From R to Python: the calls of R that the docstrings of public functions read from."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Iterator
from types import FunctionType

import pandas as pd

__all__ = ["R_ROOMS", "r_names", "r_table"]

# Tables of the page "From R to Python"; shared modules belong to "results".
R_ROOMS = ("survival", "prediction", "association", "reporting", "results")

_BARE_CALL = re.compile(r"(?<![\w.])(\w+)\(")
_IN_R = re.compile(r"In R:((?:[\s,;]|and|``[^`]+``)+)")


def r_names() -> pd.DataFrame:
    """List the calls of R that public functions correspond to.

    Returns
    -------
    pandas.DataFrame
        One row per function that names a call of R under ``In R:`` in its docstring: ``room r
        python name``; ``python`` is the first call of the function in its examples.

    Examples
    --------
    >>> table = r_names().set_index("name")
    >>> table.loc["bind_tidy", "r"]
    ('purrr::map_dfr(fits, broom::tidy, .id = "model")',)
    >>> table.loc["bind_tidy", "python"]
    'fs.bind_tidy(fits)'
    """
    import faceage_stats as fs

    functions = [getattr(fs, name) for name in fs.__all__]
    rows = [
        (_room(function), calls, _first_call(function), function.__name__)
        for function in functions
        if inspect.isfunction(function) and (calls := _calls_of_r(function))
    ]
    return pd.DataFrame(rows, columns=["room", "r", "python", "name"])


def r_table(room: str) -> str:
    """Write the rows of one room as a table in Markdown.

    Parameters
    ----------
    room : str
        One of `R_ROOMS`.

    Returns
    -------
    str
        Columns R and Python, in alphabetical order of the function.
    """
    rows = r_names().query("room == @room").sort_values("name")
    lines = [
        f"| {', '.join(map(_code, r))} | {_code(python)} |"
        for r, python in zip(rows["r"], rows["python"], strict=True)
    ]
    return "\n".join(["| R | Python |", "|---|---|", *lines]) + "\n"


def _room(function: FunctionType) -> str:
    room = function.__module__.split(".")[1]
    return room if room in R_ROOMS else "results"


def _calls_of_r(function: FunctionType) -> tuple[str, ...]:
    found = _IN_R.findall(inspect.getdoc(function) or "")
    spans = [span for part in found for span in re.findall(r"``([^`]+)``", part)]
    return tuple(" ".join(span.split()) for span in spans)


def _first_call(function: FunctionType) -> str:
    """The first call of a function in its examples, as a user would type it."""
    for example in doctest.DocTestParser().get_examples(inspect.getdoc(function) or ""):
        for call in _calls(example.source):
            if ast.unparse(call.func).removeprefix("fs.") == function.__name__:
                text = " ".join((ast.get_source_segment(example.source, call) or "").split())
                return _BARE_CALL.sub(_with_fs, text)
    return f"fs.{function.__name__}(...)"


def _with_fs(call: re.Match[str]) -> str:
    """Examples in the package import functions by themselves; a user has them in fs."""
    import faceage_stats as fs

    return f"fs.{call[0]}" if call[1] in fs.__all__ else call[0]


def _calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def _code(text: str) -> str:
    bar = text.replace("|", "\\|")
    return f"`{bar}`"
