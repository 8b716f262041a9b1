"""The same patients brought in another way: order, labels, storage, spelling, file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import faceage_stats as fs
from tests.door.cohorts import LEVELS, Cohort

__all__ = ["FILES", "IN_PLACE", "LABELS", "STORAGE", "shuffled"]

Change = Callable[[pd.DataFrame], Any]
RNG = np.random.default_rng(7)


def shuffled(data: pd.DataFrame) -> pd.DataFrame:
    return data.sample(frac=1, random_state=4)


# ---- what stands in the same order
def labels(make: Callable[[int], Any]) -> Change:
    return lambda data: data.set_axis(make(len(data)))


LABELS: dict[str, Change] = {
    "shuffled labels": labels(lambda n: np.random.default_rng(5).permutation(n)),
    "text labels": labels(lambda n: [f"row {i}" for i in range(n)]),
    "labels with gaps": labels(lambda n: np.arange(n) * 3 + 7),
    "labels that repeat": labels(lambda n: np.arange(n) // 2),
    "dates as labels": labels(lambda n: pd.date_range("2020-01-01", periods=n)),
    "labels of two levels": labels(lambda n: pd.MultiIndex.from_product([[0, 1], range(n // 2)])),
}


def numbers_as(dtype: Any) -> Change:
    """Every column of numbers that this type holds without loss."""

    def change(data: pd.DataFrame) -> pd.DataFrame:
        return data.assign(**{name: data[name].astype(dtype) for name in _exact(data, dtype)})

    return change


def _exact(data: pd.DataFrame, dtype: Any) -> Iterator[str]:
    for name in data.select_dtypes("number").columns:
        try:
            with np.errstate(invalid="ignore"):
                cast = data[name].astype(dtype)
        except (TypeError, ValueError):
            continue  # a missing number, a fraction
        if ((cast.astype(float) == data[name]) | data[name].isna()).all():
            yield name


def column_by_column(kind: str, cast: Callable[[pd.Series], Any]) -> Change:
    """Every column of one kind: number, text, or true/false."""
    include = {"number": "number", "text": "object", "flag": "bool"}[kind]

    def change(data: pd.DataFrame) -> pd.DataFrame:
        names = data.select_dtypes(include).columns
        return data.assign(**{name: cast(data[name]) for name in names})

    return change


def as_levels(values: pd.Series) -> pd.Series:
    levels = LEVELS.get(str(values.name), sorted(values.unique()))
    return values.astype(pd.CategoricalDtype(levels))


TYPES = ("int8", "int32", "uint8", "float16", "float32", "float64", ">i4", ">f8")
NULLABLE = ("Int8", "Int64", "Float32")
ARROW = ("int8[pyarrow]", "double[pyarrow]")
STORAGE: dict[str, Change] = {
    **{f"numbers as {dtype}": numbers_as(dtype) for dtype in TYPES + NULLABLE + ARROW},
    "numbers as objects": column_by_column("number", lambda c: c.astype(object)),
    "numbers as decimals": column_by_column(
        "number", lambda c: c.map(lambda v: Decimal(str(v)), na_action="ignore").astype(object)
    ),
    **{
        f"text as {dtype}": column_by_column("text", lambda c, dtype=dtype: c.astype(dtype))
        for dtype in ("string", "string[pyarrow]")
    },
    "text as large Arrow text": column_by_column(
        "text", lambda c: c.astype(pd.ArrowDtype(pa.large_string()))
    ),
    "text as an Arrow dictionary": column_by_column(
        "text", lambda c: c.astype(pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())))
    ),
    "text as levels": column_by_column("text", as_levels),
    "true/false as boolean": column_by_column("flag", lambda c: c.astype("boolean")),
    "true/false as objects": column_by_column("flag", lambda c: c.astype(object)),
    "true/false in Arrow": column_by_column("flag", lambda c: c.astype("bool[pyarrow]")),
    "days in seconds": lambda data: data.assign(day=data["day"].astype("datetime64[s]")),
    "days as objects": lambda data: data.assign(day=data["day"].dt.date.astype(object)),
    "days in Arrow": lambda data: data.assign(
        day=data["day"].dt.date.astype(pd.ArrowDtype(pa.date32()))
    ),
    "everything in Arrow": lambda data: data.convert_dtypes(dtype_backend="pyarrow"),
    "everything nullable": lambda data: data.convert_dtypes(),
    "polars": lambda data: pl.from_pandas(data),
}
IN_PLACE: dict[str, Change] = {
    "columns in another order": lambda data: data[data.columns[::-1]],
    "more columns": lambda data: data.assign(note="x", more=1.5),
    "an unused column twice": lambda data: pd.concat(
        [data.assign(note=1), data.assign(note=2)[["note"]]], axis=1
    ),
    "a block of its own for every column": lambda data: pd.concat(
        [data[[name]] for name in data], axis=1
    ),
    "read only": lambda data: _read_only(data),
}


def _read_only(data: pd.DataFrame) -> pd.DataFrame:
    data = data.copy()
    for name in data.select_dtypes("number"):
        values = data[name].to_numpy().copy()
        values.flags.writeable = False
        data[name] = pd.Series(values, index=data.index, copy=False)
    return data


# ---- files
def _csv(data: pd.DataFrame, folder: Path) -> Path:
    data.to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


def _semicolons(data: pd.DataFrame, folder: Path) -> Path:
    data.to_csv(folder / "s.csv", index=False, sep=";", decimal=",")
    return folder / "s.csv"


def _tsv(data: pd.DataFrame, folder: Path) -> Path:
    data.to_csv(folder / "t.tsv", index=False, sep="\t")
    return folder / "t.tsv"


def _parquet(data: pd.DataFrame, folder: Path) -> Path:
    numbers_as("int8")(data).to_parquet(folder / "t.parquet", index=False)
    return folder / "t.parquet"


def _stata(data: pd.DataFrame, folder: Path) -> Path:
    flags = data.select_dtypes("bool").columns  # Stata has no true/false: text holds them
    data = data.assign(**{name: data[name].map({True: "TRUE", False: "FALSE"}) for name in flags})
    numbers_as("int8")(data).to_stata(folder / "t.dta", write_index=False)
    return folder / "t.dta"


def _excel(data: pd.DataFrame, folder: Path) -> Path:
    data.to_excel(folder / "t.xlsx", index=False)
    return folder / "t.xlsx"


FILES = {
    write.__name__.strip("_"): write
    for write in (_csv, _semicolons, _tsv, _parquet, _stata, _excel)
}


def read_again(cohort: Cohort, write: Callable[[pd.DataFrame, Path], Path], folder: Path) -> Cohort:
    """The cohort as `read_table` finds it in the file."""
    return replace(cohort, data=fs.read_table(write(cohort.data, folder)))
