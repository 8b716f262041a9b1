"""Marginal models of repeated outcomes by generalised estimating equations, as geepack's geeglm."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._call import checked_call
from faceage_stats._coefficient_rows import coefficient_rows
from faceage_stats._columns import as_pandas, numeric_column
from faceage_stats._formula.design import singular_columns
from faceage_stats._formula.frame import ModelFrame, model_frame
from faceage_stats._formula.outcome import binary_frame
from faceage_stats._formula.parse import split_formula
from faceage_stats._near import check_option
from faceage_stats._result import Fit, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._wald import std_errors, wald
from faceage_stats.association.longitudinal.gee_fit import Correlation, GEEFit, Visits, fit_gee
from faceage_stats.association.longitudinal.gee_jackknife import jackknife
from faceage_stats.association.regression.centred import Centred, column_means, moved
from faceage_stats.association.regression.design_matrix import (
    independent_columns,
    offset_of,
    with_intercept,
)
from faceage_stats.association.regression.glm_family import Family, FamilyName, Link
from faceage_stats.association.regression.glm_fit import fit_glm
from faceage_stats.errors import DesignError, InputError

__all__ = ["GEE", "gee"]

Variance = Literal["sandwich", "one_step", "jackknife"]


@checked_call
def gee(
    formula: str,
    data: Any,
    *,
    id: str,  # noqa: A002 - R's name
    family: FamilyName = "gaussian",
    link: Link | None = None,
    correlation: Correlation = "exchangeable",
    waves: str | None = None,
    variance: Variance = "sandwich",
    subset: str | None = None,
) -> GEE:
    """Fit a marginal model of repeated outcomes by estimating equations, as R's ``geeglm``.

    Parameters
    ----------
    formula : str
        ``outcome ~ month + C(arm) + offset(x)``; cluster() and strata() are refused.
    data : pandas.DataFrame or polars.DataFrame
        One row per visit; a patient's rows need not stand together, their order counts for
        ``"ar1"`` unless `waves` says which visit is which. Incomplete rows are dropped and counted.
    id : str
        Column of the patient.
    family : {"binomial", "quasibinomial", "poisson", "quasipoisson", "gamma", "gaussian", \
        "inverse_gaussian"}
        Of the outcome, as in `glm`.
    link : {"logit", "probit", "cloglog", "log", "identity", "inverse", "inverse_squared"}, optional
        R's default of the family without it.
    correlation : {"independence", "exchangeable", "ar1"}
        Of two visits of a patient: none, one for all pairs, or a power of it that grows with their
        distance. Standard errors hold where it is wrong.
    waves : str, optional
        Column of the number of the visit (whole numbers): a visit that was missed counts in the
        distance of ``"ar1"``.
    variance : {"sandwich", "one_step", "jackknife"}
        The sandwich, or what the coefficients move by without one patient: by a step (``"j1s"`` of
        geepack), or fitted anew (``"fij"``). With few patients the sandwich is too small.
    subset : str, optional
        A condition on columns, ``"age > 65 & sex == 1"``: only the rows where it is true are used.

    Returns
    -------
    GEE
        ``tidy(exponentiate=True)``, ``glance()`` with the dispersion and the correlation,
        ``vcov()``, ``augment()``.

    Raises
    ------
    FormulaError, InputError, DesignError
        As every formula; a column that is constant or depends on others; fewer than two patients;
        `waves` that are missing, no whole numbers or twice the same in a patient.
    ConvergenceError
        The iteration does not settle.

    See Also
    --------
    lmer : Patients' own intercepts and slopes.
    glm : For one row per patient, or clusters with a sandwich.

    Notes
    -----
    Dispersion and correlation follow geepack, which stops early unless told otherwise
    (``control = geese.control(epsilon = 1e-12)`` gives these numbers; its default of 1e-4 moves
    coefficients in the fourth digit); statsmodels divides by other counts. The sandwich has
    no correction for few patients: below some 40 its errors are too small, those of a jackknife
    less so. A visit that nobody made counts in the distance of ``"ar1"``; geepack numbers those
    that occur.

    In R: ``geepack::geeglm(outcome ~ month, data = df, id = id, corstr = "exchangeable")``

    In R: ``geepack::geeglm(y ~ x, df, id = id, waves = visit, corstr = "ar1", std.err = "fij")``

    References
    ----------
    Liang KY, Zeger SL (1986). Longitudinal data analysis using generalized linear models.
    Biometrika 73:13-22. doi:10.1093/biomet/73.1.13

    Examples
    --------
    >>> df = pd.DataFrame({"id": [1, 1, 2, 2, 3, 3, 4, 4], "month": [0, 6] * 4,
    ...                    "face": [61, 63, 70, 71, 55, 58, 66, 66]})
    >>> fit = gee("face ~ month", df, id="id")
    >>> fit.tidy()[["estimate", "std_error"]].round(3).values.tolist()
    [[63.0, 2.806], [0.25, 0.093]]
    """
    check_option("family", family, FamilyName)
    check_option("correlation", correlation, Correlation)
    check_option("variance", variance, Variance)
    if link is not None:
        check_option("link", link, Link)
    chosen, allowed = Family(family, link), {"offset", "- 1"}
    read = {"allow": allowed, "cluster": id, "subset": subset, "caller": "gee()"}
    frame = _frame(formula, data, chosen, read)
    assert frame.cluster is not None
    chosen.refuse_outcome(frame.y, f"`{split_formula(formula)[0]}`", np.ones(frame.n))
    if frame.cluster.max() < 1:
        raise DesignError("gee(): there is only one patient; estimating equations need many.")
    x = with_intercept(frame)
    means = column_means(x)
    centred = moved(x, means)
    kept = independent_columns(centred, x)
    if not kept.all():
        singular = singular_columns(frame.design.names_with_intercept, kept)
        raise DesignError(f"gee(): `{formula}`: {singular}. Remove it from the formula.")
    place = _places(frame, data, waves)
    visits = Visits(frame.y, centred, offset_of(frame), frame.cluster, place)
    start = fit_glm(frame.y, x, chosen, offset_of(frame), np.ones(frame.n)).centred.coefficients
    fit = fit_gee(visits, chosen, correlation, start)
    spread, n_subject = fit.variance, len(visits.rows)
    if variance != "sandwich":
        spread = jackknife(visits, chosen, correlation, fit, one_step=variance == "one_step")
    found = Centred(means, fit.coefficients, spread)
    return GEE(frame, fit, found, n_subject, chosen, correlation, variance)


def _places(frame: ModelFrame, data: Any, waves: str | None) -> np.ndarray:
    """Give the place of each row among its patient's: its visit, or where it stands."""
    cluster = pd.Series(frame.cluster)
    if waves is None:
        return cluster.groupby(cluster).cumcount().to_numpy()
    place = numeric_column(as_pandas(data), waves, "gee()")[frame.rows]
    n_broken = int((~np.isfinite(place) | (place != np.round(place))).sum())
    if n_broken:
        raise InputError(
            f"gee(): waves: `{waves}` is missing or no whole number in {n_broken} rows."
        )
    n_again = int(pd.DataFrame({"patient": cluster, "wave": place}).duplicated().sum())
    if n_again:
        raise InputError(
            f"gee(): waves: {n_again} rows have a visit of `{waves}` that their patient has "
            "already."
        )
    return np.asarray(place, np.int64)


def _frame(formula: str, data: Any, family: Family, read: dict[str, Any]) -> ModelFrame:
    if not isinstance(read["cluster"], str):
        raise InputError("gee(): id is the name of a column.")
    if family.is_binary:
        return binary_frame(formula, data, **read).frame
    return model_frame(formula, data, **read)


@frozen_result
class GEE(Fit):
    """Marginal model of repeated outcomes, made by `gee`.

    Attributes
    ----------
    frame : ModelFrame
    fit : GEEFit
        Dispersion, correlation and fitted values among it.
    centred : Centred
        Coefficients in columns measured from their means.
    n_subject : int
    family : Family
    correlation, variance : str
        As given.
    """

    frame: ModelFrame
    fit: GEEFit
    centred: Centred
    n_subject: int
    family: Family
    correlation: Correlation
    variance: Variance

    @property
    def names(self) -> list[str]:
        """R's coefficient names."""
        return self.frame.design.names_with_intercept

    @property
    def coef(self) -> pd.Series:
        """Coefficients, on the scale of the link."""
        return pd.Series(self.centred.at_zero[0], index=self.names, name="estimate")

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the coefficients: the sandwich, or a jackknife."""
        return pd.DataFrame(self.centred.at_zero[1], index=self.names, columns=self.names)

    def tidy(self, *, exponentiate: bool = False, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient, and one per reference level.

        Parameters
        ----------
        exponentiate : bool
            Ratios, with a log, logit or complementary log-log link.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``term variable level is_reference estimate std_error statistic p_value conf_low
            conf_high n scale``; R's ``Wald`` is the square of `statistic`.
        """
        if exponentiate and self.family.ratio is None:
            raise InputError(
                f"coefficients with link {self.family.link_name} are no logarithms; leave "
                "exponentiate out."
            )
        error = std_errors(self.vcov())
        columns = wald(self.coef, error, conf_level, exponentiate=exponentiate)
        columns["p_value"] = special.chdtrc(1, columns["statistic"] ** 2)
        design, ratio = self.frame.design, self.family.ratio
        rows = coefficient_rows(
            design, self.frame.x, None, columns, float(exponentiate), intercept=design.intercept
        )
        return rows.assign(scale=scale_of(ratio, exponentiate) if ratio else "difference")

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_subject n_missing dispersion correlation iterations method``."""
        row = {
            "n": self.frame.n,
            "n_subject": self.n_subject,
            "n_missing": self.frame.n_missing,
            "dispersion": self.fit.dispersion,
            "correlation": np.nan if self.correlation == "independence" else self.fit.alpha,
            "iterations": self.fit.iterations,
            "method": f"{self.family.name}, link {self.family.link_name}, {self.correlation}"
            + ("" if self.variance == "sandwich" else f", {self.variance} variance"),
        }
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """Return one row per row used: ``row fitted residual``, indexed as the data given."""
        values = {"row": self.frame.rows, "fitted": self.fit.fitted}
        values["residual"] = self.frame.y - self.fit.fitted
        return pd.DataFrame(values, index=self.frame.index)

    def _title(self) -> str:
        return f"gee {self.frame.design.formula}: {self.correlation} correlation"
