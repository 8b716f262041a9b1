"""Concordance of markers, or of a Cox fit, with survival."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit, check_flag
from faceage_stats._call import checked_call
from faceage_stats._formula.frame import survival_frame
from faceage_stats._formula.markers import marker_columns
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._ties import merge_rounded
from faceage_stats._wald import limits, std_errors
from faceage_stats.errors import FormulaError, InputError
from faceage_stats.survival.concordance.estimate import (
    ConcordanceEstimate,
    Rows,
    Scoring,
    estimate_concordance,
)
from faceage_stats.survival.concordance.follow_up import TimeWeight
from faceage_stats.survival.cox.fit import CoxFit

__all__ = ["Concordance", "concordance"]

_COUNTS = ("concordant", "discordant", "tied_x", "tied_y", "tied_xy")


@checked_call
def concordance(
    formula: str | CoxFit,
    data: Any = None,
    *,
    timewt: TimeWeight = "n",
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
        by itself, all on the same rows. A fit is scored by its linear predictor, within its
        strata, with its weights and clusters. ``Surv(start, stop, event)`` is allowed; offset()
        is refused.
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
        ``tidy()`` one row per marker; ``vcov()`` their joint covariance; ``orientation`` in words.

    Raises
    ------
    InputError
        Unknown `timewt`; a censored time before `ymin`; data missing or superfluous.
    FormulaError
        As every formula; no marker is named.
    DesignError
        No pair can be compared.

    See Also
    --------
    concordance_test : paired comparison of markers or fits.
    time_roc : accuracy at given times.

    Notes
    -----
    A pair counts when the shorter time is an event; a censoring at an event's time counts as
    longer. Tied markers count one half, pairs tied in time are excluded. Standard errors are
    infinitesimal-jackknife. Equals ``survival::concordance`` 3.5.

    In R: ``survival::concordance(Surv(time, event) ~ risk, data = df, reverse = TRUE)``

    References
    ----------
    Harrell FE, Lee KL, Mark DB (1996). Multivariable prognostic models: issues in developing
    models, evaluating assumptions and adequacy, and measuring and reducing errors. Statistics in
    Medicine 15:361-387. doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4

    Uno H, Cai T, Pencina MJ, D'Agostino RB, Wei LJ (2011). On the C-statistics for evaluating
    overall adequacy of risk prediction procedures with censored survival data. Statistics in
    Medicine 30:1105-1117. doi:10.1002/sim.4154

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [1, 2, 3, 4], "d": [1, 1, 0, 1], "risk": [4, 3, 1, 2]})
    >>> float(concordance("Surv(t, d) ~ risk", df, reverse=True).concordance[0])
    1.0
    """
    check_option("timewt", timewt, TimeWeight)
    if reverse is not None:
        check_flag("reverse", reverse)
    if not isinstance(formula, str):
        check_fit(formula, CoxFit, "concordance() takes a formula and data, or a fit of coxph()")
        if data is not None or weights is not None or cluster is not None:
            raise InputError("a fit has its data, weights and clusters; pass them to coxph.")
        if reverse is False:
            raise InputError("a Cox fit scores risk: reverse is True for it. Remove reverse.")
        return _of_fit(formula, Scoring(timewt, ymin, ymax, True))
    if data is None:
        raise InputError("data is missing: concordance(formula, data).")
    frame = survival_frame(
        formula,
        marker_columns(formula, data, "concordance()"),
        allow={"strata", "cluster"},
        weights=weights,
        cluster=cluster,
        caller="concordance()",
    )
    names = tuple(frame.design.markers())
    if not names:
        raise FormulaError(f"concordance(): `{formula}` names no marker.")
    rows = Rows(frame.surv, frame.strata, frame.weights, frame.cluster)
    scoring = Scoring(timewt, ymin, ymax, bool(reverse))
    estimate = estimate_concordance(rows, frame.x, scoring)
    return Concordance(names, estimate, rows, frame.x, scoring, frame.n_missing, formula)


def _of_fit(fit: CoxFit, scoring: Scoring) -> Concordance:
    """Score the linear predictor; equal rows get exactly equal predictors."""
    frame = fit.frame
    rows = Rows(frame.surv, frame.strata, frame.weights, frame.cluster)
    marker = merge_rounded(fit.lp)[:, None]
    estimate = estimate_concordance(rows, marker, scoring)
    names = ("linear predictor",)
    return Concordance(names, estimate, rows, marker, scoring, fit.n_missing, fit.formula)


@frozen_result
class Concordance(Result):
    """C index of one or more markers on the same rows, made by `concordance`.

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
    def orientation(self) -> str:
        """What a higher marker means here."""
        return f"higher marker, {'shorter' if self.scoring.reverse else 'longer'} survival"

    def vcov(self) -> pd.DataFrame:
        """Return the joint covariance of the concordances, by marker."""
        return pd.DataFrame(self.estimate.vcov, index=self.markers, columns=self.markers)

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per marker.

        Columns ``marker estimate std_error conf_low conf_high`` (normal limits, cut to 0 and 1, in
        which R's ``survival`` gives none) and the (weighted) pair counts
        ``concordant discordant tied_x tied_y tied_xy``; `tied_x` ties in the marker, `tied_y` in
        time, `tied_xy` in both.
        """
        std_error = std_errors(self.estimate.vcov)
        low, high = limits(self.concordance, std_error, conf_level, within=(0, 1))
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
        """Return one row: ``n n_event n_missing timewt orientation``."""
        row = {
            "n": self.rows.n,
            "n_event": int(self.rows.surv.event.sum()),
            "n_missing": self.n_missing,
            "timewt": self.scoring.timewt,
            "orientation": self.orientation,
        }
        return pd.DataFrame([row])

    def _title(self) -> str:
        return f"Concordance ({self.orientation}; time weight {self.scoring.timewt})"
