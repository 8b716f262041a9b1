"""Results of reclassification measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import two_sided, wald

__all__ = ["Reclassification", "measure_table"]


@frozen_result
class Reclassification(Result):
    """Net reclassification or integrated discrimination of a new risk against an old one.

    Attributes
    ----------
    metric, method : str
    table : pandas.DataFrame
        ``quantity estimate std_error`` and, where there is a test with the standard error under
        the null hypothesis, ``std_error_null``.
    parts : dict of str to float
        What the quantities are made of (proportions moving up and down, risks in the groups).
    tables : dict of str to pandas.DataFrame
        Old by new category: ``event``, ``nonevent`` for a binary outcome; ``all`` and
        ``expected_event`` for a censored one; empty without categories.
    n, n_event, n_missing : int
    """

    metric: str
    method: str
    table: pd.DataFrame
    parts: dict[str, float]
    tables: dict[str, pd.DataFrame]
    n: int
    n_event: int
    n_missing: int

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return each quantity with its interval and test.

        Parameters
        ----------
        conf_level : float
            Limits are normal, cut to -1 and 1 among events or nonevents, to -2 and 2 of their sum.

        Returns
        -------
        pandas.DataFrame
            ``quantity estimate std_error statistic p_value conf_low conf_high``; statistic and p
            use the standard error of the estimate (as ``Hmisc::improveProb``), or, in
            ``std_error_null statistic_null p_value_null`` of the category NRI, Pencina's under
            the null hypothesis. Where nothing moves p is 1.
        """
        estimate, std_error = self.table["estimate"], self.table["std_error"]
        most = np.where(self.table["quantity"].str.endswith("event"), 1.0, 2.0)  # two parts make 2
        columns = wald(estimate, std_error, conf_level, within=(-most, most))
        test = _test(estimate, std_error)
        out = pd.DataFrame(
            {"quantity": self.table["quantity"], "estimate": estimate, "std_error": std_error,
             "statistic": test, "p_value": two_sided(test),
             "conf_low": columns["conf_low"], "conf_high": columns["conf_high"]}
        )  # fmt: skip
        if "std_error_null" in self.table:
            null = self.table["std_error_null"]
            test = _test(estimate, null)
            out = out.assign(std_error_null=null, statistic_null=test, p_value_null=two_sided(test))
        return out

    def glance(self) -> pd.DataFrame:
        """Return one row: ``metric method n n_event n_missing``."""
        columns = ("metric", "method", "n", "n_event", "n_missing")
        return pd.DataFrame([{name: getattr(self, name) for name in columns}])

    def _printed(self) -> pd.DataFrame:
        return self.tidy().drop(columns=["std_error_null", "statistic_null"], errors="ignore")

    def _title(self) -> str:
        return f"{self.metric} ({self.method})"


def _test(estimate: Any, std_error: Any) -> np.ndarray:
    """Estimate over its standard error; 0 where nothing moves."""
    estimate, std_error = np.asarray(estimate, float), np.asarray(std_error, float)
    same = (std_error == 0) & (estimate == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(same, 0.0, estimate / std_error)


def measure_table(
    name: str, event: float, nonevent: float, std_error: Sequence[float] | np.ndarray
) -> pd.DataFrame:
    """Quantity among events, among nonevents, and their sum; `std_error` of all three."""
    return pd.DataFrame(
        {
            "quantity": [f"{name}_event", f"{name}_nonevent", name],
            "estimate": [event, nonevent, event + nonevent],
            "std_error": std_error,
        }
    )
