"""Where a stored item differs from its record, or from a second run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats.reporting.provenance.drift import changed_outputs
from faceage_stats.reporting.store.read_item import StoredItem, read_item
from faceage_stats.reporting.store.released import Released

__all__ = ["verify"]


def verify(
    folder: str | Path,
    against: Released | str | Path | None = None,
    *,
    rtol: float = 1e-8,
    atol: float = 1e-12,
) -> pd.DataFrame:
    """List where a stored item differs from its record, or from a second run.

    Parameters
    ----------
    folder : path
        ``results/<item>``.
    against : Released, or path of another results folder, optional
        The item made anew. Without it, the files are compared with the SHA-256 in
        ``provenance.json``; with it, values and tables are compared number by number.
    rtol, atol : float
        Two numbers agree when |now - stored| <= atol + rtol x |stored|.

    Returns
    -------
    pandas.DataFrame
        One row per difference: ``file``, ``where`` (row and column), ``stored``, ``now``. Empty
        when everything agrees.

    Raises
    ------
    InputError
        If the folder holds no item.
    """
    stored = read_item(folder)
    differences: list[tuple[str, str, Any, Any]] = []
    if against is None:
        recorded = stored.provenance.get("outputs", {})
        for name, was, found in changed_outputs(Path(folder), recorded):
            differences.append((name, "sha256", was, found))
    else:
        other = against if isinstance(against, Released) else read_item(against)
        now, then = _frames(other), _frames(stored)
        for name in sorted(then.keys() | now.keys()):
            differences += _compare_frames(name, then.get(name), now.get(name), rtol, atol)
    return pd.DataFrame(differences, columns=["file", "where", "stored", "now"])


def _frames(item: Released | StoredItem) -> dict[str, pd.DataFrame]:
    """Tables, source data and values, under the names of their files."""
    if isinstance(item, Released):
        frames = {f"{stem}.csv": frame for stem, frame in item.frames.items() if stem != "flow"}
    else:
        frames = {f"table_{name}.csv": table for name, table in item.tables.items()}
        if item.source_data is not None:
            frames["source_data.csv"] = item.source_data
    values = item.values.copy()
    if "variant" not in values:
        values["variant"] = "default"
    frames["values.json"] = values.dropna(axis=1, how="all")
    return frames


def _compare_frames(
    name: str, stored: pd.DataFrame | None, now: pd.DataFrame | None, rtol: float, atol: float
) -> list[tuple[str, str, Any, Any]]:
    if stored is None or now is None:
        return [(name, "file", stored is not None, now is not None)]
    if len(stored) != len(now):
        return [(name, "rows", len(stored), len(now))]
    differences: list[tuple[str, str, Any, Any]] = []
    for column in stored.columns.union(now.columns, sort=False):
        if column not in stored or column not in now:
            differences.append((name, f"column {column}", column in stored, column in now))
            continue
        before, after = stored[column].reset_index(drop=True), now[column].reset_index(drop=True)
        for row in np.flatnonzero(~_agree(before, after, rtol, atol)):
            where = f"row {row + 1}, {column}"
            differences.append((name, where, before.iloc[row], after.iloc[row]))
    return differences


def _agree(stored: pd.Series, now: pd.Series, rtol: float, atol: float) -> np.ndarray:
    """Row by row: numbers within tolerance, anything else equal as text; missing equals missing."""
    before, after = (pd.to_numeric(s, errors="coerce").astype(float) for s in (stored, now))
    both_missing = (stored.isna() & now.isna()).to_numpy()
    close = np.isclose(after, before, rtol=rtol, atol=atol)
    either_text = ((before.isna() & stored.notna()) | (after.isna() & now.notna())).to_numpy()
    same_text = (stored.astype(str) == now.astype(str)).to_numpy()
    return both_missing | close | (either_text & same_text)
