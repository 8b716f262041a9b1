"""How far readers agree with each other: kappa of calls, intraclass correlation of ratings."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._columns import as_pandas, numeric, require_columns
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, InputError

__all__ = ["ReaderAgreement", "reader_agreement"]


def reader_agreement(
    value: str, *, reader: str, case: str, data: Any, kind: str = "kappa"
) -> ReaderAgreement:
    """Agreement of several readers on the same cases.

    Parameters
    ----------
    value : str
        Column of calls (kappa: any categories) or of ratings (icc: numbers).
    reader, case : str
        Columns that identify reader and case; one row for each pair (filter to one arm first).
    data : pandas.DataFrame or polars.DataFrame
    kind : {"kappa", "icc"}
        Fleiss's kappa, or ICC(2,1): two-way random, single rating, absolute agreement.

    Returns
    -------
    ReaderAgreement
        ``tidy()`` the coefficient over all readers; ``pairwise()`` each pair of readers.

    Raises
    ------
    InputError
        Repeated answers, an unknown `kind`, ratings that are not numbers.
    DesignError
        Fewer than two readers, or fewer than three cases that everybody answered.

    Notes
    -----
    Only cases that every reader answered are used; the others are counted in ``n_missing``. The
    kappa's standard error is jackknifed over cases; the ICC's interval is that of McGraw and Wong
    (1996), as in R's ``psych::ICC``.

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"reader": ["a"] * 4 + ["b"] * 4, "case": [1, 2, 3, 4] * 2,
    ...                      "call": [1, 0, 1, 0, 1, 0, 1, 1]})
    >>> fit = reader_agreement("call", reader="reader", case="case", data=long)
    >>> fit.tidy()["estimate"].round(3).tolist()
    [0.467]
    """
    if kind not in ("kappa", "icc"):
        raise InputError(f"kind is {kind!r}; choose 'kappa' or 'icc'.")
    data = as_pandas(data)
    require_columns([value, reader, case], data, "reader_agreement")
    answers = data[[case, reader, value]].dropna()
    twice = int(answers.duplicated([case, reader]).sum())
    if twice:
        raise InputError(f"{twice} rows repeat an answer of a reader to a case; use one arm only.")
    if kind == "icc":
        numeric(answers[value], value, "rating")
    wide = answers.pivot(index=case, columns=reader, values=value)
    complete = wide.dropna()
    if wide.shape[1] < 2 or len(complete) < 3:
        raise DesignError(
            f"agreement needs 2 readers and 3 cases that all of them answered; here are "
            f"{wide.shape[1]} readers and {len(complete)} such cases."
        )
    return ReaderAgreement(complete, kind, len(wide) - len(complete))


@frozen_result
class ReaderAgreement(Result):
    """Agreement among readers.

    Attributes
    ----------
    answers : pandas.DataFrame
        Cases x readers, complete.
    kind : str
    n_missing : int
        Cases left out because some reader did not answer.
    """

    answers: pd.DataFrame
    kind: str
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row: ``quantity estimate std_error conf_low conf_high n n_reader n_missing``.

        The ICC has an exact interval and no standard error (NaN).
        """
        if self.kind == "kappa":
            values = pd.factorize(self.answers.to_numpy().ravel())[0].reshape(self.answers.shape)
            estimate, std_error = _jackknife(values)
            low, high = (float(v) for v in normal_interval(estimate, std_error, conf_level))
            quantity = "Fleiss's kappa"
        else:
            estimate, low, high = _icc(self.answers.to_numpy(float), conf_level)
            std_error, quantity = np.nan, "ICC(2,1)"
        return pd.DataFrame(
            {
                "quantity": [quantity],
                "estimate": [estimate],
                "std_error": [std_error],
                "conf_low": [low],
                "conf_high": [min(high, 1.0)],
                "n": [len(self.answers)],
                "n_reader": [self.answers.shape[1]],
                "n_missing": [self.n_missing],
            }
        )

    def pairwise(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per pair of readers: ``group1 group2`` and the columns of `tidy`.

        For two readers Fleiss's kappa is Scott's pi.
        """
        rows = []
        for one, two in itertools.combinations(self.answers.columns, 2):
            pair = ReaderAgreement(self.answers[[one, two]], self.kind, self.n_missing)
            rows.append(pair.tidy(conf_level=conf_level).assign(group1=str(one), group2=str(two)))
        table = pd.concat(rows, ignore_index=True)
        return table[["group1", "group2", *table.columns.drop(["group1", "group2"])]]

    def glance(self) -> pd.DataFrame:
        """One row: ``method n n_reader n_missing``."""
        row = self.tidy().rename(columns={"quantity": "method"})
        return row[["method", "n", "n_reader", "n_missing"]]

    def _title(self) -> str:
        return f"Agreement of {self.answers.shape[1]} readers on {len(self.answers)} cases"


def _fleiss(counts: np.ndarray) -> float:
    """Kappa from how many readers chose each category (cases x categories)."""
    n_reader = counts.sum(axis=1)[0]
    observed = ((counts**2).sum(axis=1) - n_reader).mean() / (n_reader * (n_reader - 1))
    expected = ((counts.sum(axis=0) / counts.sum()) ** 2).sum()
    return float((observed - expected) / (1 - expected)) if expected < 1 else np.nan


def _jackknife(codes: np.ndarray) -> tuple[float, float]:
    """Fleiss's kappa and its jackknife standard error over cases."""
    counts = np.stack([(codes == k).sum(axis=1) for k in range(codes.max() + 1)], axis=1)
    without = np.array([_fleiss(np.delete(counts, i, axis=0)) for i in range(len(counts))])
    n = len(counts)
    spread = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    return _fleiss(counts), spread


def _icc(x: np.ndarray, conf_level: float) -> tuple[float, float, float]:
    """ICC(2,1) and the limits of McGraw and Wong."""
    n, k = x.shape
    grand = x.mean()
    ms_case = k * ((x.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    ms_reader = n * ((x.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    total = ((x - grand) ** 2).sum()
    ms_error = (total - (n - 1) * ms_case - (k - 1) * ms_reader) / ((n - 1) * (k - 1))
    icc = (ms_case - ms_error) / (ms_case + (k - 1) * ms_error + k * (ms_reader - ms_error) / n)
    a = k * icc / (n * (1 - icc))
    b = 1 + k * icc * (n - 1) / (n * (1 - icc))
    df = (a * ms_reader + b * ms_error) ** 2 / (
        (a * ms_reader) ** 2 / (k - 1) + (b * ms_error) ** 2 / ((n - 1) * (k - 1))
    )
    tail = 0.5 + conf_level / 2
    upper_f, lower_f = stats.f.ppf(tail, n - 1, df), stats.f.ppf(tail, df, n - 1)
    rest = k * ms_reader + (k * n - k - n) * ms_error
    low = n * (ms_case - upper_f * ms_error) / (upper_f * rest + n * ms_case)
    high = n * (lower_f * ms_case - ms_error) / (rest + n * lower_f * ms_case)
    return float(icc), float(low), float(high)
