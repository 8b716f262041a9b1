"""What a search may turn in the design of a cohort, and what it looks at."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faceage_stats.cohorts.synthetic.matched import adjusted

__all__ = ["Knob", "Study", "design_of", "given_at"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Knob:
    """One number of a design: where it stands, and how far it is turned."""

    path: tuple[str | int, ...]
    step: float  # for derivatives
    reach: float  # of one Newton step
    log: bool = True  # turned on the log scale

    def read(self, default: Any, given: Mapping[str, Any]) -> float:
        """Where it stands in a design."""
        place = adjusted(default, given)
        for key in self.path:
            named = isinstance(key, str) and not isinstance(place, Mapping)
            place = getattr(place, key) if named else place[key]
        return math.log(place) if self.log else float(place)

    def turned(self, value: float) -> float:
        """The number to store: four decimals, so that every machine reads the same."""
        return round(math.exp(value) if self.log else float(value), 4)


@dataclass(frozen=True)
class Study:
    """A cohort to be matched: its knobs, what is realised under a design, and the goal."""

    cohort: str
    default: Any
    knobs: Sequence[Knob]
    realised: Callable[[Any], Vector]
    goal: Vector
    tolerance: Vector
    margin: Callable[[Vector], float]  # inside the rounding of what was printed; below 0 outside
    random_steps: int = 400  # after the search


def given_at(study: Study, given: Mapping[str, Any], x: Vector) -> dict[str, Any]:
    """The design that differs from the default in what was given and in the knobs."""
    changed: dict[str, Any] = copy.deepcopy(dict(given))
    for knob, value in zip(study.knobs, x, strict=True):
        place = changed
        for key in knob.path[:-1]:
            place = place.setdefault(key, {})
        place[knob.path[-1]] = knob.turned(value)
    return changed


def design_of(study: Study, given: Mapping[str, Any], x: Vector) -> Any:
    """The same, as the builder takes it."""
    return adjusted(study.default, given_at(study, given, x))
