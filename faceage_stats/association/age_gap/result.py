"""The result of an analysis of age gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._columns import columns_of
from faceage_stats._near import check_option
from faceage_stats._p_adjust import PAdjust
from faceage_stats._result import Result, frozen_result
from faceage_stats.association.age_gap.comparisons import (
    adjusted_table,
    mean_row,
    trend_row,
    welch_contrasts,
)
from faceage_stats.association.age_gap.groups import Pairs, codes_of, is_disjoint, pairs_of
from faceage_stats.association.agreement.calibration_line import CalibrationLine, fit_line
from faceage_stats.association.classical.adjust_family import adjust_family
from faceage_stats.association.classical.means import oneway_test
from faceage_stats.errors import DesignError, InputError

__all__ = ["AgeGap", "FitOn", "Unit"]

Unit = Literal["years", "months"]
FitOn = Literal["all", "reference"]


@frozen_result
class AgeGap(Result):
    """Age gaps of groups, made by :func:`age_gap`.

    Attributes
    ----------
    gap : ndarray, shape (n,)
        In `unit`.
    age : ndarray, shape (n,)
        Years.
    members : pandas.DataFrame, shape (n, groups)
        True where a row belongs to a group; groups may overlap.
    rows : pandas.DataFrame
        The rows used, for covariates, with the index of the data given.
    reference : str or None
    unit : str
    quantity : str
        "age gap", or "age-corrected gap".
    conf_level : float
        As in the call.
    p_adjust : str
    n_missing : int
    ordered : bool
        False for a column of text, whose levels have no stated order.
    """

    gap: np.ndarray
    age: np.ndarray
    members: pd.DataFrame
    rows: pd.DataFrame
    reference: str | None
    unit: Unit
    quantity: str
    conf_level: float
    p_adjust: PAdjust
    n_missing: int
    ordered: bool

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per group.

        Parameters
        ----------
        conf_level : float, optional
            Level of the t intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``group estimate`` (mean gap) ``std_dev std_error conf_low conf_high conf_level median
            n is_reference unit quantity``. A group of one row has no interval.
        """
        level = conf_level or self.conf_level
        rows = [
            {"group": group, **mean_row(self._values(group), level)} for group in self._groups()
        ]
        return pd.DataFrame(rows).assign(
            is_reference=[group == self.reference for group in self._groups()],
            unit=self.unit,
            quantity=self.quantity,
        )

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing unit quantity statistic df df_residual p_value method``.

        The test is Welch's one-way comparison of all groups; it is missing when groups overlap or
        hold fewer than two rows.
        """
        row: dict[str, Any] = {
            "n": len(self.gap),
            "n_missing": self.n_missing,
            "unit": self.unit,
            "quantity": self.quantity,
        }
        several = self.members.shape[1] > 1 and self.members.sum().min() > 1
        if several and is_disjoint(self.members):
            labels = pd.Categorical.from_codes(
                codes_of(self.members).tolist(), categories=pd.Index(self._groups())
            )
            test = oneway_test("gap ~ group", pd.DataFrame({"gap": self.gap, "group": labels}))
            fields = ("statistic", "df", "df_residual", "p_value", "method")
            row |= {name: getattr(test, name) for name in fields}
        else:
            row |= dict.fromkeys(["statistic", "df", "df_residual", "p_value"], np.nan)
            row["method"] = "no overall test: groups overlap, or fewer than two rows or groups"
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """Return one row per subject used: ``age``, ``gap`` and one true/false column per group."""
        rows = pd.DataFrame({"age": self.age, "gap": self.gap})
        return pd.concat([rows, self.members], axis=1).set_axis(self.rows.index)

    def contrasts(
        self, *, pairs: Pairs | None = None, conf_level: float | None = None
    ) -> pd.DataFrame:
        """Compare mean gaps in pairs by Welch's t test, first minus second.

        Parameters
        ----------
        pairs : {"reference", "all"}, optional
            Every other group against the reference, or every pair, the later minus the earlier
            group. Without it the reference where there is one.
        conf_level : float, optional
            Level of the t intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``group1 group2 estimate1 estimate2 estimate std_error conf_low conf_high statistic df
            p_value n unit quantity scale p_adjusted p_adjust family``.

        Raises
        ------
        InputError
            No reference was named, or two groups have rows in common: they are not independent
            samples.

        Examples
        --------
        >>> from faceage_stats.association.age_gap.age_gap import age_gap
        >>> data = pd.DataFrame({"faceage": [62.0, 71, 66, 80], "age": [60.0, 70, 63, 76],
        ...                      "sex": ["f", "f", "m", "m"]})
        >>> age_gap(data, by="sex").contrasts()[["group1", "group2", "estimate"]].values.tolist()
        [['m', 'f', 2.0]]
        """
        if pairs is None:
            pairs = "all" if self.reference is None else "reference"
        chosen = pairs_of(self.members, pairs, self.reference)
        samples = {group: self._values(group) for group in self._groups()}
        table = welch_contrasts(samples, chosen, conf_level or self.conf_level)
        table = table.assign(unit=self.unit, quantity=self.quantity, scale="difference")
        compared = ", every pair" if pairs == "all" else f" against {self.reference}"
        return adjust_family(table, family=f"{self.quantity}{compared}", p_adjust=self.p_adjust)

    def trend(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Estimate the linear trend of the gap over the groups in their order (0, 1, 2, ...).

        Parameters
        ----------
        conf_level : float, optional
            Level of the t interval; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            One row: ``estimate`` (change per step) ``std_error`` (HC3) ``statistic df p_value
            conf_low conf_high n unit quantity method``.

        Raises
        ------
        InputError
            Groups that overlap, or come from a column of text, which has no order.
        DesignError
            Fewer than three groups.
        """
        if self.members.shape[1] < 3:
            raise DesignError("age_gap: a trend needs at least three ordered groups.")
        if not self.ordered:
            raise InputError(
                f"age_gap: a trend needs ordered groups, and these {self.members.shape[1]} are "
                "text, sorted by alphabet. Give numbers, a categorical in order, or a mapping."
            )
        codes = codes_of(self.members)
        used = codes >= 0
        row = trend_row(self.gap[used], codes[used].astype(float), conf_level or self.conf_level)
        return row.assign(
            n=int(used.sum()), unit=self.unit, quantity=self.quantity, method="Linear trend, HC3"
        )

    def regression_to_mean(self) -> CalibrationLine:
        """Fit the line of the gap on age over all rows: a slope below 0 is regression to the mean.

        Returns
        -------
        CalibrationLine
            ``tidy()`` tests the intercept and the slope against 0. Unit per year of age.
        """
        return fit_line(self.gap, self.age, conf_level=self.conf_level)

    def corrected(self, *, fit_on: FitOn = "all") -> AgeGap:
        """Correct every gap for what its age predicts: gap - (intercept + slope x age).

        Parameters
        ----------
        fit_on : {"all", "reference"}
            Rows on which the line is fitted. With "reference" the mean corrected gap of the
            reference group is 0, and a group's mean is its excess over a reference of its age.

        Returns
        -------
        AgeGap
            The same groups, with ``quantity`` "age-corrected gap". Intervals and tests take the
            line as known; :meth:`adjusted` estimates it together with the differences.
        """
        check_option("fit_on", fit_on, FitOn)
        if fit_on == "reference" and self.reference is None:
            raise InputError("age_gap: fit_on='reference' needs a reference= group.")
        rows = np.ones(len(self.gap), bool)
        if fit_on == "reference":
            rows = self.members[self.reference].to_numpy()
        intercept, slope = fit_line(self.gap[rows], self.age[rows]).estimate
        residual = self.gap - intercept - slope * self.age
        return AgeGap(**(vars(self) | {"gap": residual, "quantity": "age-corrected gap"}))

    def adjusted(
        self, covariates: Sequence[str] = ("age",), *, conf_level: float | None = None
    ) -> pd.DataFrame:
        """Compare the groups at equal covariates: least squares with HC3 standard errors.

        Parameters
        ----------
        covariates : sequence of str
            Columns of the data; text and categories enter as factors. Rows with a missing
            covariate are excluded from this comparison (``n`` says how many remain).
        conf_level : float, optional
            Level of the t intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``quantity`` ("marginal mean" of each group, averaged over all rows' covariates, and
            "difference" from the reference or first group) ``group estimate std_error statistic
            df p_value conf_low conf_high n unit``.

        Raises
        ------
        FormulaError
            Absent columns.
        InputError
            Groups that overlap.
        DesignError
            More coefficients than rows allow, or collinear covariates.
        """
        names = list(covariates)
        table = columns_of(self.rows, names, "age_gap().adjusted()")
        codes = codes_of(self.members)
        used = (codes >= 0) & table.notna().all(axis=1).to_numpy()
        groups = self._groups()
        reference = self.reference if self.reference is not None else groups[0]
        order = [reference, *(group for group in groups if group != reference)]
        labels = pd.Categorical([groups[code] for code in codes[used]], categories=order)
        table = adjusted_table(
            self.gap[used],
            labels,
            table[used].reset_index(drop=True),
            conf_level or self.conf_level,
        )
        place = {group: i for i, group in enumerate(groups)}  # the order of tidy()
        table = table.sort_values(
            ["quantity", "group"],
            key=lambda c: c.map(place) if c.name == "group" else c.ne("marginal mean"),
            kind="stable",
            ignore_index=True,
        )
        return table.assign(n=int(used.sum()), unit=self.unit)

    def _further_tables(self) -> tuple[str, ...]:
        has_trend = self.members.shape[1] > 2 and self.ordered and is_disjoint(self.members)
        return ("trend",) if has_trend else ()

    def _title(self) -> str:
        return f"{self.quantity.capitalize()} ({self.unit})"

    def _groups(self) -> list[str]:
        return [str(group) for group in self.members]

    def _values(self, group: str) -> np.ndarray:
        return np.asarray(self.gap[self.members[group].to_numpy()])
