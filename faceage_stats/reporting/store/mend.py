"""Release an item until an attack recovers nothing: what gave something away is withheld too."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

import pandas as pd

from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.errors import DisclosureError
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.released import Released

__all__ = ["release_until_safe", "to_withhold"]

# also "item.json, text of figure_roc"
_FILE = re.compile(r"(?:^|[ /])(table_[\w-]+|source_data|flow|values|figure[\w-]*)(?:[.,]|$)")


def release_until_safe(
    item: Item,
    rules: Rules,
    write: Callable[[Released], object],
    withheld: Collection[str] = (),
) -> Released:
    """Release and write an item; withhold what the attack on it names, and try again.

    Parameters
    ----------
    item : Item
    rules : Rules
    write : callable
        Takes the released item, writes it, and attacks it before that is final: `write_item`.
    withheld : collection of str
        What is withheld from the start, as in `release`.

    Returns
    -------
    Released
        As it was written.

    Raises
    ------
    DisclosureError
        The attack recovers something that no file or count of the item holds.

    See Also
    --------
    to_withhold : What is withheld next.

    Examples
    --------
    >>> sites = pd.DataFrame({"group": ["a", "b", "c"], "n": [142, 61, 3]})
    >>> item = Item(caption="Patients.", tables={"sites": sites})
    >>> from faceage_stats.cohorts.disclosure.rules import RULE_SETS
    >>> released = release_until_safe(item, RULE_SETS["opensafely"], write=lambda released: None)
    >>> print(*released.withheld)
    a count in 2 lines of sites: it is small, or a small one would follow from it
    """
    while True:  # each turn withholds something more, and there is only so much
        released = release(item, rules, withheld=withheld)
        try:
            write(released)
            return released
        except DisclosureError as error:
            found = error.findings
            more = to_withhold(found, withheld) if isinstance(found, pd.DataFrame) else set()
            if not more:
                raise
            withheld = {*withheld, *more}


def to_withhold(findings: pd.DataFrame, withheld: Collection[str] = ()) -> set[str]:
    """Name what to withhold of an item so that findings are mended.

    Parameters
    ----------
    findings : DataFrame
        Of one item, from `attack`.
    withheld : collection of str
        What is withheld already.

    Returns
    -------
    set of str
        A column of counts where they gave the number away, else the files; empty where all of it
        is withheld and the attack still recovers something.

    Examples
    --------
    >>> found = pd.DataFrame({"files": ["table_sites.csv"], "column": ["n"]})
    >>> to_withhold(found), to_withhold(found, {"n"}), to_withhold(found, {"n", "table_sites"})
    ({'n'}, {'table_sites'}, set())
    """
    more: set[str] = set()
    for files, column in zip(findings["files"], findings["column"], strict=True):
        named = [column] if column and column not in withheld else _FILE.findall(files)
        more |= set(named) - set(withheld)
    return more
