"""Public data by URL and SHA-256: FaceAge's published outputs for UTKFace."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pandas as pd

from faceage_stats import _files
from faceage_stats._call import checked_call
from faceage_stats.cohorts.schema.validate import validate
from faceage_stats.cohorts.tables.read_table import read_table
from faceage_stats.errors import DataUnavailableError

__all__ = ["UTK_SHA256", "UTK_URL", "copy_utk", "fetch_utk", "how_to_get_utk", "utk_path"]

UTK_URL = (
    "https://raw.githubusercontent.com/AIM-Harvard/FaceAge/main/outputs/"
    "utk_hi-res_qa_res-ext_data.csv"
)
UTK_SHA256 = "0c87a46b84115dd36fd2c5de4b6dac2b16aa73d59141cfd17a6dcfa3e8ef3fad"
UTK_NAMES = ("utk_faceage_ext.csv", "utk_hi-res_qa_res-ext_data.csv")
DATA_DIR = "FACEAGE_DATA_DIR"
# Time limits, for machines without internet: per connection, and overall.
_TIMEOUT, _DEADLINE = 4.0, 10.0


@checked_call
def fetch_utk(data_dir: str | Path | None = None) -> pd.DataFrame:
    """Read FaceAge and age of the 2,547 UTKFace photographs, the non-cancer reference.

    Parameters
    ----------
    data_dir : path, optional
        Folder that holds the file; default the environment variable ``FACEAGE_DATA_DIR``. When
        the file is not there it is downloaded once, to the user's cache.

    Returns
    -------
    pandas.DataFrame
        The validated table: ``subj_id``, ``faceage`` and ``age`` (years), ``gender`` (0 male,
        1 female), ``race`` (0 White, 1 Black, 2 Asian, 3 Indian, 4 other).

    Raises
    ------
    DataUnavailableError
        If the file is neither on this machine nor reachable within ten seconds, or is not the
        published file, byte for byte (SHA-256).

    See Also
    --------
    simulate : Cohorts whose data are not public.

    Examples
    --------
    >>> utk = fetch_utk()  # doctest: +SKIP
    >>> round(float((utk["faceage"] - utk["age"]).abs().mean()), 3)  # doctest: +SKIP
    7.459
    """
    return validate(read_table(utk_path(data_dir), schema="utk"), "utk")


def utk_path(data_dir: str | Path | None = None) -> Path:
    """Find the verified file: in `data_dir`, in ``FACEAGE_DATA_DIR``, or downloaded.

    Parameters
    ----------
    data_dir : path, optional
        As in `fetch_utk`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    DataUnavailableError
        As in `fetch_utk`.
    """
    folder = data_dir if data_dir is not None else os.environ.get(DATA_DIR)
    for name in UTK_NAMES if folder else ():
        path = Path(folder or "") / name
        if path.is_file():
            _verify(path, UTK_SHA256)
            return path
    return _download(UTK_URL, UTK_SHA256, UTK_NAMES[0])


def copy_utk(destination: str | Path) -> Path:
    """Copy the verified file to `destination`, whole or not at all.

    Parameters
    ----------
    destination : path
        Where to put it; an existing file is replaced.

    Returns
    -------
    pathlib.Path
        The destination.

    Raises
    ------
    DataUnavailableError
        As in `fetch_utk`.
    """
    content = utk_path().read_bytes()
    with _files.writing(destination) as draft:
        draft.write_bytes(content)
    return Path(destination)


def how_to_get_utk() -> str:
    """Say in a few sentences how to get the file by hand."""
    return (
        f"Download {UTK_URL} (SHA-256 {UTK_SHA256}), put it into a folder as {UTK_NAMES[0]} and "
        f"set the environment variable {DATA_DIR} to that folder."
    )


def _verify(path: Path, sha256: str) -> None:
    found = _files.sha256(path)
    if found != sha256:
        raise DataUnavailableError(
            f"{path.name} is not the published file: its SHA-256 is {found}, expected {sha256}. "
            f"Opening and saving it in a spreadsheet changes it. {how_to_get_utk()}"
        )


def _download(url: str, sha256: str, name: str) -> Path:
    """Fetch through pooch's cache, within the deadline; after it the thread is abandoned."""
    outcome: dict[str, Any] = {}

    def fetch() -> None:
        import pooch

        try:
            outcome["path"] = pooch.retrieve(
                url,
                known_hash=f"sha256:{sha256}",
                fname=name,
                path=pooch.os_cache("faceage_stats"),
                downloader=pooch.HTTPDownloader(timeout=_TIMEOUT),
            )
        except (OSError, ValueError) as error:  # no route, no such page; another hash
            outcome["error"] = error

    worker = threading.Thread(target=fetch, daemon=True)
    worker.start()
    worker.join(_DEADLINE)
    if "path" in outcome:
        return Path(outcome["path"])
    cause = outcome.get("error", f"no answer within {_DEADLINE:g} s")
    changed = isinstance(cause, ValueError)
    reason = "what was downloaded is not the published file" if changed else "no download"
    raise DataUnavailableError(
        f"FaceAge's outputs for UTKFace are not on this machine, and {reason} "
        f"({type(cause).__name__ if isinstance(cause, Exception) else cause}). {how_to_get_utk()}"
    )
