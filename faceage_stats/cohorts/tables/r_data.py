"""Data frames of R (.rds), with the classes that R gives to columns of numbers."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._warn import warn
from faceage_stats.cohorts.tables.broken import broken
from faceage_stats.cohorts.tables.common_types import common_frame
from faceage_stats.cohorts.tables.header import refuse_names
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.cohorts.tables.value_labels import labelled_factor
from faceage_stats.errors import InputError, ReadingWarning

__all__ = ["read_rds"]

_SECONDS = {"secs": 1, "mins": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}
_UNKNOWN = re.compile(r'R class "(\w+)"\. The underlying')


def read_rds(path: Path, how: Reading) -> pd.DataFrame:
    """Read a data frame that R saved with saveRDS."""
    import rdata

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            content = rdata.read_rds(path, constructor_dict=_constructors(path.name, how))
    except InputError:
        raise
    except Exception as error:  # rdata raises whatever its parser meets in a broken file
        if "RObjectType" not in str(error):
            raise broken(path, "RDS", error) from error
        raise InputError(
            f"{path.name} holds a column that is no numbers, text, factor or dates, such as raw "
            "bytes. Leave it out in R."
        ) from error
    if not isinstance(content, pd.DataFrame):
        raise InputError(
            f"{path.name} holds an R object that is not a data frame. Save one with saveRDS(df)."
        )
    for told in caught:
        if issubclass(told.category, ReadingWarning):
            warn(str(told.message), ReadingWarning)
    unknown = {found[1] for w in caught if (found := _UNKNOWN.search(str(w.message)))}
    if unknown:
        warn(
            f"{path.name}: columns of the R class {', '.join(sorted(unknown))} were read as the "
            "plain values they are stored as. Convert them in R first if that is not meant.",
            ReadingWarning,
        )
    return common_frame(content, how, path.name)


def _constructors(where: str, how: Reading) -> dict[str | bytes, Callable[..., Any]]:
    from rdata.conversion import DEFAULT_CLASS_MAP, dataframe_constructor

    def data_frame(columns: Mapping[str, Any], attrs: Mapping[str, Any]) -> pd.DataFrame:
        refuse_names([str(name) for name in attrs.get("names", ())], where)
        read = dict(columns) if isinstance(columns, Mapping) else {}
        for name, values in read.items():
            if isinstance(values, _Labelled):
                read[name] = values.read(str(name), how, where)
            elif isinstance(values, list | dict | pd.DataFrame) or np.ndim(values) != 1:
                raise InputError(
                    f"{where}: column '{name}' holds lists, a matrix or a table. Keep plain "
                    "columns only, e.g. tidyr::unnest(df)."
                )
        frame: pd.DataFrame = dataframe_constructor(read or columns, attrs)
        return frame

    def factor(values: Any, attrs: Mapping[str, Any]) -> Any:
        return _factor(values, attrs["levels"], "ordered" in attrs["class"], where)

    def refuse_broken_down(values: Any, attrs: Mapping[str, Any]) -> Any:
        raise InputError(f"{where} holds a column of class POSIXlt; save it as as.POSIXct(x).")

    return {
        **DEFAULT_CLASS_MAP,
        "data.frame": data_frame,
        "Date": _dates,
        "POSIXct": _times,
        "POSIXlt": refuse_broken_down,
        "difftime": _differences,
        "integer64": lambda values, attrs: _integers(values),
        "AsIs": lambda values, attrs: values,
        **dict.fromkeys(("factor", "ordered"), factor),
        **dict.fromkeys(("haven_labelled", "haven_labelled_spss", "labelled"), _Labelled.of),
    }


def _floats(values: Any) -> np.ndarray:
    return np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)


# Arrays, not Series: rows of R count from 1, and a Series would be shifted to that.


def _dates(values: Any, attrs: Mapping[str, Any]) -> Any:
    """Days since 1970; a fraction of a day is not part of a date."""
    return _since_1970(np.floor(_floats(values)) * 86_400).array


def _times(values: Any, attrs: Mapping[str, Any]) -> Any:
    """Seconds since 1970, in the time zone of the column; UTC where it names none."""
    zone = next(iter(attrs.get("tzone", ())), "") or "UTC"
    return _since_1970(_floats(values)).dt.tz_localize("UTC").dt.tz_convert(zone).array


def _since_1970(seconds: np.ndarray) -> pd.Series:
    micros = np.full(len(seconds), np.datetime64("NaT"), dtype="M8[us]")
    known = np.isfinite(seconds)
    micros[known] = np.round(seconds[known] * 1e6).astype(np.int64).astype("M8[us]")
    return pd.Series(micros)


def _differences(values: Any, attrs: Mapping[str, Any]) -> Any:
    seconds = _floats(values) * _SECONDS[next(iter(attrs["units"]))]
    return pd.to_timedelta(seconds, unit="s").array


def _integers(values: Any) -> Any:
    """bit64's whole numbers, kept in the bits of doubles; the smallest stands for NA."""
    whole = np.asarray(values, dtype=np.float64).view(np.int64)
    return pd.arrays.IntegerArray(whole.copy(), whole == np.iinfo(np.int64).min)


def _factor(values: Any, levels: Any, ordered: bool, where: str) -> pd.Categorical:
    """R's codes count from 1, and NA may be a level; a categorical has no such level."""
    codes = np.ma.filled(np.ma.asarray(values), 0).astype(np.int64) - 1
    known = [place for place, level in enumerate(levels) if level is not None]
    place = np.full(len(levels) + 1, -1)  # the last cell serves missing values
    place[known] = np.arange(len(known))
    if len(known) < len(levels):
        warn(
            f"{where}: a factor has NA as a level, which is read as missing. Where it is a group "
            "of its own, name it in R.",
            ReadingWarning,
        )
    names = pd.Index([str(levels[each]) for each in known], dtype=object)
    return pd.Categorical.from_codes(place[codes].tolist(), names, ordered=ordered)


class _Labelled(NamedTuple):
    """Codes of haven with the label of each; those that SPSS calls missing are."""

    values: pd.Series
    labels: dict[Any, str]

    @classmethod
    def of(cls, values: Any, attrs: Mapping[str, Any]) -> _Labelled:
        plain = pd.Series(_floats(values) if np.asarray(values).dtype.kind in "iuf" else values)
        missing = plain.isin(list(np.ravel(attrs.get("na_values", ()))))
        if "na_range" in attrs:
            missing |= plain.between(*np.ravel(attrs["na_range"]))
        is_number = plain.dtype.kind == "f"
        pairs = _pairs(attrs["labels"]) if attrs.get("labels") is not None else []
        labels = {float(value) if is_number else value: str(name) for name, value in pairs}
        return cls(plain.mask(missing), labels)

    def read(self, name: str, how: Reading, where: str) -> Any:
        if how.value_labels == "codes" or not self.labels or name in how.number_columns:
            return self.values.array
        return labelled_factor(self.values.rename(name), self.labels, how, where).array


def _pairs(labels: Any) -> list[tuple[str, Any]]:
    """Names and values of a named vector."""
    if isinstance(labels, Mapping):
        return [(str(name), np.ravel(value)[0]) for name, value in labels.items()]
    names = labels.coords[labels.dims[0]].values
    return list(zip(names.tolist(), labels.values.tolist(), strict=True))
