"""The contract of every class of results, on the results that the docstring examples make.

`pytest tests/test_results.py -k survival` runs one room, `-k CoxPH` one class. A class whose
results no example makes has no evidence: add an example to the function that returns it.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from faceage_stats._glossary import GLOSSARY
from faceage_stats._options import options
from faceage_stats._result import Result
from faceage_stats.errors import FaceageError, InputError
from tests.package_walk import (
    FLOOR,
    ROOMS,
    examples,
    holds,
    instances,
    is_table,
    literal_values,
    methods,
    public_functions,
    result_classes,
    room_of,
    short,
)

# Computed from numbers that the user states, not from rows of a table.
WITHOUT_ROWS = {"CoxSampleSize", "PredictionSampleSize", "ReaderPower", "EValue", "QValues"}
# Rows are patients, a matrix, or tidy() laid out for reading: not part of the dictionary.
NOT_STORED = {"augment", "predict", "residuals", "vcov", "summary", "wide", "side_by_side", "top"}


def made(cls: type[Result]) -> list[Result]:
    found = instances(cls)
    assert found, (
        f"no docstring example makes a {cls.__name__}: add a runnable one to the function or "
        "method that returns it"
    )
    return found


def parameters(method: Callable[..., Any]) -> list[str]:
    """Names of the arguments, without `self` and without those that take anything."""
    known = inspect.signature(method).parameters
    several = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [name for name, p in known.items() if name != "self" and p.kind not in several]


def passes_on(method: Callable[..., Any]) -> bool:
    kinds = [p.kind for p in inspect.signature(method).parameters.values()]
    return inspect.Parameter.VAR_KEYWORD in kinds


def tables(result: Result) -> Iterator[tuple[str, Callable[..., pd.DataFrame]]]:
    """Methods that give a table without being asked anything.

    Those that draw at random are excluded, and those that this result has no table for (the
    contrasts of a single marker).
    """
    for name, function in methods(type(result)).items():
        known = inspect.signature(function).parameters
        needed = [n for n in parameters(function) if known[n].default is inspect.Parameter.empty]
        of_rows = name in NOT_STORED or needed or "seed" in known
        if of_rows or not is_table(inspect.signature(function).return_annotation):
            continue
        try:
            getattr(result, name)()
        except FaceageError:
            continue
        yield name, getattr(result, name)


@pytest.mark.parametrize("room", [FLOOR, *ROOMS])
def test_examples_run(room):
    assert not examples(room).failed


def an_unknown_argument_is_refused_with_a_near_match(cls):
    result = made(cls)[0]
    for name, function in methods(cls).items():
        if passes_on(function) and name not in ("tidy", "glance", "augment"):
            continue  # to a function that refuses
        for wrong in [f"{n}z" for n in parameters(function)] or ["conf_levl"]:
            message = refusal(getattr(result, name), wrong)
            assert message, f"{cls.__name__}.{name}() swallows {wrong}=0; take no **kwargs"
            assert f"'{wrong}'" in message
            if wrong != "conf_levl":
                assert f"'{wrong[:-1]}'" in message, f"{name}(): offer the near match"


def refusal(method: Callable[..., Any], wrong: str) -> str:
    try:
        method(**{wrong: 0})
    except TypeError as error:
        return str(error)
    return ""


def conf_level_is_honoured(cls):
    n_compared = n_finite = 0
    for result in made(cls):
        for name, method in tables(result):
            where = f"{cls.__name__}.{name}()"
            if "conf_level" not in parameters(method):
                as_called = name == "glance" or (passes_on(method) and name != "tidy")
                assert as_called or not _limits(method()), f"{where} takes conf_level"
                continue
            narrow, wide = method(conf_level=0.5), method(conf_level=0.95)
            pairs = _limits(wide)
            assert len(narrow) == len(wide), where
            for low, high in pairs:
                width = [(t[high] - t[low]).to_numpy(float) for t in (narrow, wide)]
                finite = np.isfinite(width[0]) & np.isfinite(width[1]) & (width[1] > 0)
                n_finite += finite.sum()
                slack = 1e-9 * np.abs(width[1][finite])
                assert (width[0][finite] <= width[1][finite] + slack).all(), (
                    f"{where}: {low} to {high} at 50% is wider than at 95%"
                )
                n_compared += (width[0][finite] < width[1][finite] * (1 - 1e-9)).sum()
    assert n_compared or not n_finite, (
        f"{cls.__name__}: limits at conf_level=0.5 are those at 0.95; recompute them from "
        "what the result keeps"
    )


def _limits(table: pd.DataFrame) -> list[tuple[str, str]]:
    lows = [str(c) for c in table if str(c).endswith("_low")]
    pairs = [(low, f"{low.removesuffix('low')}high") for low in lows]
    return [pair for pair in pairs if pair[1] in table and pair[0] not in _GIVEN]


# limits that were read, not computed at a level: those of published values
_GIVEN = {n for n in GLOSSARY if n.startswith(("published_", "implied_", "recovered_"))}


def the_level_of_the_call_is_the_level_of_its_tables(function):
    if "conf_level" not in inspect.signature(function).parameters:
        return
    calls = [c for c in examples(room_of(function.__module__)).calls if c.function is function]
    assert calls, f"no docstring example calls {function.__name__}()"
    for call in calls[:1]:
        result = function(*call.args, **{**call.options, "conf_level": 0.8})
        if isinstance(result, Result) and _limits(result.tidy()):
            other = function(*call.args, **{**call.options, "conf_level": 0.9})
            level, where = result.tidy(conf_level=0.8), f"{function.__name__}(conf_level=0.8)"
            pd.testing.assert_frame_equal(result.tidy(), level, obj=f"{where}.tidy()")
            again = other.tidy(conf_level=0.8).assign(**level.filter(["conf_level"]))
            pd.testing.assert_frame_equal(again, level, rtol=1e-6, obj=f"{where}.tidy()")


def rows_keep_the_index_of_the_data(function):
    calls = [c for c in examples(room_of(function.__module__)).calls if c.function is function]
    for call in calls[:1]:
        given = inspect.signature(function).bind(*call.args, **call.options)
        data = given.arguments.get("data")
        if not isinstance(data, pd.DataFrame):
            return
        labels = [f"row {i}" for i in range(len(data))]
        given.arguments["data"] = data.set_axis(labels)
        result = function(*given.args, **given.kwargs)
        for name in ("augment", "predict", "residuals", "linear_predictor", "fitted", "score"):
            rows = _rows(result, name)
            if rows is not None:
                assert set(rows.index) <= set(labels), (
                    f"{type(result).__name__}.{name}: rows keep the index of the data given"
                )


def _rows(result: Any, name: str) -> pd.DataFrame | pd.Series | None:
    """Values per row of a result: a table, a Series or an array; None where it has none."""
    value = getattr(result, name, None) if isinstance(result, Result) else result
    if callable(value):
        needed = [p for p in inspect.signature(value).parameters.values() if p.default is p.empty]
        if needed or getattr(value, "__func__", None) is Result.augment:
            return None
        value = value()
    if isinstance(value, np.ndarray):
        return pd.Series(value) if value.ndim == 1 else None
    return value if isinstance(value, pd.DataFrame | pd.Series) else None


def the_dictionary_is_json_and_complete(cls):
    for result in made(cls):
        stored = result.to_dict()
        assert json.loads(json.dumps(stored, allow_nan=False)) == stored
        free = {"conf_level", "exponentiate"}
        expected = [name for name, m in tables(result) if set(parameters(m)) <= free]
        lacking = sorted(set(expected) - set(stored))
        assert not lacking, (
            f"{cls.__name__}.to_dict() lacks {lacking}; name them in _further_tables()"
        )
        for name in expected:
            assert isinstance(stored[name], list | dict), f"{name}: rows as dictionaries"


def columns_are_in_the_glossary(cls):
    for result in made(cls):
        for name, method in tables(result):
            unknown = [str(c) for c in method() if c not in GLOSSARY]
            assert not unknown, f"{cls.__name__}.{name}(): {unknown} are not in _glossary.py"


def variances_are_named(cls):
    if "vcov" not in methods(cls):
        return
    for result in made(cls):
        table = result.vcov()
        assert isinstance(table, pd.DataFrame), f"{cls.__name__}.vcov() is a DataFrame with names"
        assert list(table.index) == list(table.columns)
        assert np.allclose(table, table.T, equal_nan=True)


def glance_is_one_row_with_its_counts(cls):
    for result in made(cls):
        row = result.glance()
        due = len(result.curves) if cls.__name__ == "SurvFit" else 1  # a row per curve, as R prints
        assert len(row) == due, f"{cls.__name__}.glance() has {len(row)} rows"
        if cls.__name__ not in WITHOUT_ROWS:
            lacking = [name for name in ("n", "n_missing") if name not in row]
            assert not lacking, f"{cls.__name__}.glance() lacks {lacking}"


def results_are_frozen(cls):
    result = made(cls)[0]
    assert dataclasses.is_dataclass(result), f"{cls.__name__}: @frozen_result"
    for name in [dataclasses.fields(result)[0].name, "something_new"]:
        with pytest.raises(AttributeError):
            setattr(result, name, None)


def printing_is_short(cls):
    for result in made(cls):
        lines = repr(result).splitlines()
        assert len(lines) <= 40, f"{cls.__name__} prints {len(lines)} lines; override _printed()"
        size = len(result._repr_html_())
        assert size < 20_000, f"{cls.__name__} is {size} characters of HTML; override _printed()"


def a_summary_is_what_readers_expect(cls):
    for result in made(cls):
        tidy, summary = result.tidy(), result.summary()
        assert isinstance(summary, pd.DataFrame)
        assert len(summary) > 0
        if "estimate" not in tidy:
            continue
        assert "estimate" in summary, f"{cls.__name__}.summary() has no estimate"
        assert summary["estimate"].map(lambda v: isinstance(v, str)).all(), (
            f"{cls.__name__}.summary(): the estimate is text, with its interval"
        )
        if "p_value" in tidy:
            assert "p_value" in summary, f"{cls.__name__}.summary() has no p_value"
            assert summary["p_value"].map(lambda v: isinstance(v, str)).all()


def of_private_data_every_method_warns_once(cls):
    for result in made(cls)[:1]:
        for name, function in methods(cls).items():
            known = inspect.signature(function).parameters.values()
            asks = any(p.default is p.empty and p.name != "self" for p in known)
            if asks or "seed" in inspect.signature(function).parameters or passes_on(function):
                continue
            value, warned = _of_private_data(getattr(result, name))
            if value is not None and not (name == "glance" and len(value) == 1):
                where = f"{cls.__name__}.{name}()"
                assert len(warned) == (not isinstance(value, Result)), f"{where}: {warned}"
                assert all(name in text for text in warned), f"{where}: the name of what was called"


def _of_private_data(method: Callable[[], Any]) -> tuple[Any, list[str]]:
    """What a method gives, called for the first time and once more, and the warnings."""
    options.private, options.has_warned = True, False
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            method()
            value = method()
    except (FaceageError, NotImplementedError):
        return None, []
    finally:
        options.private = False
    ours = [w for w in caught if "shows exact numbers" in str(w.message)]
    assert {w.filename for w in ours} <= {__file__}, "it points to the line of the user"
    return value, [str(w.message) for w in ours]


def a_misspelt_choice_is_refused_with_a_near_match(function):
    known = inspect.signature(function).parameters
    literals = {n: literal_values(function, str(p.annotation)) for n, p in known.items()}
    calls = [c for c in examples(room_of(function.__module__)).calls if c.function is function]
    faults = []
    for name, values in literals.items():
        if not values or not calls:
            continue
        right = max(values, key=len)
        given = inspect.signature(function).bind_partial(*calls[0].args, **calls[0].options)
        given.arguments[name] = right + "z"
        try:
            function(*given.args, **given.kwargs)
        except InputError as error:
            if right not in str(error):
                faults.append(f"`{name}`={right + 'z'!r}: the message does not offer {right!r}")
        else:
            faults.append(f"`{name}`={right + 'z'!r} is taken; refuse it (did_you_mean)")
    assert not faults, "\n".join(faults)


OF_RESULTS = (
    an_unknown_argument_is_refused_with_a_near_match,
    conf_level_is_honoured,
    the_dictionary_is_json_and_complete,
    columns_are_in_the_glossary,
    variances_are_named,
    glance_is_one_row_with_its_counts,
    results_are_frozen,
    printing_is_short,
    a_summary_is_what_readers_expect,
    of_private_data_every_method_warns_once,
)
OF_CALLS = (
    the_level_of_the_call_is_the_level_of_its_tables,
    rows_keep_the_index_of_the_data,
    a_misspelt_choice_is_refused_with_a_near_match,
)


@pytest.mark.parametrize("cls", result_classes(), ids=short)
def test_a_class_of_results_keeps_its_contract(cls):
    holds(OF_RESULTS, cls)


@pytest.mark.parametrize("function", public_functions(), ids=short)
def test_a_call_keeps_what_it_was_given(function):
    holds(OF_CALLS, function)
