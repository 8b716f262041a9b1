"""A Cox model as a risk model: survival at fixed times, points, validation, reporting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._formula.parse import split_formula
from faceage_stats._formula.sides import read_right
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_numbers
from faceage_stats._seed import DEFAULT_SEED
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.risk.nomogram import Nomogram, nomogram
from faceage_stats.prediction.risk.tripod import tripod_rows
from faceage_stats.prediction.risk.validation import RiskValidation, validate_risk
from faceage_stats.survival.cox.coxph import coxph
from faceage_stats.survival.cox.result import CoxPH
from faceage_stats.survival.optimism import Optimism, optimism

__all__ = ["RiskModel", "risk_model"]


@checked_call
def risk_model(
    formula: str, data: Any, *, times: float | Sequence[float] | np.ndarray
) -> RiskModel:
    """Fit a Cox model that predicts each patient's survival at fixed times.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ covariates``; one baseline, so without ``strata()``.
    data : pandas.DataFrame or polars.DataFrame
        One row per patient.
    times : float or sequence of float
        Times at which survival is predicted, within the follow-up, in the unit of the time column.

    Returns
    -------
    RiskModel
        ``predict(newdata)`` survival of each patient; ``optimism()`` internal validation;
        ``validate(newdata)`` another cohort; ``points()`` a table of points; ``tripod()`` rows of
        the TRIPOD+AI checklist.

    Raises
    ------
    FormulaError
        The formula has strata, a cluster or an offset.
    InputError
        A time that is not positive or lies beyond the last event.
    DesignError
        A coefficient cannot be estimated.

    See Also
    --------
    coxph : The model itself.
    pmsampsize_survival : How many patients such a model needs.

    Notes
    -----
    Survival is exp(-H0(t) exp(lp)), H0 being the baseline cumulative hazard at the means of the
    covariates and lp the linear predictor relative to them.

    In R: ``rms::cph(Surv(time, status) ~ age, data = df, x = TRUE, y = TRUE, surv = TRUE)``

    References
    ----------
    Steyerberg EW (2019). Clinical Prediction Models, second edition. Springer.

    Collins GS, Moons KGM, Dhiman P and others (2024). TRIPOD+AI statement: updated guidance for
    reporting clinical prediction models that use regression or machine learning methods. BMJ
    385:e078378. doi:10.1136/bmj-2023-078378

    Examples
    --------
    >>> import faceage_stats as fs
    >>> raw = fs.simulate("palliative", seed=1, n=300).tables["palliative"]
    >>> rows = fs.curate(raw, "palliative").rows
    >>> model = risk_model("Surv(years, death) ~ faceage10 + ecog_group", rows, times=[0.5, 1])
    >>> list(model.augment().columns)
    ['row', 'linear_predictor', 'survival_0.5', 'survival_1']
    """
    data = as_pandas(data)
    _, right = read_right(
        formula, data, {"strata", "cluster", "offset", "- 1"}, f"risk_model(): `{formula}`"
    )
    if right.strata or right.cluster is not None or right.offset is not None:
        raise FormulaError(
            f"risk_model(): `{formula}`: a risk model has one baseline; strata(), cluster() and "
            "offset() do not go into it. Make the stratum a covariate."
        )
    fit = coxph(formula, data=data)
    n_lost = int(fit.estimate.singular.sum())
    if n_lost or not len(fit.coef):
        raise DesignError(
            f"risk_model(): `{formula}`: {n_lost} of {len(fit.coef)} coefficients cannot be "
            "estimated; a risk model needs at least one, and every one. Remove constant and "
            "redundant terms."
        )
    horizons = check_numbers("times", times)
    last = fit.frame.surv.time[fit.frame.surv.event == 1].max()
    if not ((horizons > 0) & (horizons <= last)).all():
        raise InputError(
            "times must be positive and not beyond the last event; survival is not known there. "
            "Choose earlier ones."
        )
    return RiskModel(fit, tuple(float(t) for t in horizons), data.iloc[fit.frame.rows])


@frozen_result
class RiskModel(Result):
    """A Cox model with its times of prediction.

    Attributes
    ----------
    fit : CoxPH
    times : tuple of float
    data : pandas.DataFrame
        The complete rows that the model was fitted to; never printed.
    """

    fit: CoxPH
    times: tuple[float, ...]
    data: pd.DataFrame

    @property
    def formula(self) -> str:
        """As the user wrote it."""
        return self.fit.formula

    def baseline(self) -> pd.DataFrame:
        """Return survival of a patient at the means of the covariates: ``time estimate cumhaz``."""
        cumhaz = self.fit.basehaz(times=self.times)["cumhaz"].to_numpy()
        return pd.DataFrame({"time": self.times, "estimate": np.exp(-cumhaz), "cumhaz": cumhaz})

    def predict(self, newdata: Any = None) -> pd.DataFrame:
        """Predict survival at each time, for the rows used or for new data.

        Parameters
        ----------
        newdata : pandas.DataFrame or polars.DataFrame, optional
            Levels that the model never saw are refused.

        Returns
        -------
        pandas.DataFrame
            Indexed like the rows, those used or those of `newdata`: ``linear_predictor``
            (relative to the means) and ``survival_<time>``; NaN where a covariate is missing.
        """
        frame = self.data if newdata is None else as_pandas(newdata)
        lp = self.fit.predict(frame, "lp", reference="sample")["estimate"]
        table = pd.DataFrame({"linear_predictor": lp.to_numpy()}, index=frame.index)
        for time, cumhaz in zip(self.times, self.baseline()["cumhaz"], strict=True):
            table[f"survival_{time:g}"] = np.exp(-cumhaz * np.exp(lp.to_numpy()))
        return table

    def optimism(
        self, n_resamples: int = 200, *, seed: int = DEFAULT_SEED, n_jobs: int | None = None
    ) -> Optimism:
        """Validate internally: bootstrap optimism of the C index and of the calibration slope."""
        return optimism(
            self.formula, self.data, n_resamples=n_resamples, seed=seed, n_jobs=n_jobs,
            ties=self.fit.ties,
        )  # fmt: skip

    def validate(
        self, newdata: Any, *, n_resamples: int = 200, seed: int = DEFAULT_SEED
    ) -> RiskValidation:
        """Apply the model unchanged to another cohort.

        Parameters
        ----------
        newdata : pandas.DataFrame or polars.DataFrame
            Another cohort with the same columns.
        n_resamples, seed : int
            Bootstrap of the calibration distances, as in `calibration`.

        Returns
        -------
        RiskValidation
            Discrimination, calibration, and what recalibration would change.

        Examples
        --------
        >>> import faceage_stats as fs
        >>> rows, other = (
        ...     fs.curate(fs.simulate("palliative", seed=seed, n=300).tables["palliative"],
        ...               "palliative").rows for seed in (1, 2))
        >>> model = fs.risk_model("Surv(years, death) ~ faceage10", rows, times=[0.5])
        >>> model.validate(other, n_resamples=0).tidy()["quantity"].tolist()[:2]
        ['concordance', 'calibration slope']
        """
        newdata, left = as_pandas(newdata), split_formula(self.formula)[0]
        terms = " + ".join(self.fit.design.right.terms)  # `.` is of the columns of the fit
        predicted = self.predict(newdata)
        return validate_risk(f"{left} ~ {terms}", self.times, newdata, predicted, n_resamples, seed)

    def points(self, *, most: float = 100.0) -> Nomogram:
        """Write the model as points, as a nomogram would print them.

        Parameters
        ----------
        most : float
            Points that the covariate of the widest effect spans.

        Returns
        -------
        Nomogram
            ``tidy()`` points by level; ``survival()`` what their sum means.

        Examples
        --------
        >>> import faceage_stats as fs
        >>> raw = fs.simulate("palliative", seed=1, n=300).tables["palliative"]
        >>> rows = fs.curate(raw, "palliative").rows
        >>> model = fs.risk_model("Surv(years, death) ~ faceage10 + ecog_group", rows, times=[0.5])
        >>> float(model.points().tidy()["points"].max().round(6))
        100.0
        """
        return nomogram(self.fit, self.data, self.baseline(), most)

    def tripod(self) -> pd.DataFrame:
        """Return rows of the TRIPOD+AI checklist: ``item topic report source``.

        `source` is "fit" where the model itself says what to report, and "authors" where it
        cannot. The items are those of the published checklist; a fit covers only some of them.
        """
        return tripod_rows(self.fit, self.times)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the coefficients, as ``CoxPH.tidy``."""
        return self.fit.tidy(exponentiate=exponentiate, conf_level=conf_level)

    def glance(self) -> pd.DataFrame:
        """Return one row, as ``CoxPH.glance``."""
        return self.fit.glance()

    def augment(self) -> pd.DataFrame:
        """Return the position, linear predictor and survival of each row used.

        Returns
        -------
        pandas.DataFrame
            With the labels of the data given: ``row linear_predictor survival_<time>``.
        """
        table = self.predict()
        table.insert(0, "row", self.fit.frame.rows)
        return table

    def _further_tables(self) -> tuple[str, ...]:
        return ("baseline", "tripod")

    def _printed(self) -> pd.DataFrame:
        return self.tidy().drop(columns=["variable", "level", "is_reference", "scale"])

    def _title(self) -> str:
        at = ", ".join(f"{t:g}" for t in self.times)
        return f"Risk model {self.formula}; survival at {at}"
