"""Files of SPSS, SAS and Stata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats._warn import warn
from faceage_stats.cohorts.tables.broken import broken
from faceage_stats.cohorts.tables.common_types import common_frame
from faceage_stats.cohorts.tables.reading import Reading
from faceage_stats.cohorts.tables.value_labels import labelled_factor
from faceage_stats.errors import ReadingWarning

__all__ = ["read_por", "read_sas", "read_spss", "read_stata", "read_xport"]

_PERIODS = {"%tw": "weeks", "%tm": "months", "%tq": "quarters", "%th": "half-years"}


def read_spss(path: Path, how: Reading) -> pd.DataFrame:
    """Read an SPSS file (.sav, .zsav)."""
    return _read(path, how, "read_sav", "SPSS")


def read_por(path: Path, how: Reading) -> pd.DataFrame:
    """Read a portable SPSS file (.por)."""
    return _read(path, how, "read_por", "SPSS")


def read_sas(path: Path, how: Reading) -> pd.DataFrame:
    """Read a SAS file (.sas7bdat)."""
    return _read(path, how, "read_sas7bdat", "SAS")


def read_stata(path: Path, how: Reading) -> pd.DataFrame:
    """Read a Stata file (.dta)."""
    with path.open("rb") as file:
        is_tagged = file.read(11) == b"<stata_dta>"
        file.seek(-min(64, path.stat().st_size), 2)
        is_closed = b"</stata_dta>" in file.read()
    if is_tagged and not is_closed:
        raise broken(path, "Stata")
    return _read(path, how, "read_dta", "Stata")


def read_xport(path: Path, how: Reading) -> pd.DataFrame:
    """Read a SAS transport file (.xpt); only a last row that is not whole shows a cut."""
    if path.stat().st_size % 80:
        raise broken(path, "SAS")
    return _read(path, how, "read_xport", "SAS")


def _read(path: Path, how: Reading, function: str, kind: str) -> pd.DataFrame:
    import pyreadstat

    reader: Callable[..., Any] = getattr(pyreadstat, function)
    try:
        frame, meta = _decoded(reader, path, how.encoding)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
        raise broken(path, kind, error) from error
    if meta.number_rows is not None and meta.number_rows != len(frame):
        raise broken(path, kind)
    if function == "read_xport":
        _refuse_cut(path, meta, len(frame))
    frame = pd.DataFrame(frame)
    _tell_periods(meta.original_variable_types, path.name)
    if how.value_labels == "labels":
        labels = meta.variable_value_labels
        for name in frame.columns:
            if labels.get(name) and name not in how.number_columns:
                frame[name] = labelled_factor(frame[name], labels[name], how, path.name)
    return common_frame(frame, how, path.name)


def _decoded(reader: Callable[..., Any], path: Path, encoding: str | None) -> Any:
    """What the reader returns, under Windows-1252 where the text is not UTF-8."""
    if encoding is not None:
        return reader(str(path), encoding=encoding)
    try:
        return reader(str(path))
    except UnicodeDecodeError:
        warn(
            f"{path.name} does not say its encoding, is not UTF-8, and was read as Windows-1252. "
            "If letters look wrong, pass encoding=.",
            ReadingWarning,
        )
        return reader(str(path), encoding="WINDOWS-1252")


def _refuse_cut(path: Path, meta: Any, n_rows: int) -> None:
    """Refuse a transport file that holds more than blanks after its last whole row."""
    content = path.read_bytes()
    start = content.rfind(b"HEADER RECORD*******OBS")
    width = sum(meta.variable_storage_width.values())
    if start < 0 or content[start + 80 + n_rows * width :].strip(b" "):
        raise broken(path, "SAS")


def _tell_periods(formats: Mapping[str, str], where: str) -> None:
    """Warn of Stata's weeks, months, quarters and half-years: they are counts since 1960."""
    known = {name: _PERIODS.get(str(kind)[:3]) for name, kind in formats.items()}
    for name, period in ((name, period) for name, period in known.items() if period):
        warn(
            f"{where}: column '{name}' counts {period} since 1960, as Stata holds them. In Stata "
            "dofm(), dofq() and the like make them dates.",
            ReadingWarning,
        )
