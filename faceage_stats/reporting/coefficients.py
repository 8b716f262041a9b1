"""The rows of a coefficient table as readers see them: a heading for what has several rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from faceage_stats._near import did_you_mean
from faceage_stats.errors import InputError

__all__ = ["INTERCEPT", "headed_rows", "refuse_unknown_names", "with_variables"]

INTERCEPT = "(Intercept)"


def with_variables(table: pd.DataFrame) -> pd.DataFrame:
    """Give a tidy table ``term, variable, level``: a term by itself is a variable.

    Examples
    --------
    >>> with_variables(pd.DataFrame({"term": ["age"], "estimate": [0.1]}))["variable"].tolist()
    ['age']
    """
    if "term" not in table:
        terms = table["variable"].astype(str) + table["level"].fillna("").astype(str)
        return table.assign(term=terms)
    absent = {"variable": table["term"], "level": None}
    return table.assign(**{name: fill for name, fill in absent.items() if name not in table})


def headed_rows(table: pd.DataFrame, labels: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Say under which heading and label each row of a tidy table is shown.

    A factor, a spline or an interaction of several coefficients is headed by its variable, and
    every coefficient keeps a row of its own; a single coefficient needs no heading.

    Parameters
    ----------
    table : pandas.DataFrame
        ``term, variable, level``; the rows of several models may stand below each other.
    labels : mapping of variable or term to label, optional

    Returns
    -------
    pandas.DataFrame
        The rows, those of a variable together, with ``heading`` (missing where none is needed)
        and ``label``: the level, the printed name of the variable, or the term.

    Examples
    --------
    >>> table = pd.DataFrame({"term": ["age", "ga", "gb"], "variable": ["age", "g", "g"],
    ...                       "level": [None, "a", "b"]})
    >>> headed_rows(table, {"age": "Age"})[["heading", "label"]].values.tolist()
    [[None, 'Age'], ['g', 'a'], ['g', 'b']]
    """
    labels = labels or {}
    place = {name: i for i, name in enumerate(dict.fromkeys(table["variable"]))}
    rows = table.sort_values("variable", key=lambda names: names.map(place), kind="stable")
    several = rows.groupby("variable")["term"].transform("nunique") > 1
    headings, shown = [], []
    for term, variable, level, many in zip(
        rows["term"], rows["variable"], rows["level"], several, strict=True
    ):
        has_level = not pd.isna(level)
        headed = many or (has_level and level != variable)  # "All patients" needs no heading
        headings.append(labels.get(variable, str(variable)) if headed else None)
        name = labels.get(term, str(term))
        shown.append(str(level) if has_level else name if many else labels.get(variable, name))
    return rows.assign(heading=pd.Series(headings, rows.index, dtype=object), label=shown)


def refuse_unknown_names(
    names: Iterable[object], known: Iterable[object], argument: str, where: str
) -> None:
    """Refuse a name that nothing in the table or figure has, with the name that was meant.

    Parameters
    ----------
    names : iterable of str
        As given.
    known : iterable of str
        What there is.
    argument, where : str
        ``"labels"`` and ``"figures.roc()"``, as the message names them.

    Examples
    --------
    >>> refuse_unknown_names(["agee"], ["age", "sex"], "labels", "forest()")
    Traceback (most recent call last):
    faceage_stats.errors.InputError: forest(): labels names 'agee', which is not there. Did you \
mean 'age'? There are age, sex.
    """
    there = list(dict.fromkeys(map(str, known)))
    for name in map(str, names):
        if name not in there:
            raise InputError(
                f"{where}: {argument} names {name!r}, which is not there."
                f"{did_you_mean(name, there)} There are {', '.join(there)}."
            )
