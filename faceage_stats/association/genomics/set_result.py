"""The result of tests of sets of variants."""

from __future__ import annotations

import pandas as pd

from faceage_stats._p_adjust import PAdjust
from faceage_stats._p_adjust import p_adjust as adjust_p
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.genomics.joined import Unmatched

__all__ = ["SetTests"]


@frozen_result
class SetTests(Result):
    """One test per set of variants, made by `set_test`.

    Attributes
    ----------
    table, detail : pandas.DataFrame
        Behind ``tidy()`` and ``details()``.
    method, formula, family : str
        Name of the test, the null model, and ``gaussian`` or ``binomial``.
    n, n_missing : int
        Patients used, and matched patients with a missing trait or covariate.
    unmatched : Unmatched
        Patients without a partner in the other table.
    """

    table: pd.DataFrame
    detail: pd.DataFrame
    method: str
    formula: str
    family: str
    n: int
    n_missing: int
    unmatched: Unmatched

    def tidy(self, *, p_adjust: PAdjust = "holm") -> pd.DataFrame:
        """Return one row per set, in the order given; p values are adjusted over the sets.

        Parameters
        ----------
        p_adjust : {"holm", "hochberg", "hommel", "bonferroni", "BH", "BY", "fdr", "none"}
            Method of :func:`faceage_stats.p_adjust`.

        Returns
        -------
        pandas.DataFrame
            ``gene statistic p_value p_adjusted n_variant n_constant n n_missing``, and ``n_rare``
            or ``rho`` where the test has them.
        """
        table = self.table.copy()
        adjusted = adjust_p(table["p_value"], p_adjust)
        table.insert(list(table.columns).index("p_value") + 1, "p_adjusted", adjusted)
        return table.assign(n=self.n, n_missing=self.n_missing)

    def details(self) -> pd.DataFrame:
        """Return p at each rho (SKAT-O) or of each variant (ACAT); empty for the other tests."""
        return self.detail.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: tests, patients, and unmatched patients.

        Returns
        -------
        pandas.DataFrame
            ``method n_set n_variant n n_missing n_unmatched_table n_unmatched_data``.
        """
        row = {
            "method": self.method,
            "n_set": len(self.table),
            "n_variant": int(self.table["n_variant"].sum()),
            "n": self.n,
            "n_missing": self.n_missing,
            "n_unmatched_table": self.unmatched.table,
            "n_unmatched_data": self.unmatched.data,
        }
        return pd.DataFrame([row])

    def _further_tables(self) -> tuple[str, ...]:
        return ("details",)

    def _title(self) -> str:
        return f"{self.method}: {self.formula} ({self.family}), {len(self.table)} sets"
