"""The TEACHH score of survival after palliative radiotherapy (Krishnan and others 2014)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, column
from faceage_stats._near import check_option
from faceage_stats._result import Result, frozen_result
from faceage_stats.errors import DesignError, InputError
from faceage_stats.prediction.substitution.teachh_score import (
    GROUPS,
    points,
    text_points,
    to_groups,
)
from faceage_stats.survival.km.survfit import survfit

__all__ = ["TEACHH", "Missing", "teachh"]

Missing = Literal["refuse", "best", "worst"]
_POINT = {"refuse": np.nan, "best": 0.0, "worst": 1.0}  # of a missing component


@checked_call
def teachh(
    data: Any,
    *,
    age: str = "age",
    chemo_courses: int = 2,
    missing: Missing = "refuse",
    time: str = "years",
    event: str = "death",
    as_published: bool = False,
) -> TEACHH:
    """Score patients by TEACHH, and describe survival in its groups.

    One point each: cancer type other than breast or prostate; ECOG 2 or more; age over 60;
    `chemo_courses` or more courses of palliative chemotherapy; any hospital admission in the last
    three months; hepatic metastases. Group A has 0-1 points, B 2-4, C 5-6.

    Parameters
    ----------
    data : pandas.DataFrame or polars.DataFrame
        Columns ``cancer_type, ecog, prior_chemo_courses, hospital_admissions, mets_liver``, the
        age, and follow-up.
    age : str
        Column compared with 60 years: ``"age"``, or ``"faceage"`` in its place.
    chemo_courses : int
        2, the definition of 2014; 3 is the "> 2" of FaceAge's public code.
    missing : {"refuse", "best", "worst"}
        A missing component is refused, or bounded: 0 points (best case) or 1 point (worst case).
    time, event : str
        Columns of follow-up and death (0/1).
    as_published : bool
        Compare as text and with more than 2 courses, as the public R script does by accident.

    Returns
    -------
    TEACHH
        ``tidy()`` one row per group with counts and median survival; ``augment()`` score and group
        of every row; ``glance()``; ``text_slip()`` what comparing as text would change.

    Raises
    ------
    InputError
        Missing components (counted by component) unless bounded; an unknown option.
    FormulaError
        A column is not there.
    DesignError
        No row.

    See Also
    --------
    teachh_substitution : The score with another age in place of age.

    Notes
    -----
    The score is a sum of comparisons of numbers. The public script applies its function row by
    row to a table with a text column, which makes every value text: ten courses are then fewer than
    two ("10" sorts before "2"), and an age written 60.0 is more than 60.

    References
    ----------
    Krishnan MS, Epstein-Peterson Z, Chen YH and others (2014). Predicting life expectancy in
    patients with metastatic cancer receiving palliative radiotherapy: the TEACHH model. Cancer
    120:134-141.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = fs.simulate("palliative", seed=1, n=300).tables["palliative"]
    >>> teachh(df, missing="worst").tidy()["group"].tolist()
    ['A', 'B', 'C']
    """
    data = as_pandas(data)
    check_option("missing", missing, Missing)
    if chemo_courses < 1:
        raise InputError(f"chemo_courses is {chemo_courses}; it must be at least 1.")
    if not len(data):
        raise DesignError("teachh(): the table has no row.")
    given = text_points(data, age) if as_published else points(data, age, chemo_courses)
    n_missing = given.isna().sum()
    if missing == "refuse" and n_missing.any():
        counts = ", ".join(f"{name} in {n}" for name, n in n_missing[n_missing > 0].items())
        raise InputError(
            f"TEACHH components are missing in {int(given.isna().any(axis=1).sum())} of "
            f"{len(data)} rows: {counts}. Drop those rows (curate(..., complete=[...]) counts "
            "them), or bound the score with missing='best' and missing='worst'."
        )
    filled = given.fillna(_POINT[missing])
    score = filled.sum(axis=1).astype(np.int64)
    rows = pd.DataFrame(
        {
            "time": column(data, time, "teachh()"),
            "event": column(data, event, "teachh()"),
            "score": score,
        }
    )
    rows["group"] = to_groups(score)
    return TEACHH(
        rows=rows,
        points=filled,
        n_missing=n_missing,
        age=age,
        chemo_courses=3 if as_published else chemo_courses,
        missing=missing,
        source=data,
        as_published=as_published,
    )


@frozen_result
class TEACHH(Result):
    """TEACHH scores and groups of a table.

    Attributes
    ----------
    rows : pandas.DataFrame
        ``time event score group``, with the labels of the table given.
    points : pandas.DataFrame
        0 or 1 per component.
    n_missing : pandas.Series
        Missing values per component, before bounding.
    age : str
    chemo_courses : int
    missing : {"refuse", "best", "worst"}
    source : pandas.DataFrame
        As given; never printed.
    as_published : bool
    """

    rows: pd.DataFrame
    points: pd.DataFrame
    n_missing: pd.Series
    age: str
    chemo_courses: int
    missing: Missing
    source: pd.DataFrame
    as_published: bool

    @property
    def score(self) -> pd.Series:
        """0 to 6 points per row."""
        return self.rows["score"]

    @property
    def group(self) -> pd.Series:
        """A, B or C per row."""
        return self.rows["group"]

    def tidy(self, *, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per group: ``group n n_event median conf_low conf_high``.

        The median survival and its limits are those of the Kaplan-Meier curve with the log
        transformation, NaN where the curve does not reach one half. A group without patients has
        n = 0.
        """
        fit = survfit("Surv(time, event) ~ group", data=self.rows, conf_level=conf_level)
        table = fit.median()
        table["group"] = table["strata"].str.removeprefix("group=")
        counts = self.rows.groupby("group", observed=False)["event"].agg(["size", "sum"])
        counts = counts.rename(columns={"size": "n", "sum": "n_event"}).reset_index()
        counts["group"] = counts["group"].astype(str)
        medians = table[["group", "median", "conf_low", "conf_high"]]
        return counts.merge(medians, on="group", how="left")

    def glance(self) -> pd.DataFrame:
        """Return one row: ``n n_event n_missing method``; `n_missing` counts bounded scores."""
        bounded = int(points(self.source, self.age, self.chemo_courses).isna().any(axis=1).sum())
        return pd.DataFrame(
            {
                "n": [len(self.rows)],
                "n_event": [int(self.rows["event"].sum())],
                "n_missing": [bounded],
                "method": [self._title()],
            }
        )

    def augment(self) -> pd.DataFrame:
        """Return the points of each component, ``score`` and ``group`` of every row given."""
        return self.points.assign(score=self.score, group=self.group)

    def text_slip(self) -> pd.DataFrame:
        """Count what changes by comparing as text, as the public script does.

        Both sides use more than 2 courses, so that only the comparison differs. Columns
        ``quantity n``: rows whose point changes, by component; rows whose score and whose group
        change.
        """
        follow_up = self.source.assign(time=self.rows["time"], event=self.rows["event"])

        def score(chemo_courses: int, as_published: bool) -> TEACHH:
            return teachh(
                follow_up, age=self.age, chemo_courses=chemo_courses, missing=self.missing,
                time="time", event="event", as_published=as_published,
            )  # fmt: skip

        as_text, as_numbers = score(3, True), score(3, False)
        changed = (as_text.points != as_numbers.points).sum()
        counts = {f"point of {name}": int(n) for name, n in changed.items() if n}
        counts["score"] = int((as_text.score != as_numbers.score).sum())
        counts["group"] = int((as_text.group != as_numbers.group).sum())
        return pd.DataFrame({"quantity": list(counts), "n": list(counts.values())})

    def _further_tables(self) -> tuple[str, ...]:
        return ("text_slip",)

    def _title(self) -> str:
        how = "text comparison, as published" if self.as_published else "2014 definition"
        if not self.as_published and self.chemo_courses != 2:
            how = f"{self.chemo_courses} or more chemotherapy courses"
        bound = "" if self.missing == "refuse" else f", {self.missing} case"
        return f"TEACHH with {self.age} over 60 ({how}{bound}); groups {', '.join(GROUPS)}"
