"""Long reader tables as arrays: one curve per modality and reader, one column per case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._binary import binary
from faceage_stats._columns import as_pandas, columns_of
from faceage_stats._formula.markers import marker_numbers
from faceage_stats._formula.parse import split_formula
from faceage_stats._levels import group_codes
from faceage_stats.errors import DesignError, InputError

__all__ = [
    "SINGLE",
    "Columns",
    "ReaderData",
    "read_readers",
    "refuse_few_cases",
]

SINGLE = "all"  # the modality of a study that has only one


@dataclass(frozen=True)
class Columns:
    """Names of the columns of a reader study."""

    rating: str
    truth: str
    reader: str
    case: str
    modality: str | None = None

    @classmethod
    def of(cls, formula: str, reader: str, case: str, modality: str | None) -> Columns:
        """Read ``truth ~ rating``: each side names a column."""
        truth, rating = (side.strip().strip("`") for side in split_formula(formula))
        return cls(rating, truth, reader, case, modality)

    @property
    def used(self) -> list[str]:
        """Every column that is read."""
        names = [self.rating, self.truth, self.reader, self.case]
        return names if self.modality is None else [*names, self.modality]


@dataclass(frozen=True)
class ReaderData:
    """Ratings of a reader study, NaN where a reader skipped a case.

    `curves` has one row per modality and reader that answered at all: modality, reader, n (cases
    rated), n_event (positives among them), n_skipped (cases of the study not rated).
    """

    positive: np.ndarray  # curves x positive cases
    negative: np.ndarray  # curves x negative cases
    curves: pd.DataFrame
    modalities: tuple[str, ...]
    readers: tuple[str, ...]
    n_missing: int  # cases excluded because their truth is missing

    @property
    def n_case(self) -> int:
        """Cases with a known truth and at least one rating."""
        return int(self.positive.shape[1] + self.negative.shape[1])


def read_readers(columns: Columns, data: Any, caller: str) -> ReaderData:
    """Check a long table and spread it; rows without a rating are skipped cases."""
    data = as_pandas(data)
    table = columns_of(data, columns.used, caller)
    readers, reader = _labels(table[columns.reader])
    modalities, modality = (
        ((SINGLE,), SINGLE) if columns.modality is None else _labels(table[columns.modality])
    )
    answers = pd.DataFrame(
        {
            "rating": marker_numbers(table[columns.rating], columns.rating, "rating"),
            "truth": binary(table[columns.truth], columns.truth),
            "reader": reader,
            "case": table[columns.case].to_numpy(object),
            "modality": modality,
        }
    )
    _refuse_bad_rows(answers, columns)
    n_missing = answers.loc[answers["truth"].isna(), "case"].nunique()
    answers = answers.dropna(subset=["truth", "rating"])
    if answers.empty:
        raise DesignError(
            f"{caller}: none of the {len(data)} rows has both '{columns.truth}' and "
            f"'{columns.rating}'."
        )
    truth = answers.groupby("case", sort=False)["truth"].first()
    _refuse_one_class(truth, columns)
    wide = answers.pivot(index=["modality", "reader"], columns="case", values="rating")
    modalities = tuple(each for each in modalities if each in set(answers["modality"]))
    readers = tuple(each for each in readers if each in set(answers["reader"]))
    order = [key for m in modalities for r in readers if (key := (m, r)) in wide.index]
    wide = wide.loc[order]
    is_positive = truth.loc[wide.columns].to_numpy() == 1
    ratings = wide.to_numpy(float)
    rated = ~np.isnan(ratings)
    curves = pd.DataFrame(order, columns=["modality", "reader"]).assign(
        n=rated.sum(axis=1),
        n_event=rated[:, is_positive].sum(axis=1),
        n_skipped=(~rated).sum(axis=1),
    )
    return ReaderData(
        np.ascontiguousarray(ratings[:, is_positive]),
        np.ascontiguousarray(ratings[:, ~is_positive]),
        curves,
        modalities,
        readers,
        int(n_missing),
    )


def _labels(values: pd.Series) -> tuple[tuple[str, ...], np.ndarray]:
    """Levels of a column in order, and the level of each row, None where missing."""
    codes, levels = group_codes(values)
    return tuple(levels), np.array([*levels, None], object)[codes]


def refuse_few_cases(curves: pd.DataFrame) -> None:
    """Refuse curves whose variance cannot be estimated."""
    few = (curves["n_event"] < 2) | (curves["n"] - curves["n_event"] < 2)
    if few.any():
        raise DesignError(
            f"{int(few.sum())} of {len(curves)} reader-by-modality curves have fewer than 2 "
            "positive or fewer than 2 negative cases; an AUC and its error need 2 of each. Exclude "
            "those readers."
        )


def _refuse_bad_rows(answers: pd.DataFrame, columns: Columns) -> None:
    for key in ("reader", "case", "modality"):
        n_missing = int(answers[key].isna().sum())
        if n_missing:
            name = getattr(columns, key)
            raise InputError(f"'{name}' is missing in {n_missing} rows. Fill it in or drop them.")
    twice = int(answers.duplicated(["modality", "reader", "case"]).sum())
    if twice:
        raise InputError(
            f"{twice} rows repeat an answer of the same reader to the same case"
            + ("" if columns.modality is None else f" in the same '{columns.modality}'")
            + ". Keep one answer each, or name the arms with modality=."
        )
    states = answers.groupby("case")["truth"].nunique()
    n_inconsistent = int((states > 1).sum())
    if n_inconsistent:
        raise InputError(
            f"'{columns.truth}' differs between the rows of {n_inconsistent} cases. "
            "A case has one truth."
        )


def _refuse_one_class(truth: pd.Series, columns: Columns) -> None:
    n_positive = int(truth.sum())
    if n_positive in (0, len(truth)):
        raise DesignError(
            f"'{columns.truth}' has one class only: {n_positive} of the {len(truth)} rated cases "
            "are positive. An AUC needs positive and negative cases."
        )
