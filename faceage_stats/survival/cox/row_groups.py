"""A Parquet file of follow-up, read backwards in time, one row group in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._expression.nodes import Node, names_of
from faceage_stats._formula.design import Design
from faceage_stats._formula.frame import SurvivalFrame, named, require_surv, survival_frame
from faceage_stats._formula.parse import split_formula
from faceage_stats._formula.sides import Special, read_right, refuse_zero_weights
from faceage_stats._levels import sort_text
from faceage_stats._missing import told_missing
from faceage_stats._surv import surv_arguments
from faceage_stats._ties import tolerance_of
from faceage_stats.errors import DesignError, FormulaError, InputError

__all__ = ["About", "RowGroups"]

_ALLOW: frozenset[Special] = frozenset({"strata", "offset"})


class About(NamedTuple):
    """What one pass over a file finds.

    `counts` are n and n_event of each row of a coefficient table, `scale` brings the mean square
    of a column to 1, `tolerance` is the distance up to which two times are one.
    """

    design: Design
    n: int
    n_event: int
    n_missing: int
    counts: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    offset: float
    strata: tuple[str, ...]
    tolerance: float
    fractional: bool


class RowGroups:
    """The rows of a file that a formula uses.

    Iterating gives the complete rows of each row group as a frame, the last group first.
    """

    def __init__(self, formula: str, path: str, weights: str | None, caller: str) -> None:
        """Open the file and find which columns the formula uses."""
        import pyarrow.parquet as pq

        if not Path(path).is_file():
            raise InputError(f"{caller}: there is no file '{path}'.")
        self.file = pq.ParquetFile(path)
        self.formula, self.weights, self.caller = formula, weights, caller
        self.n_missing = 0  # rows left out in the last pass
        where = named(caller, formula)
        empty = self.file.schema_arrow.empty_table().to_pandas(ignore_metadata=True)
        require_surv(split_formula(formula)[0], where)
        left, right = read_right(formula, empty, {*_ALLOW, "- 1"}, where)
        outcome = surv_arguments(left)
        if len(outcome) == 3:
            raise FormulaError(
                f"{where}: rows of a file are right-censored, Surv(time, event). For intervals at "
                "risk read the file and call coxph()."
            )
        nodes: list[Node] = [*outcome, *right.strata]
        nodes += [right.offset] if right.offset is not None else []
        names = [*right.required, *(name for node in nodes for name in names_of(node))]
        names += [weights] if weights is not None else []
        self.columns = [name for name in dict.fromkeys(names) if name in empty.columns]

    @cached_property
    def levels(self) -> dict[str, list[str]]:
        """Levels of each column of text: a categorical keeps its order, text is sorted."""
        import pyarrow as pa

        found: dict[str, dict[str, None]] = {}
        kinds = {name: self.file.schema_arrow.field(name).type for name in self.columns}
        categorical = {name for name, kind in kinds.items() if pa.types.is_dictionary(kind)}
        text = {name for name, k in kinds.items() if pa.types.is_string(k) or _is_large(k)}
        for i in range(self.file.num_row_groups if categorical | text else 0):
            table = self.file.read_row_group(i, columns=sorted(categorical | text))
            for name in table.column_names:
                values = table[name].combine_chunks().to_pandas()
                levels = values.cat.categories if name in categorical else values.dropna().unique()
                found.setdefault(name, {}).update(dict.fromkeys(levels))
        return {n: list(v) if n in categorical else sort_text(v) for n, v in found.items()}

    def __iter__(self) -> Iterator[SurvivalFrame]:
        """Read the row groups."""
        later, names = np.inf, list[str]()
        self.n_missing = 0
        for i in reversed(range(self.file.num_row_groups)):
            data = self._read(i)
            if data.dropna().empty:
                self.n_missing += len(data)
                continue
            frame = survival_frame(
                self.formula, data, allow=_ALLOW, weights=self.weights, caller=self.caller
            )
            self.n_missing += frame.n_missing
            time = frame.surv.time
            if (np.diff(time) < 0).any() or time[-1] > later:
                raise InputError(
                    f"{self.caller}: the rows are not in the order of '{frame.surv.time_name}' "
                    f"(row group {i + 1} of {self.file.num_row_groups}). Sort the file by it."
                )
            names = names or frame.design.names
            if frame.design.names != names or frame.design.learnt:
                raise FormulaError(
                    f"{named(self.caller, self.formula)}: a term takes its levels, knots or "
                    "moments from all rows, and a row group does not have them. Make it a column "
                    "of text, or of numbers, before the file is written."
                )
            later = time[0]
            yield frame

    def _missing(self) -> str:
        """Say which columns of the file leave no complete row."""
        groups = [self._read(i) for i in range(self.file.num_row_groups)]
        counts = sum((data.isna().sum() for data in groups), pd.Series(0, self.columns))
        return told_missing(counts.to_dict(), sum(map(len, groups)))

    def _read(self, i: int) -> pd.DataFrame:
        table = self.file.read_row_group(i, columns=self.columns)
        data: pd.DataFrame = table.to_pandas(ignore_metadata=True)
        for name, levels in self.levels.items():
            data[name] = pd.Categorical(data[name], levels)
        return data

    def about(self) -> About:
        """Read everything once: counts, centre and scale of the columns, strata, near ties."""
        design: Design | None = None
        counts: Any = 0
        mean: Any = 0.0
        square: Any = 0.0
        strata: dict[str, None] = {}
        n = n_event = n_time = 0
        offset, size, later, fractional = 0.0, 0.0, np.inf, False
        for frame in self:
            design, event = frame.design, frame.surv.event
            strata |= dict.fromkeys(frame.strata_labels)
            counts = counts + coefficient_rows(design, frame.x, event, {}, 0.0)[["n", "n_event"]]
            if frame.weights is not None:
                refuse_zero_weights(frame.weights, self.weights)
                fractional |= bool((frame.weights != np.floor(frame.weights)).any())
            of_group, m = frame.x.mean(axis=0), frame.n
            shift = of_group - mean
            square = square + ((frame.x - of_group) ** 2).sum(axis=0) + shift**2 * (n * m / (n + m))
            mean = mean + shift * (m / (n + m))
            n, n_event = n + m, n_event + int(event.sum())
            offset += 0.0 if frame.offset is None else frame.offset.sum()
            times = np.unique(frame.surv.time)
            times, later = times[times < later], times[0]
            n_time, size = n_time + len(times), size + np.abs(times).sum()
        if design is None:
            raise DesignError(f"{self.caller}: no row of the file is complete. {self._missing()}")
        spread = np.sqrt(square / n)
        plain = spread > 1e-13 * np.abs(mean)
        scale, counted = 1 / np.where(plain, spread, 1.0), np.asarray(counts)
        return About(
            design, n, n_event, self.n_missing, counted, mean, scale, offset / n, tuple(strata),
            tolerance_of(size / n_time), fractional,
        )  # fmt: skip


def _is_large(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_large_string(kind))
