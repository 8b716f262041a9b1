"""Ridge, lasso and elastic-net Cox models: scikit-survival's path behind a formula."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._formula import ModelFrame, model_frame
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import (
    ConvergenceError,
    ConvergenceWarning,
    DesignError,
    FormulaError,
    InputError,
)
from faceage_stats.survival._ties import merge_near_ties
from faceage_stats.survival.cox.data import CoxData, prepare
from faceage_stats.survival.cox.elastic_net import elastic_net
from faceage_stats.survival.cox.fit import fit_cox

__all__ = ["Coxnet", "CoxnetCV", "coxnet"]

_RIDGE = 1e-16  # scikit-survival wants some lasso; this much changes no digit
_RIDGE_PATH = 1e-3  # l1_ratio that places the default penalties of a ridge path, as in glmnet


def coxnet(
    formula: str,
    data: Any,
    *,
    l1_ratio: float = 1.0,
    alphas: Any = None,
    n_alphas: int = 100,
    standardize: bool = True,
) -> Coxnet:
    """Fit a penalised Cox model along a path of penalties, as R's ``glmnet(family = "cox")``.

    Parameters
    ----------
    formula : str
        ``Surv(time, event) ~ ...``; delayed entry, strata, clusters and offsets are refused.
    data : pandas.DataFrame or polars.DataFrame
    l1_ratio : float
        1 is the lasso, 0 the ridge, between them the elastic net (glmnet's ``alpha``).
    alphas : array-like, optional
        Penalties, all above 0 (glmnet's ``lambda``); by default `n_alphas` of them, evenly spaced
        on the log scale from the smallest that removes every column.
    n_alphas : int
    standardize : bool
        Penalise columns scaled to standard deviation 1; coefficients are given in the units of the
        columns either way.

    Returns
    -------
    Coxnet
        ``tidy()`` one row per penalty and column; ``coef(penalty)``; ``predict(newdata)``;
        ``cross_validate()`` chooses the penalty. Penalised estimates have no standard errors.

    Raises
    ------
    InputError
        `l1_ratio` outside [0, 1], penalties that are not positive, no events.
    FormulaError, DesignError
        Another outcome or structure; a formula without columns.
    ConvergenceError
        The penalties are too small for columns that separate the events.

    Warns
    -----
    ConvergenceWarning
        scikit-survival stopped before its tolerance.

    Notes
    -----
    Ties are Breslow's, as in glmnet and scikit-survival.

    References
    ----------
    Simon N, Friedman J, Hastie T, Tibshirani R (2011). Regularization paths for Cox's proportional
    hazards model via coordinate descent. Journal of Statistical Software 39(5).

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"t": [5, 3, 8, 2, 9, 4, 7, 6], "d": [1, 1, 0, 1, 1, 1, 0, 1],
    ...                    "x": [1, 3, 0, 4, 1, 2, 1, 2], "z": [2, 1, 3, 2, 1, 3, 2, 1]})
    >>> coxnet("Surv(t, d) ~ x + z", df, alphas=[0.5, 0.05]).tidy()["term"].tolist()
    ['x', 'z', 'x', 'z']
    """
    if not 0 <= l1_ratio <= 1:
        raise InputError(f"l1_ratio is {l1_ratio}; it must lie between 0 (ridge) and 1 (lasso).")
    frame = _frame(formula, data)
    scale = frame.x.std(axis=0) if standardize else np.ones(frame.x.shape[1])
    scale = np.where(scale > 0, scale, 1.0)
    if alphas is not None:
        alphas = np.atleast_1d(np.asarray(alphas, float))
        if not (len(alphas) and np.isfinite(alphas).all() and (alphas > 0).all()):
            raise InputError("alphas must be finite penalties above 0.")
        alphas = np.sort(alphas)[::-1]
    elif l1_ratio == 0:
        alphas = _path(frame, frame.x / scale, _RIDGE_PATH, None, n_alphas).alphas_
    path = _path(frame, frame.x / scale, l1_ratio, alphas, n_alphas)
    return Coxnet(
        frame, path.alphas_, path.coef_.T / scale, path.deviance_ratio_, float(l1_ratio), scale
    )


def _frame(formula: str, data: Any) -> ModelFrame:
    frame = model_frame(formula, data)
    if frame.surv is None or frame.surv.entry is not None:
        raise FormulaError(f"`{formula}`: coxnet needs Surv(time, event) on the left side.")
    extras = {"strata()": frame.strata, "cluster()": frame.cluster, "offset()": frame.offset}
    used = [name for name, value in extras.items() if value is not None]
    if used:
        raise FormulaError(f"`{formula}`: coxnet has no {', '.join(used)}; use coxph.")
    if not frame.x.shape[1]:
        raise DesignError(f"`{formula}` has no columns to penalise.")
    if not frame.surv.event.any():
        raise InputError(f"there are no events among {frame.n} rows.")
    return frame


def _path(
    frame: ModelFrame, x: np.ndarray, l1_ratio: float, alphas: np.ndarray | None, n_alphas: int
) -> Any:
    """Scikit-survival's fit; its warnings under our name."""
    assert frame.surv is not None  # _frame has refused anything else
    time = merge_near_ties(frame.surv.time)[0]
    options = {"alphas": alphas, "n_alphas": n_alphas, "l1_ratio": max(l1_ratio, _RIDGE)}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = elastic_net(time, frame.surv.event, x, tol=1e-9, **options)
        except ArithmeticError as error:
            raise ConvergenceError(
                f"the path diverged ({str(error).rstrip('.')}). Give larger alphas, or leave out "
                "columns that separate the events."
            ) from None
    if caught:
        warnings.warn(
            f"the path stopped before its tolerance: {caught[0].message}. Give larger alphas.",
            ConvergenceWarning,
            stacklevel=3,
        )
    return model


@frozen_result
class Coxnet(Result):
    """A path of penalised Cox models, made by `coxnet`.

    Attributes
    ----------
    frame : ModelFrame
    penalties : ndarray, shape (k,)
        Downwards.
    coefficients : ndarray, shape (k, p)
        In the units of the columns.
    deviance_ratio : ndarray, shape (k,)
        Share of the null deviance that the model explains.
    l1_ratio : float
    scale : ndarray, shape (p,)
        What the columns were divided by.
    """

    frame: ModelFrame
    penalties: np.ndarray
    coefficients: np.ndarray
    deviance_ratio: np.ndarray
    l1_ratio: float
    scale: np.ndarray

    def tidy(self, *, exponentiate: bool = False) -> pd.DataFrame:
        """One row per penalty and column: penalty, term, variable, level, estimate."""
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
            }
        )

    def glance(self) -> pd.DataFrame:
        """One row per penalty: penalty, n_nonzero, deviance_ratio, n, n_event, n_missing."""
        assert self.frame.surv is not None
        return pd.DataFrame(
            {
                "penalty": self.penalties,
                "n_nonzero": (self.coefficients != 0).sum(axis=1),
                "deviance_ratio": self.deviance_ratio,
                "n": self.frame.n,
                "n_event": int(self.frame.surv.event.sum()),
                "n_missing": self.frame.n_missing,
            }
        )

    def coef(self, penalty: float) -> pd.Series:
        """Coefficients at one penalty of the path."""
        at = np.flatnonzero(np.isclose(self.penalties, penalty, rtol=1e-9, atol=0))
        if not len(at):
            raise InputError(
                f"penalty {penalty:g} is not on the path ({self.penalties[-1]:g} to "
                f"{self.penalties[0]:g}, {len(self.penalties)} values). Give it in alphas."
            )
        return pd.Series(self.coefficients[at[0]], index=self.frame.design.names, name="estimate")

    def predict(self, newdata: Any = None, *, penalty: float) -> np.ndarray:
        """Linear predictor, centred at the column means of the fit."""
        x = self.frame.x if newdata is None else self.frame.design.encode(newdata)
        return (x - self.frame.x.mean(axis=0)) @ self.coef(penalty).to_numpy()

    def cross_validate(self, folds: int = 10, seed: int = 0) -> CoxnetCV:
        """Choose the penalty by cross-validated partial likelihood.

        Every fold leaves out rows with and without an event in proportion (scikit-learn's
        StratifiedKFold); its score is the log partial likelihood of all rows less that of the rows
        fitted, at the coefficients of the rows fitted (Verweij and van Houwelingen 1993, glmnet's
        ``grouped = TRUE``), per event.
        """
        from sklearn.model_selection import StratifiedKFold

        assert self.frame.surv is not None
        event = self.frame.surv.event
        if not 2 <= folds <= min(event.sum(), (event == 0).sum() or event.sum()):
            raise InputError(
                f"folds is {folds}; it must be at least 2, and no more than the rows with an event "
                f"({int(event.sum())}) or without one ({int((event == 0).sum())})."
            )
        splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
        whole = _cox_data(self.frame, np.arange(self.frame.n))
        scores = np.array(
            [self._fold_scores(whole, rows) for rows, _ in splitter.split(self.frame.x, event)]
        )
        return CoxnetCV(self, scores * folds / event.sum(), seed)

    def _fold_scores(self, whole: CoxData, rows: np.ndarray) -> np.ndarray:
        """Log partial likelihood gained by the rows left out, at every penalty."""
        frame = _rows_of(self.frame, rows)
        part = _cox_data(self.frame, rows)
        path = _path(frame, frame.x / self.scale, self.l1_ratio, self.penalties, 1)

        def log_lik(data: CoxData, beta: np.ndarray) -> float:
            return fit_cox(data, efron=False, init=beta, iter_max=0).log_lik

        coefficients = path.coef_.T / self.scale
        return np.array([log_lik(whole, b) - log_lik(part, b) for b in coefficients])

    def _title(self) -> str:
        return (
            f"coxnet {self.frame.design.formula}: {len(self.penalties)} penalties, "
            f"l1_ratio {self.l1_ratio:g}"
        )


def _rows_of(frame: ModelFrame, rows: np.ndarray) -> ModelFrame:
    assert frame.surv is not None
    return ModelFrame(
        frame.design, frame.x[rows], frame.surv.take(rows), None, None, (), None, None, None,
        frame.rows[rows], frame.n_missing,
    )  # fmt: skip


def _cox_data(frame: ModelFrame, rows: np.ndarray) -> CoxData:
    assert frame.surv is not None
    time = merge_near_ties(frame.surv.time)[0]
    return prepare(frame.x[rows], time[rows], frame.surv.event[rows])


@frozen_result
class CoxnetCV(Result):
    """Cross-validated partial likelihood along a path.

    Attributes
    ----------
    path : Coxnet
    scores : ndarray, shape (folds, k)
        Cross-validated log partial likelihood of each fold, per event.
    seed : int
    """

    path: Coxnet
    scores: np.ndarray
    seed: int

    def tidy(self) -> pd.DataFrame:
        """One row per penalty: penalty, n_nonzero, log_lik_cv, std_error (over the folds)."""
        n_fold = len(self.scores)
        return pd.DataFrame(
            {
                "penalty": self.path.penalties,
                "n_nonzero": (self.path.coefficients != 0).sum(axis=1),
                "log_lik_cv": self.scores.mean(axis=0),
                "std_error": self.scores.std(axis=0, ddof=1) / np.sqrt(n_fold),
            }
        )

    @property
    def penalty_best(self) -> float:
        """The penalty with the largest cross-validated likelihood (glmnet's lambda.min)."""
        return float(self.path.penalties[np.argmax(self.scores.mean(axis=0))])

    @property
    def penalty_1se(self) -> float:
        """The largest penalty within one standard error of it (glmnet's lambda.1se)."""
        table = self.tidy()
        best = table.loc[table["log_lik_cv"].idxmax()]
        near = table["log_lik_cv"] >= best["log_lik_cv"] - best["std_error"]
        return float(table.loc[near, "penalty"].max())

    def glance(self) -> pd.DataFrame:
        """Two rows, the best penalty and the one-standard-error penalty, and the folds used."""
        table = self.tidy().set_index("penalty")
        rows = table.loc[[self.penalty_best, self.penalty_1se]].reset_index()
        rows.insert(0, "method", ["largest log_lik_cv", "one standard error"])
        return rows.assign(n_fold=len(self.scores), seed=self.seed)

    def _title(self) -> str:
        return f"{len(self.scores)}-fold cross-validation, seed {self.seed}: {self.path._title()}"
