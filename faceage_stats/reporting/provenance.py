"""Where a result came from, and whether it still is what it was."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats import __version__
from faceage_stats.reporting.drift import changed_outputs
from faceage_stats.reporting.fingerprints import file_sha256, ingredients
from faceage_stats.reporting.store import Item, StoredItem, read_item

__all__ = ["KEY_PACKAGES", "provenance", "verify"]

KEY_PACKAGES = (
    *("formulaic", "great-tables", "lifelines", "matplotlib", "numba", "numpy", "pandas"),
    *("pingouin", "scikit-learn", "scikit-survival", "scipy", "seaborn", "statsmodels"),
)


def provenance(
    item: str,
    inputs: Mapping[str, str | Path],
    *,
    seed: int | None,
    config: Mapping[str, Any],
    synthetic: bool,
    schemas: Mapping[str, str | Path] | None = None,
    script: str | Path | None = None,
    files: Mapping[str, str | Path] | None = None,
    warnings: Sequence[str] = (),
    sha256: Callable[[Path], str] = file_sha256,
) -> dict[str, Any]:
    """Describe what an item was made from.

    Parameters
    ----------
    item : str
        Name of the item.
    inputs, seed, config, schemas, script, files, sha256
        As in :func:`faceage_stats.reporting.fingerprints.ingredients`.
    synthetic : bool
        Whether any input is a synthetic cohort.
    warnings : sequence of str
        Texts of the warnings that were raised on the way.

    Returns
    -------
    dict
        ``item, synthetic, seed, parameters, inputs, schemas, script, files, library, code,
        environment, warnings``; nothing in it depends on the time of the run.

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
    made_from = ingredients(
        inputs, seed=seed, config=config, schemas=schemas, script=script, files=files, sha256=sha256
    )
    return {
        "item": item,
        "synthetic": bool(synthetic),
        **made_from,
        "code": {"version": __version__, **_git_state(root)},
        "environment": {
            "python": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()}",
            "packages": {name: _version(name) for name in KEY_PACKAGES},
        },
        "warnings": sorted(set(warnings)),
    }


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
                encoding="utf-8",
                errors="replace",  # a file name may be in any encoding
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
    differences: list[tuple[str, str, Any, Any]] = []
    if against is None:
        recorded = stored.provenance.get("outputs", {})
        for name, was, found in changed_outputs(Path(folder), recorded):
            differences.append((name, "sha256", was, found))
    else:
        other = against if isinstance(against, Item) else read_item(against)
        now, then = _frames(other), _frames(stored)
        for name in sorted(then.keys() | now.keys()):
            differences += _compare_frames(name, then.get(name), now.get(name), rtol, atol)
    return pd.DataFrame(differences, columns=["file", "where", "stored", "now"])


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
