"""Concordance of markers or Cox fits with survival, and paired comparisons of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faceage_stats._formula import model_frame
from faceage_stats._result import Result, frozen_result, normal_interval
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.survival._ties import merge_rounded
from faceage_stats.survival.concordance.comparison import ConcordanceTest, u_statistic_covariance
from faceage_stats.survival.concordance.estimate import (
    ConcordanceEstimate,
    Rows,
    Scoring,
    estimate_concordance,
)

if TYPE_CHECKING:
    from faceage_stats.survival.cox.coxph import CoxPH

__all__ = ["Concordance", "ConcordanceTest", "concordance", "concordance_test"]

_COUNTS = ("concordant", "discordant", "tied_x", "tied_y", "tied_xy")


def concordance(
    formula: str | CoxPH,
    data: Any = None,
    *,
    timewt: str = "n",
    ymin: float | None = None,
    ymax: float | None = None,
    reverse: bool | None = None,
    weights: str | None = None,
    cluster: str | None = None,
) -> Concordance:
    """Estimate the C index of markers, or of a Cox fit, as R's ``concordance``.

    Parameters
    ----------
    formula : str or CoxPH
        ``Surv(time, event) ~ marker1 + marker2 + strata(site)``: each numeric term is a marker
        of its own, all on the same rows. A fit is scored by its linear predictor, within its
        strata, with its weights and clusters. ``Surv(start, stop, event)`` is allowed.
    data : pandas.DataFrame or polars.DataFrame
        With a formula only.
    timewt : {"n", "S", "S/G", "n/G2", "I"}
        Weight of the pairs of an event time: ``"n"`` Harrell, ``"n/G2"`` Uno (inverse squared
        probability of being uncensored), ``"S"`` n S(t-) / n(t), ``"S/G"`` Schemper, ``"I"``
        1 / n(t). The weights count as fixed in the standard error.
    ymin, ymax : float, optional
        Earlier times are moved up to `ymin`; events after `ymax` do not count.
    reverse : bool, optional
        False (default for a formula, as in R): a higher marker goes with longer survival. True
        (always for a fit): with shorter survival, as for a risk score.
    weights, cluster : str, optional
        Columns of case weights and of clusters; with a formula only.

    Returns
    -------
    Concordance
        ``tidy()`` one row per marker; ``vcov`` their joint covariance; ``orientation`` in words.

    Raises
    ------
    InputError
        Unknown `timewt`; a censored time before `ymin`; data missing or superfluous.
    DesignError
        No pair can be compared.

    Notes
    -----
    A pair counts when the shorter time is an event; a censoring at an event's time counts as
    longer. Tied markers count one half, pairs tied in time are left out. Standard errors are
    infinitesimal-jackknife. Equals ``survival::concordance`` 3.5.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 0, 1], "risk": [4, 3, 1, 2]})
    >>> float(concordance("Surv(t, d) ~ risk", df, reverse=True).concordance[0])
    1.0
    """
    if not isinstance(formula, str):
        if data is not None or weights is not None or cluster is not None:
            raise InputError("a fit brings its own data, weights and clusters; pass them to coxph.")
        if reverse is False:
            raise InputError("a Cox fit scores risk: reverse is True for it. Leave it out.")
        rows, markers, names = _rows_of_fit(formula)
        n_missing, source = formula.n_missing, formula.formula
        scoring = Scoring(timewt, ymin, ymax, True)
    else:
        if data is None:
            raise InputError("data is missing: concordance(formula, data).")
        frame = model_frame(formula, data, weights=weights, cluster=cluster)
        if frame.surv is None:
            raise FormulaError(f"`{formula}`: the left side must be Surv(time, event).")
        rows = Rows(frame.surv, frame.strata, frame.weights, frame.cluster)
        markers, names = frame.x, tuple(frame.design.names)
        n_missing, source = frame.n_missing, formula
        scoring = Scoring(timewt, ymin, ymax, bool(reverse))
        if not names:
            raise FormulaError(f"`{formula}` names no marker.")
    estimate = estimate_concordance(rows, markers, scoring)
    return Concordance(names, estimate, rows, markers, scoring, n_missing, source)


def _rows_of_fit(fit: CoxPH) -> tuple[Rows, np.ndarray, tuple[str, ...]]:
    """Follow-up and linear predictor of a fit; equal rows get exactly equal predictors."""
    frame = fit.frame
    if frame.surv is None:  # a Cox fit always has one
        raise InputError("concordance() needs a fit with a survival outcome.")
    rows = Rows(frame.surv, frame.strata, frame.weights, frame.cluster)
    return rows, merge_rounded(fit.linear_predictor)[:, None], ("linear predictor",)


@frozen_result
class Concordance(Result):
    """C index of one or more markers on the same rows.

    Attributes
    ----------
    markers : tuple of str
    estimate : ConcordanceEstimate
        ``concordance``, ``counts``, ``dfbeta`` (rows, or clusters, by markers) and ``vcov``.
    rows : Rows
    values : ndarray, shape (n, k)
        The markers.
    scoring : Scoring
        ``timewt``, ``ymin``, ``ymax``, ``reverse``.
    n_missing : int
    formula : str
    """

    markers: tuple[str, ...]
    estimate: ConcordanceEstimate
    rows: Rows
    values: np.ndarray
    scoring: Scoring
    n_missing: int
    formula: str

    @property
    def concordance(self) -> np.ndarray:
        """C of each marker."""
        return self.estimate.concordance

    @property
    def vcov(self) -> np.ndarray:
        """Joint covariance of the concordances."""
        return self.estimate.vcov

    @property
    def orientation(self) -> str:
        """What a higher marker means here."""
        return f"higher marker, {'shorter' if self.scoring.reverse else 'longer'} survival"

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """One row per marker.

        Columns ``marker estimate std_error conf_low conf_high`` and the (weighted) pair counts
        ``concordant discordant tied_x tied_y tied_xy``; `tied_x` ties in the marker, `tied_y` in
        time, `tied_xy` in both.
        """
        std_error = np.sqrt(np.diag(self.vcov))
        low, high = normal_interval(self.concordance, std_error, conf_level)
        columns = {
            "marker": list(self.markers),
            "estimate": self.concordance,
            "std_error": std_error,
            "conf_low": low,
            "conf_high": high,
        }
        counts = dict(zip(_COUNTS, self.estimate.counts.T, strict=True))
        return pd.DataFrame({**columns, **counts})

    def glance(self) -> pd.DataFrame:
        """One row: ``n n_event n_missing timewt orientation``."""
        return pd.DataFrame(
            {
                "n": [self.rows.n],
                "n_event": [int(self.rows.surv.event.sum())],
                "n_missing": [self.n_missing],
                "timewt": [self.scoring.timewt],
                "orientation": [self.orientation],
            }
        )

    def _title(self) -> str:
        return f"Concordance ({self.orientation}; time weight {self.scoring.timewt})"


def concordance_test(
    first: str | Concordance | CoxPH,
    *others: CoxPH,
    data: Any = None,
    method: str = "jackknife",
    **options: Any,
) -> ConcordanceTest:
    """Compare the concordances of markers, or of Cox fits, measured on the same rows.

    Parameters
    ----------
    first : str, Concordance or CoxPH
        A formula with two or more markers (``Surv(time, event) ~ m1 + m2``), the result of
        `concordance` on one, or the first of several fits.
    *others : CoxPH
        Further fits on the same rows; their strata may differ. With a formula, the data.
    data : pandas.DataFrame or polars.DataFrame
        With a formula.
    method : {"jackknife", "u-statistic"}
        Covariance of the concordances: infinitesimal jackknife (R's ``survival``), or the
        U-statistic estimate of R's ``compareC`` (Kang and others 2015), which needs plain
        right-censored data and takes time proportional to the number of pairs.
    **options
        ``timewt, ymin, ymax, reverse, weights, cluster`` of `concordance`.

    Returns
    -------
    ConcordanceTest
        ``tidy()`` one row per pair: difference, standard error, z, p, interval.

    Raises
    ------
    DesignError
        Fewer than two markers; fits on different rows or with different clusters.
    InputError
        Unknown `method`, or one that the data do not allow.

    Notes
    -----
    With case weights R's paired covariance applies the weights twice; here every row's influence
    carries its weight once, so that a difference has the variance of a single concordance.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5], "d": 1, "a": [5, 4, 3, 1, 2]})
    >>> df["b"] = [5, 1, 2, 4, 3]
    >>> test = concordance_test("Surv(t, d) ~ a + b", data=df, reverse=True)
    >>> test.tidy()[["concordance1", "concordance2", "estimate"]].round(2).values.tolist()
    [[0.9, 0.5, 0.4]]
    """
    if method not in ("jackknife", "u-statistic"):
        raise InputError(f"method is {method!r}; choose 'jackknife' or 'u-statistic'.")
    joint = _joint(first, others, data, options)
    if len(joint.markers) < 2:
        raise DesignError("there is only one marker; a comparison needs two, or two fits.")
    vcov = joint.vcov
    if method == "u-statistic":
        plain = Scoring(reverse=joint.scoring.reverse)
        if joint.scoring != plain:
            raise InputError("method = 'u-statistic' knows timewt = 'n' only, without ymin, ymax.")
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


def _joint(first: Any, others: tuple[Any, ...], data: Any, options: dict[str, Any]) -> Concordance:
    """All markers or fits as one result, their influences side by side."""
    if isinstance(first, Concordance):
        if others or data is not None or options:
            raise InputError("a Concordance already holds its markers, data and options.")
        return first
    if isinstance(first, str):
        if len(others) == 1 and data is None and hasattr(others[0], "columns"):
            data, others = others[0], ()  # concordance_test("Surv(...) ~ a + b", df)
        if others:
            raise InputError("name all markers in one formula: Surv(time, event) ~ m1 + m2.")
        return concordance(first, data, **options)
    parts = [concordance(fit, data, **options) for fit in (first, *others)]
    for part in parts[1:]:
        _require_same_rows(parts[0], part)
    estimates = [part.estimate for part in parts]
    joined = ConcordanceEstimate(
        np.concatenate([estimate.concordance for estimate in estimates]),
        np.vstack([estimate.counts for estimate in estimates]),
        np.hstack([estimate.dfbeta for estimate in estimates]),
    )
    names = tuple(part.formula.partition("~")[2].strip() for part in parts)
    values = np.hstack([part.values for part in parts])
    base = parts[0]
    return Concordance(names, joined, base.rows, values, base.scoring, base.n_missing, base.formula)


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
