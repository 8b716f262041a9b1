"""The result of `emmeans`: marginal means and their contrasts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._near import check_option
from faceage_stats._p_adjust import p_adjust as adjusted
from faceage_stats._result import Result, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._tukey import range_quantile
from faceage_stats._wald import check_conf_level, limits, std_errors, wald
from faceage_stats.association.longitudinal.gee import GEE
from faceage_stats.association.longitudinal.lmer_result import LMER
from faceage_stats.association.regression.glm_model import GLM
from faceage_stats.association.regression.linear_model import LinearModel
from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.cox.result import CoxPH

__all__ = ["Averaging", "EMMeans", "Scale"]

Averaging = Literal["equal", "proportional"]
MeanType = Literal["link", "response"]
Pairs = Literal["all", "reference"]
Correction = Literal["tukey", "holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"]


@dataclass(frozen=True)
class Scale:
    """The scale of a model: its link, and what exp(a difference) is called, if it is a ratio."""

    link: Any
    ratio: str | None

    @classmethod
    def of(cls, fit: Any) -> Scale:
        """Tell it from a fit."""
        from statsmodels.genmod.families import links

        if isinstance(fit, LinearModel | LMER):
            return cls(links.Identity(), None)
        if isinstance(fit, GEE):
            return cls(fit.family.of_statsmodels.link, fit.family.ratio)
        if isinstance(fit, GLM):
            return cls(fit.fit.family.of_statsmodels.link, fit.fit.family.ratio)
        if isinstance(fit, CoxPH):
            return cls(links.Log(), "hazard ratio")
        return cls(links.Logit(), "odds ratio")


@frozen_result
class EMMeans(Result):
    """Marginal means, made by `emmeans`.

    Attributes
    ----------
    levels : pandas.DataFrame
        Level of each factor, one row per mean, columns `by` then `over`.
    over, by : tuple of str
        As given.
    estimate : ndarray, shape (k,)
        On the scale of the model's link.
    variance : ndarray, shape (k, k)
    df : float
        Degrees of freedom; infinite where tests are z.
    scale : Scale
    n, n_missing : int
        Rows of the fit, and rows dropped.
    formula : str
    """

    levels: pd.DataFrame
    over: tuple[str, ...]
    by: tuple[str, ...]
    estimate: np.ndarray
    variance: np.ndarray
    df: float
    scale: Scale
    n: int
    n_missing: int
    formula: str

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the means, on the scale of the link."""
        names = self._labels((*self.by, *self.over))
        return pd.DataFrame(self.variance, index=names, columns=names)

    def _labels(self, names: tuple[str, ...]) -> list[str]:
        if not names:
            return ["all"] * len(self.levels)
        rows = self.levels[list(names)].to_dict(orient="records")
        return [", ".join(f"{name}={value}" for name, value in row.items()) for row in rows]

    def tidy(self, *, type: MeanType = "link", conf_level: float = 0.95) -> pd.DataFrame:  # noqa: A002 - R's name
        """Return one row per mean.

        Parameters
        ----------
        type : {"link", "response"}
            On the scale of the model (log odds, log rates), or of the outcome.
        conf_level : float
            Of limits of each mean by itself.

        Returns
        -------
        pandas.DataFrame
            ``strata group estimate std_error df conf_low conf_high``; `strata` are the levels of
            `by`.
        """
        check_option("type", type, MeanType)
        value, se = self.estimate, std_errors(self.variance)
        low, high = limits(value, se, conf_level, df=self.df)
        if type == "response":
            link = self.scale.link
            ends = np.sort(np.array([link.inverse(low), link.inverse(high)]), axis=0)
            value, (low, high) = link.inverse(value), ends
            se = se * np.abs(1 / link.deriv(value))
        return pd.DataFrame(
            {
                "strata": self._labels(self.by),
                "group": self._labels(self.over),
                "estimate": value,
                "std_error": se,
                "df": self.df,
                "conf_low": low,
                "conf_high": high,
            }
        )

    def contrasts(
        self,
        *,
        pairs: Pairs = "all",
        p_adjust: Correction | None = None,
        exponentiate: bool = False,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """Compare the means within each level of `by`.

        Parameters
        ----------
        pairs : {"all", "reference"}
            Each mean less each later one, as R's ``pairwise``; or less the first one.
        p_adjust : {"tukey", "holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
            Correction for the comparisons within a level of `by`; Tukey's for all pairs and Holm's
            against a reference unless told. Limits are Tukey's, Bonferroni's for Holm and
            Bonferroni, and of each contrast by itself otherwise.
        exponentiate : bool
            Ratios, where the link is a logarithm or a logit.
        conf_level : float

        Returns
        -------
        pandas.DataFrame
            ``strata group1 group2 estimate std_error statistic df p_value p_adjusted conf_low
            conf_high scale``; group1 less group2.

        Raises
        ------
        DesignError
            A single mean.
        InputError
            Tukey's correction against a reference.
        """
        check_option("pairs", pairs, Pairs)
        correction = p_adjust or ("tukey" if pairs == "all" else "holm")
        check_option("p_adjust", correction, Correction)
        check_conf_level(conf_level)
        if correction == "tukey" and pairs == "reference":
            raise InputError("p_adjust='tukey' is for all pairs; use 'holm' against a reference.")
        if exponentiate and self.scale.ratio is None:
            raise InputError(
                "differences of these means are no log ratios; leave exponentiate out."
            )
        tables = [
            self._compare(rows, pairs, correction, exponentiate, conf_level)
            for rows in self._families()
        ]
        return pd.concat(tables, ignore_index=True)

    def _families(self) -> Iterator[np.ndarray]:
        strata = np.array(self._labels(self.by))
        for label in dict.fromkeys(strata):
            yield np.flatnonzero(strata == label)

    def _compare(
        self, rows: np.ndarray, pairs: Pairs, correction: Correction, exponentiate: bool,
        conf_level: float,
    ) -> pd.DataFrame:  # fmt: skip
        k = len(rows)
        if k < 2:
            raise DesignError("there is only one mean to compare; a difference needs two.")
        one, other = np.triu_indices(k, 1) if pairs == "all" else (np.arange(1, k), np.zeros(k - 1))
        one, other = rows[one], rows[other.astype(np.int64)]
        estimate = self.estimate[one] - self.estimate[other]
        v = self.variance
        se = np.sqrt(v[one, one] + v[other, other] - 2 * v[one, other])
        level, critical = conf_level, None
        if correction == "tukey":
            critical = range_quantile(conf_level, k, self.df) / np.sqrt(2)
        elif correction in ("holm", "bonferroni"):
            level = 1 - (1 - conf_level) / len(one)
        columns = wald(estimate, se, level, df=self.df)
        if critical is not None:
            columns["conf_low"] = estimate - critical * se
            columns["conf_high"] = estimate + critical * se
        p_value = columns["p_value"]
        if correction == "tukey":
            size = np.sqrt(2) * np.abs(columns["statistic"])
            columns["p_adjusted"] = stats.studentized_range.sf(size, k, self.df)
        else:
            columns["p_adjusted"] = (
                p_value if correction == "none" else adjusted(p_value, correction)
            )
        if exponentiate:
            for name in ("estimate", "conf_low", "conf_high"):
                columns[name] = np.exp(columns[name])
        labels, ratio = np.array(self._labels(self.over)), self.scale.ratio
        table = pd.DataFrame({"strata": self._labels(self.by)[rows[0]], "group1": labels[one]})
        table = table.assign(group2=labels[other], df=self.df, **columns)
        table = table.assign(scale=scale_of(ratio, exponentiate) if ratio else "difference")
        order = ["strata", "group1", "group2", "estimate", "std_error", "statistic", "df"]
        return table[[*order, "p_value", "p_adjusted", "conf_low", "conf_high", "scale"]]

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing n_level df method``."""
        row = {"n": self.n, "n_missing": self.n_missing, "n_level": len(self.levels)}
        return pd.DataFrame([row | {"df": self.df, "method": "marginal means"}])

    def _further_tables(self) -> tuple[str, ...]:
        return ("contrasts",) if len(self.levels) > len(set(self._labels(self.by))) else ()

    def _title(self) -> str:
        return f"Marginal means of {', '.join(self.over)}: {self.formula}"
