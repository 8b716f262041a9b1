"""The result of a subgroup analysis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats._p_adjust import PAdjust
from faceage_stats._p_adjust import p_adjust as adjusted
from faceage_stats._result import Result, frozen_result
from faceage_stats._scale import scale_of
from faceage_stats._wald import wald
from faceage_stats.association.regression.subgroup_fit import Family
from faceage_stats.errors import InputError

__all__ = ["SubgroupForest"]

_RATIO = {"cox": "hazard ratio", "binomial": "odds ratio"}


@frozen_result
class SubgroupForest(Result):
    """The effect within subgroups, made by `subgroup_forest`.

    Attributes
    ----------
    table : pandas.DataFrame
        Estimates on the scale of the model: ``variable level estimate std_error df n n_event
        note``, all patients first.
    interactions : pandas.DataFrame
        Behind ``tests()``.
    formula, term : str
        As given, and the term whose effect is compared.
    family : {"cox", "binomial", "gaussian"}
    p_adjust : str
    conf_level : float
        As in the call.
    n_missing : int
        Rows without a used column, the factors apart.
    """

    table: pd.DataFrame
    interactions: pd.DataFrame
    formula: str
    term: str
    family: Family
    p_adjust: PAdjust
    conf_level: float
    n_missing: int

    @property
    def scale(self) -> str:
        """What the effect is called, exponentiated where it is a ratio."""
        return _RATIO.get(self.family, "difference")

    def tidy(self, *, exponentiate: bool = False, conf_level: float | None = None) -> pd.DataFrame:
        """Return all patients, then one row per level.

        Parameters
        ----------
        exponentiate : bool
            Ratios and their limits; standard errors stay on the log scale.
        conf_level : float, optional
            Level of the intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``variable level estimate std_error statistic p_value p_adjusted conf_low conf_high n
            n_event note scale``; p values are adjusted over the levels of all factors.
        """
        if exponentiate and self.family == "gaussian":
            raise InputError("a mean difference has no ratio; remove exponentiate=True.")
        table, level = self.table, conf_level or self.conf_level
        columns = wald(
            table["estimate"],
            table["std_error"],
            level,
            df=table["df"].to_numpy(float),
            exponentiate=exponentiate,
        )
        p_adjusted = np.full(len(table), np.nan)
        p_adjusted[1:] = adjusted(columns["p_value"][1:], self.p_adjust)
        counts = ["n"] if self.family == "gaussian" else ["n", "n_event"]
        order = ("estimate", "std_error", "statistic", "p_value")
        return pd.DataFrame(
            {
                **{name: table[name] for name in ("variable", "level")},
                **{name: columns[name] for name in order},
                "p_adjusted": p_adjusted,
                **{name: columns[name] for name in ("conf_low", "conf_high")},
                **{name: table[name] for name in (*counts, "note")},
                "scale": self._scale(exponentiate),
            }
        )

    def _scale(self, exponentiate: bool) -> str:
        ratio = _RATIO.get(self.family)
        return scale_of(ratio, exponentiate) if ratio else "difference"

    def tests(self) -> pd.DataFrame:
        """Return one row per factor: the interaction, adjusted over the factors.

        Returns
        -------
        pandas.DataFrame
            ``variable statistic df p_value n n_missing note p_adjusted p_adjust family``.
        """
        return self.interactions.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: ``term scale n_factor n_level n_no_estimate n n_missing``."""
        levels = self.table.iloc[1:]
        row = {
            "term": self.term,
            "scale": self.scale,
            "n_factor": len(self.interactions),
            "n_level": len(levels),
            "n_no_estimate": int(levels["estimate"].isna().sum()),
            "n": int(self.table["n"].iloc[0]),
            "n_missing": self.n_missing,
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("tests",)

    def _title(self) -> str:
        return f"{self.term} within subgroups ({self.scale}): {self.formula}"
