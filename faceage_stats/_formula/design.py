"""The fitted right side of a formula: it encodes new data as the data of the fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._columns import as_pandas, evaluate, numeric, require_columns
from faceage_stats._formula.encoding import Encoding
from faceage_stats._formula.groups import strata_labels
from faceage_stats._formula.parse import RightSide
from faceage_stats._formula.terms import Column, Term, level_text
from faceage_stats.errors import DesignError, InputError

__all__ = ["Design"]


@dataclass(frozen=True)
class Design:
    """The fitted encoding of a right side: levels, knots and centring are remembered.

    Attributes
    ----------
    formula : str
        As the user wrote it.
    """

    formula: str
    _right: RightSide
    _encoding: Encoding

    @property
    def columns(self) -> tuple[Column, ...]:
        """One per design column, in R's order."""
        return self._encoding.columns

    @property
    def terms(self) -> tuple[Term, ...]:
        """One per model term."""
        return self._encoding.terms

    @property
    def names(self) -> list[str]:
        """R's coefficient names."""
        return [column.name for column in self.columns]

    def markers(self) -> list[str]:
        """Names of the columns where each is judged by itself; none may have vanished.

        Raises
        ------
        DesignError
            A factor has one level in the rows used, and so no column.
        """
        for term in self.terms:
            if term.columns.start == term.columns.stop:
                raise DesignError(
                    f"`{self.formula}`: '{term.label}' has one level in the rows used; it cannot "
                    "tell patients apart. Check the column."
                )
        return self.names

    def encode(self, data: pd.DataFrame) -> np.ndarray:
        """Encode new data; a row with a missing value is NaN, a new level is refused."""
        data = as_pandas(data)
        require_columns(self._right.required, data, f"The model `{self.formula}`")
        used = data[list(self._right.required)]
        complete = used.notna().all(axis=1).to_numpy()
        self._refuse_new_levels(used[complete])
        x = np.full((len(data), len(self.columns)), np.nan)
        if complete.any() and self.columns:
            x[complete] = self._encoding.matrix(used[complete])
        return x

    def encode_offset(self, data: pd.DataFrame) -> np.ndarray:
        """Compute the offset of new data (zeros when the formula has none)."""
        data = as_pandas(data)
        if self._right.offset is None:
            return np.zeros(len(data))
        return numeric(evaluate(self._right.offset, data, "offset()"), self._right.offset)

    def strata_labels(self, data: pd.DataFrame) -> list[str] | None:
        """Give R's stratum label of each row of new data, None without strata()."""
        data = as_pandas(data)
        return strata_labels(self._right.strata, data) if self._right.strata else None

    def _refuse_new_levels(self, data: pd.DataFrame) -> None:
        for term in self.terms:
            if term.levels is None or term.variable not in data.columns:
                continue
            values = data[term.variable]
            known = {str(level) for level in term.levels}
            new = values[~values.map(level_text).isin(known)]
            if len(new):
                levels = sorted({level_text(value) for value in new})
                raise InputError(
                    f"column '{term.variable}' has {len(levels)} levels that the model never saw "
                    f"({', '.join(levels[:5])}; {len(new)} rows). Known levels: "
                    f"{', '.join(term.levels)}. Recode or drop those rows."
                )
