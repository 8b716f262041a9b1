"""Results of `coxnet`: a path of penalised Cox models, and its cross-validation."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._columns import as_pandas
from faceage_stats._formula.frame import SurvivalFrame
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._seed import DEFAULT_SEED, generator
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import InputError
from faceage_stats.survival.cox.data import CoxData, prepare
from faceage_stats.survival.cox.estimate import fit_cox
from faceage_stats.survival.cox.penalised_path import penalised_path

__all__ = ["Coxnet", "CoxnetCV"]

PredictType = Literal["lp", "risk"]


@frozen_result
class Coxnet(Result):
    """A path of penalised Cox models, made by `coxnet`.

    Attributes
    ----------
    frame : SurvivalFrame
    penalties : ndarray, shape (k,)
        Downwards.
    coefficients : ndarray, shape (k, p)
        In the units of the columns.
    alpha : float
    scale : ndarray, shape (p,)
        What the columns were divided by.
    """

    frame: SurvivalFrame
    penalties: np.ndarray
    coefficients: np.ndarray
    alpha: float
    scale: np.ndarray

    @cached_property
    def deviance_ratio(self) -> np.ndarray:
        """Proportion of the null deviance that each penalty explains, as glmnet's ``dev.ratio``.

        The saturated model gives every death of a tie its share, so that d tied deaths leave
        d log(d) of the log partial likelihood unexplained.
        """
        data = _cox_data(self.frame)
        deaths = data.layout.n_dead[data.layout.n_dead > 0]
        saturated = -float(special.xlogy(deaths, deaths).sum())
        null = _log_lik(data, np.zeros(self.coefficients.shape[1]))
        gained = np.array([_log_lik(data, beta) for beta in self.coefficients]) - null
        if not saturated > null:  # nothing to explain: nobody was at risk beside the dead
            return np.full(len(gained), np.nan)
        return np.asarray(gained / (saturated - null))

    def tidy(self, *, exponentiate: bool = False) -> pd.DataFrame:
        """Return one row per penalty and column: penalty, term, variable, level, estimate, scale.

        Penalised estimates have no standard errors.
        """
        columns = self.frame.design.columns
        k = len(self.penalties)
        estimate = self.coefficients.ravel()
        return pd.DataFrame(
            {
                "penalty": np.repeat(self.penalties, len(columns)),
                "term": [column.name for column in columns] * k,
                "variable": [column.variable for column in columns] * k,
                "level": [column.level for column in columns] * k,
                "estimate": np.exp(estimate) if exponentiate else estimate,
                "scale": scale_of("hazard ratio", exponentiate),
            }
        )

    def path(self) -> pd.DataFrame:
        """Return one row per penalty: penalty, n_nonzero, deviance_ratio."""
        return pd.DataFrame(
            {
                "penalty": self.penalties,
                "n_nonzero": (self.coefficients != 0).sum(axis=1),
                "deviance_ratio": self.deviance_ratio,
            }
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: n, n_event, n_missing, n_feature."""
        row = {"n": self.frame.n, "n_event": int(self.frame.surv.event.sum())}
        row |= {"n_missing": self.frame.n_missing, "n_feature": self.coefficients.shape[1]}
        return pd.DataFrame([row])

    def coef(self, penalty: float) -> pd.Series:
        """Return the coefficients at one penalty of the path."""
        at = np.flatnonzero(np.isclose(self.penalties, penalty, rtol=1e-9, atol=0))
        if not len(at):
            raise InputError(
                f"penalty {penalty:g} is not on the path ({self.penalties[-1]:g} to "
                f"{self.penalties[0]:g}, {len(self.penalties)} values). Give it in penalties."
            )
        return pd.Series(self.coefficients[at[0]], index=self.frame.design.names, name="estimate")

    def predict(
        self,
        newdata: Any = None,
        type: PredictType = "lp",  # noqa: A002 - R's name
        *,
        penalty: float,
    ) -> pd.DataFrame:
        """Predict at one penalty, for the rows used or for new data.

        Parameters
        ----------
        newdata : pandas.DataFrame, optional
        type : {"lp", "risk"}
            Linear predictor, centred at the column means of the fit, or its exponential.
        penalty : float
            One of `penalties`.

        Returns
        -------
        pandas.DataFrame
            estimate, indexed like the rows.
        """
        check_option("type", type, PredictType)
        if newdata is None:
            x, index = self.frame.x, self.frame.index
        else:
            table = as_pandas(newdata)
            x, index = self.frame.design.encode(table), table.index
        lp = (x - self.frame.x.mean(axis=0)) @ self.coef(penalty).to_numpy()
        return pd.DataFrame({"estimate": lp if type == "lp" else np.exp(lp)}, index=index)

    def cross_validate(self, n_folds: int = 10, *, seed: int = DEFAULT_SEED) -> CoxnetCV:
        """Choose the penalty by cross-validated partial likelihood, as R's ``cv.glmnet``.

        Every fold holds out rows with and without an event in proportion (scikit-learn's
        StratifiedKFold); its score is the log partial likelihood of all rows less that of the rows
        fitted, at the coefficients of the rows fitted (glmnet's ``grouped = TRUE``), per event.
        Penalties that the path of a fold does not reach are left out, as by glmnet.

        Parameters
        ----------
        n_folds : int
            At least 2, and no more than the rows with (or without) an event.
        seed : int

        Returns
        -------
        CoxnetCV

        References
        ----------
        Verweij PJM, van Houwelingen HC (1993). Cross-validation in survival analysis. Statistics
        in Medicine 12:2305-2314. doi:10.1002/sim.4780122407

        Examples
        --------
        >>> import faceage_stats as fs
        >>> df = pd.DataFrame({"t": range(1, 31), "d": [1, 1, 0] * 10, "x": [3, 1, 2, 4, 2] * 6})
        >>> path = fs.coxnet("Surv(t, d) ~ x", df, penalties=[0.05, 0.005])
        >>> path.cross_validate(5).tidy()["penalty"].tolist()
        [0.05, 0.005]
        """
        from sklearn.model_selection import StratifiedKFold

        event = self.frame.surv.event
        n_event, n_other = int(event.sum()), int((event == 0).sum())
        if not 2 <= n_folds <= min(n_event, n_other or n_event):
            raise InputError(
                f"n_folds is {n_folds}; it must be at least 2, and no more than the rows with an "
                f"event ({n_event}) or without one ({n_other})."
            )
        state = int(generator(seed, "coxnet").integers(2**32))
        splitter = StratifiedKFold(n_folds, shuffle=True, random_state=state)
        whole = _cox_data(self.frame)
        folds = [self._fold_scores(whole, rows) for rows, _ in splitter.split(self.frame.x, event)]
        reached = min(map(len, folds))  # a fold's path may end early: it explains all it can
        scores = np.array([fold[:reached] for fold in folds])
        return CoxnetCV(self, scores * n_folds / n_event, seed)

    def _fold_scores(self, whole: CoxData, rows: np.ndarray) -> np.ndarray:
        """Log partial likelihood gained by the rows held out, at every penalty."""
        frame = self.frame.take(rows)
        part = _cox_data(frame)
        path = penalised_path(frame, frame.x / self.scale, self.alpha, self.penalties, 1)
        coefficients = path.coefficients / self.scale
        return np.array([_log_lik(whole, b) - _log_lik(part, b) for b in coefficients])

    def _further_tables(self) -> tuple[str, ...]:
        return ("path",)

    def _printed(self) -> pd.DataFrame:
        return self.path()

    def _title(self) -> str:
        return (
            f"coxnet {self.frame.design.formula}: {len(self.penalties)} penalties, "
            f"alpha {self.alpha:g}"
        )


def _cox_data(frame: SurvivalFrame) -> CoxData:
    return prepare(frame.encoded, merge_near_ties(frame.surv.time).time, frame.surv.event)


def _log_lik(data: CoxData, beta: np.ndarray) -> float:
    """Breslow's log partial likelihood."""
    return fit_cox(data, ties="breslow", init=beta, iter_max=0).log_lik


@frozen_result
class CoxnetCV(Result):
    """Cross-validated partial likelihood along a path, made by ``cross_validate()``.

    Attributes
    ----------
    fit : Coxnet
    scores : ndarray, shape (n_folds, k)
        Cross-validated log partial likelihood of each fold, per event, at the first k penalties
        of the path: those that every fold reached.
    seed : int
    """

    fit: Coxnet
    scores: np.ndarray
    seed: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per penalty: penalty, n_nonzero, log_lik_cv, std_error (over folds)."""
        reached = self.scores.shape[1]
        return pd.DataFrame(
            {
                "penalty": self.fit.penalties[:reached],
                "n_nonzero": (self.fit.coefficients[:reached] != 0).sum(axis=1),
                "log_lik_cv": self.scores.mean(axis=0),
                "std_error": self.scores.std(axis=0, ddof=1) / np.sqrt(len(self.scores)),
            }
        )

    @property
    def penalty_best(self) -> float:
        """The penalty with the largest cross-validated likelihood (glmnet's lambda.min)."""
        return float(self.fit.penalties[np.argmax(self.scores.mean(axis=0))])

    @property
    def penalty_1se(self) -> float:
        """The largest penalty within one standard error of it (glmnet's lambda.1se)."""
        table = self.tidy()
        best = table.loc[table["log_lik_cv"].idxmax()]
        near = table["log_lik_cv"] >= best["log_lik_cv"] - best["std_error"]
        return float(table.loc[near, "penalty"].max())

    def selected(self) -> pd.DataFrame:
        """Return the rows of `tidy` at the best and at the one-standard-error penalty.

        The first column, method, says which.
        """
        table = self.tidy().set_index("penalty")
        rows = table.loc[[self.penalty_best, self.penalty_1se]].reset_index()
        rows.insert(0, "method", ["largest log_lik_cv", "one standard error"])
        return rows

    def glance(self) -> pd.DataFrame:
        """Return one row: n, n_event, n_missing, n_feature, n_fold, seed."""
        return self.fit.glance().assign(n_fold=len(self.scores), seed=self.seed)

    def _further_tables(self) -> tuple[str, ...]:
        return ("selected",)

    def _printed(self) -> pd.DataFrame:
        return self.selected()

    def _title(self) -> str:
        return f"{len(self.scores)}-fold cross-validation, seed {self.seed}: {self.fit._title()}"
