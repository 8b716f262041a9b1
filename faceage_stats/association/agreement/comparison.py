"""Compare the errors of several predictions of age on the same subjects, also balanced by age."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._result import Result, frozen_result
from faceage_stats._columns import (
    as_pandas,
    group_codes,
    numeric_column,
    require_columns,
)
from faceage_stats._wald import check_conf_level
from faceage_stats.association.classical.adjust_family import adjust_family
from faceage_stats.errors import DesignError, InputError

__all__ = ["AccuracyTest", "accuracy_test"]


@frozen_result
class AccuracyTest(Result):
    """Absolute errors of several predictions; see :func:`accuracy_test`."""

    table: pd.DataFrame
    errors: pd.DataFrame
    n_missing: int

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per group and pair of predictions: the paired difference."""
        return self.table.copy()

    def means(self) -> pd.DataFrame:
        """One row per group and prediction: mean absolute error with its interval."""
        return self.errors.copy()

    def glance(self) -> pd.DataFrame:
        """One row: ``n, n_missing``."""
        n = int(self.errors.loc[self.errors["variable"] == "all", "n"].iloc[0])
        return pd.DataFrame([{"n": n, "n_missing": self.n_missing}])


def accuracy_test(
    data: Any,
    predicted: Sequence[str],
    observed: str = "age",
    *,
    by: str | None = None,
    p_adjust: str = "holm",
    conf_level: float = 0.95,
) -> AccuracyTest:
    """Compare mean absolute errors of predictions of the same subjects, overall and by group.

    Parameters
    ----------
    data : DataFrame
        One row per subject; rows without the observation, a prediction or a group are dropped
        and counted, so that every prediction is judged on the same subjects.
    predicted : sequence of str
        Two or more columns of predictions, in the unit of `observed`.
    observed : str
        The truth.
    by : str, optional
        Column of groups: decades of age (:func:`faceage_stats.age_decade`), datasets.
    p_adjust : str
        Method of :func:`faceage_stats.p_adjust` over all comparisons.
    conf_level : float
        Level of the t intervals.

    Returns
    -------
    AccuracyTest
        ``tidy()``: ``variable, level, metric`` ("mae"; "balanced_mae" is the mean over groups,
        each counting the same)``, marker1, marker2, estimate1, estimate2, estimate`` (first less
        second: below 0 the first is closer)``, std_error, statistic, df, p_value, conf_low,
        conf_high, n, p_adjusted, p_adjust_method, family``. ``means()``: each prediction's own.

    Raises
    ------
    InputError
        Fewer than two predictions, absent columns, or values that are not numbers.
    DesignError
        Fewer than two complete rows, overall or in a group.

    Notes
    -----
    Paired t tests of the absolute errors. The balanced mean weights the groups equally, so that
    it does not depend on how many young and old subjects a dataset happens to hold; its degrees
    of freedom are Satterthwaite's.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [60, 70, 63, 77], "new": [62.0, 69, 64, 75],
    ...                       "old": [65.0, 66, 60, 82]})
    >>> accuracy_test(frame, ["new", "old"]).tidy()[["estimate1", "estimate2"]].values.tolist()
    [[1.5, 4.25]]
    """
    check_conf_level(conf_level)
    names = list(dict.fromkeys(predicted)) if not isinstance(predicted, str) else [predicted]
    if len(names) < 2:
        raise InputError("accuracy_test: name two or more different columns of predictions.")
    frame = as_pandas(data)
    require_columns([*names, observed, *([by] if by else [])], frame, "accuracy_test()")
    truth = numeric_column(frame, observed, "accuracy_test()")
    errors = np.abs(np.column_stack([numeric_column(frame, name, "accuracy_test()") for name in names]).T - truth).T
    complete = ~np.isnan(errors).any(axis=1)
    if by is not None:
        complete &= frame[by].notna().to_numpy()
    means, tests = [], []
    for label, parts in _blocks(errors[complete], frame[by][complete] if by else None):
        own = [_mean([part[:, i] for part in parts], conf_level) for i in range(len(names))]
        means += [
            label | {"marker": name} | {k: row[k] for k in _OWN}
            for name, row in zip(names, own, strict=True)
        ]
        for i, j in itertools.combinations(range(len(names)), 2):
            pair = {
                "marker1": names[i],
                "marker2": names[j],
                "estimate1": own[i]["estimate"],
                "estimate2": own[j]["estimate"],
            }
            difference = _mean([part[:, i] - part[:, j] for part in parts], conf_level)
            tests.append(label | pair | difference)
    table = adjust_family(
        pd.DataFrame(tests), family="absolute errors, every comparison", p_adjust=p_adjust
    )
    return AccuracyTest(table, pd.DataFrame(means), int((~complete).sum()))


_OWN = ("estimate", "std_error", "conf_low", "conf_high", "n")


def _blocks(
    errors: np.ndarray, groups: pd.Series | None
) -> list[tuple[dict[str, Any], list[np.ndarray]]]:
    """What is averaged: label, and the samples whose means count the same."""
    samples = {("all", "all"): errors}
    if groups is not None:
        codes, labels = group_codes(groups)
        name = str(groups.name)
        samples |= {(name, str(label)): errors[codes == i] for i, label in enumerate(labels)}
    small = [f"{variable} = {level}" for (variable, level), s in samples.items() if len(s) < 2]
    if small:
        raise DesignError(
            f"accuracy_test: fewer than 2 complete rows in {', '.join(small)}. Join sparse groups."
        )
    blocks: list[tuple[dict[str, Any], list[np.ndarray]]] = [
        ({"variable": variable, "level": level, "metric": "mae"}, [sample])
        for (variable, level), sample in samples.items()
    ]
    if len(samples) > 2:
        label = {"variable": "all", "level": "all", "metric": "balanced_mae"}
        blocks.insert(1, (label, list(samples.values())[1:]))
    return blocks


def _mean(parts: Sequence[np.ndarray], conf_level: float) -> dict[str, float]:
    """Mean of the means of independent groups, tested against 0."""
    variances = np.array([part.var(ddof=1) / len(part) for part in parts]) / len(parts) ** 2
    estimate = float(np.mean([part.mean() for part in parts]))
    std_error = math.sqrt(float(variances.sum()))
    sizes = np.array([len(part) - 1 for part in parts])
    total = float((variances**2 / sizes).sum())
    df = float(variances.sum()) ** 2 / total if total > 0 else float(sizes.sum())
    statistic = estimate / std_error if std_error > 0 else math.nan
    half_width = float(stats.t.ppf(0.5 + conf_level / 2, df)) * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "statistic": statistic,
        "df": df,
        "p_value": float(2 * stats.t.sf(abs(statistic), df)),
        "conf_low": estimate - half_width,
        "conf_high": estimate + half_width,
        "n": int(sum(map(len, parts))),
    }
