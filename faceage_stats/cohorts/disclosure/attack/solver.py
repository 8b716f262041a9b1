"""Whole numbers that linear equations with rounding leave possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

__all__ = ["Integers"]

_LARGEST = 10**7  # more patients than any cohort has
_EASE = 1e-6  # of decimals that were printed


@dataclass
class Integers:
    """Unknown counts, what is known of each, and the equations between them."""

    bounds: dict[Any, tuple[float, float]] = field(default_factory=dict)
    equations: list[tuple[dict[Any, float], float, float]] = field(default_factory=list)

    def know(self, name: Any, low: float = 0, high: float = _LARGEST) -> None:
        """Narrow the range of a count; a contradiction is kept out."""
        old = self.bounds.get(name, (0.0, float(_LARGEST)))
        new = (max(old[0], np.ceil(low - _EASE)), min(old[1], np.floor(high + _EASE)))
        self.bounds[name] = new if new[0] <= new[1] else old

    def relate(self, terms: Mapping[Any, float], low: float = 0, high: float = 0) -> None:
        """Add low <= sum of coefficient x count <= high."""
        for name in terms:
            self.know(name)
        self.equations.append((dict(terms), low - _EASE, high + _EASE))

    def ranges(self, names: Iterable[Any]) -> dict[Any, tuple[int, int]]:
        """Smallest and largest value that each count can have; absent where nothing fits."""
        found: dict[Any, tuple[int, int]] = {}
        part_of = self._parts()
        for name in names:
            if name not in self.bounds:
                continue
            part = part_of.get(name, [])
            if span := self._range(name, part):
                found[name] = span
        return found

    def _range(self, name: Any, part: list[int]) -> tuple[int, int] | None:
        if not part:
            low, high = self.bounds[name]
            return int(low), int(high)
        unknown = list(dict.fromkeys(n for e in part for n in self.equations[e][0]))
        place = {n: i for i, n in enumerate(unknown)}
        matrix = np.zeros((len(part), len(unknown)))
        for row, equation in enumerate(part):
            for each, coefficient in self.equations[equation][0].items():
                matrix[row, place[each]] = coefficient
        limits = [self.equations[e][1:] for e in part]
        within = LinearConstraint(matrix, [low for low, _ in limits], [high for _, high in limits])
        bounds = Bounds(*zip(*(self.bounds[n] for n in unknown), strict=True))
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(unknown))
            aim[place[name]] = sign
            answer = milp(aim, constraints=within, bounds=bounds, integrality=np.ones_like(aim))
            if not answer.success:
                return None
            ends.append(round(float(answer.x[place[name]])))
        return ends[0], ends[1]

    def _parts(self) -> dict[Any, list[int]]:
        """The equations that bear on each count: those linked to it by common counts."""
        root = list(range(len(self.equations)))

        def top(i: int) -> int:
            while root[i] != i:
                i = root[i]
            return i

        first: dict[Any, int] = {}
        for i, (terms, _, _) in enumerate(self.equations):
            for name in terms:
                root[top(i)] = top(first.setdefault(name, i))
        groups: dict[int, list[int]] = {}
        for i in range(len(self.equations)):
            groups.setdefault(top(i), []).append(i)
        return {name: groups[top(i)] for name, i in first.items()}
