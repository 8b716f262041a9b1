"""Whatever a reader brings: an answer, or a refusal in words; the table stays as it was.

Truth: no exception but those of `faceage_stats.errors`, no identifier in their text, and the table
compared with a copy. Seeds are fixed; the cohorts are the same on every machine.
"""

from __future__ import annotations

import traceback
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._result import Result
from faceage_stats.errors import FaceageError
from tests.door.calls import CALLS, NO_TABLE, NOT_A_STATISTIC
from tests.door.cohorts import SECRET, Cohort, hostile_cohort
from tests.package_walk import PACKAGE, public_functions, room_of

N_COHORTS = 2_100
EACH_SEES = 25  # cohorts for one way to call; together the calls see all of them
ROOMS = ("survival", "association", "prediction")
# of the floor, on tables or on vectors of a table
FLOOR = {"p_adjust", "resample", "bind_tidy"}


def test_every_public_statistic_is_called() -> None:
    known = set(CALLS) | set(NO_TABLE) | set(NOT_A_STATISTIC)
    public = {f.__name__ for f in public_functions() if room_of(f.__module__) in ROOMS} | FLOOR
    assert public - known == set(), "add a call to tests/door/calls.py"
    assert known - public == set(), "no longer public"


@pytest.mark.parametrize("name", CALLS)
def test_hostile_cohorts_are_answered_or_refused_in_words(name: str) -> None:
    first = list(CALLS).index(name)  # neighbours in the list see other cohorts
    faults = []
    for k, call in enumerate(CALLS[name]):
        for i in range(EACH_SEES):
            seed = (i * len(CALLS) + first + 31 * k) % N_COHORTS
            fault = fault_of(call, hostile_cohort(seed))
            if fault:
                faults.append(f"{name}[{k}], cohort {seed}: {fault}")
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults[:20])


HOSTILE = (0, -1, 1, 2.5, float("nan"), float("inf"), 1e308, "a", None, True, [], [1, "a"], {})


@pytest.mark.parametrize("name", NO_TABLE)
def test_hostile_numbers_are_answered_or_refused_in_words(name: str) -> None:
    function, right = getattr(fs, name), NO_TABLE[name]
    read(function(**right))
    faults = []
    for argument in right:
        for value in HOSTILE:
            given = Cohort(pd.DataFrame({"patient_id": [SECRET]}))
            options = {**right, argument: value}
            fault = fault_of(lambda c, options=options: function(**options), given)
            if fault:
                faults.append(f"{name}({argument}={value!r}): {fault}")
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


def fault_of(call: Any, cohort: Cohort) -> str | None:
    """What was wrong with the answer, or None."""
    before = snapshot(cohort.data)
    fault = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            read(call(cohort))
        except FaceageError as error:
            if SECRET in str(error):
                fault = f"the message shows an identifier: {error}"
        except Exception as error:
            fault = inside_the_package(error)
    if snapshot(cohort.data) != before:
        fault = "the table given was changed"
    return fault


def read(result: Any) -> None:
    """What a user does with a result: print it, tabulate it, store it."""
    if isinstance(result, Result):
        repr(result)
        result.to_dict()
        result.summary()
        if type(result).augment is not Result.augment:
            result.augment()


def inside_the_package(error: Exception) -> str | None:
    """Where it was raised; None for an error of the call itself, a column that is not there."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if Path(f.filename).is_relative_to(PACKAGE)]
    if not inside:
        return None
    where = f"{Path(inside[-1].filename).relative_to(PACKAGE)}:{inside[-1].lineno}"
    return f"{where}: {type(error).__name__}: {str(error)[:150]}"


def snapshot(data: pd.DataFrame) -> list[str]:
    """Labels, names, types and values; a deep copy would turn big-endian numbers."""
    columns = (data.iloc[:, j] for j in range(data.shape[1]))
    return [repr(data.index.tolist())] + [f"{c.name} {c.dtype} {c.tolist()}" for c in columns]
