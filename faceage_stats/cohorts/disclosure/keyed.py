"""Hashes of private tables that only the holder of the key can compare with a table."""

from __future__ import annotations

import hmac

__all__ = ["KEYED", "keyed"]

KEYED = "keyed:"


def keyed(digest: str, key: bytes) -> str:
    """Hash a digest with a secret: a plain one would confirm a guess of a row.

    Parameters
    ----------
    digest : str
        SHA-256 of a table.
    key : bytes
        The secret of the holder of the data.

    Returns
    -------
    str
        ``keyed:`` and 64 hexadecimal digits.

    Examples
    --------
    >>> keyed("ab" * 32, b"secret") == keyed("ab" * 32, b"another")
    False
    """
    return KEYED + hmac.new(key, digest.encode(), "sha256").hexdigest()
