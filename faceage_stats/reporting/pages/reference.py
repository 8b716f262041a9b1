"""The API reference: autodoc directives for every public function, room by room."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

__all__ = ["reference_page"]

_ROOMS = {"_result": "Results", "_resample": "Resampling"}


def reference_page() -> str:
    """Autodoc directives for every public function, room by room.

    Returns
    -------
    str
        Markdown.
    """
    import faceage_stats

    rooms: dict[str, list[str]] = {}
    for name in faceage_stats.__all__:
        value = getattr(faceage_stats, name)
        if inspect.isfunction(value):
            room = value.__module__.split(".")[1]
            rooms.setdefault(room, []).append(f"{value.__module__}.{name}")
    return "\n".join(_room(room, names) for room, names in rooms.items())


def _room(room: str, names: Iterable[str]) -> str:
    lines = "\n\n".join(f".. autofunction:: {name}" for name in names)
    return f"## {_ROOMS.get(room, room.capitalize())}\n\n```{{eval-rst}}\n{lines}\n```\n"
