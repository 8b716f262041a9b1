"""Age gaps (FaceAge minus age) of groups: means, comparisons, trend, regression to the mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._columns import (
    as_pandas,
    group_codes,
    numeric_column,
    require_columns,
)
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level
from faceage_stats.association.agreement.calibration_line import CalibrationLine, fit_line
from faceage_stats.association.classical.adjust_family import adjust_family
from faceage_stats.association.classical.means import oneway_test, t_test
from faceage_stats.errors import DesignError, InputError

__all__ = ["AgeGap", "age_gap"]

_PER_YEAR = {"years": 1.0, "months": 12.0}


@frozen_result
class AgeGap(Result):
    """Age gaps of groups; see :func:`age_gap`."""

    gap: np.ndarray  # (n,) in `unit`
    age: np.ndarray  # (n,) in years
    members: pd.DataFrame  # (n, groups) bool; groups may overlap
    frame: pd.DataFrame  # the rows used, for covariates
    reference: str | None
    unit: str
    scale: str  # "raw" or "age-corrected"
    conf_level: float
    p_adjust: str
    n_missing: int
    ordered: bool  # False for a column of text, whose order nobody stated

    def tidy(self, **kwargs: Any) -> pd.DataFrame:
        """One row per group.

        Returns
        -------
        pandas.DataFrame
            ``group, estimate`` (mean gap)``, std_dev, std_error, conf_low, conf_high, conf_level,
            median, n, is_reference, unit, scale``. A group of one row has no interval.
        """
        rows = []
        for group in self._groups():
            values = self._values(group)
            n = len(values)
            std_dev = float(values.std(ddof=1)) if n > 1 else np.nan
            half_width = (
                float(stats.t.ppf(0.5 + self.conf_level / 2, n - 1)) * std_dev / np.sqrt(n)
                if n > 1
                else np.nan
            )
            rows.append(
                {
                    "group": group,
                    "estimate": float(values.mean()),
                    "std_dev": std_dev,
                    "std_error": std_dev / np.sqrt(n),
                    "conf_low": float(values.mean()) - half_width,
                    "conf_high": float(values.mean()) + half_width,
                    "conf_level": self.conf_level,
                    "median": float(np.median(values)),
                    "n": n,
                    "is_reference": group == self.reference,
                    "unit": self.unit,
                    "scale": self.scale,
                }
            )
        return pd.DataFrame(rows)

    def glance(self) -> pd.DataFrame:
        """One row: ``n, n_missing, unit, scale, statistic, df, df_residual, p_value, method``.

        The test is Welch's one-way comparison of all groups; it is left missing when groups
        overlap or hold fewer than two rows.
        """
        row: dict[str, Any] = {
            "n": len(self.gap),
            "n_missing": self.n_missing,
            "unit": self.unit,
            "scale": self.scale,
        }
        disjoint = bool((self.members.sum(axis=1) <= 1).all())
        if disjoint and self.members.shape[1] > 1 and self.members.sum().min() > 1:
            labelled = pd.DataFrame({"gap": self.gap, "group": self._labels()})
            test = oneway_test("gap ~ group", data=labelled).tidy().iloc[0]
            row |= dict(test[["statistic", "df", "df_residual", "p_value", "method"]])
        else:
            row |= dict.fromkeys(["statistic", "df", "df_residual", "p_value"], np.nan)
            row["method"] = "no overall test: groups overlap, or fewer than two rows or groups"
        return pd.DataFrame([row])

    def augment(self) -> pd.DataFrame:
        """One row per subject used: ``age``, ``gap`` and one true/false column per group."""
        rows = pd.DataFrame({"age": self.age, "gap": self.gap}, index=self.frame.index)
        return rows.join(self.members.set_index(self.frame.index))

    def versus_reference(self) -> pd.DataFrame:
        """Welch test of every other group against the reference.

        Returns
        -------
        pandas.DataFrame
            ``group1`` (the group)``, group2`` (the reference)``, estimate`` (difference of mean
            gaps)``, std_error, statistic, df, p_value, conf_low, conf_high, conf_level, n, unit,
            scale, p_adjusted, p_adjust_method, family``.

        Raises
        ------
        InputError
            Without a reference, or when a group shares rows with it.
        """
        if self.reference is None:
            raise InputError("age_gap: name a reference= group to compare the others with.")
        pairs = [(group, self.reference) for group in self._groups() if group != self.reference]
        return self._compare(pairs, f"age gap against {self.reference}")

    def pairwise(self) -> pd.DataFrame:
        """Welch test of every pair of groups, later minus earlier; columns as versus_reference.

        Raises
        ------
        InputError
            When two groups share rows: they cannot be compared as independent samples.
        """
        groups = self._groups()
        pairs = [(late, early) for i, early in enumerate(groups) for late in groups[i + 1 :]]
        return self._compare(pairs, "age gap, every pair")

    def trend(self) -> pd.DataFrame:
        """Linear trend of the gap over the groups in their order (scores 0, 1, 2, ...).

        Returns
        -------
        pandas.DataFrame
            One row: ``estimate`` (change per step)``, std_error`` (HC3)``, statistic, df, p_value,
            conf_low, conf_high, conf_level, n, unit, scale, method``.

        Raises
        ------
        InputError
            When groups overlap, or come from a column of text, whose order nobody stated.
        DesignError
            With fewer than three groups.
        """
        if self.members.shape[1] < 3:
            raise DesignError("age_gap: a trend needs at least three ordered groups.")
        if not self.ordered:
            raise InputError(
                f"age_gap: a trend needs ordered groups, and these {self.members.shape[1]} are "
                "text, sorted by alphabet. Give numbers, a categorical in order, or a mapping."
            )
        codes = self._codes()
        used = codes >= 0
        fit = _ols(self.gap[used], pd.DataFrame({"score": codes[used].astype(float)}))
        row = _coefficients(fit, self.conf_level).loc[["score"]].reset_index(drop=True)
        return row.assign(
            n=int(used.sum()), unit=self.unit, scale=self.scale, method="Linear trend, HC3"
        )

    def regression_to_mean(self) -> CalibrationLine:
        """Line of the gap on age over all rows: a slope below 0 is regression to the mean.

        Returns
        -------
        CalibrationLine
            ``tidy()`` tests the intercept and the slope against 0. Unit per year of age.
        """
        return fit_line(self.gap, self.age, conf_level=self.conf_level)

    def corrected(self, *, fit_on: str = "all") -> AgeGap:
        """Remove from every gap what its age predicts: gap - (intercept + slope x age).

        Parameters
        ----------
        fit_on : {"all", "reference"}
            Rows on which the line is fitted. With "reference" the mean corrected gap of the
            reference group is 0, and a group's mean is its excess over a reference of its age.

        Returns
        -------
        AgeGap
            The same groups, with ``scale`` "age-corrected". Intervals and tests take the line as
            known; :meth:`adjusted` estimates it together with the differences.

        Raises
        ------
        InputError
            An unknown `fit_on`, or "reference" without a reference group.
        """
        if fit_on not in ("all", "reference"):
            raise InputError(f"fit_on is {fit_on!r}; choose 'all' or 'reference'.")
        if fit_on == "reference" and self.reference is None:
            raise InputError("age_gap: fit_on='reference' needs a reference= group.")
        rows = np.ones(len(self.gap), bool)
        if fit_on == "reference":
            rows = self.members[self.reference].to_numpy()
        line = fit_line(self.gap[rows], self.age[rows]).tidy().set_index("term")["estimate"]
        residual = self.gap - line["intercept"] - line["slope"] * self.age
        return AgeGap(**(vars(self) | {"gap": residual, "scale": "age-corrected"}))

    def adjusted(self, covariates: Sequence[str] = ("age",)) -> pd.DataFrame:
        """Compare the groups at equal covariates: least squares with HC3 standard errors.

        Parameters
        ----------
        covariates : sequence of str
            Columns of the data; text and categories enter as factors. Rows with a missing
            covariate are left out of this comparison (``n`` says how many remain).

        Returns
        -------
        pandas.DataFrame
            ``quantity`` ("marginal mean" of each group, averaged over all rows' covariates, and
            "difference" from the reference or first group)``, group, estimate, std_error,
            statistic, df, p_value, conf_low, conf_high, conf_level, n, unit``.

        Raises
        ------
        InputError
            Absent columns, or groups that overlap.
        DesignError
            More coefficients than rows allow, or collinear covariates.
        """
        names = list(covariates)
        require_columns(names, self.frame, "age_gap()")
        codes = self._codes()
        used = (codes >= 0) & self.frame[names].notna().all(axis=1).to_numpy()
        groups = self._groups()
        reference = self.reference if self.reference is not None else groups[0]
        indicators = pd.DataFrame(
            {g: (codes[used] == i).astype(float) for i, g in enumerate(groups) if g != reference}
        )
        design = indicators.join(_covariate_columns(self.frame.loc[used, names]))
        # centred covariates: the intercept is then the marginal mean of the reference group
        others = design.columns[len(indicators.columns) :]
        design[others] = design[others] - design[others].mean()
        fit = _ols(self.gap[used], design)
        contrasts = np.zeros((len(groups), design.shape[1] + 1))
        contrasts[:, 0] = 1.0
        for column, group in enumerate(indicators, start=1):
            contrasts[groups.index(str(group)), column] = 1.0
        means = _coefficients(fit, self.conf_level, contrasts)
        means["group"] = groups
        differences = _coefficients(fit, self.conf_level).loc[list(indicators)]
        differences["group"] = [group for group in groups if group != reference]
        out = pd.concat(
            {"marginal mean": means, "difference": differences}, names=["quantity", None]
        ).reset_index(level=0)
        first = ["quantity", "group"]
        out = out[first + [column for column in out if column not in first]]
        return out.assign(n=int(used.sum()), unit=self.unit).reset_index(drop=True)

    def _title(self) -> str:
        return f"Age gap ({self.scale}, {self.unit})"

    def _groups(self) -> list[str]:
        return [str(group) for group in self.members]

    def _values(self, group: str) -> np.ndarray:
        return self.gap[self.members[group].to_numpy()]

    def _codes(self) -> np.ndarray:
        """Group number of every row (-1: in none); refuses groups that overlap."""
        table = self.members.to_numpy()
        shared = int((table.sum(axis=1) > 1).sum())
        if shared:
            raise InputError(f"age_gap: {shared} rows belong to several groups; use disjoint ones.")
        return np.where(table.any(axis=1), table.argmax(axis=1), -1)

    def _labels(self) -> pd.Categorical:
        return pd.Categorical.from_codes(
            self._codes().tolist(), categories=pd.Index(self._groups())
        )

    def _compare(self, pairs: list[tuple[str, str]], family: str) -> pd.DataFrame:
        rows = []
        for group1, group2 in pairs:
            shared = int((self.members[group1] & self.members[group2]).sum())
            if shared:
                raise InputError(
                    f"age_gap: groups {group1!r} and {group2!r} share {shared} rows, so they are "
                    "not independent samples. Compare disjoint groups."
                )
            test = t_test(self._values(group1), self._values(group2), conf_level=self.conf_level)
            row = test.tidy().drop(columns=["n_missing", "alternative"])
            row.insert(0, "group2", group2)
            row.insert(0, "group1", group1)
            rows.append(row)
        table = pd.concat(rows, ignore_index=True).assign(unit=self.unit, scale=self.scale)
        return adjust_family(table, family=family, p_adjust=self.p_adjust)


def age_gap(
    data: Any,
    *,
    by: str | Mapping[str, Any],
    reference: Any = None,
    faceage: str = "faceage",
    age: str = "age",
    unit: str = "years",
    conf_level: float = 0.95,
    p_adjust: str = "holm",
) -> AgeGap:
    """Estimate the age gap, FaceAge minus age, of groups and compare it between them.

    Parameters
    ----------
    data : DataFrame
        One row per subject. Rows without FaceAge or age are dropped and counted, and so are rows
        without a group when `by` is a column.
    by : str or mapping
        Column of groups (a categorical keeps its order, text is sorted), or a mapping from group
        name to a true/false array over the rows; such groups may overlap ("all", "men").
    reference : group, optional
        The group that :meth:`AgeGap.versus_reference` compares the others with.
    faceage, age : str
        Numeric columns, years.
    unit : {"years", "months"}
        Unit of the gaps in every result.
    conf_level : float
        Level of all intervals.
    p_adjust : str
        Method of :func:`faceage_stats.p_adjust` for the comparisons.

    Returns
    -------
    AgeGap
        ``tidy()`` the groups, ``versus_reference()``, ``pairwise()``, ``trend()``,
        ``regression_to_mean()``, ``corrected()``, ``adjusted([...])``, ``augment()``.

    Raises
    ------
    InputError
        Absent columns, values that are not numbers, an unknown unit, or an unknown reference.
    DesignError
        A group without rows, or no complete row at all.

    Notes
    -----
    A raw gap falls with age in any imperfect predictor (regression to the mean), so that groups
    of different age differ in it for no other reason. Report it beside the corrected gap.

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "faceage": [62.0, 71, 66, 80, 59, 68, 61, 77], "age": [60, 70, 63, 77, 60, 70, 63, 77],
    ...     "group": ["cancer"] * 4 + ["none"] * 4})
    >>> gaps = age_gap(frame, by="group", reference="none")
    >>> print(gaps.tidy()[["group", "estimate", "n"]].to_string(index=False))
     group  estimate  n
    cancer      2.25  4
      none     -1.25  4
    >>> gaps.versus_reference()[["estimate", "conf_low", "conf_high"]].round(2).values.tolist()
    [[3.5, 1.84, 5.16]]
    """
    if unit not in _PER_YEAR:
        raise InputError(f"unit is {unit!r}; choose 'years' or 'months'.")
    check_conf_level(conf_level)
    frame = as_pandas(data)
    gap = numeric_column(frame, faceage, "age_gap()") - numeric_column(frame, age, "age_gap()")
    members = _memberships(frame, by)
    complete = ~np.isnan(gap)
    if isinstance(by, str):
        complete &= members.any(axis=1).to_numpy()
    members = members[complete].reset_index(drop=True)
    empty = [group for group in members if not members[group].any()]
    if empty or members.size == 0:
        raise DesignError(
            f"age_gap: no complete rows in {', '.join(empty) or 'the data'}. Leave such groups out."
        )
    name = None if reference is None else str(reference)
    if name is not None and name not in members:
        raise InputError(f"reference {name!r} is not a group; groups: {', '.join(members)}.")
    return AgeGap(
        gap=gap[complete] * _PER_YEAR[unit],
        age=numeric_column(frame, age, "age_gap()")[complete],
        members=members,
        frame=frame[complete],
        reference=name,
        unit=unit,
        scale="raw",
        conf_level=conf_level,
        p_adjust=p_adjust,
        n_missing=int((~complete).sum()),
        ordered=not isinstance(by, str) or _has_order(frame[by]),
    )


def _has_order(column: pd.Series) -> bool:
    """Numbers and categoricals come in an order; text does not."""
    is_categorical = isinstance(column.dtype, pd.CategoricalDtype)
    return is_categorical or pd.api.types.is_numeric_dtype(column)


def _memberships(frame: pd.DataFrame, by: str | Mapping[str, Any]) -> pd.DataFrame:
    """One true/false column per group."""
    if isinstance(by, str):
        require_columns([by], frame, "age_gap()")
        codes, labels = group_codes(frame[by])
        return pd.DataFrame({str(label): codes == code for code, label in enumerate(labels)})
    columns = {}
    for group, rows in by.items():
        mask = np.asarray(rows)
        if mask.dtype != bool or len(mask) != len(frame):
            raise InputError(
                f"age_gap: group {group!r} must be {len(frame)} true/false values, one per row."
            )
        columns[str(group)] = mask
    return pd.DataFrame(columns, index=range(len(frame)))


def _covariate_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are, factors as indicators of all levels but the first."""
    parts = []
    for name in rows:
        if pd.api.types.is_numeric_dtype(rows[name]):
            parts.append(rows[[name]].astype(float))
            continue
        codes, labels = group_codes(rows[name])
        parts.append(
            pd.DataFrame(
                {f"{name}{label}": (codes == i) * 1.0 for i, label in enumerate(labels) if i}
            )
        )
    return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)


def _ols(y: np.ndarray, design: pd.DataFrame) -> Any:
    """Least squares with an intercept and HC3 covariance."""
    import statsmodels.api as sm

    matrix = sm.add_constant(design, has_constant="add")
    if len(matrix) <= matrix.shape[1] or np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise DesignError(
            f"age_gap: {len(matrix)} rows cannot estimate {matrix.shape[1]} coefficients; "
            "a covariate is constant, repeats another, or has too many levels."
        )
    return sm.OLS(y, matrix).fit(cov_type="HC3", use_t=True)


def _coefficients(fit: Any, conf_level: float, contrasts: Any = None) -> pd.DataFrame:
    """Coefficients, or contrasts of them, with t intervals."""
    names = list(fit.params.index) if contrasts is None else None
    contrasts = np.eye(len(fit.params)) if contrasts is None else contrasts
    test = fit.t_test(contrasts)
    limits = test.conf_int(alpha=1 - conf_level)
    return pd.DataFrame(
        {
            "estimate": np.ravel(test.effect),
            "std_error": np.ravel(test.sd),
            "statistic": np.ravel(test.tvalue),
            "df": float(fit.df_resid),
            "p_value": np.ravel(test.pvalue),
            "conf_low": limits[:, 0],
            "conf_high": limits[:, 1],
            "conf_level": conf_level,
        },
        index=names,
    )
