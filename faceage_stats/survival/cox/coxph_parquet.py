"""Cox's model of a Parquet file that is larger than memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_text
from faceage_stats._call import checked_call
from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._near import check_option
from faceage_stats._result import Fit, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._wald import std_errors, wald
from faceage_stats._warn import warn
from faceage_stats.errors import EstimationWarning
from faceage_stats.survival.cox.coxph import warn_as_r
from faceage_stats.survival.cox.estimate import (
    EPS,
    CoxEstimate,
    Ties,
    in_units,
    no_events,
    quadratic_form,
)  # fmt: skip
from faceage_stats.survival.cox.kernel.stream import Rows, add_rows, close_times, running
from faceage_stats.survival.cox.newton_steps import Point, newton_steps
from faceage_stats.survival.cox.row_groups import About, RowGroups

__all__ = ["CoxParquet", "coxph_parquet"]

_CALLER = "coxph_parquet()"


@checked_call
def coxph_parquet(
    formula: str,
    path: str,
    *,
    ties: Ties = "efron",
    weights: str | None = None,
    iter_max: int = 20,
) -> CoxParquet:
    """Fit a Cox model to a Parquet file, one row group in memory at a time.

    For follow-up of more rows than memory holds; the coefficients, their standard errors and the
    likelihood are those of `coxph` on all rows.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ x + g``, with ``strata()``, ``offset()``, interactions, and functions
        of one row such as ``log(x)``. What is learnt from all rows (``ns()``, ``scale()``) is
        refused; levels are those of columns of text and categoricals.
    path : str
        A Parquet file whose rows are in the order of time. Memory holds one row group, a million
        rows or fewer: ``df.sort_values("time").to_parquet("x.parquet", row_group_size=1_000_000)``.
    ties : {"efron", "breslow"}
        How tied event times are handled.
    weights : str, optional
        Column of case weights, all above 0.
    iter_max : int
        Newton steps allowed.

    Returns
    -------
    CoxParquet
        ``tidy(exponentiate=True)``, ``glance()``, ``tests()``, ``vcov()``; nothing per row.

    Raises
    ------
    FormulaError, InputError, DesignError
        As `coxph`; no such file, rows that are not in the order of time, intervals at risk, a term
        that is learnt from all rows.

    Warns
    -----
    SingularColumnWarning, InfiniteCoefficientWarning, ConvergenceWarning
        As `coxph`.
    EstimationWarning
        No events; or weights that are not whole numbers, for which R would give the sandwich
        variance: here it is the inverse information.

    See Also
    --------
    coxph : The same of a table in memory, with predictions, residuals and curves.

    Notes
    -----
    One pass finds order, levels and scales, and each Newton step is one more: sums over those at
    risk are carried from the last row to the first.

    In R: ``survival::coxph(Surv(time, event) ~ x, data = arrow::read_parquet("x.parquet"))``,
    where it fits into memory

    References
    ----------
    Cox DR (1972). Regression models and life-tables (with discussion). Journal of the Royal
    Statistical Society, Series B 34:187-220. doi:10.1111/j.2517-6161.1972.tb00899.x

    Examples
    --------
    >>> import tempfile
    >>> df = pd.DataFrame({"time": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1],
    ...                    "x": [1, 1, 1, 0, 0, 0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/x.parquet"
    ...     df.sort_values("time").to_parquet(path, row_group_size=2)
    ...     fit = coxph_parquet("Surv(time, event) ~ x", path)
    >>> fit.tidy()[["term", "estimate", "std_error"]].round(4)
      term  estimate  std_error
    0    x    1.6769     1.2776
    """
    check_option("ties", ties, Ties)
    check_text("path", path)
    groups = RowGroups(formula, path, weights, _CALLER)
    about = groups.about()
    if about.fractional:
        warn(
            f"weights '{weights}' are not whole numbers: coxph() gives the sandwich variance, this "
            "is the inverse information.",
            EstimationWarning,
        )
    p = len(about.mean)

    def at(beta: np.ndarray) -> Point:
        score, information = np.zeros(p), np.zeros((p, p))
        sums, efron, log_lik = running(max(len(about.strata), 1), p), ties == "efron", 0.0
        later, number = np.inf, 2**62
        for frame in groups:
            rows = _rows(frame, about, later, number)
            later, number = frame.surv.time[0], rows.time[0]
            log_lik += add_rows(rows, beta, efron, sums, score, information)
        log_lik += close_times(efron, sums, score, information)
        finite = np.isfinite(log_lik) and np.isfinite(information).all()
        return Point(float(log_lik) if finite else -np.inf, score, information)

    estimate = no_events(p)
    if about.n_event:
        estimate = in_units(newton_steps(at, np.zeros(p), iter_max, EPS), about.scale)
    warn_as_r(estimate, about.design.names, about.n, about.n_event, iter_max)
    return CoxParquet(about, estimate, ties)


def _rows(frame: SurvivalFrame, about: About, later: float, number: int) -> Rows:
    """The rows for the kernel: scaled, strata and times numbered through the file.

    `later` is the first time of the row group after this one, and `number` its number.
    """
    time, n = frame.surv.time, frame.n
    apart = np.diff(time, append=later) > about.tolerance
    numbers = number - np.cumsum(apart[::-1])[::-1]
    stratum = np.zeros(n, np.int64)
    if frame.strata is not None:
        stratum = np.array([about.strata.index(each) for each in frame.strata_labels])[frame.strata]
    return Rows(
        np.ascontiguousarray((frame.x - about.mean) * about.scale),
        np.zeros(n) if frame.offset is None else frame.offset - about.offset,
        np.ones(n) if frame.weights is None else np.ascontiguousarray(frame.weights, float),
        frame.surv.event,
        numbers,
        stratum,
    )


@frozen_result
class CoxParquet(Fit):
    """A Cox model of a file, made by `coxph_parquet`.

    Attributes
    ----------
    about : About
        Design, counts and scales of the rows used.
    estimate : CoxEstimate
        Coefficients, variance, log-likelihoods.
    ties : {"efron", "breslow"}
    """

    about: About
    estimate: CoxEstimate
    ties: Ties

    @property
    def coef(self) -> pd.Series:
        """Coefficients by R's names; NaN for a singular column."""
        names = self.about.design.names
        return pd.Series(self.estimate.coefficients, index=names, name="estimate")

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the coefficients; NaN for a singular column."""
        singular, names = self.estimate.singular, self.about.design.names
        unknown = singular[:, None] | singular[None, :]
        value = np.where(unknown, np.nan, self.estimate.variance)
        return pd.DataFrame(value, index=names, columns=names)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient, and one per reference level, as ``coxph().tidy()``.

        Columns: term, variable, level, is_reference, estimate, std_error, statistic, p_value,
        conf_low, conf_high, n, n_event, scale.
        """
        errors = np.where(self.estimate.singular, np.nan, std_errors(self.estimate.variance))
        values = wald(self.estimate.coefficients, errors, conf_level, exponentiate=exponentiate)
        empty = np.empty((0, len(self.about.mean)))
        null = 1.0 if exponentiate else 0.0
        table = coefficient_rows(self.about.design, empty, np.empty(0, int), values, null)
        table[["n", "n_event"]] = self.about.counts
        return table.assign(scale=scale_of("hazard ratio", exponentiate))

    def tests(self) -> pd.DataFrame:
        """Test all coefficients at once: likelihood ratio, Wald, score.

        Columns: method, statistic, df, p_value.
        """
        from scipy import special

        kept, df = ~self.estimate.singular, self.estimate.df
        variance = self.estimate.variance[np.ix_(kept, kept)]
        values = {
            "likelihood ratio": 2 * (self.estimate.log_lik - self.estimate.log_lik_null),
            "wald": quadratic_form(variance, self.estimate.filled[kept]),
            "score": self.estimate.score_statistic,
        }
        statistic = np.array(list(values.values()))
        p_value = special.chdtrc(df, statistic) if df else np.ones(len(statistic))
        return pd.DataFrame(
            {"method": list(values), "statistic": statistic, "df": df, "p_value": p_value}
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: counts, log-likelihoods, likelihood-ratio test, AIC, BIC."""
        fit, n_event = self.estimate, self.about.n_event
        ratio = self.tests().iloc[0]
        row: dict[str, Any] = {
            "n": self.about.n,
            "n_event": n_event,
            "n_missing": self.about.n_missing,
            "log_lik": fit.log_lik,
            "log_lik_null": fit.log_lik_null,
            "df": fit.df,
            "statistic_log": ratio["statistic"],
            "p_value_log": ratio["p_value"],
            "aic": -2 * fit.log_lik + 2 * fit.df,
            "bic": -2 * fit.log_lik + np.log(n_event) * fit.df if n_event else np.nan,
            "ties": self.ties,
            "iterations": fit.iterations,
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("confint", "tests")

    def _note(self) -> str:
        form = "{method} test {statistic:.4g} on {df} df, p = {p_value:.3g}"
        return form.format(**self.tests().iloc[0])

    def _title(self) -> str:
        about = self.about
        n = f"n = {about.n} ({about.n_missing} missing), {about.n_event} events"
        return f"coxph_parquet {about.design.formula}: {n}, {self.ties} ties"
