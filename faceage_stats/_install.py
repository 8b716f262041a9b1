"""Optional parts: import one, or say how to install it.

This package is on no index, so the bare name of an extra would not work.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from faceage_stats.errors import MissingExtraError

__all__ = ["how_to_install", "require"]

_CLONE = Path(__file__).resolve().parents[1]


def how_to_install(extra: str) -> str:
    """Write one sentence with the command that installs an extra where this package came from.

    Parameters
    ----------
    extra : str
        Name of the extra in pyproject.toml.

    Returns
    -------
    str
    """
    if (_CLONE / "pyproject.toml").is_file():
        return f'In the folder {_CLONE} run: python -m pip install -e ".[{extra}]"'
    return (
        "Run, with the wheel that this package was installed from: "
        f'python -m pip install "FOLDER/faceage_stats-VERSION-py3-none-any.whl[{extra}]"'
    )


def require(module: str, *, extra: str, purpose: str, package: str) -> Any:
    """Import an optional module, or say what needs it and which extra installs it.

    Parameters
    ----------
    module : str
        What to import.
    extra : str
        Name of the extra in pyproject.toml.
    purpose : str
        Subject of the sentence: "Scoring photographs".
    package : str
        Name under which the module is installed.

    Returns
    -------
    module

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{purpose} needs {package}, which is not installed. {how_to_install(extra)}"
        ) from error
