"""What is read from ROC curves: operating points, bands, partial areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result
from faceage_stats._scalar import check_numbers
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats.errors import InputError
from faceage_stats.prediction.roc.coords import Limits, Request, Rule, coords
from faceage_stats.prediction.roc.curve import Curve
from faceage_stats.prediction.roc.delong import Focus
from faceage_stats.prediction.roc.partial_auc import PartialAUC, Range, partial_auc
from faceage_stats.prediction.roc.rates import rate_band
from faceage_stats.prediction.roc.tables import stacked

__all__ = ["CurveReadings"]


class CurveReadings(Result):
    """Points, bands and partial areas of one curve or of several."""

    curves: tuple[Curve, ...]

    @property
    def markers(self) -> tuple[str, ...]:
        """Names of the markers."""
        return tuple(curve.marker for curve in self.curves)

    @property
    def curve(self) -> Curve:
        """The one curve; refused when there are several."""
        if len(self.curves) > 1:
            raise InputError(
                f"there are {len(self.curves)} curves; choose one, e.g. [{self.markers[0]!r}], or "
                "use tidy(), one row per marker."
            )
        return self.curves[0]

    def coords(
        self,
        rule: Rule | None = None,
        *,
        threshold: float | Sequence[float] | np.ndarray | None = None,
        sensitivity: float | None = None,
        specificity: float | None = None,
        cost: float | None = None,
        prevalence: float | None = None,
        conf_level: float = 0.95,
        ci: Limits | None = None,
        n_resamples: int = 2000,
        seed: int = DEFAULT_SEED,
    ) -> pd.DataFrame:
        """Return operating points, as ``pROC::coords``; give one of the first four arguments.

        Parameters
        ----------
        rule : {"youden", "closest_topleft", "all"}
            ``youden``: every threshold with the largest sensitivity + specificity.
        threshold : float or array_like
            A marker at the threshold, or beyond it in the direction, is positive.
        sensitivity, specificity : float
            The threshold with the best other rate among those that reach this one. (pROC
            interpolates between thresholds; a point here can be used in the clinic.)
        cost, prevalence : float, optional
            False alarms that a missed case is worth, 1 by default, and the prevalence where the
            threshold will be used, 0.5 by default: the two rules then count specificity
            (1 - prevalence) / (cost prevalence) times (pROC's ``best.weights``).
        conf_level : float
        ci : {"wilson", "bootstrap", "none"}, optional
            Wilson's limits take the threshold as given (the default for ``threshold`` and
            ``"all"``). The bootstrap chooses it anew in every resample (the default for
            thresholds that the data choose; of several tied ones the limits are the same).
        n_resamples, seed : int
            Of the bootstrap.

        Returns
        -------
        pandas.DataFrame
            ``marker threshold sensitivity specificity ppv npv accuracy youden tp fp tn fn`` and
            limits ``sensitivity_low``, ``sensitivity_high`` and so on; `youden` is sensitivity +
            specificity - 1.
        """
        request = Request(
            rule, threshold, sensitivity, specificity, ci, conf_level, n_resamples, seed,
            cost, prevalence,
        )  # fmt: skip
        return stacked({curve.marker: coords(curve, request) for curve in self.curves})

    def band(
        self,
        n_points: int = 101,
        *,
        specificities: Any = None,
        sensitivities: Any = None,
        conf_level: float = 0.95,
        n_resamples: int = 2000,
        seed: int = DEFAULT_SEED,
    ) -> pd.DataFrame:
        """Return pointwise bootstrap limits of the curve, interpolated between thresholds.

        As ``pROC::ci.se`` and, with `sensitivities`, ``pROC::ci.sp``.

        Parameters
        ----------
        n_points : int
            Size of an even grid of specificities, where none is given.
        specificities : float or array_like, optional
            Where the limits are of the sensitivity.
        sensitivities : float or array_like, optional
            Where the limits are of the specificity, instead.
        conf_level : float
        n_resamples, seed : int
            Of the stratified bootstrap.

        Returns
        -------
        pandas.DataFrame
            ``marker specificity sensitivity median conf_low conf_high``: the curve itself, and
            median and limits of the resamples, which are pROC's three numbers.
        """
        if specificities is not None and sensitivities is not None:
            raise InputError("give specificities or sensitivities, not both.")
        if n_points < 2:
            raise InputError(f"n_points is {n_points}; use at least 2, e.g. 101.")
        given: Focus = "specificity" if sensitivities is None else "sensitivity"
        at = specificities if sensitivities is None else sensitivities
        at = np.linspace(0, 1, n_points) if at is None else at
        at = check_numbers(f"{given.removesuffix('y')}ies", at)
        if not len(at):
            raise InputError(f"no {given} is given; name some, or leave the grid to n_points.")
        return stacked(
            {
                curve.marker: rate_band(curve, given, at, conf_level, n_resamples, seed)
                for curve in self.curves
            }
        )

    def partial_auc(
        self,
        low: float,
        high: float,
        *,
        focus: Focus = "specificity",
        conf_level: float = 0.95,
        n_resamples: int = 2000,
        seed: int = DEFAULT_SEED,
    ) -> PartialAUC:
        """Return the area under the part of the curve where specificity is in a range.

        Parameters
        ----------
        low, high : float
            The range, in either order; the ends are interpolated on the curve.
        focus : {"specificity", "sensitivity"}
            What the range is of.
        conf_level : float
        n_resamples, seed : int
            Of the stratified bootstrap (there is no simple standard error).

        Returns
        -------
        PartialAUC
            The raw area, and McClish's correction, which is 0.5 for chance and 1 for a perfect
            marker; NaN, with a warning, where the curve is below chance in the range.

        References
        ----------
        McClish DK (1989). Analyzing a portion of the ROC curve. Medical Decision Making 9:190-195.
        doi:10.1177/0272989X8900900307

        Examples
        --------
        >>> import faceage_stats as fs
        >>> df = pd.DataFrame({"y": [0, 0, 1, 0, 1, 1], "m": [1, 2, 3, 4, 5, 6]})
        >>> part = fs.roc("y ~ m", df, direction="<").partial_auc(0.5, 1, n_resamples=100)
        >>> round(part.raw, 4)
        0.3889
        """
        within = Range(low, high, focus)
        return partial_auc(
            self.curve, within, conf_level=conf_level, n_resamples=n_resamples, seed=seed
        )
