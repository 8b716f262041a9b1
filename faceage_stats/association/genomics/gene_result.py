"""The result of a gene screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._result import Result, frozen_result
from faceage_stats.association.genomics.gene_tables import adjusted, gene_table
from faceage_stats.association.genomics.linear_screen import LinearFits
from faceage_stats.association.genomics.moderated import Moderated
from faceage_stats.errors import InputError

__all__ = ["GeneScreen"]


@frozen_result
class GeneScreen(Result):
    """One test per gene, method and variable, made by `gene_screen`.

    Attributes
    ----------
    genes : tuple of str
        In the order of the table.
    exposure, adjust : str
        As given.
    methods, variables : tuple of str
        What ``tidy`` can show: methods, and the exposure with the columns of the adjustment.
    values : ndarray, shape (n, m)
        Expression of the patients used.
    design : ndarray, shape (n, p)
        Intercept, exposure, adjustment; None for survival.
    fits : LinearFits or None
    moderated : Moderated or None
        Over the genes that have a fit; ``moderated.prior`` holds limma's prior.
    cox : pandas.DataFrame or None
    n, n_missing : int
        Patients used, and matched patients with a missing exposure or covariate.
    unmatched : tuple of int
        Patients only in the expression table, and only in the data.
    """

    genes: tuple[str, ...]
    exposure: str
    adjust: str | None
    methods: tuple[str, ...]
    variables: tuple[str, ...]
    values: np.ndarray
    design: np.ndarray | None
    fits: LinearFits | None
    moderated: Moderated | None
    cox: pd.DataFrame | None
    n: int
    n_missing: int
    unmatched: tuple[int, int]

    def tidy(
        self,
        *,
        method: str | None = None,
        variable: str | None = None,
        conf_level: float = 0.95,
        adjustments: Sequence[str] = ("holm", "BH"),
    ) -> pd.DataFrame:
        """One row per gene for one method and one variable.

        Parameters
        ----------
        method : str, optional
            One of ``methods``; by default the first.
        variable : str, optional
            The exposure (default) or a column of the adjustment, e.g. ``"age"``.
        conf_level : float
            Of the intervals.
        adjustments : sequence of {"holm", "BH", "q_value"}
            Adjusted p values to add, each over the genes tested: p_holm, p_bh, q_value.

        Returns
        -------
        pandas.DataFrame
            gene, variable, method, estimate, std_error, statistic, df, p_value, conf_low,
            conf_high, n, n_missing and the adjusted p values; the moderated t also has mean,
            sigma_post (posterior standard deviation) and log_odds (limma's B).
        """
        method, variable = method or self.methods[0], variable or self.variables[0]
        for value, known, name in (
            (method, self.methods, "method"), (variable, self.variables, "variable"),
        ):  # fmt: skip
            if value not in known:
                raise InputError(f"{name} is {value!r}; this screen has {', '.join(known)}.")
        table = gene_table(self, method, variable, conf_level)
        return adjusted(table, adjustments)

    def side_by_side(self, method: str | None = None) -> pd.DataFrame:
        """Exposure and adjustment of the same model beside each other, one row per gene.

        Columns: gene, then estimate, p_value, p_holm and p_bh of each variable, prefixed with its
        name (``faceage_estimate``, ``age_estimate`` ...).
        """
        parts = [pd.DataFrame({"gene": self.genes})]
        for variable in self.variables:
            table = self.tidy(method=method, variable=variable)
            parts.append(
                table[["estimate", "p_value", "p_holm", "p_bh"]].add_prefix(f"{variable}_")
            )
        return pd.concat(parts, axis=1)

    def top(self, n: int = 10, **options: Any) -> pd.DataFrame:
        """The n genes with the smallest p values; options as for ``tidy``."""
        table = self.tidy(**options)
        return table.sort_values("p_value", kind="stable").head(n).reset_index(drop=True)

    def ordinary_t(self) -> tuple[np.ndarray, np.ndarray]:
        """Return t of the exposure in the linear model, and its degrees of freedom."""
        if self.fits is None:
            raise InputError("a screen for survival has no linear model.")
        with np.errstate(divide="ignore", invalid="ignore"):
            t = self.fits.coef[1] / self.fits.unscaled[1] / self.fits.sigma
        return t, self.fits.df

    def glance(self) -> pd.DataFrame:
        """One row: genes, patients, unmatched patients, and the prior of the moderated t."""
        row: dict[str, Any] = {
            "n_column": len(self.genes),
            "n_no_estimate": int(self.tidy(adjustments=())["p_value"].isna().sum()),
            "n": self.n,
            "n_missing": self.n_missing,
            "n_unmatched_table": self.unmatched[0],
            "n_unmatched_data": self.unmatched[1],
        }
        if self.moderated is not None:
            row["df_prior"] = self.moderated.prior.df
            row["s2_prior"] = self.moderated.prior.variance
        return pd.DataFrame([row])

    def _title(self) -> str:
        given = f" given {self.adjust}" if self.adjust else ""
        return f"Gene screen: {len(self.genes)} genes, {self.exposure}{given} (n = {self.n})"
