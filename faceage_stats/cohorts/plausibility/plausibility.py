"""Whether the numbers of a valid table can be true: beside what is expected of a cohort."""

from __future__ import annotations

from typing import Any

import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas
from faceage_stats._result import Result, frozen_result
from faceage_stats.cohorts.plausibility.hints import cohort_notes, column_note, is_event
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.schema import Schema

__all__ = ["Plausibility", "looked_at", "plausibility"]

_COLUMNS = ["variable", "n", "n_missing", "q25", "median", "q75", "mean"]
_COLUMNS += ["least_expected", "most_expected", "note"]


@frozen_result
class Plausibility(Result):
    """Medians and event rates of a table, beside what is expected, and what looks wrong.

    ``tidy()`` has one row per column of numbers: ``variable``, ``n``, ``n_missing``, ``q25``,
    ``median``, ``q75``, ``mean``, ``least_expected`` and ``most_expected`` (where the schema says
    so: of the median, for 0/1 of the mean) and ``note``; then one row per note on several columns.
    ``glance()`` has ``n``, ``n_missing`` (rows in which a number is missing) and ``n_note``.
    """

    columns: pd.DataFrame
    n: int
    n_missing: int

    def tidy(self) -> pd.DataFrame:
        """Return one row per column, and per note on several columns."""
        return self.columns.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: the rows of the table, and how many notes there are."""
        counts = {"n": self.n, "n_missing": self.n_missing, "n_note": len(self.notes)}
        return pd.DataFrame([counts])

    @property
    def notes(self) -> list[str]:
        """What looks wrong, in words; empty where nothing does."""
        noted = self.columns[self.columns["note"] != ""]
        return [f"{v}: {note}" for v, note in zip(noted["variable"], noted["note"], strict=True)]

    def _title(self) -> str:
        return f"Plausibility of {self.n} rows"


@checked_call
def plausibility(data: Any, schema: str) -> Plausibility:
    """Compare the numbers of a valid table with what is expected of such a cohort.

    A table in years in place of days, FaceAge divided by 10, or death with 0 and 1 swapped is
    valid, and wrong: this says so in words.

    Parameters
    ----------
    data : pandas.DataFrame
        From `validate`.
    schema : str
        Name of the schema, such as ``"maastro"``.

    Returns
    -------
    Plausibility
        ``tidy()`` has one row per column of numbers; ``notes`` are what looks wrong.

    Raises
    ------
    InputError
        If `data` is no data frame or `schema` does not exist.

    See Also
    --------
    validate : Whether the table is as its schema says.

    Notes
    -----
    Expected ranges are ``expected`` in the schema. Nothing is said of fewer than 20 rows. Also
    looked at: correlation of FaceAge and age below 0.2; a mean gap beyond 15 years, or a standard
    deviation of the gap outside of 2 to 20; deaths with longer follow-up at younger age; dates in
    the future; the schema's ``implausible`` rules.

    In R: ``summary(data)``

    Examples
    --------
    >>> import faceage_stats as fs
    >>> table = fs.simulate("maastro", seed=1, n=300).tables["maastro"]
    >>> fs.plausibility(table, "maastro").notes
    []
    >>> years = table.assign(time_days=table["time_days"] / 365.25)
    >>> fs.plausibility(years, "maastro").notes[0].endswith("is time_days in years?")
    True
    """
    declared = load_schema(schema)
    frame = as_pandas(data)
    rows: list[dict[str, Any]] = []
    for field in declared.fields:
        if field.type not in ("number", "integer") or field.name not in frame:
            continue
        values = pd.to_numeric(frame[field.name], errors="coerce").astype(float)
        row = {"variable": field.name, "n": int(values.notna().sum())}
        row |= {"n_missing": int(values.isna().sum()), "mean": values.mean()}
        if not is_event(field):
            quartiles = values.quantile([0.25, 0.5, 0.75])
            row |= dict(zip(("q25", "median", "q75"), quartiles, strict=True))
        if field.expected:
            low, high = field.expected
            row |= {"least_expected": low, "most_expected": high}
        rows.append({**row, "note": column_note(values, field) if field.expected else ""})
    rows += [{"variable": name, "note": note} for name, note in cohort_notes(frame, declared)]
    columns = pd.DataFrame(rows, columns=_COLUMNS).astype({"n": "Int64", "n_missing": "Int64"})
    numbers = columns["variable"][columns["n"].notna()]
    n_missing = int(frame[list(numbers)].isna().any(axis=1).sum())
    return Plausibility(columns, len(frame), n_missing)


def looked_at(data: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Take the columns that `plausibility` reads, in little memory: codes become categories."""
    rules = " ".join(rule["expression"] for rule in schema.implausible)
    read = {}
    for field in schema.fields:
        if field.name in data and field.type != "string":
            read[field.name] = data[field.name]
        elif field.name in data and field.is_factor and field.name in rules:
            read[field.name] = data[field.name].astype(pd.CategoricalDtype(list(field.levels)))
    return pd.DataFrame(read, index=data.index)
