"""The result of `coxph`: the tables, and predictions, residuals, curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from faceage_stats._columns import as_pandas
from faceage_stats._result import frozen_result
from faceage_stats.survival.cox import anova as deviance
from faceage_stats.survival.cox import baseline, curves
from faceage_stats.survival.cox import predict as prediction
from faceage_stats.survival.cox import residuals as res
from faceage_stats.survival.cox.refit import CoxRefit
from faceage_stats.survival.cox.tables import CoxTables
from faceage_stats.survival.km.limits import ConfType

__all__ = ["CoxPH"]


@frozen_result
class CoxPH(CoxTables):
    """A fitted proportional hazards model, made by `coxph`; its attributes are those of `CoxFit`.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"time": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1],
    ...                    "x": [1, 1, 1, 0, 0, 0]})
    >>> fit = fs.coxph("Surv(time, event) ~ x", df)
    >>> fit.vcov().round(4).to_numpy().tolist()
    [[1.6323]]
    >>> fit.predict(df.head(2), type="risk")["estimate"].round(3).tolist()
    [5.349, 5.349]
    """

    def augment(self) -> pd.DataFrame:
        """Return one row per row used, indexed as in the data given.

        Columns: time, event, linear_predictor, expected, residual_martingale, residual_deviance.
        """
        martingale = res.martingale_residuals(self.risk_sets)
        event = self.surv.event
        return pd.DataFrame(
            {
                "time": self.surv.time,
                "event": event,
                "linear_predictor": self.lp,
                "expected": event - martingale,
                "residual_martingale": martingale,
                "residual_deviance": res.deviance_residuals(martingale, event),
            },
            index=self.frame.index,
        )

    def predict(
        self,
        newdata: Any = None,
        type: prediction.PredictType = "lp",  # noqa: A002 - R's name
        *,
        times: Any = None,
        reference: prediction.Reference | None = None,
        conf_level: float = 0.95,
        conf_type: ConfType = "log",
    ) -> pd.DataFrame:
        """Predict for the rows used, or for new data, as R's ``predict.coxph``.

        Parameters
        ----------
        newdata : pandas.DataFrame, optional
            By default the rows of the fit. Rows with a missing value are predicted as NaN.
        type : {"lp", "risk", "expected", "terms", "survival"}
            Linear predictor; its exponential; expected events over the follow-up of each row; the
            contribution of each term to the linear predictor; survival, at `times` or else at the
            end of the follow-up of each row.
        times : array-like, optional
            In the unit of the time column; only with ``type="survival"`` and new data.
        reference : {"strata", "sample", "zero"}, optional
            What the linear predictor is relative to: the means of the row's stratum (default), of
            the whole sample (default for terms; columns of -1, 0, 1 stay uncentred), or 0.
        conf_level : float
        conf_type : {"log", "log-log", "plain", "logit", "arcsin", "none"}
            Scale on which the limits of a survival are symmetric.

        Returns
        -------
        pandas.DataFrame
            Indexed like the rows: estimate, std_error, conf_low, conf_high. ``type="terms"``:
            long, with term. ``type="survival"`` with `times`: the columns of `CoxCurves.at`, one
            row per patient and time. The standard error of a risk is R's, that of the linear
            predictor times the root of the risk. Expected events of new data allow for the offset
            (R 3.5 adds it outside the exponential).

        Raises
        ------
        InputError
            An unknown option, a level or stratum that the fit never saw, `times` without new data.

        Notes
        -----
        In R: ``predict(fit, newdata, type = "risk")``
        """
        request = prediction.Request(type, times, reference, conf_level, conf_type)
        return prediction.predict(self, newdata, request)

    def contrast(
        self,
        newdata: Any,
        reference: Any,
        *,
        exponentiate: bool = False,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Estimate the log hazard ratio of each row of new data against a reference row.

        Parameters
        ----------
        newdata : pandas.DataFrame
        reference : pandas.DataFrame
            One row, or as many rows as `newdata`.
        exponentiate : bool
            Give hazard ratios; the standard error stays on the log scale.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            Indexed like `newdata`: estimate, std_error, statistic, p_value, conf_low, conf_high.
            A row equal to its reference has estimate 0, standard error 0 and no test.
        """
        return prediction.contrast(
            self, newdata, reference, exponentiate=exponentiate, conf_level=conf_level
        )

    def residuals(
        self,
        type: res.ResidualType = "martingale",  # noqa: A002 - R's name
    ) -> pd.Series | pd.DataFrame:
        """Return the residuals of R's ``residuals.coxph``.

        Parameters
        ----------
        type : {"martingale", "deviance", "score", "schoenfeld", "scaled_schoenfeld", "dfbeta", \
"dfbetas"}

        Returns
        -------
        pandas.Series or pandas.DataFrame
            Indexed as in the data given. A Series for martingale and deviance; one column per
            coefficient for score, dfbeta and dfbetas, dfbeta with the case weight; one row per
            event, by stratum, time and row, for schoenfeld. Scaled forms use the model-based
            variance even in a robust fit.

        Notes
        -----
        In R: ``residuals(fit, "schoenfeld")``
        """
        return res.residuals_of(self, type)

    def basehaz(self, *, times: Any = None, centered: bool = True) -> pd.DataFrame:
        """Estimate the cumulative baseline hazard, as R's ``basehaz``.

        Parameters
        ----------
        times : array-like, optional
            By default every distinct follow-up time.
        centered : bool
            At the centre of the covariates (`means`), or at all covariates 0. The mean offset is
            taken out either way.

        Returns
        -------
        pandas.DataFrame
            time, cumhaz (0 before the first event), and strata in a stratified fit. Efron's hazard
            for a fit with Efron ties, Breslow's otherwise.

        Notes
        -----
        In R: ``survival::basehaz(fit)``
        """
        return baseline.basehaz(self, times=times, centered=centered)

    def survfit(
        self, newdata: Any = None, *, id: str | None = None,  # noqa: A002 - R's name
        conf_type: ConfType = "log", conf_level: float = 0.95,
    ) -> curves.CoxCurves:  # fmt: skip
        """Predict survival curves, as R's ``survfit.coxph``.

        Parameters
        ----------
        newdata : pandas.DataFrame, optional
            One curve per row. A row that names its stratum gets that stratum's curve, otherwise one
            per stratum. Without new data: the curve at the centre of the covariates, per stratum.
        id : str, optional
            Column of the patient in `newdata`, whose rows are then intervals of the fit's
            ``Surv(start, stop, event)``, one after the other, with the covariates (and the stratum)
            that hold in each: one curve per patient, from the first start to the last stop.
        conf_type : {"log", "log-log", "plain", "logit", "arcsin", "none"}
        conf_level : float
            Confidence level of the intervals.

        Returns
        -------
        CoxCurves
            S(t) = exp(-H(t)) with Efron's hazard under Efron ties; standard errors include those of
            the coefficients. ``tidy()``, ``at(times)``, ``median()``, ``quantile(probs)``.

        Raises
        ------
        InputError
            New data without a row, with a level or a stratum that the fit never saw; with `id` rows
            that leave a gap, overlap or lack a value.

        Notes
        -----
        With `id` times are those of the fit, where R counts from the first start; and the errors
        allow for the covariates of each interval, where survival 3.5-3 takes those of the last one
        as if they had held from the beginning. Survival itself is R's.

        ``figures.km()`` draws the curves, each called as its row of `newdata`.

        In R: ``survival::survfit(fit, newdata)``

        In R: ``survival::survfit(fit, newdata, id = id)``

        Examples
        --------
        >>> import faceage_stats as fs
        >>> df = pd.DataFrame({"t": [1, 2, 3, 4, 5, 6], "d": 1, "x": [1, 0, 1, 1, 0, 0]})
        >>> fit = fs.coxph("Surv(t, d) ~ x", df)
        >>> fit.survfit(pd.DataFrame({"x": [0, 1]})).median()["median"].tolist()
        [5.0, 3.0]
        """
        options: dict[str, Any] = {"conf_type": conf_type, "conf_level": conf_level}
        return curves.cox_curves(self, newdata, id=id, **options)

    def on_rows_of(self, data: Any) -> CoxRefit:
        """Return the coefficients as a function of rows; what `resample` with a fit repeats."""
        return CoxRefit.of(self, len(as_pandas(data)))

    def anova(self) -> deviance.Anova:
        """Test the terms by likelihood ratios, added first to last."""
        return deviance.anova(self)

    def drop1(self, test: deviance.TermTest = "lrt") -> deviance.Anova:
        """Test each term given all the others, but none within an interaction, as R's ``drop1``.

        Parameters
        ----------
        test : {"lrt", "wald"}
            Likelihood ratio against the fit without the term, or Wald, which a fit with a sandwich
            variance needs.

        Returns
        -------
        Anova
            ``term log_lik statistic df p_value``; `log_lik` is that of the fit without the term.

        Notes
        -----
        In R: ``drop1(fit, test = "Chisq")``
        """
        return deviance.drop1(self, test)

    def wald_test(self, names: Sequence[str]) -> deviance.Anova:
        """Test that some coefficients are 0 together, such as those of a spline beyond the first.

        Parameters
        ----------
        names : list of str
            Names of coefficients, as in ``coef``.

        Returns
        -------
        Anova
            One row: term, statistic, df, p_value. The sandwich variance is used where there is one.

        Raises
        ------
        InputError
            A name that is no coefficient, or none.

        Notes
        -----
        In R: ``aod::wald.test(vcov(fit), coef(fit), Terms = 2:3)``
        """
        return deviance.wald_test(self, names)
