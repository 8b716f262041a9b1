"""Adjusted curves of groups as a function of the rows of a fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import pandas as pd

from faceage_stats._resample import resample
from faceage_stats._resampled import Resampled
from faceage_stats._steps import step_at
from faceage_stats._ties import merge_near_ties
from faceage_stats.errors import DesignError
from faceage_stats.survival.cox.baseline import baselines
from faceage_stats.survival.cox.coxph import sorted_data
from faceage_stats.survival.cox.estimate import fit_cox
from faceage_stats.survival.cox.fit import CoxFit
from faceage_stats.survival.km.kernel import survival_curve

__all__ = ["GroupCurves", "moved_to"]


class Moved(NamedTuple):
    """The patients of the fit as if all were in one group: design and offset."""

    x: np.ndarray
    offset: np.ndarray


def moved_to(fit: CoxFit, data: pd.DataFrame, by: str, levels: list[str]) -> list[Moved]:
    """Encode the patients of the fit, all of them in each group in turn."""
    moved = []
    for level in levels:
        there = data.assign(**{by: level})  # a level is known by its text, whatever its storage
        moved.append(Moved(fit.design.encode(there), fit.design.encode_offset(there)))
    return moved


@dataclass(frozen=True)
class GroupCurves:
    """The curves as a function of the rows of the fit: what `resample` repeats.

    Their values at `times`, or, with `area`, the areas under them up to each of `times`.
    Everything of the fit is kept: weights, strata, offset, ties, and the levels and knots of
    its columns.
    """

    fit: CoxFit
    code: np.ndarray
    levels: tuple[str, ...]
    moved: list[Moved]
    times: np.ndarray
    weighted: bool
    by: str
    area: bool = False

    def draws(self, n_resamples: int, seed: int, n_jobs: int | None) -> Resampled:
        """Bootstrap the rows of each group, or whole clusters."""
        plan = pd.DataFrame({"group": self.code, "cluster": self.fit.frame.cluster})
        clustered = self.fit.frame.cluster is not None
        return resample(
            self, plan, n_resamples, seed=seed, n_jobs=n_jobs,
            name=f"{'ipw' if self.weighted else 'g-formula'} {self.by}",
            stratify=None if clustered else "group", cluster="cluster" if clustered else None,
        )  # fmt: skip

    def on_rows_of(self, data: pd.DataFrame) -> Self:
        """Return itself; `data` only says which rows belong together."""
        return self

    def observed(self) -> dict[str, float]:
        """Curves of the data as they are."""
        return self.on_rows(np.arange(self.fit.n))

    def on_rows(self, rows: np.ndarray) -> dict[str, float]:
        """Curves of these rows, groups slowest."""
        absent = len(self.moved) - len(np.unique(self.code[rows]))
        if absent:
            raise DesignError(f"{absent} groups of '{self.by}' have no patient.")
        values = self._inverse_probability(rows) if self.weighted else self._standardised(rows)
        return {f"estimate{i}": float(value) for i, value in enumerate(values.ravel())}

    def _standardised(self, rows: np.ndarray) -> np.ndarray:
        """Mean predicted survival with all patients in each group, groups by times."""
        refit = _refitted(self.fit, rows)
        bases = baselines(refit)
        grid = np.unique(np.concatenate([base.time for base in bases])) if self.area else self.times
        baseline = np.array([base.at(grid).cumhaz for base in bases])
        cumhaz = baseline[refit.stratum]
        curves = []
        for group in self.moved:
            lp = (group.x[rows] - refit.means) @ refit.estimate.filled
            # nobody survives a larger one, and 0 times infinity is no number
            risk = np.exp(np.minimum(lp + group.offset[rows] - refit.mean_offset, 690.0))
            survival = np.exp(-risk[:, None] * cumhaz)
            curve = np.average(survival, axis=0, weights=refit.weights)
            curves.append(self._areas(grid, curve) if self.area else curve)
        return np.array(curves)

    def _inverse_probability(self, rows: np.ndarray) -> np.ndarray:
        """Kaplan-Meier curves with inverse-probability weights, groups by times."""
        import statsmodels.api as sm

        frame, code = self.fit.frame.take(rows), self.code[rows]
        terms = self.fit.design.terms
        group = next(term.columns for term in terms if term.variable == self.by)
        others = np.delete(frame.x, np.arange(group.start, group.stop), axis=1)
        spread = np.where(others.std(axis=0) > 0, others.std(axis=0), 1.0)
        design = np.column_stack([np.ones(len(rows)), (others - others.mean(axis=0)) / spread])
        probability = sm.MNLogit(code, design).fit(disp=0).predict(design)
        weight = 1 / probability[np.arange(len(code)), code]
        time = merge_near_ties(frame.surv.time).time
        curves = []
        for k in range(len(self.moved)):
            used = code == k
            curve = survival_curve(time[used], frame.surv.event[used], weight[used])
            read = self._areas if self.area else self._values
            curves.append(read(curve.time, curve.surv))
        return np.array(curves)

    def _values(self, grid: np.ndarray, curve: np.ndarray) -> np.ndarray:
        return np.asarray(step_at(grid, curve, self.times, 1.0))

    def _areas(self, grid: np.ndarray, curve: np.ndarray) -> np.ndarray:
        """Areas under a curve that falls at the times of the grid."""
        width = np.diff(
            np.minimum(grid, self.times[:, None]), prepend=0.0, append=self.times[:, None]
        )
        return np.asarray(width @ np.append(1.0, curve))


def _refitted(fit: CoxFit, rows: np.ndarray) -> CoxFit:
    """The fit on some of its rows; a stratum without any is left out."""
    frame = fit.frame.take(rows)
    if frame.strata is not None:
        present, strata = np.unique(frame.strata, return_inverse=True)
        labels = tuple(frame.strata_labels[k] for k in present)
        frame = replace(frame, strata=strata, strata_labels=labels)
    data, n_merged = sorted_data(frame)
    estimate = fit_cox(data, ties=fit.ties)
    return CoxFit(frame, estimate, None, fit.ties, None, n_merged, data)
