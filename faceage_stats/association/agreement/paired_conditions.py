"""The same faces photographed twice: before and after, with and without, one camera and another."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column
from faceage_stats._formula.extremes import measured_column
from faceage_stats._levels import group_codes
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats._wald import check_conf_level
from faceage_stats.association.agreement.bland_altman import BlandAltman, bland_altman
from faceage_stats.association.agreement.icc import ICC, icc
from faceage_stats.association.agreement.repeatability import Repeatability, repeatability
from faceage_stats.errors import DesignError

__all__ = ["PairedConditions", "paired_conditions"]

_CALLER = "paired_conditions()"
_TERMS = {"bias": "mean difference", "limit_low": "lower limit", "limit_high": "upper limit"}


class Comparison(NamedTuple):
    """One condition against the reference."""

    limits: BlandAltman
    icc: ICC
    repeatability: Repeatability


@frozen_result
class PairedConditions(Result):
    """Scores of the same faces under several conditions, made by :func:`paired_conditions`.

    Attributes
    ----------
    rows : pandas.DataFrame
        Complete pairs: ``pair condition mean difference``.
    comparisons : dict of str to Comparison
        Bland and Altman's limits, the ICC and the repeatability of each condition.
    reference : str
        What the other conditions are compared with.
    n_missing : int
        Pairs without a score under one of their two conditions, also where the photograph is not
        listed, and photographs without a pair or a condition.
    conf_level : float
        As in the call.
    """

    rows: pd.DataFrame
    comparisons: dict[str, Comparison]
    reference: str
    n_missing: int
    conf_level: float

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return one row per condition and quantity.

        Parameters
        ----------
        conf_level : float, optional
            Level of the intervals; without it that of the call.

        Returns
        -------
        pandas.DataFrame
            ``condition reference quantity estimate std_error conf_low conf_high conf_level n
            method``.
        """
        level = conf_level or self.conf_level
        parts = []
        for condition, (limits, agreement, spread) in self.comparisons.items():
            lines = limits.tidy(conf_level=level).assign(method="Student t")
            lines["quantity"] = lines["term"].map(_TERMS)
            single = agreement.tidy(conf_level=level).query("term == 'ICC2'")
            single = single.assign(quantity="ICC, two-way, absolute agreement", method="F")
            large = spread.tidy(conf_level=level)
            large = large[large["quantity"].str.startswith("proportion")]
            large = large.assign(quantity=large["quantity"].str.replace("change", "difference"))
            block = pd.concat([lines, single, large], ignore_index=True)
            parts.append(block.assign(condition=condition, reference=self.reference))
        columns = ["condition", "reference", "quantity", "estimate", "std_error", "conf_low"]
        columns += ["conf_high", "conf_level", "n", "method"]
        return pd.concat(parts, ignore_index=True)[columns]

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_missing``, pairs of all conditions together."""
        return pd.DataFrame([{"n": len(self.rows), "n_missing": self.n_missing}])

    def augment(self) -> pd.DataFrame:
        """Return one row per pair, with the index of its photograph that is not the reference."""
        return self.rows.copy()


@checked_call
def paired_conditions(
    data: Any,
    score: str = "score",
    *,
    pair: str = "pair",
    condition: str = "condition",
    reference: str | None = None,
    limit: float = 5.0,
    conf_level: float = 0.95,
) -> PairedConditions:
    """Compare scores of the same faces under two or more conditions.

    Before and after surgery, with and without make-up, one camera and another: each face is
    photographed under the reference and under the other conditions.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        One row per photograph: the table that ``faceage score`` writes for a manifest with the
        columns `pair` and `condition`. Pairs without both scores, and photographs without a pair
        or a condition, are dropped and counted.
    score : str
        Column of the score, in years.
    pair : str
        Column that is equal for the photographs of one face.
    condition : str
        Column that says how the photograph was taken.
    reference : str, optional
        The condition that the others are compared with; by default the first level.
    limit : float
        A difference larger than this, in the unit of the score, counts as large.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    PairedConditions
        ``tidy(conf_level=...)``: for each condition the ``mean difference`` from the reference,
        the ``lower limit`` and ``upper limit`` of agreement, the ``ICC`` and the ``proportion of
        |difference| > limit``; ``augment()``: the differences.

    Raises
    ------
    DesignError
        One condition alone, a pair photographed twice under one condition, or fewer than 3
        complete pairs.
    FormulaError
        Absent columns.
    InputError
        An unknown reference, or scores that are not numbers.

    See Also
    --------
    bland_altman : limits of agreement of two columns.
    icc : more than two measurements.
    repeatability : test and retest.

    References
    ----------
    Bland JM, Altman DG (1999). Measuring agreement in method comparison studies. Statistical
    Methods in Medical Research 8:135-160. doi:10.1177/096228029900800204

    Examples
    --------
    >>> data = pd.DataFrame({
    ...     "pair": [1, 1, 2, 2, 3, 3, 4, 4],
    ...     "condition": ["without", "with"] * 4,
    ...     "score": [61.0, 58, 70, 69, 55, 48, 66, 62],
    ... })
    >>> fit = paired_conditions(data, reference="without")
    >>> print(fit.tidy()[["quantity", "estimate"]].round(2).to_string(index=False))
                            quantity  estimate
                     mean difference     -3.75
                         lower limit     -8.65
                         upper limit      1.15
    ICC, two-way, absolute agreement      0.86
      proportion of |difference| > 5      0.25
    """
    check_conf_level(conf_level)
    frame = as_pandas(data)
    codes, levels = group_codes(column(frame, condition, _CALLER))
    if len(levels) < 2:
        raise DesignError(
            f"{_CALLER}: the column {condition!r} has {len(levels)} condition; two are needed."
        )
    if reference is None:
        reference = levels[0]
    check_option("reference", reference, levels)
    pairs = column(frame, pair, _CALLER)
    placed = (codes >= 0) & pairs.notna().to_numpy()
    scored = pd.DataFrame({
        "pair": pairs.to_numpy(), "level": codes, "score": measured_column(frame, score, _CALLER),
        "row": np.arange(len(frame)),
    })[placed]  # fmt: skip
    _refuse_repeats(scored, pair, condition)
    wide = scored.pivot(index="pair", columns="level", values="score")
    place = scored.pivot(index="pair", columns="level", values="row")
    base = levels.index(reference)
    comparisons, rows, n_missing = {}, [], int((~placed).sum())
    for code, level in enumerate(levels):
        if code == base or code not in wide:
            continue
        both = wide[[base, code]].set_axis(["base", "other"], axis=1)
        complete = both.notna().all(axis=1)
        n_missing += int((place[[base, code]].notna().any(axis=1) & ~complete).sum())
        both = both[complete]
        if len(both) < 3:
            raise DesignError(
                f"{_CALLER}: {len(both)} pairs have a score under {reference!r} and {level!r}; "
                "3 are needed."
            )
        comparisons[level] = Comparison(
            bland_altman(both, "other", "base", conf_level=conf_level),
            icc(both, ["base", "other"], conf_level=conf_level),
            repeatability(both, ["base", "other"], limit=limit, conf_level=conf_level),
        )
        values = {"pair": both.index, "condition": level, "mean": both.mean(axis=1).to_numpy()}
        values["difference"] = (both["other"] - both["base"]).to_numpy()
        index = frame.index[place.loc[both.index, code].to_numpy(np.int64)]
        rows.append(pd.DataFrame(values, index=index))
    if not rows:
        raise DesignError(f"{_CALLER}: no condition beside {reference!r} has a score.")
    return PairedConditions(pd.concat(rows), comparisons, reference, n_missing, conf_level)


def _refuse_repeats(scored: pd.DataFrame, pair: str, condition: str) -> None:
    """A face has one photograph under each condition."""
    n = int(scored.duplicated(["pair", "level"]).sum())
    if n:
        raise DesignError(
            f"{_CALLER}: {n} rows repeat a value of {pair!r} under the same {condition!r}. Keep "
            "one photograph each, or take their mean first."
        )
