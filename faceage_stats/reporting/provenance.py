"""Where a result came from, and whether it still is what it was."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats import __version__
from faceage_stats.errors import DataUnavailableError
from faceage_stats.reporting.store import Item, StoredItem, read_item

__all__ = ["KEY_PACKAGES", "file_sha256", "provenance", "verify"]

KEY_PACKAGES = (
    *("formulaic", "great-tables", "lifelines", "matplotlib", "numba", "numpy", "pandas"),
    *("pingouin", "scikit-learn", "scikit-survival", "scipy", "seaborn", "statsmodels"),
)


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits.

    Parameters
    ----------
    path : path
        File to read, in pieces.

    Returns
    -------
    str

    Raises
    ------
    DataUnavailableError
        If there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise DataUnavailableError(f"Input {path.name} is not a file on this machine.")
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def provenance(
    item: str,
    inputs: Mapping[str, str | Path],
    *,
    seed: int | None,
    config: Mapping[str, Any],
    synthetic: bool,
    schemas: Mapping[str, str | Path] | None = None,
    script: str | Path | None = None,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """Describe what an item was made from.

    Parameters
    ----------
    item : str
        Name of the item.
    inputs : mapping of table name to path
        Files read. Only their names, sizes and SHA-256 are kept, no folders.
    seed : int or None
        Seed of the item.
    config : mapping
        Parameters that the item used.
    synthetic : bool
        Whether any input is a synthetic cohort.
    schemas : mapping of table name to path, optional
        Table Schema files; their ``version`` and SHA-256 are kept.
    script : path, optional
        The script that makes the item.
    warnings : sequence of str
        Texts of the warnings that were raised on the way.

    Returns
    -------
    dict
        ``item, synthetic, seed, parameters, inputs, schemas, script, code, environment,
        warnings``; nothing in it depends on the time of the run.

    Raises
    ------
    DataUnavailableError
        If an input is not there.

    Examples
    --------
    >>> record = provenance("fig2a", {}, seed=1, config={"cap": 7}, synthetic=True)
    >>> record["parameters"], record["code"]["version"] == __version__
    ({'cap': 7}, True)
    """
    root = Path(script).parent if script is not None else Path.cwd()
    return {
        "item": item,
        "synthetic": bool(synthetic),
        "seed": seed,
        "parameters": dict(config),
        "inputs": {name: _describe_file(path) for name, path in sorted(inputs.items())},
        "schemas": {name: _describe_schema(path) for name, path in sorted((schemas or {}).items())},
        "script": None if script is None else _describe_file(script),
        "code": {"version": __version__, **_git_state(root)},
        "environment": {
            "python": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()}",
            "packages": {name: _version(name) for name in KEY_PACKAGES},
        },
        "warnings": sorted(set(warnings)),
    }


def _describe_file(path: str | Path) -> dict[str, Any]:
    digest = file_sha256(path)
    return {"file": Path(path).name, "bytes": Path(path).stat().st_size, "sha256": digest}


def _describe_schema(path: str | Path) -> dict[str, Any]:
    digest = file_sha256(path)
    version = json.loads(Path(path).read_text(encoding="utf-8")).get("version")
    return {"file": Path(path).name, "version": version, "sha256": digest}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git_state(folder: Path) -> dict[str, Any]:
    """Return commit and whether tracked files differ from it; None for both without git."""

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(folder), *arguments],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no") if commit else None
    return {"commit": commit, "dirty": None if changed is None else bool(changed)}


def verify(
    folder: str | Path,
    against: Item | str | Path | None = None,
    *,
    rtol: float = 1e-8,
    atol: float = 1e-12,
) -> pd.DataFrame:
    """List where a stored item differs from its record, or from a second run.

    Parameters
    ----------
    folder : path
        ``results/<item>``.
    against : Item, or path of another results folder, optional
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
    if against is None:
        differences = _changed_files(Path(folder), stored)
    else:
        other = against if isinstance(against, Item) else read_item(against)
        differences = []
        now, then = _frames(other), _frames(stored)
        for name in sorted(then.keys() | now.keys()):
            differences += _compare_frames(name, then.get(name), now.get(name), rtol, atol)
    return pd.DataFrame(differences, columns=["file", "where", "stored", "now"])


def _changed_files(folder: Path, stored: StoredItem) -> list[tuple[str, str, Any, Any]]:
    recorded = stored.provenance.get("outputs", {})
    present = {
        path.name: file_sha256(path)
        for path in folder.iterdir()
        if path.is_file() and path.name != "provenance.json"
    }
    return [
        (name, "sha256", recorded.get(name), present.get(name))
        for name in sorted(recorded.keys() | present.keys())
        if recorded.get(name) != present.get(name)
    ]


def _frames(item: Item | StoredItem) -> dict[str, pd.DataFrame]:
    """Tables, source data and values, under the names of their files."""
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
