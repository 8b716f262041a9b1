"""What is said of a file that its format's reader cannot open."""

from __future__ import annotations

from pathlib import Path

from faceage_stats.errors import InputError

__all__ = ["broken"]


def broken(path: Path, kind: str, error: Exception | None = None) -> InputError:
    """Refuse a file; the reader's own words may hold cells, so only their class is named."""
    detail = f" ({type(error).__name__})" if error is not None else ""
    return InputError(
        f"{path.name} is not a readable {kind} file: truncated, or of another format than its "
        f"extension says{detail}. Export it again."
    )
