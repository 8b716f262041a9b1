"""Paired differences of concordances from their joint covariance."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._contrast import pairwise
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.concordance.concordance import Concordance, concordance
from faceage_stats.survival.concordance.estimate import ConcordanceEstimate, Scoring
from faceage_stats.survival.concordance.follow_up import TimeWeight
from faceage_stats.survival.concordance.u_statistic import u_statistic_covariance
from faceage_stats.survival.cox.fit import CoxFit

__all__ = ["ConcordanceTest", "concordance_test"]

Method = Literal["jackknife", "u-statistic"]


@checked_call
def concordance_test(
    formula: str | Concordance | CoxFit,
    data: Any = None,
    *others: CoxFit,
    method: Method = "jackknife",
    timewt: TimeWeight = "n",
    ymin: float | None = None,
    ymax: float | None = None,
    reverse: bool | None = None,
    weights: str | None = None,
    cluster: str | None = None,
) -> ConcordanceTest:
    """Compare the concordances of markers, or of Cox fits, measured on the same rows.

    Name the old marker or fit first and the new one after it: a gain is new minus old.

    Parameters
    ----------
    formula : str, Concordance or CoxPH
        A formula with two or more markers (``Surv(time, event) ~ m1 + m2``), the result of
        `concordance` on one, or the first of several fits.
    data : pandas.DataFrame, polars.DataFrame or CoxPH
        With a formula its data; with a fit the second fit, on the same rows; strata may differ.
    *others : CoxPH
        Further fits on the same rows.
    method : {"jackknife", "u-statistic"}
        Covariance of the concordances: infinitesimal jackknife (R's ``survival``), or the
        U-statistic estimate of R's ``compareC``, which needs plain right-censored data and takes
        time proportional to the number of pairs.
    timewt : {"n", "S", "S/G", "n/G2", "I"}
        Weight of the pairs of an event time, as in `concordance`.
    ymin, ymax : float, optional
        Earlier times are moved up to `ymin`; events after `ymax` do not count.
    reverse : bool, optional
        Whether a higher marker goes with shorter survival; always for fits.
    weights, cluster : str, optional
        Columns of case weights and of clusters; with a formula only.

    Returns
    -------
    ConcordanceTest
        ``tidy()`` one row per pair, the later minus the earlier: difference, standard error, z, p,
        interval.

    Raises
    ------
    DesignError
        Fewer than two markers; fits on different rows or with different clusters.
    InputError
        Unknown `method`, or one that the data do not allow.

    See Also
    --------
    concordance : C index of markers or of a fit.
    roc_test : Paired comparison of ROC curves.

    Notes
    -----
    With case weights R's paired covariance applies the weights twice; here every row's influence
    carries its weight once, so that a difference has the variance of a single concordance.

    In R: ``survival::concordance(Surv(time, event) ~ a + b, data = df, reverse = TRUE)``
    In R: ``survival::concordance(fit1, fit2)``
    In R: ``compareC::compareC(df$time, df$event, df$m1, df$m2)``

    References
    ----------
    Kang L, Chen W, Petrick NA, Gallas BD (2015). Comparing two correlated C indices with
    right-censored survival outcome: a one-shot nonparametric approach. Statistics in Medicine
    34:685-703. doi:10.1002/sim.6370

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5], "d": 1, "a": [5, 4, 3, 1, 2]})
    >>> df["b"] = [5, 1, 2, 4, 3]
    >>> test = concordance_test("Surv(t, d) ~ a + b", df, reverse=True)
    >>> test.tidy()[["estimate1", "estimate2", "estimate"]].round(2).values.tolist()
    [[0.5, 0.9, -0.4]]
    """
    check_option("method", method, Method)
    check_option("timewt", timewt, TimeWeight)
    options: dict[str, Any] = {"timewt": timewt, "ymin": ymin, "ymax": ymax, "reverse": reverse}
    options |= {"weights": weights, "cluster": cluster}
    if isinstance(formula, Concordance):
        if data is not None or any(v not in (None, "n") for v in options.values()):
            raise InputError("a Concordance is complete; give data and options to concordance().")
        joint = formula
    elif isinstance(formula, str):
        if others or isinstance(data, CoxFit):
            raise InputError("give one formula with two or more markers, or two or more fits.")
        joint = concordance(formula, data, **options)
    else:
        joint = _joined([formula, *([] if data is None else [data]), *others], options)
    return _compared(joint, method)


def _compared(joint: Concordance, method: Method) -> ConcordanceTest:
    if len(joint.markers) < 2:
        raise DesignError("there is only one marker; a comparison needs two, or two fits.")
    vcov = joint.estimate.vcov
    if method == "u-statistic":
        if joint.scoring != Scoring(reverse=joint.scoring.reverse):
            raise InputError("method = 'u-statistic' needs timewt = 'n', without ymin, ymax.")
        vcov = u_statistic_covariance(joint.rows, joint.values)
    return ConcordanceTest(
        joint.markers,
        joint.concordance,
        vcov,
        method,
        joint.orientation,
        joint.rows.n,
        int(joint.rows.surv.event.sum()),
        joint.n_missing,
    )


def _joined(fits: list[CoxFit], options: dict[str, Any]) -> Concordance:
    """The concordances of several fits side by side, as those of several markers."""
    parts = [concordance(fit, **options) for fit in fits]
    base = parts[0]
    for part in parts[1:]:
        _require_same_rows(base, part)
    estimates = [part.estimate for part in parts]
    joint = ConcordanceEstimate(
        np.concatenate([estimate.concordance for estimate in estimates]),
        np.vstack([estimate.counts for estimate in estimates]),
        np.hstack([estimate.dfbeta for estimate in estimates]),
    )
    names = tuple(part.formula.partition("~")[2].strip() for part in parts)
    values = np.hstack([part.values for part in parts])
    return Concordance(names, joint, base.rows, values, base.scoring, base.n_missing, base.formula)


def _require_same_rows(one: Concordance, other: Concordance) -> None:
    a, b = one.rows, other.rows
    if a.n != b.n or not (
        np.array_equal(a.surv.time, b.surv.time) and np.array_equal(a.surv.event, b.surv.event)
    ):
        raise DesignError(
            f"the fits use different rows ({a.n} and {b.n}). Refit them on the rows that are "
            "complete for both, e.g. data.dropna(subset=[...])."
        )
    if len(one.estimate.dfbeta) != len(other.estimate.dfbeta) or not _same(a.weights, b.weights):
        raise DesignError("the fits have different clusters or weights; use the same for both.")


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return (a is None and b is None) or (a is not None and b is not None and np.array_equal(a, b))


@frozen_result
class ConcordanceTest(Result):
    """Paired comparison of concordances, made by `concordance_test`.

    Attributes
    ----------
    markers : tuple of str
    concordance : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        Joint covariance of the concordances.
    method : {"jackknife", "u-statistic"}
        How the covariance was estimated.
    orientation : str
        What a higher marker means.
    n, n_event, n_missing : int
    """

    markers: tuple[str, ...]
    concordance: np.ndarray
    covariance: np.ndarray
    method: Method
    orientation: str
    n: int
    n_event: int
    n_missing: int

    def vcov(self) -> pd.DataFrame:
        """Return the joint covariance of the concordances, by marker."""
        return pd.DataFrame(self.covariance, index=self.markers, columns=self.markers)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per pair of markers.

        Columns ``marker1 marker2 estimate1 estimate2 estimate std_error conf_low conf_high
        statistic p_value``; `marker1` is the later one, `estimate` is estimate1 - estimate2.
        """
        return pairwise(self.markers, self.concordance, self.covariance, conf_level, within=(-1, 1))

    def glance(self) -> pd.DataFrame:
        """Return one row: ``method orientation n n_event n_missing``."""
        row = {
            "method": self.method,
            "orientation": self.orientation,
            "n": self.n,
            "n_event": self.n_event,
            "n_missing": self.n_missing,
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return f"Paired difference in concordance ({self.method}; {self.orientation})"
