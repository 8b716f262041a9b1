"""The same patients give the same numbers, however their table comes in.

Truth: the numbers of the plain table. A statistic is called on it and on each change of it, and
every number of its tables is compared.
"""

from __future__ import annotations

import functools
import math
import pickle
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from faceage_stats._result import Result
from tests.door.calls import CALLS
from tests.door.changes import FILES, IN_PLACE, LABELS, STORAGE, read_again, shuffled
from tests.door.cohorts import Cohort, clean_cohort

RTOL, ATOL = 1e-6, 1e-8

# Numbers that are drawn, by row, from a seed: another order of rows is another draw.
DRAWN_BY_ROW = {
    "adjusted_curves": "its standard errors are those of bootstrap samples of rows",
    "adjusted_rmst": "its standard errors are those of bootstrap samples of rows",
    "optimism": "its bootstrap samples are rows",
    "accuracy": "its limits are those of bootstrap samples of rows",
    "survival_head": "its folds are drawn by row",
    "max_t": "its permutations move rows",
    "impute": "its draws follow the rows",
    "simex": "its errors are drawn by row",
    "resample": "its resamples are rows",
}
# Answers in the order of the rows given, without their labels.
IN_ROW_ORDER = {"age_decade", "p_adjust", "qvalue", "adjust_family"}
# The call takes its first rows.
BY_POSITION = {"mantelhaen_test", "smd_categorical"}


@functools.cache
def cohort() -> Cohort:
    return clean_cohort()


@functools.cache
def plain(name: str) -> list[tuple[bytes, dict[str, Any]]]:
    """Each answer for the plain table: its bytes, and its numbers."""
    return [(as_bytes(each), numbers(each)) for each in answers(name, cohort())]


def answers(name: str, given: Cohort) -> list[Any]:
    """What every way to call a statistic gives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [call(given) for call in CALLS[name]]


def as_bytes(result: Any) -> bytes:
    """All that a result holds; nothing of one that cannot be written, and equals no other."""
    try:
        return pickle.dumps(result)
    except (AttributeError, TypeError, pickle.PicklingError):
        return b""


def numbers(result: Any) -> dict[str, Any]:
    """Every number and text of the tables of a result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dict(flat(stored(result)))


def stored(result: Any) -> dict[str, Any]:
    """Tables of a result by name."""
    if not isinstance(result, Result):
        return {"answer": result}
    tables = {**result.to_dict(), "tidy": result.tidy()}
    if type(result).augment is not Result.augment:
        tables["augment"] = result.augment()
    return tables


def in_order(value: Any, labels: pd.Index | None) -> Any:
    """The rows of a table in the order of their labels."""
    if isinstance(value, np.ndarray | pd.Categorical):
        value = pd.Series(value)
    if not isinstance(value, pd.DataFrame | pd.Series):
        return value
    if "row" in getattr(value, "columns", ()):
        value = value.drop(columns="row")  # its position in the data given
    return (value if labels is None else value.set_axis(labels)).sort_index(kind="stable")


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number and text of a result by its place; rows by position, whatever their label."""
    if isinstance(value, pd.DataFrame):
        value = value.reset_index(drop=True).to_dict(orient="list")
    elif isinstance(value, pd.Series | pd.Categorical | pd.Index | np.ndarray):
        value = list(value)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from flat(item, f"{path}[{i}]")
    else:
        yield path, value


def differences(expected: dict[str, Any], got: dict[str, Any]) -> list[str]:
    if expected.keys() != got.keys():
        return [f": other rows or columns: {sorted(expected.keys() ^ got.keys())[:4]}"]
    return [
        f"{path}: {value!r} became {got[path]!r}"
        for path, value in expected.items()
        if not same(value, got[path])
    ]


def same(one: Any, other: Any) -> bool:
    try:
        a, b = float(one), float(other)
    except (TypeError, ValueError):
        return bool(pd.isna(one) and pd.isna(other)) or str(one) == str(other)
    return math.isclose(a, b, rel_tol=RTOL, abs_tol=ATOL) or (math.isnan(a) and math.isnan(b))


def check(name: str, changes: Mapping[str, Any]) -> None:
    """Compare every number, unless a result is that of the plain table to the last byte."""
    faults = []
    for change, given in changes.items():
        try:
            pairs = list(zip(plain(name), answers(name, given), strict=True))
            others = [(k, *pair) for k, pair in enumerate(pairs) if not equal(*pair)]
            found = [
                f"[{k}]{each}"
                for k, (_, expected), result in others
                for each in differences(expected, numbers(result))
            ]
        except Exception as error:
            found = [f"{type(error).__name__}: {str(error)[:150]}"]
        faults += [f"{change}: {each}" for each in found[:3]]
    assert not faults, f"{len(faults)} differences:\n" + "\n".join(faults[:20])


def equal(expected: tuple[bytes, dict[str, Any]], result: Any) -> bool:
    return expected[0] != b"" and expected[0] == as_bytes(result)


@functools.cache
def changed(kind: str) -> dict[str, Cohort]:
    changes = {"storage": STORAGE, "labels": LABELS, "place": IN_PLACE}[kind]
    return {name: Cohort(change(cohort().data)) for name, change in changes.items()}


@pytest.mark.parametrize("name", CALLS)
def test_storage_changes_no_number(name: str) -> None:
    check(name, changed("storage"))


@pytest.mark.parametrize("name", CALLS)
def test_labels_change_no_number(name: str) -> None:
    check(name, changed("labels"))


@pytest.mark.parametrize("name", CALLS)
def test_other_columns_change_no_number(name: str) -> None:
    check(name, changed("place"))


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cohort]:
    folder = tmp_path_factory.mktemp("files")
    return {name: read_again(cohort(), write, folder) for name, write in FILES.items()}


@pytest.mark.parametrize("name", CALLS)
def test_the_file_changes_no_number(name: str, read: dict[str, Cohort]) -> None:
    check(name, read)


@pytest.mark.parametrize("name", [n for n in CALLS if n not in {*DRAWN_BY_ROW, *BY_POSITION}])
def test_the_order_of_rows_changes_no_number(name: str) -> None:
    expected, got = (by_label(name, each) for each in (cohort().data, shuffled(cohort().data)))
    faults = [fault for pair in zip(expected, got, strict=True) for fault in differences(*pair)]
    assert not faults, f"{len(faults)} differences:\n" + "\n".join(faults[:20])


def by_label(name: str, data: pd.DataFrame) -> list[dict[str, Any]]:
    """The numbers of every answer in the order of the labels of its rows."""
    labels = data.index if name in IN_ROW_ORDER else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = [stored(each) for each in answers(name, Cohort(data))]
    return [dict(flat({k: in_order(v, labels) for k, v in each.items()})) for each in tables]
