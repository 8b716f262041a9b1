"""Observed combinations of some columns, labelled and ordered as R does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._levels import as_factor, level_text

__all__ = ["GroupFrame"]


@dataclass(frozen=True)
class GroupFrame:
    """Rows sorted into the observed combinations of some columns, labelled as R does.

    `codes` number the groups in the order of `labels` (first column slowest); `levels` holds
    the value of each column for each group.
    """

    codes: np.ndarray
    labels: tuple[str, ...]
    levels: pd.DataFrame

    @classmethod
    def single(cls, n: int) -> GroupFrame:
        """Put n rows into one group, labelled "all"; `levels` has no column."""
        return cls(np.zeros(n, np.int64), ("all",), pd.DataFrame(index=[0]))

    @classmethod
    def of(cls, names: tuple[str, ...], columns: list[pd.Series]) -> GroupFrame:
        """Group by columns without missing values."""
        keys = [_ordered_codes(column) for column in columns]
        codes, chosen = np.zeros(len(columns[0]), np.int64), list[np.ndarray]()
        for each, texts in keys:  # numbered anew after each column, so that no product overflows
            codes, pairs = pd.factorize(codes * len(texts) + each, sort=True)
            group, level = np.divmod(pairs, len(texts))
            chosen = [*(index[group] for index in chosen), level]
        values = [
            [texts[index] for index in indices]
            for (_, texts), indices in zip(keys, chosen, strict=True)
        ]
        labels = tuple(
            ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
            for row in zip(*values, strict=True)
        )
        levels = pd.DataFrame(dict(zip(names, values, strict=True)))
        return cls(codes.astype(np.int64), labels, levels)


def _ordered_codes(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Level codes in R's factor() order."""
    factor = as_factor(column)
    texts = [level_text(level) for level in factor.cat.categories]
    return factor.cat.codes.to_numpy(dtype=np.int64), texts
