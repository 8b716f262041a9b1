"""Two releases of one table: whether they differ by so few patients that these are told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pandas as pd

from faceage_stats.errors import DisclosureError

__all__ = ["marks_of_patients", "refuse_few_changes"]


def marks_of_patients(rows: pd.DataFrame, patient: str, key: bytes) -> dict[str, str]:
    """Give each patient a mark that changes with any of the patient's values.

    Parameters
    ----------
    rows : pandas.DataFrame
        A private table, one row or more per patient.
    patient : str
        Column of the identifier.
    key : bytes
        The secret of the holder of the data; without it no mark says whose it is.

    Returns
    -------
    dict of str to str
        Keyed hash of the identifier to keyed hash of the patient's rows, in no order of the table.

    See Also
    --------
    refuse_few_changes : Compares the marks of two releases.

    Examples
    --------
    >>> one = pd.DataFrame({"id": [1, 2], "age": [60, 70]})
    >>> marks_of_patients(one, "id", b"key") == marks_of_patients(one[::-1], "id", b"key")
    True
    """
    named = rows.reindex(columns=sorted(rows.columns, key=str))
    contents = pd.util.hash_pandas_object(named, index=False)
    by_patient = contents.groupby(rows[patient].astype(str).to_numpy())

    def mark(text: str) -> str:
        return hashlib.blake2b(text.encode(), key=key[:64], digest_size=8).hexdigest()

    marks = {mark(str(name)): mark(f"{name}/{sorted(each)}") for name, each in by_patient}
    return dict(sorted(marks.items()))


def refuse_few_changes(
    now: Mapping[str, str], before: Mapping[str, str], minimum: int, table: str
) -> None:
    """Refuse a release that differs from the one before by fewer patients than a count may have.

    Whoever has both releases and knows all about a patient who came in between but one value would
    read it from the numbers that moved.

    Parameters
    ----------
    now, before : mapping of str to str
        From `marks_of_patients`.
    minimum : int
        Of the rules.
    table : str
        Its name, for the message.

    Raises
    ------
    DisclosureError
        From 1 to ``minimum - 1`` patients came or went, or did so or changed.

    Examples
    --------
    >>> refuse_few_changes({"a": "1"}, {"a": "1"}, 8, "maastro")
    >>> refuse_few_changes({"a": "1"}, {"a": "2"}, 8, "maastro")
    Traceback (most recent call last):
    faceage_stats.errors.DisclosureError: `maastro` differs by 1 patient from the table of ...
    """
    moved = len(now.keys() ^ before.keys())
    changed = sum(now[name] != before[name] for name in now.keys() & before.keys())
    for n in (moved, moved + changed):
        if 0 < n < minimum:
            patients = "1 patient" if n == 1 else f"{n} patients"
            raise DisclosureError(
                f"`{table}` differs by {patients} from the table of the last release: whoever has "
                f"both could tell what they have. Wait until {minimum} have come or gone, or "
                "changed."
            )
