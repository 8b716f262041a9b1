"""What is wrong with an answer: an exception of others, an identifier shown, a changed table."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats._result import Result
from faceage_stats.errors import FaceageError, FaceageWarning
from tests.door.cohorts import SECRET, Cohort
from tests.package_walk import PACKAGE

__all__ = ["CHANGED", "fault_of", "fault_of_answer", "read", "snapshot"]

HERE = Path(__file__).parent
CHANGED = "the table given was changed"


def fault_of(call: Callable[[Cohort], Any], cohort: Cohort) -> str | None:
    """What was wrong with the answer or is now with the table, or None."""
    before = snapshot(cohort.data)
    fault = fault_of_answer(call, cohort)
    return fault if snapshot(cohort.data) == before else CHANGED


def fault_of_answer(call: Callable[[Cohort], Any], cohort: Cohort) -> str | None:
    """What was wrong with the answer, or None."""
    fault = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            read(call(cohort))
        except FaceageError as error:
            if SECRET in str(error):
                fault = f"the message shows an identifier: {error}"
        except Exception as error:
            fault = inside_the_package(error)
    return fault or in_warnings(caught)


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


def in_warnings(caught: Iterable[warnings.WarningMessage]) -> str | None:
    """A warning that is not one of ours, or one of ours that shows an identifier."""
    for each in caught:
        text, path = str(each.message), Path(each.filename)
        if SECRET in text:
            return f"a warning shows an identifier: {text}"
        if not issubclass(each.category, FaceageWarning) and path.parent != HERE:
            where = f"{'/'.join(path.parts[-3:])}:{each.lineno}"
            return f"{where}: {each.category.__name__}: {text[:150]}"
    return None


def snapshot(data: pd.DataFrame) -> str:
    """Labels, names, types and values; a deep copy would turn big-endian numbers."""
    columns = [f"{name} {values.dtype} {values.tolist()}" for name, values in data.items()]
    return "\n".join([repr(data.index.tolist()), *columns])
