"""The rows that a forest plot draws: headings, labels and printed cells."""

from __future__ import annotations

import pandas as pd

from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.coefficients import headed_rows, with_variables
from faceage_stats.reporting.figures import style, text

__all__ = ["forest_data"]

_LABELS = ("label", "level", "model", "term")
_INDENT = "   "


def forest_data(
    data: pd.DataFrame, *, label: str | None = None, group: str | None = None
) -> pd.DataFrame:
    """List the rows that `forest` draws: headings, labels and printed cells, with the numbers.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per estimate: ``estimate, conf_low, conf_high``, on the scale that is drawn;
        optional ``n, n_event, p_value, is_reference``.
    label : str, optional
        Column that names the rows, a missing name taken from ``term``. By default ``label``;
        the level or term under its variable for the coefficients of a model; ``term`` under
        ``model`` for several models, or ``model`` where all have the one term; ``level``.
    group : str, optional
        Column whose values become headings, in order of appearance; a row without a value has
        no heading.

    Returns
    -------
    pandas.DataFrame
        The given numbers, with ``row`` (what is printed at the left), ``is_heading``,
        ``is_reference`` and ``cell`` (estimate and interval as printed).

    Raises
    ------
    InputError
        If columns are missing or there are no rows.

    See Also
    --------
    forest : The figure.

    Examples
    --------
    >>> hr = pd.DataFrame({"model": ["+ age"], "estimate": [1.151], "conf_low": [1.056],
    ...                    "conf_high": [1.254]})
    >>> forest_data(hr)[["row", "cell"]].values.tolist()
    [['+ age', '1.15 (1.06–1.25)']]
    """
    style.require(data, ("estimate", "conf_low", "conf_high"), "The forest frame")
    data, name, group = _naming(data, label, group)
    style.require(data, [name] if group is None else [name, group], "The forest frame")
    names = data[name]
    if "term" in data.columns:
        names = names.astype(object).where(names.notna(), data["term"])
    drawn = data.assign(
        row=names.map(text.pretty),
        is_heading=False,
        is_reference=_flags(data),
    )
    digits = _digits(drawn.loc[~drawn["is_reference"]])
    drawn["cell"] = [
        formats.REFERENCE
        if row["is_reference"]
        else formats.format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"], digits)
        for row in style.records(drawn)
    ]
    if group is None:
        return drawn.reset_index(drop=True)
    headed = drawn[group].notna()
    drawn["row"] = drawn["row"].where(~headed, _INDENT + drawn["row"])
    alone = pd.Series(range(len(drawn)), drawn.index, dtype=object)
    blocks = []
    for _, block in drawn.groupby(drawn[group].astype(object).where(headed, alone), sort=False):
        heading = block[group].iloc[0]
        if not pd.isna(heading):
            head = pd.DataFrame({"row": [text.pretty(heading)], "is_heading": True, "cell": ""})
            blocks.append(head.assign(is_reference=False))
        blocks.append(block)
    return pd.concat(blocks, ignore_index=True)


def _naming(
    data: pd.DataFrame, label: str | None, group: str | None
) -> tuple[pd.DataFrame, str, str | None]:
    """The table with its columns of labels and of headings, as asked for or as it is made."""
    columns = set(data.columns)
    if label is None and group is None and "label" not in columns:
        if "model" in columns and "term" in columns and data["model"].nunique() > 1:
            one_term = data["term"].nunique() == 1
            return (data, "model", None) if one_term else (data, "term", "model")
        if "term" in columns or {"variable", "level"} <= columns:
            return headed_rows(with_variables(data)), "label", "heading"
    name = label or next((column for column in _LABELS if column in columns), None)
    if name is None:
        raise InputError(f"Name the column of row labels with label=; none of {_LABELS} is there.")
    return data, name, group


def _flags(frame: pd.DataFrame) -> pd.Series:
    if "is_reference" not in frame.columns:
        return pd.Series(False, index=frame.index)
    return frame["is_reference"].astype("boolean").fillna(False).astype(bool)


def _digits(data: pd.DataFrame) -> int:
    """Two decimals, three when some interval would print as a single number."""
    narrow = (data["conf_high"] - data["conf_low"]).abs() < 0.02
    return 3 if narrow.any() else 2
