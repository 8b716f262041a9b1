"""What the tests of the whole package walk over: modules, functions, result classes, examples.

Everything is found, nothing is listed: a new function or result class is tested from the day it
is exported.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import functools
import importlib
import inspect
import io
import itertools
import sys
import typing
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._result import Result

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "faceage_stats"
ROOMS = ("scoring", "cohorts", "survival", "association", "prediction", "reporting")
FLOOR = "floor"
MODULES = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    """Dotted name of a file of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The room of a module, or the floor under them."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else FLOOR


def short(thing: Any) -> str:
    """``survival.cox.result.CoxPH``: the name of a test, which `-k survival` finds."""
    return f"{thing.__module__.removeprefix('faceage_stats.')}.{thing.__qualname__}"


@functools.cache
def modules() -> list[ModuleType]:
    """Every module of the package, imported."""
    return [importlib.import_module(module_name(path)) for path in MODULES]


def public_functions() -> list[FunctionType]:
    """What ``fs.`` offers to be called."""
    return [f for name in fs.__all__ if inspect.isfunction(f := getattr(fs, name))]


@functools.cache
def result_classes() -> list[type[Result]]:
    """Every class of results that a user can meet."""
    modules()

    def below(cls: type) -> Iterator[type]:
        for each in cls.__subclasses__():
            yield each
            yield from below(each)

    # a class that others are made from and that is no dataclass itself is met by nobody
    met = {c for c in below(Result) if "__dataclass_fields__" in vars(c) or not c.__subclasses__()}
    found = {c for c in met if c.__module__.startswith("faceage_stats.")}
    return sorted((c for c in found if not c.__name__.startswith("_")), key=short)


def methods(cls: type[Result]) -> dict[str, FunctionType]:
    """The public methods of a result class, inherited ones too."""
    return {n: f for n, f in inspect.getmembers(cls, inspect.isfunction) if not n.startswith("_")}


class Call(NamedTuple):
    """A call that an example made."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any]


class Examples(NamedTuple):
    """What the examples of a room's docstrings made."""

    results: list[Result]
    calls: list[Call]
    failed: list[str]


@functools.cache
def examples(room: str) -> Examples:
    """Run the docstring examples of a room; keep the results and the calls of public functions."""
    made = Examples([], [], [])
    finder = doctest.DocTestFinder(exclude_empty=True)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for module in modules():
            if room_of(module.__name__) == room:
                for test in finder.find(module, module.__name__):
                    try:
                        _run(test, made)
                    except Exception as error:
                        made.failed.append(f"{test.name}: {error!r}")
    return made


def _run(test: doctest.DocTest, made: Examples) -> None:
    public = set(public_functions())
    running = True

    def keep(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if running and isinstance(function, FunctionType) and function in public:
            made.calls.append(Call(function, args, options))
        value = function(*args, **options)
        if not running:  # a function of the example, called again by a test
            return value
        owner = getattr(function, "__self__", None)  # a result may be an attribute of another
        made.results.extend(each for each in (owner, value) if isinstance(each, Result))
        return value

    names = {**test.globs, "keep_call": keep}
    for example in test.examples:
        if not example.exc_msg and doctest.SKIP not in example.options:
            tree = ast.fix_missing_locations(_KeepCalls().visit(ast.parse(example.source)))
            exec(compile(tree, test.name, "exec"), names)
    running = False


class _KeepCalls(ast.NodeTransformer):
    """Turn ``f(x)`` into ``keep_call(f, x)``, also inside a chain of calls."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        keep = ast.Name("keep_call", ast.Load())
        return ast.Call(keep, [node.func, *node.args], node.keywords)


def instances(cls: type[Result]) -> list[Result]:
    """Results of exactly this class, from the examples of its room (or of the others)."""
    rooms = [room_of(cls.__module__), *ROOMS]
    for room in dict.fromkeys(rooms):
        found = {id(r): r for r in examples(room).results if type(r) is cls}
        if found:
            return list(found.values())
    return []


def is_table(annotation: Any) -> bool:
    """Whether a return annotation (a string, as modules defer them) is a DataFrame."""
    return annotation in ("pd.DataFrame", "pandas.DataFrame", "DataFrame", pd.DataFrame)


def holds(checks: Iterable[Callable[[Any], None]], *things: Any) -> None:
    """Run every check on every thing; fail once, with all that they breach.

    One test for each function, class or room, instead of one for each of its checks: thousands of
    tests of a millisecond cost more to collect and to report than to run.
    """
    breaches = []
    for check, thing in itertools.product(checks, things):
        try:
            check(thing)
        except (AssertionError, pytest.fail.Exception) as breach:
            breaches.append(f"{check.__name__}: {breach}")
    if breaches:
        pytest.fail("\n".join(breaches), pytrace=False)


def literal_values(function: Callable[..., Any], annotation: str) -> set[str]:
    """Text values of the Literal in an annotation, an alias followed."""
    home = vars(sys.modules[inspect.unwrap(function).__module__])
    try:
        resolved = eval(annotation, home)
    except NameError:
        return set()  # known to type checkers only
    parts = [resolved, *typing.get_args(resolved)]
    literals = [p for p in parts if typing.get_origin(p) is typing.Literal]
    return {value for p in literals for value in typing.get_args(p) if isinstance(value, str)}
