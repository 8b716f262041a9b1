"""What `data_schemas` says of a table: its columns, keys and rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from faceage_stats.errors import InputError

__all__ = ["Field", "Schema"]


@dataclass(frozen=True)
class Field:
    """One column of a table, or one family of columns with a common name pattern."""

    name: str
    type: str
    description: str
    unit: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    levels: tuple[Any, ...] = ()
    reference: Any = None
    labels: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    optional: bool = False
    expected: tuple[float, ...] = ()  # where the median (of 0/1: the mean) of a cohort lies

    @property
    def required(self) -> bool:
        """No value may be missing."""
        return bool(self.constraints.get("required", False))

    @property
    def is_factor(self) -> bool:
        """Text with declared levels: categorical once validated."""
        return self.type == "string" and bool(self.levels)

    @property
    def label_levels(self) -> list[str]:
        """The labels in level order, pooled ones once: the levels of the recoded column."""
        return list(dict.fromkeys(self.labels[str(level)] for level in self.levels))

    @property
    def allowed(self) -> str:
        """Allowed values in words."""
        if "enum" in self.constraints:
            codes = self.constraints["enum"]
            return ", ".join(
                f"{c} = {self.labels[str(c)]}" if self.labels.get(str(c), c) != c else str(c)
                for c in codes
            )
        limits = self.constraints
        parts = [
            f"{sign} {limits[key]}"
            for key, sign in (("exclusiveMinimum", ">"), ("minimum", ">="), ("maximum", "<="))
            if key in limits
        ]
        if "pattern" in limits:
            parts.append(f"matches {limits['pattern']}")
        return " and ".join(parts)


@dataclass(frozen=True)
class Schema:
    """A table as declared in `data_schemas`."""

    name: str
    title: str
    description: str
    row: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    missing_values: tuple[str, ...]
    pattern_fields: tuple[tuple[str, int, Field], ...]
    rules: tuple[Mapping[str, Any], ...]
    constant_within: tuple[Mapping[str, Any], ...]
    extra_columns: bool
    implausible: tuple[Mapping[str, Any], ...] = ()  # conditions that hardly a row fulfils

    def field(self, column: str) -> Field:
        """Field of a column; for a dosage or gene column that of its pattern."""
        for candidate in self.fields:
            if candidate.name == column:
                return candidate
        found = self.pattern_field(column)
        if found is None:
            raise InputError(
                f"the {self.name} schema has no column '{column}'. Its columns are "
                f"{', '.join(f.name for f in self.fields)}."
            )
        return found

    def pattern_field(self, column: str) -> Field | None:
        """The family of columns that a name belongs to, if any."""
        for pattern, _, candidate in self.pattern_fields:
            if re.fullmatch(pattern, column):
                return candidate
        return None
