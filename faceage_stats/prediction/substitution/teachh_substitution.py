"""TEACHH with FaceAge in the place of age: the whole comparison of the two scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._contrast import pairwise
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_number
from faceage_stats.errors import InputError
from faceage_stats.prediction.horizon.data import check_times
from faceage_stats.prediction.horizon.time_roc import TimeScore, time_roc
from faceage_stats.prediction.substitution.teachh import TEACHH, Missing, teachh
from faceage_stats.prediction.substitution.teachh_groups import (
    cross_classified,
    group_cox,
    net_reclassification,
)
from faceage_stats.prediction.substitution.teachh_score import GROUPS
from faceage_stats.survival.concordance.concordance import Concordance, concordance
from faceage_stats.survival.cox.result import CoxPH
from faceage_stats.survival.km.survdiff import survdiff
from faceage_stats.survival.km.survfit import SurvFit, survfit

__all__ = ["TEACHHSubstitution", "teachh_substitution"]


@checked_call
def teachh_substitution(
    data: Any,
    *,
    other: str = "faceage",
    age: str = "age",
    chemo_courses: int = 2,
    follow_up_cap: float | None = 3.0,
    times: float | Sequence[float] = (0.25, 1.0),
    missing: Missing = "refuse",
    as_published: bool = False,
) -> TEACHHSubstitution:
    """Compare TEACHH with age over 60 and TEACHH with another age, such as FaceAge, over 60.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        As for `teachh`, with follow-up in ``years`` and ``death``.
    other, age : str
        Columns of the two ages.
    chemo_courses : int
        As for `teachh`.
    follow_up_cap : float, optional
        Follow-up is cut there (years): time and event together; a death at the cap counts.
    times : float or sequence of float
        Horizons (years) of reclassification and AUC(t).
    missing : {"refuse", "best", "worst"}
        As for `teachh`.
    as_published : bool
        As for `teachh`.

    Returns
    -------
    TEACHHSubstitution
        ``tidy()`` medians by group under each score; ``km()``, ``logrank()``,
        ``hazard_ratios()``; ``concordance()`` and its ``contrasts()``; ``reclassification()``,
        ``net_reclassification()``; ``auc()`` and its ``auc_contrasts()``.

    Raises
    ------
    InputError
        As `teachh`; the two ages are one column; a cap that is not positive.

    See Also
    --------
    teachh : One score.
    marker_substitution : The same question for a Cox model.

    Notes
    -----
    The scores are compared on the same patients throughout. Reclassification improvements are
    known to be optimistic: read the paired difference of the C index first.

    References
    ----------
    Krishnan MS, Epstein-Peterson Z, Chen YH and others (2014). Predicting life expectancy in
    patients with metastatic cancer receiving palliative radiotherapy: the TEACHH model. Cancer
    120:134-141.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = fs.simulate("palliative", seed=1, n=300).tables["palliative"]
    >>> fit = teachh_substitution(df, missing="worst")
    >>> int(fit.reclassification()["n"].sum())
    300
    """
    if other == age:
        raise InputError(f"both scores would use '{age}'; name two different columns.")
    if follow_up_cap is not None and not check_number("follow_up_cap", follow_up_cap) > 0:
        raise InputError(f"follow_up_cap is {follow_up_cap}; it is a positive number of years.")
    data = _capped(as_pandas(data), follow_up_cap)
    scores = {
        name: teachh(
            data, age=name, chemo_courses=chemo_courses, missing=missing, as_published=as_published
        )
        for name in (age, other)
    }
    return TEACHHSubstitution(scores, tuple(float(t) for t in check_times(times)), follow_up_cap)


def _capped(data: pd.DataFrame, cap: float | None) -> pd.DataFrame:
    """Cut time and event together."""
    if cap is None or not {"years", "death"} <= set(data.columns):
        return data  # absent columns are refused by teachh
    beyond = data["years"] > cap
    return data.assign(years=data["years"].mask(beyond, cap), death=data["death"].mask(beyond, 0))


@frozen_result
class TEACHHSubstitution(Result):
    """Two TEACHH scores of the same patients.

    Attributes
    ----------
    scores : dict of str to TEACHH
        By the age that the score uses: first the original, then the substitute.
    times : tuple of float
    follow_up_cap : float or None
    """

    scores: dict[str, TEACHH]
    times: tuple[float, ...]
    follow_up_cap: float | None

    @property
    def rows(self) -> pd.DataFrame:
        """``time event``, and ``score_<age> group_<age>`` of each score; groups are unordered."""
        first = next(iter(self.scores.values()))
        table = first.rows[["time", "event"]].copy()
        for name, score in self.scores.items():
            table[f"score_{name}"] = score.score
            table[f"group_{name}"] = score.group.cat.as_unordered()
        return table

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the median survival by score and group, as `TEACHH.tidy` with ``marker``."""
        parts = [
            score.tidy(conf_level=conf_level).assign(marker=name)
            for name, score in self.scores.items()
        ]
        table = pd.concat(parts, ignore_index=True)
        return table[["marker", *table.columns.drop("marker")]]

    def km(self, marker: str) -> SurvFit:
        """Return the Kaplan-Meier curves of the groups of one score."""
        return survfit(f"Surv(time, event) ~ group_{self._known(marker)}", data=self.rows)

    def logrank(self) -> pd.DataFrame:
        """Test the groups of each score by the log-rank test: ``marker statistic df p_value``."""
        tests = {
            name: survdiff(f"Surv(time, event) ~ group_{name}", data=self.rows)
            for name in self.scores
        }
        return pd.concat(
            [
                test.glance()[["statistic", "df", "p_value"]].assign(marker=name)
                for name, test in tests.items()
            ],
            ignore_index=True,
        )[["marker", "statistic", "df", "p_value"]]

    def cox(self, marker: str) -> CoxPH:
        """Fit a Cox model of the groups of one score, B being the reference."""
        return group_cox(self.rows, self._known(marker))

    def hazard_ratios(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return hazard ratios against group B: ``marker group`` and ``CoxPH.tidy``."""
        parts = [
            self.cox(name)
            .tidy(exponentiate=True, conf_level=conf_level)
            .rename(columns={"level": "group"})
            .drop(columns=["term", "variable"])
            .assign(marker=name)
            for name in self.scores
        ]
        table = pd.concat(parts, ignore_index=True)
        return table[["marker", *table.columns.drop("marker")]]

    def _concordance(self) -> Concordance:
        """C indices, the substitute last."""
        markers = " + ".join(f"score_{name}" for name in self.scores)
        return concordance(f"Surv(time, event) ~ {markers}", self.rows, reverse=True)

    def concordance(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Estimate the C index of each score (0-6): ``marker estimate std_error conf_low ...``."""
        table = self._concordance().tidy(conf_level=conf_level).assign(marker=[*self.scores])
        return table[["marker", "estimate", "std_error", "conf_low", "conf_high"]]

    def contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the paired difference of the C index, substitute minus original.

        Returns
        -------
        pandas.DataFrame
            ``marker1 marker2 estimate1 estimate2 estimate std_error conf_low conf_high statistic
            p_value``.
        """
        fit = self._concordance()
        return pairwise([*self.scores], fit.concordance, fit.vcov(), conf_level)

    def reclassification(self) -> pd.DataFrame:
        """Return the 3 x 3 table: ``group1`` (original), ``group2`` (substitute), ``n n_event``."""
        return cross_classified(self.rows, tuple(self.scores))

    def net_reclassification(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Estimate NRI of the groups and IDI of the risks, substitute against original.

        Columns ``time quantity estimate std_error statistic p_value conf_low conf_high``. The NRI
        counts moves between groups A, B and C; the IDI uses the risk of death by the time under a
        Cox model of the groups. Both are known to be optimistic.
        """
        return net_reclassification(self.rows, tuple(self.scores), self.times, conf_level)

    def _time_roc(self) -> TimeScore:
        markers = " + ".join(f"score_{name}" for name in self.scores)
        return time_roc(f"Surv(time, event) ~ {markers}", self.rows, list(self.times))

    def auc(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Estimate AUC(t) of each score at `times`, weighted for censoring."""
        table = self._time_roc().tidy(conf_level=conf_level)
        return table.assign(marker=table["marker"].str.removeprefix("score_"))

    def auc_contrasts(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the paired difference of AUC(t), substitute minus original."""
        table = self._time_roc().contrasts(conf_level=conf_level)
        strip = {c: table[c].str.removeprefix("score_") for c in ("marker1", "marker2")}
        return table.assign(**strip)

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing estimate std_error p_value method``."""
        row = self.contrasts().iloc[0]
        rows = self.rows
        return pd.DataFrame(
            {
                "n": [len(rows)],
                "n_event": [int(rows["event"].sum())],
                "n_missing": [max(int(s.glance()["n_missing"][0]) for s in self.scores.values())],
                "estimate": [row["estimate"]],
                "std_error": [row["std_error"]],
                "p_value": [row["p_value"]],
                "method": ["paired difference of the C index, substitute minus original"],
            }
        )

    def _further_tables(self) -> tuple[str, ...]:
        discrimination = ("concordance", "contrasts", "auc", "auc_contrasts")
        reclassified = ("reclassification", "net_reclassification")
        return ("logrank", "hazard_ratios", *discrimination, *reclassified)

    def _known(self, marker: str) -> str:
        if marker not in self.scores:
            raise InputError(f"marker is {marker!r}; choose one of {', '.join(self.scores)}.")
        return marker

    def _title(self) -> str:
        original, substitute = self.scores
        cap = "" if self.follow_up_cap is None else f", follow-up capped at {self.follow_up_cap:g}"
        return f"TEACHH with {substitute} in place of {original}, groups {', '.join(GROUPS)}{cap}"
