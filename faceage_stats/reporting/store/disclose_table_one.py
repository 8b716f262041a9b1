"""A baseline table of a private cohort: rounded counts, and no summary of few patients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from faceage_stats.cohorts.disclosure.circumstances import Circumstances
from faceage_stats.cohorts.disclosure.rounded_n import of_rounded_n
from faceage_stats.cohorts.disclosure.rounding import (
    MANY,
    round_counts,
    round_digits,
    round_resolution,
    step_of,
)
from faceage_stats.cohorts.disclosure.rules import Rules
from faceage_stats.errors import DisclosureError
from faceage_stats.reporting.tables.baseline_table import TableOne

__all__ = ["disclose_table_one"]

_MOMENTS = ("mean", "std_dev")
_QUARTILES = ("median", "q25", "q75")


def disclose_table_one(table: TableOne, rules: Rules) -> TableOne:
    """Round the counts of a baseline table and withhold what describes few patients.

    Parameters
    ----------
    table : TableOne
    rules : Rules

    Returns
    -------
    TableOne
        Percentages are those of the rounded counts. Standardised differences and tests are
        withheld where a group is too small, and of a variable of which a count is withheld: with
        the margins they would give it.

    Raises
    ------
    DisclosureError
        The table is weighted: sums of weights cannot be rounded like counts.
    """
    if table.weights is not None:
        raise DisclosureError("sums of weights and what is weighted by them are not released")
    sizes = table.sizes.assign(n=round_counts(table.sizes["n"], rules))
    small = sizes.loc[sizes["n"].isna(), "group"].tolist()
    known = _known(table.cells)
    cells = table.suppressed(rules.minimum).cells
    few = cells["group"].isin(small).to_numpy(bool)
    cells["suppressed"] = cells["suppressed"] | few
    n = cells["n"].to_numpy(float)
    enough = [n >= 4 * rules.minimum, n >= rules.minimum]
    digits = np.where(n >= MANY, 3, 2)
    spread = step_of(np.maximum((cells["q75"] - cells["q25"]).to_numpy(float), 1e-9) / 20)
    for name in _MOMENTS:
        cells[name] = np.where(enough[1], round_digits(cells[name], digits), np.nan)
    for name in _QUARTILES:
        cells[name] = np.where(enough[0], round_resolution(cells[name], spread), np.nan)
    cells["n"], cells["n_missing"] = (round_counts(cells[c], rules) for c in ("n", "n_missing"))
    whole = round_counts(known.reindex(cells.index), rules)
    share = np.minimum(cells["n"] / whole, 1.0)
    cells["fraction"] = np.where(cells["fraction"].notna(), np.round(share, 2), np.nan)
    cells["suppressed"] |= cells["n"].isna()
    numbers = ["n", "n_missing", "fraction", *_MOMENTS, *_QUARTILES]
    cells.loc[cells["suppressed"].to_numpy(bool), numbers] = np.nan
    fewest = Circumstances(rules, n=int(table.sizes["n"].min()))
    differences = of_rounded_n(table.differences, fewest)
    unsafe = set(cells.loc[cells["suppressed"].to_numpy(bool), "variable"])
    withheld = bool(small) | differences["variable"].isin(unsafe)
    for name in ("smd", "smd_se", "smd_low", "smd_high", "statistic", "p_value"):
        differences[name] = round_digits(differences[name].astype(float), 2)
        differences[name] = differences[name].mask(withheld)
    differences["df"] = np.nan
    missing = None if table.n_missing is None else round_counts(table.n_missing, rules)
    return TableOne(
        **(
            vars(table)
            | {"cells": cells, "differences": differences, "sizes": sizes}
            | {"n": int(np.nan_to_num(round_counts(table.n, rules)))}
            | {"n_missing": None if missing is None or np.isnan(missing) else int(missing)}
            | {"threshold": rules.minimum}
        )
    )


def _known(cells: pd.DataFrame) -> pd.Series:
    """Rows of the group in which the variable is known, beside each of its cells."""
    counted = cells["n"].where(~cells["is_missing"], 0)
    keys = [cells["variable"], cells["is_overall"], cells["group"]]
    return counted.groupby(keys).transform("sum")
