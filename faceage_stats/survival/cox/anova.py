"""Compare nested Cox models; test each term of one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._arguments import check_fit
from faceage_stats._call import checked_call
from faceage_stats._near import check_option, did_you_mean
from faceage_stats._result import Result, frozen_result
from faceage_stats._warn import warn
from faceage_stats.errors import DesignError, EstimationWarning, InputError
from faceage_stats.survival.cox.estimate import fit_cox, quadratic_form
from faceage_stats.survival.cox.fit import CoxFit

__all__ = ["Anova", "TermTest", "anova", "drop1", "wald_test"]

TermTest = Literal["lrt", "wald"]
_COLUMNS = ["term", "log_lik", "statistic", "df", "p_value"]


@frozen_result
class Anova(Result):
    """A table of tests, one row per model or per term.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns term, log_lik, statistic, df, p_value.
    method : str
        What was tested.
    n, n_missing : int
        Rows used, and rows dropped because a used column was missing.
    """

    table: pd.DataFrame
    method: str
    n: int
    n_missing: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per model or term: term, log_lik, statistic, df, p_value."""
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return the last test of the table, with method, n and n_missing."""
        last = self.table.tail(1).drop(columns="term").reset_index(drop=True)
        return last.assign(method=self.method, n=self.n, n_missing=self.n_missing)

    def _title(self) -> str:
        return self.method


@checked_call
def anova(*fits: Result) -> Anova:
    """Test whether added terms improve a model: a Cox model by likelihood ratios.

    Parameters
    ----------
    *fits : CoxPH, LinearModel, GLM, Logistic, LMER or SurvReg
        Two or more nested fits of the same rows, each tested against the one before; or one fit,
        whose terms are then added first to last. Of others than Cox models two, or one.

    Returns
    -------
    Anova
        ``tidy()``: term (right side of each formula, or each term after a row ``NULL``), log_lik,
        statistic (twice the difference of the log-likelihoods), df, p_value. Of other models what
        their own ``anova()``, ``lr_test()`` or ``f_test()`` returns, after the term.

    Raises
    ------
    InputError
        A fit has a sandwich variance, the ties differ, or no fit is given; fits of several kinds,
        or of one without such a test.
    DesignError
        The fits do not use the same rows, outcome, strata or weights.

    Warns
    -----
    EstimationWarning
        Neighbouring fits are not nested.

    See Also
    --------
    coxph : Cox's proportional hazards model.
    cox_zph : Test of proportional hazards.

    Notes
    -----
    In R: ``anova(fit0, fit1)``

    References
    ----------
    Therneau TM, Grambsch PM (2000). Modeling Survival Data: Extending the Cox Model. Springer.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "x": [1, 0, 1, 1, 0, 0]})
    >>> anova(fs.coxph("Surv(t, d) ~ x", df)).tidy()["df"].tolist()
    [nan, 1.0]
    """
    if not fits:
        raise InputError("anova needs at least one fit.")
    if isinstance(fits[0], Result) and not isinstance(fits[0], CoxFit):
        return _of_others(fits)
    for fit in fits:
        check_fit(fit, CoxFit, "anova() takes fits, one after another, of one kind: coxph()")
    of_cox = cast("tuple[CoxFit, ...]", fits)
    for each in of_cox:
        if each.robust_variance is not None:
            raise InputError(
                f"`{each.formula}` has a sandwich variance, for which no likelihood-ratio test "
                'exists. Refit with robust=False, or use fit.drop1(test="wald").'
            )
    return _sequential(of_cox[0]) if len(fits) == 1 else _nested(of_cox)


def _of_others(fits: tuple[Any, ...]) -> Anova:
    """Tests that models other than Cox's bring along."""
    kind, first = type(fits[0]), fits[0]
    test = next((name for name in ("f_test", "lr_test") if hasattr(kind, name)), None)
    for fit in fits:
        check_fit(fit, kind, f"anova() takes fits of one kind, here {kind.__name__}")
    if len(fits) == 1 and hasattr(kind, "anova"):
        return Anova(first.anova(), "terms added first to last", first.n, first.frame.n_missing)
    if test is None or len(fits) != 2:
        told = "" if test is None else ", two at a time; one by one: a Cox model, lm() and glm()"
        raise InputError(
            "anova() takes fits of coxph(), lm(), glm(), logistic(), lmer() or survreg()"
            f"{told}; given are {len(fits)} of {kind.__name__}."
        )
    smaller, larger = sorted(fits, key=lambda fit: float(fit.glance()["df"].iloc[0]))
    table = getattr(larger, test)(smaller)
    table.insert(0, "term", larger.frame.design.formula.partition("~")[2].strip())
    return Anova(table, "test of nested models", larger.n, larger.frame.n_missing)


def _nested(fits: tuple[CoxFit, ...]) -> Anova:
    for fit in fits[1:]:
        _refuse_incomparable(fits[0], fit)
    for one, other in itertools.pairwise(fits):
        small, large = sorted((one, other), key=lambda fit: fit.estimate.df)
        if not _is_nested(small, large):
            warn(
                f"`{small.formula}` is not nested in `{large.formula}`: their likelihood ratio "
                "has no chi-squared distribution.",
                EstimationWarning,
            )
    log_lik = np.array([fit.log_lik for fit in fits])
    df = np.array([fit.estimate.df for fit in fits])
    labels = [fit.formula.partition("~")[2].strip() for fit in fits]
    return _table(fits[0], labels, log_lik, df, "likelihood-ratio test of nested Cox models")


def _sequential(fit: CoxFit) -> Anova:
    log_lik, df = [fit.estimate.log_lik_null], [0]
    if fit.init is not None:
        log_lik = [fit_cox(fit.data, ties=fit.ties, columns=np.arange(0)).log_lik]
    for term in fit.design.terms[:-1]:
        step = fit_cox(fit.data, ties=fit.ties, columns=np.arange(term.columns.stop))
        log_lik.append(step.log_lik)
        df.append(step.df)
    if fit.design.terms:
        log_lik.append(fit.log_lik)
        df.append(fit.estimate.df)
    labels = ["NULL", *(term.label for term in fit.design.terms)]
    method = "likelihood-ratio test of terms added first to last"
    return _table(fit, labels, np.array(log_lik), np.array(df), method)


def _table(
    fit: CoxFit, labels: list[str], log_lik: np.ndarray, df: np.ndarray, method: str
) -> Anova:
    statistic = np.concatenate([[np.nan], np.abs(2 * np.diff(log_lik))])
    change = np.concatenate([[np.nan], np.abs(np.diff(df))])
    table = pd.DataFrame(
        {
            "term": labels,
            "log_lik": log_lik,
            "statistic": statistic,
            "df": change,
            "p_value": special.chdtrc(change, np.maximum(statistic, 0)),
        }
    )
    return Anova(table, method, fit.n, fit.n_missing)


def _refuse_incomparable(one: CoxFit, other: CoxFit) -> None:
    if one.ties != other.ties:
        raise InputError(
            f"the fits use {one.ties} and {other.ties} ties; refit with the same ties."
        )
    if not np.array_equal(one.frame.rows, other.frame.rows):
        raise DesignError(
            f"the fits use different rows: {one.n} and {other.n} rows, {one.n_missing} and "
            f"{other.n_missing} dropped as incomplete. Drop rows that are incomplete in any "
            "column of the larger model first, then refit both."
        )
    a, b = one.frame, other.frame
    pairs = {
        "times": (a.surv.time, b.surv.time),
        "events": (a.surv.event, b.surv.event),
        "entry times": (a.surv.entry, b.surv.entry),
        "strata": (a.strata, b.strata),
        "weights": (a.weights, b.weights),
    }
    for what, (x, y) in pairs.items():
        alike = x is y if x is None or y is None else np.array_equal(x, y)
        if not alike:
            raise DesignError(
                f"the fits have different {what}, so their likelihoods cannot be compared."
            )


def _is_nested(small: CoxFit, large: CoxFit) -> bool:
    """Whether every column of the small model is a combination of the large one's."""

    def offset(fit: CoxFit) -> np.ndarray:
        return np.zeros(fit.frame.n) if fit.frame.offset is None else fit.frame.offset

    added = np.column_stack([small.frame.x, offset(small) - offset(large)])
    added = added - added.mean(axis=0)
    x = large.data.unsort(large.data.x)  # centred and scaled
    size = np.sqrt((added**2).mean(axis=0))
    added = added / np.where(size > 0, size, 1.0)
    if not x.shape[1]:
        return bool(np.all(np.abs(added) < 1e-6))
    x = x - x.mean(axis=0)
    fitted = x @ np.linalg.lstsq(x, added, rcond=None)[0]
    return bool(np.all(np.abs(added - fitted).max(axis=0) < 1e-6))


def drop1(fit: CoxFit, test: TermTest = "lrt") -> Anova:
    """Test each term given all the others, but none that is part of an interaction.

    Parameters
    ----------
    fit : CoxFit
    test : {"lrt", "wald"}
        Likelihood ratio against the fit without the term, or Wald (the sandwich variance is used
        when the fit has one).

    Returns
    -------
    Anova
        term, log_lik (of the fit without the term; NaN for Wald), statistic, df, p_value.
    """
    check_option("test", test, TermTest)
    if test == "lrt" and fit.robust_variance is not None:
        raise InputError('a fit with a sandwich variance has no likelihood ratio; use test="wald".')
    rows = []
    everything = np.arange(len(fit.design.columns))
    for term in fit.design.outermost:
        columns = everything[term.columns]
        if test == "lrt":
            without = np.setdiff1d(everything, columns)
            smaller = fit_cox(fit.data, ties=fit.ties, columns=without)
            statistic, df = 2 * (fit.log_lik - smaller.log_lik), fit.estimate.df - smaller.df
            log_lik = smaller.log_lik
        else:
            statistic, df, log_lik = *_wald(fit, columns), np.nan
        p_value = special.chdtrc(df, np.maximum(statistic, 0)) if df else np.nan
        rows.append((term.label, log_lik, statistic, df, p_value))
    table = pd.DataFrame(rows, columns=_COLUMNS)
    name = "likelihood-ratio" if test == "lrt" else "Wald"
    return Anova(table, f"{name} test of each term given the others", fit.n, fit.n_missing)


def wald_test(fit: CoxFit, names: Sequence[str]) -> Anova:
    """Test that some coefficients are 0 together; documented at `CoxPH.wald_test`."""
    known, wanted = list(fit.design.names), list(names)
    unknown = [str(name) for name in wanted if name not in known]
    if unknown or not wanted:
        raise InputError(
            f"wald_test() takes names of coefficients, such as {known[:3]}; unknown: {unknown}."
            + "".join(map(partial(did_you_mean, known=known), unknown[:1]))
        )
    columns = np.array(sorted({known.index(name) for name in wanted}))
    statistic, df = _wald(fit, columns)
    row = (", ".join(wanted), np.nan, statistic, df, special.chdtrc(df, max(statistic, 0)))
    table = pd.DataFrame([row], columns=_COLUMNS)
    return Anova(table, "Wald test of some coefficients together", fit.n, fit.n_missing)


def _wald(fit: CoxFit, columns: np.ndarray) -> tuple[float, int]:
    """Statistic and degrees of freedom; a singular coefficient is none."""
    own = columns[~fit.estimate.singular[columns]]
    return quadratic_form(fit.variance[np.ix_(own, own)], fit.estimate.filled[own]), len(own)
