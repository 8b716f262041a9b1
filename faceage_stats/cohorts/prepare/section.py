"""The keys of one part of a mapping: read by kind, with line and near match where they are wrong.

What is asked for is what is known: keys that nobody asked for are refused by `close`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from faceage_stats._near import did_you_mean
from faceage_stats.cohorts.prepare.yaml_text import Lines
from faceage_stats.errors import InputError

__all__ = ["Document", "Section"]


class Document:
    """The mapping as a whole: its name, the lines of its keys, and all that is wrong with it."""

    def __init__(self, name: str, lines: Lines) -> None:
        self.name, self.lines = name, lines
        self.faults: list[tuple[int, str]] = []

    def where(self, place: Sequence[str]) -> str:
        """Name a key in a message: its line, and the keys that lead to it."""
        line = self.line(place)
        keys = ", ".join(place)
        return " ".join(part for part in (f"line {line}," if line else "", f"{keys}:") if part)

    def line(self, place: Sequence[str]) -> int:
        """Line of a key, or of the nearest key above it; 0 where it is not known."""
        found = [self.lines.get(tuple(place[:n]), 0) for n in range(len(place), 0, -1)]
        return next(filter(None, found), 0)

    def fault(self, place: Sequence[str], message: str) -> None:
        """Note what is wrong with a key."""
        self.faults.append((self.line(place), f"{self.where(place)} {message}"))

    def raise_if_faulty(self) -> None:
        """Refuse with everything that was noted, in the order of the lines."""
        if self.faults:
            messages = [message for _, message in sorted(self.faults, key=lambda fault: fault[0])]
            raise InputError("\n  ".join([f"{self.name}:", *dict.fromkeys(messages)]))


class Section:
    """Keys and values below one place of a mapping."""

    def __init__(self, content: Any, document: Document, place: tuple[str, ...] = ()) -> None:
        self.document, self.place = document, place
        self.asked: list[str] = []
        self.content: Mapping[str, Any] = {}
        if isinstance(content, Mapping):
            self.content = {str(key): value for key, value in content.items()}
        elif content is not None:
            document.fault(place, "keys are expected below it, one a line: `key: value`.")

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def fault(self, key: str, message: str) -> None:
        """Note what is wrong with a key of this section."""
        self.document.fault((*self.place, key), message)

    def get(self, key: str, *, required: bool = False) -> Any:
        """Look a value up as it stands there."""
        self.asked.append(key)
        if required and self.content.get(key) is None:
            self.document.fault(self.place or (key,), f"`{key}` is missing.")
        return self.content.get(key)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """Read one text."""
        value = self.get(key, required=required)
        if isinstance(value, Mapping | list | tuple):
            self.fault(key, "one text is expected.")
            return default
        return default if value is None else self.plain(key, value)

    def choice(self, key: str, options: Sequence[str], default: str) -> Any:
        """Read one of a few words; what reads it declares them as a Literal."""
        value = self.text(key, default)
        if value not in options:
            near = did_you_mean(value, options)
            self.fault(key, f"'{value}' is not known.{near} Choose from {', '.join(options)}.")
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Read one text or a list of them."""
        value = self.get(key)
        if value is None:
            return ()
        values = value if isinstance(value, list | tuple) else [value]
        if any(isinstance(each, Mapping | list | tuple) for each in values):
            self.fault(key, "a text, or a list of texts in brackets, is expected.")
            return ()
        return tuple("" if each is None else self.plain(key, each) for each in values)

    def number(self, key: str) -> float | None:
        """Read one number."""
        value = self.text(key)
        if not value:
            return None
        try:
            return float(value)
        except ValueError:
            self.fault(key, f"'{value}' is no number.")
            return None

    def section(self, key: str) -> Section:
        """Read the keys below one key; none where it is absent."""
        return Section(self.get(key), self.document, (*self.place, key))

    def listed(self, key: str) -> Iterator[Section]:
        """Read a list of rules, each with keys of its own."""
        given = self.get(key) or []
        if not isinstance(given, list | tuple):
            self.fault(key, "is a list; begin each rule with a dash.")
            return
        for i, each in enumerate(given, start=1):
            yield Section(each, self.document, (*self.place, key, str(i)))

    def names(self) -> list[str]:
        """List all keys, where they are names that the hospital chose."""
        self.asked += self.content
        return list(self.content)

    def plain(self, key: str, value: Any) -> str:
        """Turn a value into text; true/false is refused, for it was a word such as `no`."""
        if isinstance(value, bool):
            self.fault(key, f"{value} may stand for a word such as yes or no; put it in quotes.")
        if isinstance(value, datetime.date):
            return value.isoformat()[:10]
        return str(value)

    def close(self, others: Iterable[str] = ()) -> None:
        """Refuse the keys that were not asked for."""
        known = [*self.asked, *others]
        for key in self.content:
            if key not in known:
                listed = ", ".join(dict.fromkeys(known))
                near = did_you_mean(key, known)
                self.fault(key, f"there is no such key.{near} Known here: {listed}.")
