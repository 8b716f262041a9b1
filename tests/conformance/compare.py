"""Compare an answer with R's numbers, value by value."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["MISSING", "Comparison", "Tolerance", "compare"]


class _Missing:
    """Marks a value that an adapter did not give."""

    def __repr__(self) -> str:
        return "no answer"


MISSING = _Missing()


@dataclass(frozen=True)
class Tolerance:
    """A value passes when abs(got - expected) <= atol + rtol * abs(expected)."""

    rtol: float
    atol: float
    rtol_by_field: Mapping[str, float]
    atol_by_field: Mapping[str, float]

    @classmethod
    def of(cls, case: Mapping[str, Any]) -> Tolerance:
        return cls(
            float(case.get("rtol", 0.0)),
            float(case.get("atol", 0.0)),
            case.get("rtol_by_field") or {},
            case.get("atol_by_field") or {},
        )

    def below(self, key: str) -> Tolerance:
        """The tolerance of the key `key` and of everything under it.

        A p value is compared relatively: beside 1e-12, 1e-9 is no small difference.
        """
        rtol = float(self.rtol_by_field.get(key, self.rtol))
        atol = float(self.atol_by_field.get(key, self.atol))
        if re.search(r"(^|_)p(_|$)|^pr_(chi|f)_$", key) and key not in self.atol_by_field:
            rtol, atol = rtol or atol, 0.0
        return replace(self, rtol=rtol, atol=atol)

    def at(self, field: str) -> Tolerance:
        """The tolerance of a value, by its whole name."""
        found = self
        for key in re.sub(r"\[\d+\]", "", field).split("."):
            found = found.below(key)
        return found

    def allowed(self, expected: float) -> float:
        return self.atol + self.rtol * abs(expected)


@dataclass(frozen=True)
class Comparison:
    """One value of one case: R's, ours, and whether they agree."""

    field: str
    expected: Any
    got: Any
    tolerance: float
    passed: bool

    @property
    def answered(self) -> bool:
        return self.got is not MISSING

    @property
    def relative_difference(self) -> float:
        """abs(got - expected) / abs(expected), the plain difference when R's value is 0."""
        if not (_is_number(self.expected) and _is_number(self.got)):
            return 0.0 if self.passed else math.nan
        difference = abs(float(self.got) - float(self.expected))
        return difference / abs(float(self.expected)) if self.expected else difference


def compare(expected: Any, got: Any, tolerance: Tolerance, field: str = "") -> Iterator[Comparison]:
    """Yield one comparison per number, string, flag and null of `expected`."""
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            answer = got.get(key, MISSING) if isinstance(got, Mapping) else MISSING
            name = f"{field}.{key}" if field else str(key)
            yield from compare(value, answer, tolerance.below(str(key)), name)
    elif _is_sequence(expected):
        yield from _compare_lists(expected, got, tolerance, field)
    else:
        yield _compare_value(expected, got, tolerance, field)


def _compare_lists(
    expected: Sequence[Any], got: Any, tolerance: Tolerance, field: str
) -> Iterator[Comparison]:
    answers: list[Any]
    if got is MISSING:
        answers = [MISSING] * len(expected)
    else:
        answers = list(got) if _is_sequence(got) else [got]
        if len(answers) != len(expected):
            yield Comparison(f"{field}.length", len(expected), len(answers), 0.0, False)
            return
    for position, (value, answer) in enumerate(zip(expected, answers, strict=True)):
        yield from compare(value, answer, tolerance, f"{field}[{position}]")


def _compare_value(expected: Any, got: Any, tolerance: Tolerance, field: str) -> Comparison:
    if got is MISSING:
        return Comparison(field, expected, MISSING, math.nan, False)
    if expected is None:
        return Comparison(field, None, got, 0.0, _is_undefined(got))
    if isinstance(expected, bool | str):
        return Comparison(field, expected, got, 0.0, bool(got == expected))
    allowed = tolerance.allowed(float(expected))
    passed = _is_number(got) and abs(float(got) - float(expected)) <= allowed
    return Comparison(field, expected, got, allowed, bool(passed))


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _is_undefined(value: Any) -> bool:
    """Null stands for R's NA, NaN, Inf and -Inf."""
    return value is None or (_is_number(value) and not math.isfinite(float(value)))


def _is_sequence(value: Any) -> bool:
    if isinstance(value, str | bytes | Mapping):
        return False
    return isinstance(value, Sequence) or (hasattr(value, "__len__") and hasattr(value, "__iter__"))
