"""A fitted Cox model as data: what predictions, residuals and tests are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from faceage_stats._formula.design import Design
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._surv import Surv
from faceage_stats.survival.cox.data import CoxData, Sorting
from faceage_stats.survival.cox.estimate import CoxEstimate, CoxTies, Ties
from faceage_stats.survival.cox.risk_sets import RiskTable, risk_sets

__all__ = ["CoxFit", "CoxTies", "Ties"]


@dataclass(frozen=True, repr=False, eq=False)
class CoxFit:
    """What `coxph` estimated, and on which rows; `CoxPH` adds the tables.

    Attributes
    ----------
    frame : SurvivalFrame
        Rows used, design matrix, outcome, strata, clusters, weights, offset.
    estimate : CoxEstimate
        Coefficients, model-based variance, log-likelihoods.
    robust_variance : ndarray or None
        Sandwich variance; when present every test and interval uses it.
    ties : {"efron", "breslow", "exact"}
        How tied event times are handled.
    init : ndarray or None
        Starting values, which are also the null hypothesis of the Wald and score tests.
    n_merged : int
        Distinct times merged with a neighbour that differs only by rounding error.
    sorting : Sorting
        How the kernels sort the rows and scale the columns; `CoxData` where it keeps them.
    """

    frame: SurvivalFrame
    estimate: CoxEstimate
    robust_variance: np.ndarray | None
    ties: CoxTies
    init: np.ndarray | None
    n_merged: int
    sorting: Sorting

    @property
    def design(self) -> Design:
        """Terms, columns and the encoding that `predict` reuses."""
        return self.frame.design

    @property
    def formula(self) -> str:
        """As given to `coxph`."""
        return self.design.formula

    @property
    def surv(self) -> Surv:
        """Outcome of the rows used."""
        return self.frame.surv

    @property
    def coef(self) -> pd.Series:
        """Coefficients by R's names; NaN for a singular column."""
        return pd.Series(self.estimate.coefficients, index=self.design.names, name="estimate")

    @property
    def n(self) -> int:
        """Rows used; with tt(), which splits them, the rows of the data behind."""
        return len(self.frame.rows[self.last_parts])

    @property
    def last_parts(self) -> np.ndarray | slice:
        """The last part of each row where tt() split them; otherwise every row."""
        rows = self.frame.rows
        return np.append(rows[1:] != rows[:-1], True) if self.design.right.tt else slice(None)

    @property
    def n_event(self) -> int:
        """Events among the rows used."""
        return int(self.surv.event.sum())

    @property
    def n_missing(self) -> int:
        """Rows dropped because a used column was missing."""
        return self.frame.n_missing

    @property
    def log_lik(self) -> float:
        """Log partial likelihood at the estimate."""
        return self.estimate.log_lik

    @property
    def aic(self) -> float:
        """-2 log-likelihood + 2 df."""
        return -2 * self.log_lik + 2 * self.estimate.df

    @property
    def bic(self) -> float:
        """-2 log-likelihood + log(number of events) df."""
        if not self.n_event:
            return float("nan")
        return -2 * self.log_lik + float(np.log(self.n_event)) * self.estimate.df

    @property
    def efron(self) -> bool:
        """Whether ties are Efron's; the hazards of an exact fit are Breslow's, as in R."""
        return self.ties == "efron"

    @property
    def variance(self) -> np.ndarray:
        """Variance that tests and intervals use, the sandwich when there is one."""
        return self.estimate.variance if self.robust_variance is None else self.robust_variance

    @property
    def weights(self) -> np.ndarray:
        """Case weights, ones when none were given."""
        return np.ones(self.frame.n) if self.frame.weights is None else self.frame.weights

    @property
    def stratum(self) -> np.ndarray:
        """Stratum of each row used, 0 for all without strata()."""
        return np.zeros(self.frame.n, np.int64) if self.frame.strata is None else self.frame.strata

    @property
    def mean_offset(self) -> float:
        """Mean of the offset over the rows used, 0 without offset()."""
        return 0.0 if self.frame.offset is None else float(self.frame.offset.mean())

    @cached_property
    def means(self) -> np.ndarray:
        """Centre of each column, as in R its mean, or 0 where it holds only -1, 0 and 1.

        The mean is weighted, but of (start, stop] data, as R's two routines have it.
        """
        x = self.frame.x
        plain = np.array([_is_code(column[:99]) and _is_code(column) for column in x.T], bool)
        weighted = self.n_event and self.surv.entry is None
        mean = self.sorting.mean if weighted else x.mean(axis=0)
        return np.where(plain, 0.0, mean)

    @property
    def linear_predictor(self) -> pd.Series:
        """(x - means) b + offset - mean offset of the rows used, indexed as in the data given."""
        return pd.Series(self.lp, index=self.frame.index, name="linear_predictor")

    @cached_property
    def lp(self) -> np.ndarray:
        """The values of `linear_predictor`."""
        beta = self.estimate.filled
        centred: np.ndarray = self.frame.x @ beta - self.means @ beta
        offset = self.frame.offset
        if offset is not None:
            centred = centred + offset - self.mean_offset
        return centred

    @cached_property
    def data(self) -> CoxData:
        """Sorted and scaled copy of the design; a large one is made again when it is needed."""
        return self.sorting.columns_of(self.frame.encoded)

    @cached_property
    def risk_sets(self) -> RiskTable:
        """Risk-set sums at the estimate, the raw material of residuals and curves."""
        return risk_sets(self.data, self.lp, efron=self.efron)


def _is_code(column: np.ndarray) -> bool:
    """Whether the column holds only -1, 0 and 1."""
    return bool(((column == 0) | (np.abs(column) == 1)).all())
