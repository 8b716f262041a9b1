"""The words and shapes of a picture, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import numpy as np

__all__ = ["Panel", "Shape", "Word", "panels_of", "words_of"]

_LINK = "{http://www.w3.org/1999/xlink}href"
_PLACE = re.compile(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)")
_POINT = re.compile(r"([-\d.]+) ([-\d.]+)(?=\s*(?:[A-Za-z]|$))")


@dataclass(frozen=True)
class Word:
    """A text and where it begins, in points of the page."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Shape:
    """A path, or the mark of a marker: `points` is of shape (m, 2), y grows downwards."""

    group: str
    points: np.ndarray
    closed: bool

    @property
    def low(self) -> np.ndarray:
        """Left and upper end."""
        return np.asarray(self.points.min(axis=0))

    @property
    def high(self) -> np.ndarray:
        """Right and lower end."""
        return np.asarray(self.points.max(axis=0))


@dataclass(frozen=True, eq=False)
class Panel:
    """One pair of axes: its frame, the shapes inside it and its scales.

    Attributes
    ----------
    frame : Shape
    shapes : list of Shape
        Without frame and spines.
    labels : list of str
        Of the axes.
    scales : tuple of (slope, start) or None
        From points to the unit of the x and of the y axis, where that is linear.
    """

    frame: Shape
    shapes: list[Shape]
    labels: list[str]
    scales: tuple[tuple[float, float] | None, tuple[float, float] | None]


def words_of(svg: str) -> list[Word]:
    """Every text of a picture, in the order of the file."""
    return [word for element in _parsed(svg).iter() for word in _words(element)]


def panels_of(svg: str) -> list[Panel]:
    """Every pair of axes with something in it."""
    axes = [e for e in _parsed(svg).iter() if str(e.get("id", "")).startswith("axes_")]
    return [panel for element in axes if (panel := _panel(element))]


def _parsed(svg: str) -> ET.Element:
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    try:
        return ET.fromstring(svg, parser)
    except ET.ParseError:
        return ET.Element("svg")


def _words(element: ET.Element) -> Iterator[Word]:
    """Texts among the children, as letters or as paths after a comment."""
    text = ""
    for child in element:
        if callable(child.tag):  # a comment
            text = (child.text or "").strip()
        elif child.tag == _svg("text"):
            first = next((c for c in child.iter() if c.get("x")), child)
            x, y = (float(str(first.get(side, "0")).split()[0]) for side in "xy")
            if place := _PLACE.search(child.get("transform", "")):
                x, y = x + float(place[1]), y + float(place[2])
            yield Word("".join(child.itertext()).strip(), x, y)
        elif text and (place := _PLACE.search(child.get("transform", ""))):
            yield Word(text, float(place[1]), float(place[2]))
            text = ""


def _panel(axes: ET.Element) -> Panel | None:
    shapes: list[Shape] = []
    for child in axes:
        name = str(child.get("id", ""))
        if not name.startswith(("matplotlib.axis", "text", "legend")):
            shapes += _shapes(child, name)
    frames = [shape for shape in shapes if shape.group.startswith("patch")]
    if not frames:
        return None
    inside = [s for s in shapes if s is not frames[0] and not _is_spine(s, frames[0])]
    scale = _scale(axes, "xtick", "x"), _scale(axes, "ytick", "y")
    labels = [word.text for word in _axis_labels(axes)]
    return Panel(frames[0], inside, labels, scale)


def _shapes(element: ET.Element, group: str) -> Iterator[Shape]:
    """Paths, areas, and marks: of a mark its place alone."""
    defined = {path for part in element.iter(_svg("defs")) for path in part.iter(_svg("path"))}
    forms = {f"#{path.get('id')}": path.get("d", "") for path in defined}
    is_area = "PolyCollection" in group
    for part in element.iter():
        if part.tag == _svg("path") and part not in defined:
            line, place = part.get("d", ""), np.zeros(2)
        elif part.tag == _svg("use"):
            place = np.array([float(part.get("x", 0)), float(part.get("y", 0))])
            line = forms.get(part.get(_LINK, ""), "") if is_area else ""
        else:
            continue
        points = np.array(_POINT.findall(line), dtype=float).reshape(-1, 2) + place
        if len(points) or part.tag == _svg("use"):
            yield Shape(group, points if len(points) else place[None], "z" in line)


def _svg(tag: str) -> str:
    return f"{{http://www.w3.org/2000/svg}}{tag}"


def _is_spine(shape: Shape, frame: Shape) -> bool:
    if not shape.group.startswith("patch") or shape.closed:
        return False
    whole = np.isclose(shape.high - shape.low, frame.high - frame.low, atol=0.5)
    return bool(whole.any())


def _scale(axes: ET.Element, tick: str, side: str) -> tuple[float, float] | None:
    """The line through the ticks; None without numbers, or where they are not on one."""
    found = []
    for group in axes.iter(_svg("g")):
        if not str(group.get("id", "")).startswith(tick):
            continue
        marks = list(group.iter(_svg("use")))
        texts = [word.text for part in group.iter() for word in _words(part)]
        number = _number(texts[0]) if texts else None
        if marks and number is not None:
            found.append((float(marks[0].get(side, 0)), number))
    if len(found) < 2 or np.ptp([place for place, _ in found]) == 0:
        return None
    place, value = np.array(found).T
    slope, start = np.polyfit(place, value, 1)
    straight = np.allclose(slope * place + start, value, atol=1e-3 * max(np.ptp(value), 1e-9))
    return (float(slope), float(start)) if straight else None


def _axis_labels(axes: ET.Element) -> Iterator[Word]:
    for axis in axes:
        if str(axis.get("id", "")).startswith("matplotlib.axis"):
            for child in axis:
                if str(child.get("id", "")).startswith("text"):
                    yield from (word for part in child.iter() for word in _words(part))


def _number(text: str) -> float | None:
    try:
        return float(text.replace("\u2212", "-").replace(",", ""))
    except ValueError:
        return None
