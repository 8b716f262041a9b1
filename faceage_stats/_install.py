"""How to install an optional part: this package is on no index, so a bare name would not work."""

from __future__ import annotations

from pathlib import Path

__all__ = ["how_to_install"]

_CLONE = Path(__file__).resolve().parents[1]


def how_to_install(extra: str) -> str:
    """One sentence with the command that installs an extra where this package came from.

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
