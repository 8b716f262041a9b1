"""What a result was made from."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from faceage_stats import __version__
from faceage_stats.reporting.provenance.fingerprints import file_sha256, ingredients

__all__ = ["KEY_PACKAGES", "provenance"]

KEY_PACKAGES = (
    *("great-tables", "lifelines", "matplotlib", "numba", "numpy", "pandas"),
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
    private: Collection[str | Path] = (),
    key: bytes = b"",
    warnings: Sequence[str] = (),
    sha256: Callable[[Path], str] = file_sha256,
) -> dict[str, Any]:
    """Describe what an item was made from.

    Parameters
    ----------
    item : str
        Name of the item.
    inputs, seed, config
        As in :func:`faceage_stats.reporting.provenance.fingerprints.ingredients`.
    synthetic : bool
        Whether any input is a synthetic cohort.
    schemas, script, files, private, key
        As in `ingredients`.
    warnings : sequence of str
        Texts of the warnings that were raised on the way.
    sha256
        As in `ingredients`.

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
        inputs, seed=seed, config=config, schemas=schemas, script=script, files=files,
        private=private, key=key, sha256=sha256,
    )  # fmt: skip
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
