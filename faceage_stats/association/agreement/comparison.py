"""Errors of several predictions of age compared on the same subjects, also balanced by age."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_names
from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column, require_columns
from faceage_stats._contrast import contrast_table, gains
from faceage_stats._formula.extremes import measured_column
from faceage_stats._levels import group_codes, list_levels
from faceage_stats._near import check_option
from faceage_stats._p_adjust import PAdjust
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.association.classical.adjust_family import adjust_family
from faceage_stats.errors import DesignError, InputError

__all__ = ["AccuracyTest", "accuracy_test"]


class Mean(NamedTuple):
    """Mean of independent groups that count alike, with Satterthwaite's degrees of freedom."""

    estimate: float
    std_error: float
    df: float


@dataclass(frozen=True)
class ErrorBlock:
    """Mean absolute errors in one group, or balanced over all groups.

    `means` has one entry per prediction, `differences` one per pair.
    """

    variable: str
    level: str
    metric: str
    n: int
    means: tuple[Mean, ...]
    differences: tuple[Mean, ...]

    def labelled(self, table: pd.DataFrame) -> pd.DataFrame:
        """Put the names of the block before a table."""
        names = {"variable": self.variable, "level": self.level, "metric": self.metric}
        return pd.concat([pd.DataFrame(names, index=table.index), table], axis=1).assign(n=self.n)


@frozen_result
class AccuracyTest(Result):
    """Absolute errors of several predictions, made by :func:`accuracy_test`.

    Attributes
    ----------
    predicted : tuple of str
    blocks : tuple of ErrorBlock
        The whole sample, the balanced mean, then each group.
    p_adjust : str
    conf_level : float
        As in the call.
    n, n_missing : int
    """

    predicted: tuple[str, ...]
    blocks: tuple[ErrorBlock, ...]
    p_adjust: PAdjust
    conf_level: float
    n: int
    n_missing: int

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group and pair of predictions: the paired difference.

        Parameters
        ----------
        conf_level : float, optional
            Level of the t intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``variable level metric marker1 marker2 estimate1 estimate2 estimate std_error
            conf_low conf_high statistic df p_value n p_adjusted p_adjust family``.
        """
        level = conf_level or self.conf_level
        tables = [
            block.labelled(
                contrast_table(
                    self.predicted,
                    [mean.estimate for mean in block.means],
                    [difference.std_error for difference in block.differences],
                    level,
                    df=[difference.df for difference in block.differences],
                )
            )
            for block in self.blocks
        ]
        return adjust_family(
            pd.concat(tables, ignore_index=True),
            family="absolute errors, every comparison",
            p_adjust=self.p_adjust,
        )

    def means(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group and prediction: mean absolute error with its interval.

        Parameters
        ----------
        conf_level : float, optional
            Level of the t intervals, cut at 0; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``variable level metric marker estimate std_error conf_low conf_high n``.
        """
        tables = []
        for block in self.blocks:
            estimate, std_error, df = np.array(block.means).T
            level = conf_level or self.conf_level
            low, high = limits(estimate, std_error, level, df=df, within=(0, np.inf))
            columns = {"marker": self.predicted, "estimate": estimate, "std_error": std_error}
            columns |= {"conf_low": low, "conf_high": high}
            tables.append(block.labelled(pd.DataFrame(columns)))
        return pd.concat(tables, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing``."""
        return pd.DataFrame([{"n": self.n, "n_missing": self.n_missing}])

    def _further_tables(self) -> tuple[str, ...]:
        return ("means",)


@checked_call
def accuracy_test(
    data: Any,
    predicted: Sequence[str],
    observed: str = "age",
    *,
    by: str | None = None,
    p_adjust: PAdjust = "holm",
    conf_level: float = 0.95,
) -> AccuracyTest:
    """Compare mean absolute errors of predictions of the same subjects, overall and by group.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per subject; rows without the observation, a prediction or a group are dropped
        and counted, so that every prediction is judged on the same subjects.
    predicted : sequence of str
        Two or more columns of predictions, in the unit of `observed`.
    observed : str
        The observed age.
    by : str, optional
        Column of groups: decades of age (:func:`faceage_stats.age_decade`), datasets.
    p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
        Method of :func:`faceage_stats.p_adjust` over all comparisons.
    conf_level : float
        Level of the t intervals.

    Returns
    -------
    AccuracyTest
        ``tidy(conf_level=...)``: ``variable level metric`` ("mae"; "balanced_mae" is the mean over
        groups, each counting the same) ``marker1 marker2 estimate1 estimate2 estimate`` (the
        later minus the earlier: below 0 the later is closer) ``std_error conf_low conf_high
        statistic df p_value n p_adjusted p_adjust family``. ``means()``: each prediction's mean
        absolute error.

    Raises
    ------
    FormulaError
        Absent columns.
    InputError
        Fewer than two predictions, or values that are not numbers.
    DesignError
        Fewer than two complete rows, overall or in a group.

    See Also
    --------
    accuracy : the errors of one prediction.

    Notes
    -----
    Paired t tests of the absolute errors. The balanced mean weights the groups equally, so that
    it does not depend on how many young and old subjects a dataset happens to hold; its degrees
    of freedom are Satterthwaite's.

    In R: ``t.test(abs(df$new - df$age), abs(df$old - df$age), paired = TRUE)``

    References
    ----------
    Satterthwaite FE (1946). An approximate distribution of estimates of variance components.
    Biometrics Bulletin 2:110-114. doi:10.2307/3002019

    Examples
    --------
    >>> data = pd.DataFrame({"age": [60, 70, 63, 77], "new": [62.0, 69, 64, 75],
    ...                      "old": [65.0, 66, 60, 82]})
    >>> accuracy_test(data, ["old", "new"]).tidy()[["estimate1", "estimate2"]].values.tolist()
    [[1.5, 4.25]]
    """
    check_conf_level(conf_level)
    check_option("p_adjust", p_adjust, PAdjust)
    names = list(dict.fromkeys(check_names("predicted", predicted)))
    if len(names) < 2:
        raise InputError("accuracy_test: name two or more different columns of predictions.")
    frame = as_pandas(data)
    require_columns([*names, observed, *([by] if by else [])], frame, "accuracy_test()")
    truth = measured_column(frame, observed, "accuracy_test()")
    columns = [measured_column(frame, name, "accuracy_test()") for name in names]
    errors = np.abs(np.column_stack(columns) - truth[:, None])
    complete = ~np.isnan(errors).any(axis=1)
    groups = column(frame, by, "accuracy_test()") if by else None
    if groups is not None:
        complete &= groups.notna().to_numpy()
    return AccuracyTest(
        predicted=tuple(names),
        blocks=_blocks(errors[complete], None if groups is None else groups[complete]),
        p_adjust=p_adjust,
        conf_level=conf_level,
        n=int(complete.sum()),
        n_missing=int((~complete).sum()),
    )


def _blocks(errors: np.ndarray, groups: pd.Series | None) -> tuple[ErrorBlock, ...]:
    """The whole sample, the balanced mean of several groups, and each group."""
    samples = {("all", "all"): errors}
    if groups is not None:
        codes, labels = group_codes(groups)
        name = str(groups.name)
        samples |= {(name, label): errors[codes == i] for i, label in enumerate(labels)}
    small = [f"{variable} = {level}" for (variable, level), s in samples.items() if len(s) < 2]
    if small:
        raise DesignError(
            f"accuracy_test: fewer than 2 complete rows in {list_levels(small)}. Join sparse "
            "groups."
        )
    blocks = [
        _block(variable, level, "mae", [sample]) for (variable, level), sample in samples.items()
    ]
    if len(samples) > 2:
        blocks.insert(1, _block("all", "all", "balanced_mae", list(samples.values())[1:]))
    return tuple(blocks)


def _block(variable: str, level: str, metric: str, parts: list[np.ndarray]) -> ErrorBlock:
    """Means and differences over `parts`, the samples whose means count the same."""
    columns = range(parts[0].shape[1])
    return ErrorBlock(
        variable,
        level,
        metric,
        sum(map(len, parts)),
        tuple(_mean([part[:, i] for part in parts]) for i in columns),
        tuple(
            _mean([part[:, new] - part[:, old] for part in parts]) for new, old in gains(columns)
        ),
    )


def _mean(parts: Sequence[np.ndarray]) -> Mean:
    variances = np.array([part.var(ddof=1) / len(part) for part in parts]) / len(parts) ** 2
    sizes = np.array([len(part) - 1 for part in parts])
    total = float((variances**2 / sizes).sum())
    return Mean(
        float(np.mean([part.mean() for part in parts])),
        math.sqrt(float(variances.sum())),
        float(variances.sum()) ** 2 / total if total > 0 else float(sizes.sum()),
    )
