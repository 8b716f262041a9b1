"""How far readers agree with each other: kappa of calls, intraclass correlation of ratings."""

from __future__ import annotations

import itertools
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, columns_of, numeric
from faceage_stats._levels import as_factor, level_text
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level, limits
from faceage_stats.association.agreement.icc import icc
from faceage_stats.errors import DesignError, InputError

__all__ = ["ReaderAgreement", "reader_agreement"]

Kind = Literal["kappa", "icc"]


@checked_call
def reader_agreement(
    data: Any, value: str, *, reader: str, case: str, kind: Kind = "kappa"
) -> ReaderAgreement:
    """Estimate the agreement of several readers on the same cases.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        Long: one row per reader and case (filter to one modality first).
    value : str
        Column of calls (kappa: any categories) or of ratings (icc: numbers).
    reader, case : str
        Columns that identify reader and case.
    kind : {"kappa", "icc"}
        Fleiss's kappa, or ICC(2,1): two-way random, single rating, absolute agreement.

    Returns
    -------
    ReaderAgreement
        ``tidy()`` the coefficient over all readers; ``pairs()`` each pair of readers.

    Raises
    ------
    InputError
        Repeated answers, an unknown `kind`, ratings that are not numbers.
    DesignError
        Fewer than two readers, or fewer than three cases that every reader answered; readers whose
        ratings differ by a constant only have no ICC.

    See Also
    --------
    icc : All six coefficients, one column per rater.
    kappa : Two raters.

    Notes
    -----
    Only cases that every reader answered are used; the others are counted in ``n_missing``. The
    kappa's standard error is jackknifed over cases; the ICC's interval is that of McGraw and Wong.

    In R: ``irr::kappam.fleiss(ratings)``

    In R: ``psych::ICC(ratings, lmer = FALSE)``

    References
    ----------
    Fleiss JL (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin
    76:378-382. doi:10.1037/h0031619

    McGraw KO, Wong SP (1996). Forming inferences about some intraclass correlation coefficients.
    Psychological Methods 1:30-46. doi:10.1037/1082-989X.1.1.30

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"reader": ["a"] * 4 + ["b"] * 4, "case": [1, 2, 3, 4] * 2,
    ...                      "call": [1, 0, 1, 0, 1, 0, 1, 1]})
    >>> fit = reader_agreement(long, "call", reader="reader", case="case")
    >>> fit.tidy()["estimate"].round(3).tolist()
    [0.467]
    """
    check_option("kind", kind, Kind)
    data = as_pandas(data)
    answers = columns_of(data, [case, reader, value], "reader_agreement()").dropna()
    answers[reader] = as_factor(answers[reader])  # readers come in the order of levels
    twice = int(answers.duplicated([case, reader]).sum())
    if twice:
        raise InputError(
            f"{twice} rows repeat an answer of a reader to a case; use one modality only."
        )
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
    kind : {"kappa", "icc"}
    n_missing : int
        Cases excluded because some reader did not answer.
    """

    answers: pd.DataFrame
    kind: Kind
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the coefficient over all readers.

        Parameters
        ----------
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            One row: ``quantity estimate std_error conf_low conf_high n n_reader n_missing``.
        """
        check_conf_level(conf_level)
        found = (_kappa if self.kind == "kappa" else _icc)(self.answers, conf_level)
        row = {**found._asdict(), "n": len(self.answers), "n_reader": self.answers.shape[1]}
        return pd.DataFrame([row | {"n_missing": self.n_missing}])

    def pairs(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the agreement of each pair of readers.

        For two readers Fleiss's kappa is Scott's pi.

        Returns
        -------
        pandas.DataFrame
            ``reader1 reader2`` and the columns of `tidy`.
        """
        tables = []
        for one, two in itertools.combinations(self.answers.columns, 2):
            pair = ReaderAgreement(self.answers[[one, two]], self.kind, self.n_missing)
            table = pair.tidy(conf_level=conf_level)
            table.insert(0, "reader1", level_text(one))
            table.insert(1, "reader2", level_text(two))
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method n n_reader n_missing``; `n` counts cases."""
        row = self.tidy().rename(columns={"quantity": "method"})
        return row[["method", "n", "n_reader", "n_missing"]]

    def _further_tables(self) -> tuple[str, ...]:
        return ("pairs",)

    def _title(self) -> str:
        return f"Agreement of {self.answers.shape[1]} readers on {len(self.answers)} cases"


class _Coefficient(NamedTuple):
    quantity: str
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float


def _kappa(answers: pd.DataFrame, conf_level: float) -> _Coefficient:
    """Fleiss's kappa with its jackknife standard error over cases."""
    codes = pd.factorize(answers.to_numpy().ravel())[0].reshape(answers.shape)
    counts = np.stack([(codes == k).sum(axis=1) for k in range(codes.max() + 1)], axis=1)
    estimate, n = _fleiss(counts), len(counts)
    without = np.array([_fleiss(np.delete(counts, i, axis=0)) for i in range(n)])
    std_error = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    low, high = limits(estimate, std_error, conf_level, within=(-1, 1))
    return _Coefficient("Fleiss's kappa", estimate, std_error, float(low), float(high))


def _fleiss(counts: np.ndarray) -> float:
    """Kappa of how many readers chose each category (cases x categories); NaN for one category."""
    from statsmodels.stats.inter_rater import fleiss_kappa  # slow to import

    with np.errstate(invalid="ignore"):
        return float(fleiss_kappa(counts, method="fleiss"))


def _icc(answers: pd.DataFrame, conf_level: float) -> _Coefficient:
    """ICC(2,1), its delta-method standard error, and the limits of McGraw and Wong."""
    wide = answers.astype(float)
    row = icc(wide, list(wide.columns), conf_level=conf_level).tidy().set_index("term").loc["ICC2"]
    numbers = (float(row[name]) for name in _Coefficient._fields[1:])
    return _Coefficient("ICC(2,1)", *numbers)
