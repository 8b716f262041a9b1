"""The result of a gene screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

import pandas as pd

from faceage_stats._near import did_you_mean
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.genomics.gene_models import GeneModels
from faceage_stats.association.genomics.gene_tables import (
    GeneAdjust,
    GeneMethod,
    adjusted,
    cox_table,
    gene_table,
)
from faceage_stats.association.genomics.joined import Unmatched
from faceage_stats.errors import InputError

__all__ = ["GeneScreen", "ScreenMethod"]

ScreenMethod = Literal["moderated", "lm", "partial", "pearson", "spearman", "cox"]


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
    models : GeneModels or None
        The linear models; None for survival.
    cox : pandas.DataFrame or None
        One Cox model per gene; None for an exposure.
    n, n_missing : int
        Patients used, and matched patients with a missing exposure or covariate.
    unmatched : Unmatched
        Patients only in the expression table, and only in the data.
    """

    genes: tuple[str, ...]
    exposure: str
    adjust: str | None
    methods: tuple[ScreenMethod, ...]
    variables: tuple[str, ...]
    models: GeneModels | None
    cox: pd.DataFrame | None
    n: int
    n_missing: int
    unmatched: Unmatched

    def tidy(
        self,
        *,
        method: ScreenMethod | None = None,
        variable: str | None = None,
        conf_level: float = 0.95,
        p_adjust: Sequence[GeneAdjust] = ("holm", "BH"),
    ) -> pd.DataFrame:
        """Return one row per gene for one method and one variable.

        Parameters
        ----------
        method : {"moderated", "lm", "partial", "pearson", "spearman", "cox"}, optional
            One of ``methods``; by default the first.
        variable : str, optional
            The exposure (default) or a column of the adjustment, e.g. ``"age"``.
        conf_level : float
            Of the intervals.
        p_adjust : sequence of {"holm", "BH", "q_value"}
            Adjusted p values to add, each over the genes tested: p_holm, p_bh, q_value.

        Returns
        -------
        pandas.DataFrame
            ``gene variable method estimate std_error statistic df p_value conf_low conf_high n
            n_missing`` and the adjusted p values; the moderated t also has ``mean sigma_post``
            (posterior standard deviation) and ``log_odds`` (limma's B).
        """
        method, variable = method or self.methods[0], variable or self.variables[0]
        _refuse_unknown("method", method, self.methods)
        _refuse_unknown("variable", variable, self.variables)
        if self.models is not None:
            table = gene_table(self.models, cast(GeneMethod, method), variable, conf_level)
        else:
            table = cox_table(pd.DataFrame(self.cox), conf_level)
        return adjusted(table, p_adjust)

    def side_by_side(self, method: ScreenMethod | None = None) -> pd.DataFrame:
        """Set exposure and adjustment of the same model beside each other, one row per gene.

        Parameters
        ----------
        method : {"moderated", "lm", "partial", "pearson", "spearman", "cox"}, optional
            One of ``methods``; by default the first.

        Returns
        -------
        pandas.DataFrame
            ``gene``, then estimate, p_value, p_holm and p_bh of each variable, prefixed with its
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
        """Return the n genes with the smallest p values; options as for ``tidy``."""
        table = self.tidy(**options)
        return table.sort_values("p_value", kind="stable").head(n).reset_index(drop=True)

    def glance(self) -> pd.DataFrame:
        """Return one row for the screen.

        Returns
        -------
        pandas.DataFrame
            ``n_column n_no_estimate n n_missing n_unmatched_table n_unmatched_data``, and with the
            moderated t ``df_prior s2_prior``.
        """
        row: dict[str, Any] = {
            "n_column": len(self.genes),
            "n_no_estimate": int(self.tidy(p_adjust=())["p_value"].isna().sum()),
            "n": self.n,
            "n_missing": self.n_missing,
            "n_unmatched_table": self.unmatched.table,
            "n_unmatched_data": self.unmatched.data,
        }
        if self.models is not None and self.models.moderated is not None:
            prior = self.models.moderated.prior
            row |= {"df_prior": prior.df, "s2_prior": prior.variance}
        return pd.DataFrame([row])

    def _printed(self) -> pd.DataFrame:
        return self.top(10)

    def _title(self) -> str:
        given = f" given {self.adjust}" if self.adjust else ""
        return f"Gene screen: {len(self.genes)} genes, {self.exposure}{given} (n = {self.n})"


def _refuse_unknown(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        near = did_you_mean(value, known)
        raise InputError(f"{name} is {value!r}; this screen has {', '.join(known)}.{near}")
